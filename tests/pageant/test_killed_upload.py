"""What is left when the web process is killed in the middle of an upload."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection
from post_office.models import Email

from core.pictures.decoding import DECODER
from pageant import jobs
from pageant.models import Draft, Entry, Photo
from tests.core.concurrency import wait_until
from tests.core.factories import a_photo
from tests.pageant.factories import make_pageant

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SERVER = """
import os, sys, django
from wsgiref.simple_server import make_server
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
from core.pictures import decoding
decoding.DECODER = os.environ["DECODER"]
from django.core.wsgi import get_wsgi_application
make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
"""


# The decoder, after it has told that it began. It then takes as long as nobody can overlook.
SLOW_DECODER = """
import runpy, time
open({mark!r}, "w").close()
time.sleep(2)
runpy.run_path({decoder!r}, run_name="__main__")
"""


@pytest.fixture
def decoding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that comes to be once a photo is being decoded."""
    return tmp_path_factory.mktemp("decoder") / "decoding"


@pytest.fixture
def server(settings, tmp_path: Path, decoding: Path) -> Iterator[tuple[subprocess.Popen, int]]:
    """A web process of its own on this test's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    decoder = decoding.with_name("decoder.py")
    decoder.write_text(SLOW_DECODER.format(mark=str(decoding), decoder=str(DECODER)))
    environment = os.environ | {
        "DECODER": str(decoder),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRIVATE_MEDIA_ROOT": str(settings.PRIVATE_MEDIA_ROOT),
        "TMPDIR": str(tmp_path),
    }
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: http_status(port) == 200)
        yield process, port
    finally:
        process.kill()
        process.wait()


def http_status(port: int) -> int | None:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status
    except OSError:
        return None
    finally:
        asking.close()


def form(draft: str) -> bytes:
    fields = {"draft": draft, "display_name": "Ánh", "email": "anh@example.com", "is_adult": "on", "owns_photos": "on"}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
    parts += [head + a_photo(seed) + b"\r\n" for seed in (1, 2, 3)]
    return b"".join(parts) + b"--b--\r\n"


def post(port: int, body: bytes, *, share: float) -> http.client.HTTPConnection:
    """Sends that share of the body, and leaves the connection open."""
    sending = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sending.putrequest("POST", "/pageants/faces/enter/")
    sending.putheader("Content-Type", "multipart/form-data; boundary=b")
    sending.putheader("Content-Length", str(len(body)))
    sending.endheaders()
    sending.send(body[: int(len(body) * share)])
    return sending


@pytest.mark.parametrize("moment", ["receiving", "decoding"])
def test_process_killed_during_an_upload_leaves_nothing(server, decoding, tmp_path, moment):
    process, port = server
    make_pageant(slug="faces")
    body = form(Draft.new_key())

    sending = post(port, body, share=0.6 if moment == "receiving" else 1)
    if moment == "decoding":
        wait_until(decoding.exists)
    else:
        time.sleep(0.3)  # nothing tells when it has read so far; killed earlier it leaves even less
    process.send_signal(signal.SIGKILL)
    process.wait()
    sending.close()

    assert [model.objects.count() for model in (Entry, Draft, Photo, Email)] == [0, 0, 0, 0]
    left = list(Path(storages["private"].location).rglob("*.*"))
    assert [file for file in tmp_path.rglob("*") if file.is_file() and file not in left] == []
    for file in left:
        os.utime(file, (1, 1))
    jobs.check_files()
    assert list(Path(storages["private"].location).rglob("*.*")) == []


def test_same_form_sent_again_after_the_kill_makes_one_entry(server, client, mailoutbox):
    process, port = server
    make_pageant(slug="faces")
    draft = Draft.new_key()
    post(port, form(draft), share=0.6).close()
    process.kill()
    process.wait()

    response = client.generic(
        "POST", "/pageants/faces/enter/", form(draft), content_type="multipart/form-data; boundary=b"
    )

    assert response.status_code == 302
    assert (Entry.objects.count(), Photo.objects.count(), len(mailoutbox)) == (1, 3, 1)
    assert re.search(r"/privacy/you/[\w-]{43}/", mailoutbox[0].body)
