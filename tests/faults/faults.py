"""The faults: each is begun, lasts while people go on, and ends."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial

from tests.core.mail_sink import at, well
from tests.faults.services import Service, until
from tests.faults.site import CACHE, DATABASE, S3, SALT, Machine, Site

Begin = Callable[[Site], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    begin: Begin
    seconds: float = 3  # that it lasts
    is_short: bool = False  # part of the short form, too

    def __str__(self) -> str:
        return self.name


# Killed processes


@contextmanager
def killed(site: Site, choose: Callable[[Site], Service]) -> Iterator[None]:
    choose(site).kill()
    yield


@contextmanager
def killed_on_both(site: Site, choose: Callable[[Machine], Service]) -> Iterator[None]:
    for machine in site.machines:
        choose(machine).kill()
    yield


@contextmanager
def killed_web_worker(site: Site) -> Iterator[None]:
    """One of the processes that serve, and what it serves at that moment."""
    os.kill(site.machines[0].web.children()[0], signal.SIGKILL)
    yield


@contextmanager
def killed_mail_worker(site: Site) -> Iterator[None]:
    """Workers that have just sent something: perhaps between the server's answer and its record."""
    for machine in site.machines:
        taken = len(site.post.taken)
        until(lambda: len(site.post.taken) > taken, "a mail is sent", within=20)  # noqa: B023  called at once
        machine.worker.kill()
    yield


# What all machines share


@contextmanager
def restarted_database(site: Site, mode: str) -> Iterator[None]:
    site.cluster.stop(mode)
    time.sleep(1)
    site.cluster.start()
    yield


@contextmanager
def cut(site: Site, *kinds: str) -> Iterator[None]:
    links = [machine.links[kind] for machine in site.machines for kind in kinds]
    for link in links:
        link.cut()
    yield
    for link in links:
        link.mend()


@contextmanager
def emptied_redis(site: Site) -> Iterator[None]:
    """Gone, and back with nothing in it."""
    for service in site.redis.values():
        service.kill()
    yield


@contextmanager
def slow(site: Site, kind: str, delay: float) -> Iterator[None]:
    for machine in site.machines:
        machine.links[kind].delay = delay
    yield
    for machine in site.machines:
        machine.links[kind].delay = 0


@contextmanager
def full_s3(site: Site) -> Iterator[None]:
    for machine in site.machines:
        machine.links[S3].is_full = True
    yield
    for machine in site.machines:
        machine.links[S3].is_full = False


# The mail server


@contextmanager
def mail_server_gone(site: Site) -> Iterator[None]:
    site.smtp.cut()
    yield
    site.smtp.mend()


@contextmanager
def slow_mail_server(site: Site) -> Iterator[None]:
    site.smtp.delay = 0.3  # for each packet: some seconds for each mail
    yield
    site.smtp.delay = 0


@contextmanager
def busy_mail_server(site: Site) -> Iterator[None]:
    site.post.behaviour = at("RCPT", "451 4.3.2 not now")
    yield
    site.post.behaviour = well


@contextmanager
def refusing_mail_server(site: Site) -> Iterator[None]:
    """Some mailboxes are not there, for good: those of every tenth person."""
    site.post.behaviour = no_mailbox
    yield


def no_mailbox(step: str, address: str) -> str | None:
    return "550 5.1.1 no such mailbox" if step == "RCPT" and address[len("person-000")] == "7" else None


# One machine


@contextmanager
def full_disk(site: Site, number: int) -> Iterator[None]:
    """Of the machine: its spool, log of erasures and temporary files."""
    rest = site.machines[number].folder / "rest"
    with rest.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            pass
    yield
    rest.unlink()


@contextmanager
def clock_back(site: Site, number: int) -> Iterator[None]:
    site.machines[number].turn_clock(-3600)
    yield
    site.machines[number].turn_clock(0)


@contextmanager
def cut_off(site: Site, number: int) -> Iterator[None]:
    link = site.machines[number].links[DATABASE]
    link.stall()
    yield
    link.go_on()


# Operators


@contextmanager
def second_deployment(site: Site) -> Iterator[None]:
    """Both stand side by side for a while; then the first is told to stop."""
    site.manage("migrate", "--verbosity=0", machine=1)
    first = [service for machine in site.machines for service in machine.services]
    for machine in site.machines:
        machine.new_web().start()
        machine.new_worker().start()
    until(lambda: not site.problems(), "the second deployment is up")
    site.reload_nginx()
    yield
    with ThreadPoolExecutor(len(first)) as pool:
        codes = list(pool.map(Service.stop, first))
    assert codes == [0] * len(first), codes


A, B = 0, 1
FAULTS = [
    Fault("nothing", lambda site: nullcontext(), 10),
    Fault("SMTP: 451 for all", busy_mail_server, 6),
    Fault("SMTP: 550 for some", refusing_mail_server, 6),
    Fault("kill -9: a web process of a", killed_web_worker, is_short=True),
    Fault("kill -9: gunicorn of a", partial(killed, choose=lambda site: site.machines[A].web), 4),
    Fault("kill -9: gunicorn of both", partial(killed_on_both, choose=lambda machine: machine.web), 4),
    Fault("kill -9: both workers", partial(killed_on_both, choose=lambda machine: machine.worker), is_short=True),
    Fault("kill -9: both workers, as they send mails", killed_mail_worker),
    Fault("kill -9: nginx", partial(killed, choose=lambda site: site.nginx), 3),
    Fault("PostgreSQL: restarted fast", partial(restarted_database, mode="fast"), 2),
    Fault("PostgreSQL: restarted immediately", partial(restarted_database, mode="immediate"), 2, is_short=True),
    Fault("a and PostgreSQL: no network for 10 s", partial(cut_off, number=A), 10),
    Fault("Redis: gone and back", lambda site: cut(site, CACHE, SALT), 5),
    Fault("Redis: back, but empty", emptied_redis, 3, is_short=True),
    Fault("S3: gone", lambda site: cut(site, S3), 4, is_short=True),
    Fault("S3: slow", partial(slow, kind=S3, delay=0.5), 6),
    Fault("S3: full", full_s3, 5),
    Fault("disk of a: full", partial(full_disk, number=A), 5),
    Fault("disk of b: full", partial(full_disk, number=B), 5),
    Fault("SMTP: gone", mail_server_gone, 6),
    Fault("SMTP: slow", slow_mail_server, 4, is_short=True),
    Fault("clock of a: an hour back", partial(clock_back, number=A), 8),
    Fault("clock of b: an hour back", partial(clock_back, number=B), 8),
    Fault("two deployments side by side", second_deployment, 5),
]


def why_not(fault: Fault, site: Site) -> str:
    """Why this machine can't have the fault; empty if it can."""
    if "disk" in fault.name and not all(machine.folder.is_mount() for machine in site.machines):
        return "no disk can be mounted here"
    return ""
