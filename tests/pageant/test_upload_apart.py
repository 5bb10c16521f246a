"""A form with a photo as gunicorn serves it: by a child of the process that serves those who read."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest
from django.conf import settings
from post_office.models import STATUS, Email

from pageant.models import Draft, Entry
from privacy.models.visit import Visit
from privacy.traffic import visit_log
from tests.core.concurrency import SECONDS, database_url, start, wait_until
from tests.core.factories import a_photo, make_staff
from tests.pageant.factories import make_pageant

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE = 4 * SECONDS  # children are nice, and the machine may be busy
GALLERY = "/pageants/faces/"


class Site:
    def __init__(self, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = ["-m", "gunicorn", "vietmusic.wsgi", f"--bind=127.0.0.1:{self.port}", "--log-level=error"]
        self.process = start(command, **environment)  # one worker, so each fork is of the process that reads

    def is_up(self) -> bool:
        try:
            return self.read("/healthz")[0] == 200
        except OSError:
            return False

    def read(self, path: str = GALLERY) -> tuple[int, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as asking:
            asking.request("GET", path)
            response = asking.getresponse()
            return response.status, response.read().decode()

    def begin(self, body: bytes) -> HTTPConnection:
        """Sends a part of a form, so that a child waits for the rest."""
        sending = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sending.putrequest("POST", f"{GALLERY}enter/")
        sending.putheader("Content-Type", "multipart/form-data; boundary=b")
        sending.putheader("Content-Length", str(len(body)))
        sending.endheaders()
        sending.send(body[: len(body) // 2])
        wait_until(self.children)
        return sending

    def end(self, sending: HTTPConnection, body: bytes) -> int:
        with closing(sending):
            sending.send(body[len(body) // 2 :])
            return sending.getresponse().status

    def children(self) -> list[int]:
        return [child for worker in children_of(self.process.pid) for child in children_of(worker)]


def children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:  # it has ended
        return []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    make_pageant(slug="faces")
    site = Site(
        {
            "DJANGO_SETTINGS_MODULE": "tests.keeping_settings",
            "DATABASE_URL": database_url(),
            "HOME": str(tmp_path),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "PRIVATE_MEDIA_ROOT": str(settings.PRIVATE_MEDIA_ROOT),
            "VISIT_SPOOL": str(settings.VISIT_SPOOL),
        }
    )
    try:
        wait_until(site.is_up)
        yield site
    finally:
        left = [*site.children(), *children_of(site.process.pid)]
        site.process.kill()
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        site.process.communicate()


def form() -> bytes:
    fields = {"display_name": "Ánh", "email": "anh@example.com", "is_adult": "on", "owns_photos": "on"}
    fields["draft"] = Draft.new_key()
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    photo = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n' + a_photo(1)
    return b"".join(parts) + photo + b"\r\n--b--\r\n"


def outcome() -> tuple[list[str], list[int]]:
    """Names on entries, and states of mails."""
    names = Entry.objects.values_list("display_name", flat=True)
    return list(names), list(Email.objects.values_list("status", flat=True))


def test_entry_arrives_while_the_worker_goes_on(site):
    body = form()
    before = [site.read() for _time in range(2)]
    sending = site.begin(body)

    assert [site.read() for _time in range(2)] == before  # meanwhile, on a new connection to the database
    assert site.end(sending, body) == 302
    wait_until(lambda: not site.children() or outcome() == (["Ánh"], [STATUS.sent]))
    assert outcome() == (["Ánh"], [STATUS.sent])  # by a job in passing

    entry = Entry.objects.get()
    entry.confirm()
    entry.approve(by=make_staff())
    entry.publish()
    status, page = site.read()
    assert (status, "Ánh" in page, "Ánh" in before[1][1]) == (200, True, False)

    visit_log.load()
    visits = Visit.objects.order_by("method").values_list("method", "status")
    assert list(visits) == [("GET", 200)] * 5 + [("POST", 302)]


def test_form_whose_child_is_killed_can_be_sent_again(site):
    body = form()
    sending = site.begin(body)
    os.kill(site.children()[0], signal.SIGKILL)

    with pytest.raises((RemoteDisconnected, BrokenPipeError, ConnectionResetError)):  # so the proxy says that it failed
        site.end(sending, body)
    assert outcome() == ([], [])
    assert site.end(site.begin(body), body) == 302
    assert outcome()[0] == ["Ánh"]


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_stopping_or_restarting_workers_loses_nothing(site, asked):
    body = form()
    sending = site.begin(body)
    workers = children_of(site.process.pid)
    site.process.send_signal(asked)
    if asked == signal.SIGHUP:
        wait_until(lambda: set(children_of(site.process.pid)) - set(workers))

    assert site.end(sending, body) == 302
    assert outcome()[0] == ["Ánh"]
    if asked == signal.SIGTERM:
        assert site.process.wait(PATIENCE) == 0
    else:
        assert site.read()[0] == 200
