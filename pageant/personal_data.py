"""What the pageant may know about people."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import BinaryIO

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.moderation import Status
from pageant.models import (
    Agreement,
    Cosponsorship,
    Draft,
    Entry,
    Hobby,
    Pageant,
    Photo,
    PublicHobby,
    Report,
    SponsorReport,
    Tally,
)
from privacy.registry.declarations import data, declare, nothing_personal
from privacy.registry.finders import ByDigest, ByEmail, Through
from privacy.registry.purposes import CONTACT, MODERATION, PAGEANT, PROOF, SECURITY, Audience
from privacy.registry.retention import Keep, Lasting, Swept, WithParent

NAMES_STAFF = _("It would name somebody of our staff.")
AFTER_PAGEANT = _("%(period)s after the pageant has closed")


def pictures(photo: Photo) -> Iterator[tuple[str, BinaryIO]]:
    with suppress(FileNotFoundError):  # lost with a disk: an export tells all that is there
        yield "jpg", photo.open_master()


declare(
    Entry,
    name=_("Your entry in a pageant"),
    found=ByDigest("email_digest", ByEmail("email")),
    made="created_at",
    keep=[
        Keep(
            Entry.TIME_TO_CONFIRM,
            "created_at",
            _("not confirmed: %(period)s after you sent it"),
            when=Q(status=Status.UNCONFIRMED),
        ),
        Keep(
            timedelta(days=30),
            "withdrawn_at",
            _("withdrawn: %(period)s after that, its photos at once"),
            when=Q(status=Status.WITHDRAWN),
        ),
        Keep(
            timedelta(days=90),
            "decided_at",
            _("not accepted: %(period)s after our decision"),
            when=Q(status=Status.REJECTED),
        ),
        Keep(timedelta(days=3 * 365), "pageant__closes_at", AFTER_PAGEANT),
    ],
    data=[
        data(
            "display_name",
            what=_("your name on the site"),
            purposes=[PAGEANT],
            seen_by=Audience.PUBLIC,
            shareable=True,
        ),
        data(
            "email",
            what=_("your e-mail address"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
            shareable=True,
            keep=[Keep(timedelta(days=90), "pageant__closes_at", AFTER_PAGEANT)],
        ),
        data(
            "email_digest",
            what=_("a keyed digest of your e-mail address, by which only you find your entry"),
            purposes=[CONTACT],
            seen_by=Audience.NOBODY,
        ),
        data("lives_in", what=_("where you live"), purposes=[PAGEANT], seen_by=Audience.PUBLIC, shareable=True),
        data(
            "favourite_food", what=_("your favourite food"), purposes=[PAGEANT], seen_by=Audience.PUBLIC, shareable=True
        ),
        data("hobbies", what=_("your hobbies"), purposes=[PAGEANT], seen_by=Audience.PUBLIC, shareable=True),
        data("about", what=_("a few words about you"), purposes=[PAGEANT], seen_by=Audience.PUBLIC, shareable=True),
        data(
            "place_key",
            "search_key",
            what=_("your name, place and hobbies without accents, for searching"),
            purposes=[PAGEANT],
            seen_by=Audience.NOBODY,
        ),
        data("language", what=_("the language in which you entered"), purposes=[CONTACT], seen_by=Audience.PUBLIC),
        data(
            "is_adult",
            "owns_photos",
            what=_("that you are 18 or older, and that the pictures are yours"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
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
            "confirmed_at",
            "published_at",
            what=_("when you entered and confirmed it, and when it was shown"),
            purposes=[PAGEANT, PROOF],
            seen_by=Audience.MODERATORS,
        ),
    ],
    impersonal=["id", "key", "pageant", "revision", "untold_since"],
)

declare(
    Photo,
    name=_("Your photos"),
    found=Through("entry"),
    keep=[
        WithParent("entry", _("as long as the entry; once you withdraw it they are gone at once")),
        WithParent("draft", _("in a form that was not sent: a day")),
    ],
    data=[
        data(
            "key",
            "width",
            "height",
            "position",
            what=_("the pictures themselves, encoded anew without what cameras write into them"),
            purposes=[PAGEANT],
            seen_by=Audience.PUBLIC,
        ),
        data(
            "description",
            what=_("what you wrote about a picture"),
            purposes=[PAGEANT],
            seen_by=Audience.PUBLIC,
        ),
        data(
            "colour",
            "fingerprint",
            what=_("its main colour, and a number by which the same picture is recognised"),
            purposes=[MODERATION],
            seen_by=Audience.NOBODY,
        ),
        data(
            "resembles",
            what=_("another picture that looks the same"),
            purposes=[MODERATION],
            seen_by=Audience.MODERATORS,
            withheld=_("It may be somebody else's."),
        ),
        data(
            "lost_at",
            "asked_at",
            what=_("when we found a picture to be lost, and when we asked you to send it again"),
            purposes=[CONTACT],
            seen_by=Audience.MODERATORS,
        ),
    ],
    impersonal=["id", "draft", "entry"],
    files=pictures,
)

declare(
    Agreement,
    name=_("What you agreed to"),
    found=Through("entry"),
    made="given_at",
    keep=[WithParent("entry", _("as long as the entry"))],
    data=[
        data(
            "kind",
            "cosponsorship",
            "agreed",
            "text",
            "fields",
            "notice_version",
            "language",
            "policy_number",
            "given_at",
            "withdrawn_at",
            what=_("the words that you were asked in, what you answered and when, and when you took it back"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
        ),
    ],
    impersonal=["id", "entry"],
)

declare(
    Cosponsorship,
    name=_("Co-sponsors"),
    unfindable=_("It tells nothing about visitors, and holds a business address that the co-sponsor gave us for this."),
    made="created_at",
    keep=[Lasting(_("for good: who could get what must stay readable"))],
    data=[
        data(
            "contact_email",
            what=_("the e-mail address of a co-sponsor, to which we write when somebody takes a consent back"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
            keep=[Keep(timedelta(days=5 * 365), "pageant__closes_at", AFTER_PAGEANT)],
        ),
        data(
            "ended_by",
            what=_("who of our staff ended it"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=[
        "id", "pageant", "sponsor_name", "sponsor_url", "policy_url", "purpose_en", "purpose_vi", "fields", "ends_on",
        "version", "created_at", "ended_at",
    ],
)  # fmt: skip

declare(
    Draft,
    name=_("A form that was not right yet"),
    unfindable=_("It holds no address; only the form in your browser leads to it."),
    made="created_at",
    keep=[Keep(Draft.LIFETIME, "created_at", _("%(period)s after you filled it in"))],
    data=[
        data(
            "content_digest",
            "created_at",
            "sent_at",
            what=_("a keyed digest of the form, by which a double click is noticed"),
            purposes=[PAGEANT],
            seen_by=Audience.NOBODY,
        ),
        data(
            "network_digest",
            "photo_bytes",
            what=_("a keyed digest of your internet address, and how large the photos are that you sent"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id", "key", "pageant"],
)

declare(
    Report,
    name=_("A report about an entry"),
    found=Through("entry"),
    made="created_at",
    keep=[
        Keep(timedelta(days=90), "closed_at", _("%(period)s after our staff has dealt with it")),
        WithParent("entry", _("at most as long as the entry")),
    ],
    data=[
        data(
            "reason",
            "created_at",
            "closed_at",
            what=_("what somebody found wrong with an entry, and when"),
            purposes=[MODERATION],
            seen_by=Audience.MODERATORS,
        ),
        data(
            "note",
            what=_("what the reporter wrote to us"),
            purposes=[MODERATION, SECURITY],
            seen_by=Audience.MODERATORS,
            withheld=_("Somebody else wrote it in confidence."),
        ),
        data(
            "closed_by",
            what=_("who of our staff dealt with it"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=["id", "entry"],
)

declare(
    Hobby,
    name=_("Hobbies, as words that entrants share"),
    unfindable=_("A word belongs to all who chose it; yours are listed with your entry."),
    keep=[
        Swept("pageant.jobs.sweep_hobbies", _("as long as an entry has it")),
    ],
    data=[
        data("name", "key", "spelling", what=_("the word"), purposes=[PAGEANT], seen_by=Audience.PUBLIC),
    ],
    impersonal=["id"],
)

declare(
    PublicHobby,
    name=_("Hobbies of public entries, in the order of the gallery"),
    unfindable=_("It repeats what stands in your entry, and is there only while the entry is public."),
    keep=[WithParent("entry", _("as long as the entry is public"))],
    data=[
        data(
            "word",
            "place_key",
            "published_at",
            what=_("your hobbies, your place without accents, and when your entry was shown"),
            purposes=[PAGEANT],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id", "entry", "pageant"],
)

nothing_personal(
    Pageant,
    "id", "slug", "title_en", "title_vi", "description_en", "description_vi", "rules_en", "rules_vi", "opens_at",
    "closes_at", "max_photos", "entry_count",
)  # fmt: skip

# How many public entries share a hobby or a place: gone with the last one of them.
nothing_personal(Tally, "id", "pageant", "kind", "key", "label", "entries")

# Sums that single out nobody.
nothing_personal(SponsorReport, "id", "pageant", "month", "made_at", "numbers")
