"""Serves a throw-away site with demo content as in production."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
PAGEANT = "/pageants/faces-of-vietmusic/"
STAFF, PASSWORD = "staff", "only-for-looks"
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Site:
    url: str
    folder: Path

    def read(self, path: str) -> str:
        with urlopen(self.url + path) as response:  # noqa: S310  our own
            return response.read().decode()

    def first(self, pattern: str, *, on: str) -> str:
        """The first path on a page that the pattern fits."""
        return re.search(pattern, self.read(on))[0]

    def entry(self) -> str:
        return self.first(rf"{PAGEANT}entries/\w+/", on=PAGEANT)

    def newest_mail(self) -> str:
        file = max((self.folder / "mail").iterdir(), key=lambda one: one.stat().st_mtime_ns)
        return message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",)).get_content()


@contextmanager
def served() -> Iterator[Site]:
    with made() as site, gunicorn(site.url):
        yield site


@contextmanager
def made(settings: str = "tools.looks.settings", *, content: Sequence[str] = ("manage.py", "demo")) -> Iterator[Site]:
    """A site that nothing serves yet, with what that program makes."""
    with tempfile.TemporaryDirectory(prefix="looks-") as folder:
        url = f"http://127.0.0.1:{free_port()}"
        os.environ.update(
            LOOKS_FOLDER=folder,
            LOOKS_URL=url,
            DJANGO_SETTINGS_MODULE=settings,
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        )
        for command in (
            ["manage.py", "migrate", "--verbosity=0"],
            ["manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            content,
            ["manage.py", "createsuperuser", "--no-input", f"--username={STAFF}", "--email=", "--verbosity=0"],
        ):
            subprocess.run([sys.executable, *command], cwd=ROOT, check=True)  # noqa: S603
        yield Site(url, Path(folder))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def gunicorn(url: str, application: str = "vietmusic.wsgi", *options: str) -> Iterator[None]:
    address = url.removeprefix("http://")
    command = [sys.executable, "-m", "gunicorn", application, f"--bind={address}", "--workers=2", *options]
    with subprocess.Popen([*command, "--log-level=warning"], cwd=ROOT) as process:  # noqa: S603
        try:
            wait_for(f"{url}/healthz")
            yield
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(address).close()  # noqa: S310  our own
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
