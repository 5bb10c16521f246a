"""Signing in: how long it lasts, the networks that an account is known from, and the mail about a new one."""

from datetime import timedelta
from typing import Any

from django.contrib import auth
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from core import mail
from core.http.user_agents import OTHER, ROBOT, family
from staff import second_factor
from staff.digests import NETWORK, digest
from staff.rate_limits import network_of

LASTS = timedelta(days=1)
PENDING = "password_was_right"  # key in the session, until the second factor is passed
PENDING_LASTS = timedelta(minutes=10)


def complete(request: HttpRequest, user: User) -> None:
    """Signs in somebody whose password was right, and so was the code, if one is needed."""
    is_first = user.last_login is None
    auth.login(request, user)
    request.session[second_factor.PASSED] = second_factor.number_of(user)
    request.session.pop(PENDING, None)
    remember_network(request, user, is_first=is_first)


def end_within_a_day(request: HttpRequest, **kwargs: Any) -> None:
    """Sets a session's end when it begins, so that using it doesn't extend it. Connected to `user_logged_in`."""
    request.session.set_expiry(timezone.now() + LASTS)


def remember_network(request: HttpRequest, user: User, *, is_first: bool) -> None:
    """Remembers the network, and mails the account's owner if it is new, except at the first sign-in ever."""
    network = network_of(request)
    now = timezone.now()
    language = get_language()
    with transaction.atomic():
        if user.known_networks.of(network).update(last_at=now, language=language):
            return
        before = user.known_networks.order_by("-last_at").first()
        _known, is_new = user.known_networks.get_or_create(
            network_digest=digest(NETWORK, network), defaults={"last_at": now, "language": language}
        )
        if is_new and user.email and not is_first:
            tell(request, user, network, language=before.language if before else language)


def tell(request: HttpRequest, user: User, network: str, *, language: str) -> None:
    browser = family(request.headers.get("User-Agent", ""))
    context = {
        "username": user.get_username(),
        "at": timezone.now(),
        "network": network,
        "browser": "" if browser in {OTHER, ROBOT} else browser,
    }
    mail.queue("staff/new_network", context, to=user.email, language=language)


# Between the password and the code


def wait_for_code(request: HttpRequest, user: User) -> None:
    """Remembers whose password was right, under a new session key, which nobody else can know."""
    request.session.cycle_key()
    until = timezone.now() + PENDING_LASTS
    request.session[PENDING] = [user.pk, user.get_session_auth_hash(), until.timestamp()]


def waiting_for_code(request: HttpRequest) -> User | None:
    """Whose password was right in this session, or who is signed in and has turned a second factor on elsewhere."""
    pk, password, until = request.session.get(PENDING) or (None, "", 0)
    if pk is None or until < timezone.now().timestamp():
        return request.user if request.user.is_authenticated and not second_factor.is_passed(request) else None
    user = second_factor.StaffBackend().get_user(pk)
    is_same = user is not None and user.is_staff and user.get_session_auth_hash() == password
    return user if is_same else None
