"""What personal data may be used for, and who may see it: closed lists. What is not in them needs a change here first,
and a new version of the policy."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Audience(TextChoices):
    """Who sees something, from the widest circle to none."""

    PUBLIC = "public", _("Everybody")
    MODERATORS = "moderators", _("Our staff")
    OFFICERS = "officers", _("Our privacy officers")
    NOBODY = "nobody", _("Nobody: only the machine uses it")


@dataclass(frozen=True)
class Purpose:
    """`asked`: only for people who said yes; with `unless_refused` for all but those who said no. What isn't asked for
    is needed for what a visitor came to do, or to keep the site safe."""

    key: str
    name: str | Promise
    text: str | Promise
    asked: bool = False
    unless_refused: bool = False


PAGEANT = Purpose(
    "pageant", _("The pageant"), _("To hold the pageant: to take in entries, show them and let people find them.")
)
DIRECTORY = Purpose(
    "directory",
    _("The directory of websites"),
    _("To take in websites that visitors suggest, show them and let people find them."),
)
MODERATION = Purpose(
    "moderation",
    _("Looking before showing"),
    _("So that our staff can look at what was sent before everybody sees it."),
)
CONTACT = Purpose(
    "contact", _("Writing to you"), _("To mail you what you asked for, and what became of what you sent.")
)
PROOF = Purpose(
    "proof",
    _("Being able to show it"),
    _("To be able to show who agreed to what, and what we decided and did, and when."),
)
SECURITY = Purpose(
    "security", _("Keeping the site safe"), _("To keep abuse away, and your data from everybody but you.")
)
ADMINISTRATION = Purpose(
    "administration",
    _("Keeping the site running"),
    _("To see whether the site works, to find faults, and to stop abuse."),
)
STAFF = Purpose("staff", _("Our staff's work"), _("So that our staff can sign in and do their work."))
PREFERENCES = Purpose(
    "preferences",
    _("Remembering what you like"),
    _("Pages put first what fits what you looked for before. It stays in your browser; we keep no copy."),
    asked=True,
)
STATISTICS = Purpose(
    "statistics",
    _("Counting visitors"),
    _(
        "We estimate how many people visit, without a cookie and without keeping your address. This is done unless you "
        "say no."
    ),
    asked=True,
    unless_refused=True,
)
ADVERTISING = Purpose(
    "advertising",
    _("Advertising"),
    _("There is none on this site today. Your answer is kept for the day when there is."),
    asked=True,
)

PURPOSES = {
    purpose.key: purpose
    for purpose in (
        PAGEANT, DIRECTORY, MODERATION, CONTACT, PROOF, SECURITY, ADMINISTRATION, STAFF, PREFERENCES, STATISTICS,
        ADVERTISING,
    )
}  # fmt: skip

ASKED = tuple(purpose for purpose in PURPOSES.values() if purpose.asked)
