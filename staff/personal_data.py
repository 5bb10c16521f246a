"""The personal data of the staff's sign-in: where an account is known from, and what was tried wrong."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.registry.declarations import data, declare
from privacy.registry.finders import By, Subject, Through
from privacy.registry.lookup import rows_of
from privacy.registry.purposes import CONTACT, SECURITY, Audience
from privacy.registry.retention import Keep
from staff.digests import ACCOUNT, digests
from staff.models import KnownNetwork, SignInAttempt
from staff.rate_limits import LONGEST


def attempts_of(subject: Subject) -> Q:
    """Those under the names of the person's accounts. Who tried is not known."""
    names = rows_of(User, subject).values_list("username", flat=True)
    return Q(account_digest__in=[digest for name in names for digest in digests(ACCOUNT, name.casefold())])


declare(
    KnownNetwork,
    name=_("Staff: networks from which somebody signed in"),
    found=Through("user"),
    made="last_at",
    staff=True,
    keep=[Keep(timedelta(days=180), "last_at", _("%(period)s after the last sign-in from there"))],
    data=[
        data(
            "user",
            "network_digest",
            "last_at",
            what=_("a keyed digest of the first part of the internet address, and the last sign-in from there"),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
        data(
            "language",
            what=_("the language in which the mail about a new network is written"),
            purposes=[CONTACT],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)

declare(
    SignInAttempt,
    name=_("Staff: failed sign-ins"),
    found=By(attempts_of),
    made="at",
    staff=True,
    keep=[Keep(LONGEST, "at", _("%(period)s after the attempt"))],
    data=[
        data(
            "account_digest",
            "network_digest",
            "is_known",
            "at",
            what=_(
                "keyed digests of the user name that was typed and of the first part of the internet address, whether "
                "that account had signed in from there before, and when it was tried"
            ),
            purposes=[SECURITY],
            seen_by=Audience.NOBODY,
        ),
    ],
    impersonal=["id"],
)
