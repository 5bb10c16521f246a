"""`manage.py machines`: lists the machines that serve the site, and declares one dead."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from privacy.models import Machine


class Command(BaseCommand):
    help = "Lists the machines that serve the site, and up to when each one's visits are loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dead",
            metavar="NAME",
            help="declare a machine dead, so that no day waits for its visits; first load_spool those on its disk",
        )

    def handle(self, *args: object, dead: str | None, **options: object) -> None:
        if dead is not None:
            self.declare_dead(dead)
        else:
            self.list()

    def declare_dead(self, name: str) -> None:
        machine = Machine.objects.filter(name=name).first()
        if machine is None:
            known = ", ".join(map(str, Machine.objects.all())) or "none"
            raise CommandError(f"No machine is called {name}. Known: {known}.")
        machine.declare_dead()
        self.stdout.write(f"No day waits for visits of {name} any more.")

    def list(self) -> None:
        for machine in Machine.objects.all():
            self.stdout.write(f"{machine.name:<33}{status_of(machine)}")


def status_of(machine: Machine) -> str:
    if machine.declared_dead_at:
        return f"declared dead on {local(machine.declared_dead_at)}"
    return f"loaded up to {local(machine.loaded_up_to)}"


def local(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
