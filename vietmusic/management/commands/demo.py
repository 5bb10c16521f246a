"""Demo content: `manage.py demo`."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand

from core.role_sync import MODERATORS, PRIVACY_OFFICERS

LOGINS = {
    "staff": "everything",
    "moderator": "just what a moderator may do",
    "officer": "just what a privacy officer may do",
}
GROUPS = {"moderator": MODERATORS, "officer": PRIVACY_OFFICERS}


Loader = Callable[..., Iterable[tuple[int, int]]]


def loaders() -> Iterator[tuple[str, Loader]]:
    """The function `load` of each app that has a `demo/<app>/content.py`."""
    for label in settings.SITE_APPS:
        if find_spec(f"demo.{label}"):
            yield label, import_module(f"demo.{label}.content").load


class Command(BaseCommand):
    help = "Makes demo pageants, entries and websites where they are missing. With DEBUG on, also staff to try it with."

    def handle(self, *args: object, **options: object) -> None:
        passwords = self.let_staff_in() if settings.DEBUG else {}
        author, _created = get_user_model().objects.get_or_create(
            username="demo", defaults={"is_active": False, "password": "!"}
        )
        for name, load in loaders():
            for made, of in load(staff=author):
                self.stdout.write(f"\rMaking demo content, {name}: {made} of {of}", ending="" if made < of else "\n")
                self.stdout.flush()
        self.stdout.write(f"\n  Site   {settings.SITE_URL}/  ·  {settings.SITE_URL}/vi/")
        self.stdout.write(f"  Admin  {settings.SITE_URL}/admin/")
        for name, password in passwords.items():
            self.stdout.write(f"         user {name}, password {password}  ({LOGINS[name]})")
        if settings.DEBUG:
            self.stdout.write(f"  Mail   {settings.SITE_URL}/dev/mail/\n")

    def let_staff_in(self) -> dict[str, str]:
        """Makes the demo's staff, with new passwords. Only with DEBUG: a public site must not have such a door."""
        passwords = {}
        for name in LOGINS:
            user, _created = get_user_model().objects.get_or_create(username=name)
            user.is_staff, user.is_superuser = True, name == "staff"
            passwords[name] = secrets.token_urlsafe(6)
            user.set_password(passwords[name])
            user.save()
            if name in GROUPS:
                user.groups.add(Group.objects.get(name=GROUPS[name]))
        return passwords
