"""`manage.py reset_second_factor NAME`: turns off the second factor of somebody who lost phone and recovery codes."""

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import second_factor


class Command(BaseCommand):
    help = (
        "Turns off the second factor of an account, for the last superuser who lost the phone. Others ask a superuser, "
        "who does it in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="NAME", help="the user name of the account")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            raise CommandError("There is no account of that name.") from None
        if not second_factor.turn_off(user):
            raise CommandError("This account has no second factor.")
        message = "Second factor reset on the command line."
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message=message, single_object=True)
        self.stdout.write("Reset. The password alone signs in now; turn a new second factor on at once.")
