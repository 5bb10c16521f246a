"""The second factor: codes of an app on the phone (TOTP, RFC 6238), and recovery codes for when it is lost.

django-otp makes, checks and stores them; of a recovery code it gets only a keyed digest. Its own throttling is off,
since it would lock the owner out for as long as somebody keeps trying: see `staff/rate_limits.py`.
"""

import re
import secrets
from base64 import b32encode
from typing import cast

import segno
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import mail
from staff.digests import CODE, digests

PASSED = "second_factor"  # key in the session, for the primary key of the device whose code was right
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without characters that look alike
CODE_LENGTH = 10  # characters, that is 49 bits
DIGEST_LENGTH = 16  # hexadecimal digits, as many as django-otp stores
TOTP = re.compile(r"[0-9]{6}")


class StaffBackend(ModelBackend):
    """Loads each signed-in user together with their second factor, without another query."""

    def get_user(self, user_id: int) -> User | None:
        user = with_second_factor(User.objects.filter(pk=user_id)).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def with_second_factor(users: QuerySet[User]) -> QuerySet[User]:
    """Annotates `second_factor`: the primary key of each user's TOTP device, or None."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return users.annotate(second_factor=Subquery(devices.order_by("pk").values("pk")[:1]))


def number_of(user: User) -> int | None:
    """The primary key of the account's TOTP device, or None without a second factor."""
    if not hasattr(user, "second_factor"):  # somebody who isn't signed in yet
        devices = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk")
        return devices.values_list("pk", flat=True).first()
    return user.second_factor


def is_passed(request: HttpRequest) -> bool:
    """Whether the signed-in user has no second factor, or has passed it in this session."""
    number = number_of(cast("User", request.user))
    return number is None or request.session.get(PASSED) == number


def is_right(user: User, code: str) -> bool:
    """Whether a code is right, of the app or for recovery. No code is right twice."""
    code = tidied(code)
    if TOTP.fullmatch(code):
        devices = TOTPDevice.objects.filter(user=user, confirmed=True)
        return any(verify_token(user, device.persistent_id, code) for device in devices)
    return any(
        verify_token(user, device.persistent_id, token)
        for device in StaticDevice.objects.filter(user=user)
        for token in recovery_digests(user, code)
    )


def tidied(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def recovery_digests(user: User, code: str) -> list[str]:
    return [one[:DIGEST_LENGTH] for one in digests(CODE, f"{user.pk}:{code}")]


# Turning it on and off


def waiting_for_confirmation(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def begin(user: User) -> None:
    """Makes a secret, which counts once a code has confirmed it. Deletes an earlier one that was never confirmed."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def confirm(user: User, code: str) -> TOTPDevice | None:
    """Turns the second factor on and returns its device, if the code fits the unconfirmed secret; else None."""
    device = waiting_for_confirmation(user)
    with transaction.atomic():
        if device is None or not verify_token(user, device.persistent_id, tidied(code)):
            return None
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    return device


def turn_off(user: User) -> bool:
    """Deletes the second factor and its recovery codes, and tells their owner. Returns whether there was one."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        was_on = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
        was_there = bool(TOTPDevice.objects.filter(user=user).delete()[0])
        if was_on and user.email:
            context = {"username": user.get_username()}
            mail.queue("staff/second_factor_off", context, to=user.email, language=language_of(user))
    return was_there


def language_of(user: User) -> str:
    """That of the latest sign-in, or else of whoever is at work."""
    network = user.known_networks.order_by("-last_at").first()
    return network.language if network else get_language()


def new_recovery_codes(user: User) -> list[str]:
    """Makes new recovery codes, which can be shown only this once. Earlier ones become invalid."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery codes")
        StaticToken.objects.bulk_create(
            StaticToken(device=device, token=recovery_digests(user, code)[0]) for code in codes
        )
    half = CODE_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


# Showing the secret


def secret_of(device: TOTPDevice) -> str:
    """The secret as people type it into an app: Base32, in groups of four."""
    secret = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


def qr_code(device: TOTPDevice) -> SafeString:
    """The secret's QR code as SVG, dark on light in every theme: not all apps read inverted ones."""
    code = segno.make(device.config_url, error="m")
    return mark_safe(code.svg_inline(omitsize=True, light="#fff", svgclass=None, lineclass=None))  # noqa: S308  segno draws nothing but squares
