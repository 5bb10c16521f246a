"""The personal data that the privacy app holds, and the cookies that the site sets."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.account.magic_links import KEEP
from privacy.cookies.consent import LIFETIME
from privacy.models import (
    Attempt,
    AudienceDay,
    AudienceSeen,
    CookieChoice,
    DataRequest,
    DigestKey,
    Disclosure,
    EarlierToken,
    ErasureReceipt,
    Machine,
    MailedLink,
    PolicyVersion,
    Pseudonym,
    SpoolFile,
    Visit,
    VisitHour,
)
from privacy.rate_limits import LONGEST, MAILS
from privacy.registry.declarations import Cookie, Erasing, Text, data, declare, declare_cookie, nothing_personal
from privacy.registry.finders import By, ByDigest, ByEmail, Subject, Through
from privacy.registry.purposes import ADMINISTRATION, CONTACT, PREFERENCES, PROOF, SECURITY, STATISTICS, Audience
from privacy.registry.retention import Keep, Lasting, Swept, WithParent
from privacy.sharing.ledger import disclosures_of


def visitors_last() -> Text:
    """Until when visitors are told apart, as this site is set up."""
    if not settings.MACHINE:
        return _("after midnight in Vietnam, together with the key; sums are left")
    if not settings.DAY_SALT_URL:
        return _(
            "after midnight in Vietnam, once each of our servers has counted what it still held, a week later at most; "
            "the key is destroyed at midnight, and sums are left"
        )
    return _(
        "after midnight in Vietnam, once each of our servers has counted what it still held, a week later at most; the "
        "key, which they share in memory and write to no disk, is destroyed at midnight, and sums are left"
    )


NAMES_STAFF = _("It would name somebody of our staff.")


def attempts_of(subject: Subject) -> Q:
    """Those that count mails to the address; the others count by network, and name nobody."""
    if subject.email is None:
        return Q(pk__in=())
    return Q(scope=MAILS.scope, client_digest=MAILS.digest(subject.email))


declare(
    MailedLink,
    name=_("Links that we mailed to you"),
    found=ByEmail("email"),
    made="created_at",
    keep=[Keep(KEEP, "expires_at", _("%(period)s after the link has expired"))],
    data=[
        data("email", what=_("your e-mail address"), purposes=[CONTACT, SECURITY], seen_by=Audience.NOBODY),
        data(
            "purpose",
            "subject",
            "language",
            what=_("what the link is for, and the language of the mail"),
            purposes=[CONTACT],
            seen_by=Audience.NOBODY,
        ),
        data(
            "token_digest",
            "created_at",
            "expires_at",
            "used_at",
            what=_("a digest of the link, and when it was made and used"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)

declare(
    EarlierToken,
    name=_("Links that we mailed to you more than once"),
    found=Through("link"),
    keep=[WithParent("link", _("as long as the link"))],
    data=[
        data(
            "token_digest",
            what=_("a digest of the link in each earlier mail"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id", "link"],
)

declare(
    Attempt,
    name=_("How often something was tried"),
    found=By(attempts_of),
    made="at",
    keep=[Keep(LONGEST, "at", _("%(period)s after the attempt"))],
    data=[
        data(
            "scope",
            "client_digest",
            "at",
            what=_("a keyed digest of your internet or e-mail address, what was tried, and when"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)

declare(
    CookieChoice,
    name=_("Your choice about cookies"),
    unfindable=_("It holds no address; the number on your receipt leads to it."),
    made="made_at",
    keep=[Keep(timedelta(days=365), "made_at", _("%(period)s after you made it"))],
    data=[
        data(
            "key",
            "made_at",
            "answers",
            "signal",
            "language",
            "text_digest",
            "policy",
            what=_("a random number, what you answered and when, in which language, and to which words"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
        ),
    ],
    impersonal=["id"],
)

declare(
    DataRequest,
    name=_("What you asked us about your data"),
    found=ByEmail("email"),
    made="received_at",
    keep=[Keep(timedelta(days=180), "done_at", _("%(period)s after we have answered"))],
    data=[
        data(
            "email",
            "kind",
            "text",
            "language",
            what=_("your e-mail address, what you asked for, and your words"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "received_at",
            "due_at",
            "done_at",
            "outcome",
            what=_("when you asked, when and how we answered"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "done_by",
            what=_("who of our staff answered"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=["id"],
)

declare(
    ErasureReceipt,
    name=_("Receipts of what was erased"),
    found=ByDigest("subject_digest"),
    made="erased_at",
    keep=[Keep(timedelta(days=3 * 365), "erased_at", _("%(period)s after the erasure"))],
    data=[
        data(
            "key",
            "subject_digest",
            "erased_at",
            "kinds",
            "page_digest",
            "logged_at",
            what=_("a keyed digest of your e-mail address, when everything was erased, and how much it was"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=_("It shows that we erased your data, and erases it again should an old backup come back."),
        ),
    ],
    impersonal=["id"],
)

# Before the ledger, and so locked before it.
declare(
    Pseudonym,
    name=_("Pseudonyms, by which the ledger knows you"),
    found=ByDigest("subject_digest"),
    made="made_at",
    keep=[Keep(timedelta(days=5 * 365), "made_at", _("%(period)s after we first handed something over"))],
    data=[
        data(
            "subject_digest",
            "about",
            "key",
            "made_at",
            what=_("a keyed digest of your e-mail address, and a random number for each co-sponsor"),
            purposes=[PROOF],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)

declare(
    Disclosure,
    name=_("What was handed over, and called back"),
    found=By(disclosures_of),
    made="at",
    keep=[Lasting(_("for good: what was handed over must stay on record; without its pseudonym it names nobody"))],
    data=[
        data(
            "number",
            "at",
            "kind",
            "recipient",
            "recipient_address",
            "about",
            "fields",
            "purpose",
            "pseudonym",
            "previous",
            "hash",
            what=_("who received which kinds of your data, when and what for, under a random number"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=_("The random number leads to nobody once you are erased, and the ledger stays whole."),
        ),
        data(
            "handed_by",
            what=_("who of our staff handed it over"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=_("Who handed something over stays on record."),
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=["id"],
)

declare(
    PolicyVersion,
    name=_("Versions of this policy"),
    unfindable=_("It tells nothing about visitors."),
    made="drafted_at",
    staff=True,
    keep=[Lasting(_("for good: what was promised must stay readable"))],
    data=[
        data(
            "published_by",
            what=_("who of our staff published it"),
            purposes=[PROOF],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=_("Who published a policy stays on record."),
            withheld=NAMES_STAFF,
        ),
    ],
    impersonal=[
        "id", "number", "text_en", "text_vi", "summary_en", "summary_vi", "snapshot", "is_material", "digest",
        "drafted_at", "published_at",
    ],
)  # fmt: skip

declare(
    Visit,
    name=_("Visits"),
    unfindable=_("They hold no e-mail address, and an internet address alone does not say whose visit it was."),
    made="at",
    keep=[Keep(timedelta(days=settings.VISIT_DAYS), "at", _("%(period)s after the visit"))],
    data=[
        data(
            "address",
            what=_("your internet address"),
            purposes=[ADMINISTRATION],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "at",
            "method",
            "path",
            "status",
            "status_class",
            "milliseconds",
            what=_("which page was asked for and when, how it was answered, and how long that took"),
            purposes=[ADMINISTRATION],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "referrer",
            "browser",
            what=_("the site that the visit came from, and the kind of browser, such as Firefox"),
            purposes=[ADMINISTRATION],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "is_prefetch",
            what=_("whether your browser fetched the page ahead, before you asked to see it"),
            purposes=[ADMINISTRATION],
            seen_by=Audience.OFFICERS,
        ),
    ],
    impersonal=["id"],
)

declare(
    AudienceSeen,
    name=_("Visitors counted today"),
    unfindable=_("It holds no address, only a digest under a key that is destroyed after midnight."),
    keep=[Swept("privacy.jobs.close_days", visitors_last())],
    data=[
        data(
            "day",
            "section",
            "language",
            "visitor",
            what=_(
                "a digest of the first part of your internet address and the kind of your browser, with the part of "
                "the site and the language that you read"
            ),
            purposes=[STATISTICS],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)

# Sums, and how far files are loaded, on which machines.
nothing_personal(
    AudienceDay, "id", "day", "section", "language", "hits", "visitors", "robots", "prefetches", "is_closed"
)
nothing_personal(VisitHour, "id", "hour", "requests", "refused", "failed", "prefetches")
nothing_personal(DigestKey, "id", "key_id", "since")
nothing_personal(Machine, "id", "name", "loaded_up_to", "declared_dead_at")
nothing_personal(SpoolFile, "id", "name", "offset", "moved_at")

declare_cookie(
    Cookie(
        name=settings.CHOICE_COOKIE_NAME,
        purpose=PROOF,
        holds=_("what you answered about cookies and when, and the random number of your receipt"),
        set_when=_("when you answer; never before"),
        lifetime=LIFETIME,
    )
)
declare_cookie(
    Cookie(
        name=settings.PREFERENCES_COOKIE_NAME,
        purpose=PREFERENCES,
        holds=_(
            "the language that you last read, the places and hobbies that you looked for, the pageants that you "
            "looked at, and when you were here last"
        ),
        set_when=_("on the pages that you look at, once you have said yes to it"),
        lifetime=LIFETIME,
    )
)
