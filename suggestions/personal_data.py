"""What the directory may know about people."""

from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.moderation import Status
from privacy.registry.declarations import data, declare, nothing_personal
from privacy.registry.finders import ByDigest, ByEmail, Through
from privacy.registry.purposes import CONTACT, DIRECTORY, MODERATION, PROOF, SECURITY, Audience
from privacy.registry.retention import Keep, Lasting, WithParent
from suggestions.models import Category, Report, Suggestion

NAMES_STAFF = _("It would name somebody of our staff.")
A_MONTH = timedelta(days=30)
A_YEAR = timedelta(days=365)

AFTER_DECISION = Keep(A_MONTH, "decided_at", _("%(period)s after our decision"))
# Who wished to be thanked by name beside a listing stays named, and must be able to find it.
UNLESS_SHOWN = [
    Keep(
        A_MONTH,
        "decided_at",
        _("%(period)s after our decision, unless you let us show your name"),
        when=Q(show_name=False),
    ),
    Keep(
        A_MONTH,
        "decided_at",
        _("%(period)s after our decision if the website is not accepted"),
        when=Q(status=Status.REJECTED, show_name=True),
    ),
]

declare(
    Suggestion,
    name=_("A website that you suggested"),
    found=ByDigest("email_digest", ByEmail("email")),
    made="created_at",
    keep=[
        Keep(
            A_YEAR,
            "moved_at",
            _("waiting: %(period)s at most"),
            when=Q(status=Status.WAITING),
        ),
        Keep(A_MONTH, "withdrawn_at", _("withdrawn: %(period)s after that"), when=Q(status=Status.WITHDRAWN)),
        Keep(A_YEAR, "decided_at", _("not accepted: %(period)s after our decision"), when=Q(status=Status.REJECTED)),
        Lasting(_("accepted: as long as the website is listed, without your name and address")),
    ],
    data=[
        data(
            "name",
            what=_("your name"),
            purposes=[MODERATION, CONTACT],
            seen_by=Audience.MODERATORS,
            keep=UNLESS_SHOWN,
        ),
        data(
            "email",
            what=_("your e-mail address"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
            keep=[AFTER_DECISION],
        ),
        data(
            "email_digest",
            what=_("a keyed digest of your e-mail address, by which only you find what you suggested"),
            purposes=[CONTACT],
            seen_by=Audience.NOBODY,
            keep=UNLESS_SHOWN,
        ),
        data(
            "show_name",
            what=_("whether everybody may see your name beside the website"),
            purposes=[DIRECTORY],
            seen_by=Audience.PUBLIC,
        ),
        data(
            "language",
            what=_("the language in which you suggested it"),
            purposes=[CONTACT],
            seen_by=Audience.PUBLIC,
        ),
        data(
            "is_untimed",
            what=_("whether it came without the time that our form sends along, as machines do"),
            purposes=[SECURITY],
            seen_by=Audience.MODERATORS,
        ),
        data(
            "url",
            "title",
            "description",
            "category",
            "site_language",
            what=_("the website: its address, title, description, category and language"),
            purposes=[DIRECTORY],
            seen_by=Audience.PUBLIC,
        ),
        data(
            "as_sent",
            what=_("your own words, where our staff has changed them"),
            purposes=[CONTACT],
            seen_by=Audience.MODERATORS,
            keep=[AFTER_DECISION],
        ),
        data(
            "normal_url",
            "host",
            "skeleton",
            "search_key",
            what=_("the same address and words in other spellings, for finding doubles and for searching"),
            purposes=[DIRECTORY, MODERATION],
            seen_by=Audience.NOBODY,
        ),
        data(
            "status",
            "reason",
            "reason_note",
            "decided_at",
            "moved_at",
            "withdrawn_at",
            "settles_at",
            "earlier",
            what=_("what was decided about it, why and when"),
            purposes=[MODERATION, CONTACT],
            seen_by=Audience.MODERATORS,
        ),
        data(
            "decided_by",
            what=_("who of our staff decided"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
            withheld=NAMES_STAFF,
        ),
        data(
            "created_at",
            "published_at",
            what=_("when you suggested it, and when it was listed"),
            purposes=[DIRECTORY, PROOF],
            seen_by=Audience.PUBLIC,
        ),
    ],
    impersonal=[
        "id", "key", "revision", "corrected_at",
        # About the website, not about who suggested it
        "next_check_at", "last_checked_at", "last_alive_at", "failures", "first_failure_at", "silent_since",
        "insecure_since", "problem", "proposed_url", "declined_url",
    ],
)  # fmt: skip

declare(
    Report,
    name=_("A report about a website"),
    found=Through("suggestion"),
    made="created_at",
    keep=[
        Keep(timedelta(days=90), "closed_at", _("%(period)s after our staff has dealt with it")),
        WithParent("suggestion", _("at most as long as the website")),
    ],
    data=[
        data(
            "reason",
            "created_at",
            "closed_at",
            what=_("what somebody found wrong with a website, and when"),
            purposes=[MODERATION],
            seen_by=Audience.MODERATORS,
        ),
        data(
            "closed_by",
            what=_("who of our staff dealt with it"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=["id", "suggestion"],
)

nothing_personal(Category, "id", "slug", "name_en", "name_vi", "position", "websites")
