"""The personal data that packages store: staff accounts, second factors, sessions, the admin's history, mail."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from post_office.models import STATUS, Attachment, Email, EmailTemplate, Log

from core.mail import KEEP_FAILED, KEEP_SENT
from core.models import JobRun, MailServer, PageVersion
from privacy.registry.declarations import Cookie, Erasing, data, declare, declare_cookie, nothing_personal
from privacy.registry.finders import ByEmail, Through
from privacy.registry.lookup import ByHistory
from privacy.registry.purposes import CONTACT, PROOF, SECURITY, STAFF, Audience
from privacy.registry.retention import Keep, Lasting, WithParent

A_YEAR = timedelta(days=365)
STAYS = _("The account of somebody on our staff belongs to the site; its owner's name and address are taken out of it.")

declare(
    User,
    name=_("Staff: accounts"),
    found=ByEmail("email"),
    made="date_joined",
    staff=True,
    keep=[Lasting(_("as long as what was decided with it must name its author"))],
    data=[
        data(
            "email",
            "first_name",
            "last_name",
            what=_("name and e-mail address"),
            purposes=[STAFF],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.BLANK,
            keep=[Keep(A_YEAR, "last_login", _("%(period)s after the last sign-in"))],
        ),
        data(
            "username",
            "is_staff",
            "is_superuser",
            "is_active",
            "groups",
            "user_permissions",
            what=_("user name, and what the account may do"),
            purposes=[STAFF, SECURITY],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=STAYS,
        ),
        data(
            "password",
            what=_("a digest of the password"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
            erasing=Erasing.STAY,
            because=STAYS,
            withheld=_("It would help only somebody who attacks the account."),
        ),
        data(
            "last_login",
            "date_joined",
            what=_("when it was made and last used"),
            purposes=[SECURITY],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=STAYS,
        ),
    ],
    impersonal=["id"],
)

WITHHELD_SECRET = _("It would help only somebody who attacks the account.")
WITH_ACCOUNT = WithParent("user", _("as long as the account, or until the second factor is turned off"))

declare(
    TOTPDevice,
    name=_("Staff: second factors"),
    found=Through("user"),
    made="created_at",
    staff=True,
    keep=[
        WITH_ACCOUNT,
        Keep(
            timedelta(days=1),
            "created_at",
            _("not confirmed by a code: %(period)s after it was made"),
            when=Q(confirmed=False),
        ),
    ],
    data=[
        data(
            "user",
            "confirmed",
            "created_at",
            "last_used_at",
            what=_("whose second factor it is, whether it is on, and when it was made and last used"),
            purposes=[SECURITY],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=STAYS,
        ),
        data(
            "key",
            "drift",
            "last_t",
            "throttling_failure_timestamp",
            "throttling_failure_count",
            what=_(
                "the secret that the app on the phone also holds, how far its clock is off, and how often and "
                "when a code was wrong"
            ),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
            erasing=Erasing.STAY,
            because=STAYS,
            withheld=WITHHELD_SECRET,
        ),
    ],
    impersonal=["id", "name", "step", "t0", "digits", "tolerance"],
)

declare(
    StaticDevice,
    name=_("Staff: recovery codes, and when one was used"),
    found=Through("user"),
    made="created_at",
    staff=True,
    keep=[WITH_ACCOUNT],
    data=[
        data(
            "user",
            "created_at",
            "last_used_at",
            "throttling_failure_timestamp",
            "throttling_failure_count",
            what=_(
                "whose recovery codes they are, when they were made and last used, and how often and when one was wrong"
            ),
            purposes=[SECURITY],
            seen_by=Audience.OFFICERS,
            erasing=Erasing.STAY,
            because=STAYS,
        ),
    ],
    impersonal=["id", "name", "confirmed"],
)

declare(
    StaticToken,
    name=_("Staff: each recovery code"),
    found=Through("device"),
    staff=True,
    keep=[WithParent("device", _("until it is used, or new ones are made"))],
    data=[
        data(
            "token",
            what=_("a keyed digest of the code"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
            erasing=Erasing.STAY,
            because=STAYS,
            withheld=WITHHELD_SECRET,
        ),
    ],
    impersonal=["id", "device"],
)

declare(
    Session,
    name=_("Staff: sign-ins"),
    unfindable=_("Only the cookie of a member of our staff leads to it."),
    staff=True,
    keep=[Keep(timedelta(), "expire_date", _("until the sign-in runs out, two weeks at most"))],
    data=[
        data(
            "session_key",
            "session_data",
            "expire_date",
            what=_("who of our staff is signed in, and until when"),
            purposes=[STAFF],
            seen_by=Audience.NOBODY,
        ),
    ],
)

declare(
    LogEntry,
    name=_("Staff: history of what was done"),
    found=ByHistory(),
    made="action_time",
    staff=True,
    keep=[Keep(A_YEAR, "action_time", _("%(period)s after it was done"))],
    data=[
        data(
            "object_repr",
            what=_("the name of what was decided on"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
            erasing=Erasing.BLANK,
        ),
        data(
            "user",
            "action_time",
            "content_type",
            "object_id",
            "action_flag",
            "change_message",
            what=_("who of our staff did what, and when"),
            purposes=[PROOF],
            seen_by=Audience.MODERATORS,
            erasing=Erasing.STAY,
            because=_("What our staff did stays on record for a year, without the name of whom it was about."),
            withheld=_("It would name somebody of our staff."),
        ),
    ],
    impersonal=["id"],
)

declare(
    Email,
    name=_("Mails to you"),
    found=ByEmail("to"),
    made="created",
    keep=[
        Keep(KEEP_SENT, "last_updated", _("%(period)s after it was sent"), when=Q(status=STATUS.sent)),
        Keep(
            KEEP_FAILED, "last_updated", _("undelivered: %(period)s after the last try"), when=Q(status=STATUS.failed)
        ),
        Keep(timedelta(days=60), "created", _("at most %(period)s after it was written")),
    ],
    data=[
        data(
            "to",
            "subject",
            "message",
            what=_("your e-mail address, and what we wrote to you"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
        ),
        data(
            "html_message",
            what=_("the same letter in colours"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
            withheld=_("It says what the plain one says."),
        ),
        data(
            "created",
            "last_updated",
            "scheduled_time",
            what=_("whether and when it was sent"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
        ),
    ],
    # One address at a time, from one of ours, the text rendered by us; no header is about its reader.
    impersonal=[
        "id",
        "from_email",
        "cc",
        "bcc",
        "priority",
        "template",
        "context",
        "backend_alias",
        "headers",
        "message_id",
        "expires_at",
        "recipient_delivery_status",
        "status",
        "number_of_retries",
    ],
)

declare(
    Log,
    name=_("Tries to deliver a mail"),
    found=Through("email"),
    made="date",
    keep=[WithParent("email", _("as long as the mail"))],
    data=[
        data(
            "date",
            "status",
            "exception_type",
            "message",
            what=_("when it was tried, and what your mail server answered"),
            purposes=[CONTACT],
            seen_by=Audience.OFFICERS,
        ),
    ],
    impersonal=["id", "email"],
)

nothing_personal(Permission, "id", "name", "content_type", "codename")
nothing_personal(Group, "id", "name", "permissions")
nothing_personal(ContentType, "id", "app_label", "model")
nothing_personal(PageVersion, "id", "topic", "number")
nothing_personal(MailServer, "id", "failures", "failing_since", "next_try_at", "problem", "doubts")
nothing_personal(JobRun, "id", "name", "succeeded_at", "failed_at", "problem", "seconds")
# The site uses neither: its mails are templates of its own, and carry no files.
nothing_personal(
    EmailTemplate,
    "id", "name", "description", "created", "last_updated", "subject", "content", "html_content", "language",
    "default_template",
)  # fmt: skip
nothing_personal(Attachment, "id", "file", "name", "mimetype", "headers", "emails")

declare_cookie(
    Cookie(
        name=settings.SESSION_COOKIE_NAME,
        purpose=STAFF,
        holds=_("a random number that stands for a member of our staff who is signed in"),
        set_when=_("when our staff signs in; visitors never get it"),
        lifetime=timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
)
declare_cookie(
    Cookie(
        name=settings.CSRF_COOKIE_NAME,
        purpose=STAFF,
        holds=_("a random number that protects the forms of our staff"),
        set_when=_("on the pages of our staff; visitors never get it"),
        lifetime=timedelta(seconds=settings.CSRF_COOKIE_AGE),
    )
)
