"""Yesterday's backup, and all that is undone by restoring it: what came later, but for erasures."""

import time
from pathlib import Path

from tests.faults.load import Load
from tests.faults.people import ERASED, SENT
from tests.faults.services import until

DATABASE = "restored"


def back_up(load: Load) -> tuple[Path, float]:
    """The backup, and the moment before which all is in it."""
    moment = time.monotonic()
    for person in load.people.all():
        person.tried_then = dict(person.tried)
    said = load.site.python("-m", "deploy.backup", str(load.site.folder / "backups"))
    return Path(said.strip()), moment


def restore(load: Load, backup: Path, moment: float) -> None:
    site = load.site
    erase_somebody(load)
    for machine in site.machines:
        for service in machine.services:
            service.stop()
    site.begin_anew(DATABASE)
    # A machine on which nobody was erased has no log.
    logs = [machine.env["ERASURE_LOG"] for machine in site.machines if Path(machine.env["ERASURE_LOG"]).exists()]
    others = [word for log in logs[1:] for word in ("--erasure-log", log)]
    site.python("-m", "deploy.restore", str(backup), *others, ERASURE_LOG=logs[0])
    forget_what_came_later(load, moment)
    for machine in site.machines:
        machine.new_web().start()
        machine.new_worker().start()
    until(lambda: not site.problems(), "the restored site is up", problems=site.problems)
    site.reload_nginx()


def erase_somebody(load: Load) -> None:
    """Who is in the backup, if nobody else has."""
    with load.people.one(where=lambda one: one.page and SENT in one.tried_then and not one.has(ERASED)) as person:
        if person:
            load.erase(person)


def forget_what_came_later(load: Load, moment: float) -> None:
    for person in load.people.all():
        if person.tried != person.tried_then:
            person.is_left = True
            person.taken = {act: (r, at) for act, (r, at) in person.taken.items() if at < moment or act == ERASED}
