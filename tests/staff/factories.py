"""Staff who sign in, and the codes of their apps."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff import rate_limits, second_factor
from tests.core.factories import make_staff

PASSWORD = "a long enough secret"
LOGIN, CODE, PAGE = "/admin/login/", "/admin/login/code/", "/admin/second-factor/"
HOME, ABROAD, SAME_OFFICE = "203.0.113.9", "198.51.100.7", "203.0.113.200"


def make_member(**fields: Any) -> User:
    """Somebody on the staff who has signed in before."""
    user = make_staff(password=PASSWORD, email="lan@example.com")
    for name, value in {"last_login": timezone.now(), **fields}.items():
        setattr(user, name, value)
    user.save()
    return user


def code_of(device: TOTPDevice, *, step: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = timezone.now().timestamp() + step * device.step
    return f"{totp.token():06}"


def turn_on(user: User) -> tuple[TOTPDevice, list[str]]:
    """A second factor that is on, and its recovery codes. The code of this half minute is used up."""
    second_factor.begin(user)
    device = second_factor.waiting_for_confirmation(user)
    assert second_factor.confirm(user, code_of(device))
    return device, second_factor.new_recovery_codes(user)


def sign_in(
    user: User | str, password: str = PASSWORD, *, ip: str = HOME, client: Client | None = None
) -> HttpResponse:
    name = user if isinstance(user, str) else user.username
    return (client or Client()).post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=ip)


def fail(user: User | str, times: int, *, ip: str = HOME) -> list[int]:
    """How so many wrong passwords are answered."""
    return [sign_in(user, "wrong", ip=ip).status_code for _ in range(times)]


def guess(user: User | str, *, ip: str = HOME) -> bool:
    """Whether a wrong password is looked at: what `fail` does, without the pages."""
    name = user if isinstance(user, str) else user.username
    return rate_limits.begin(RequestFactory().post(LOGIN, REMOTE_ADDR=ip), name).wait == 0
