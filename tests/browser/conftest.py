"""A real browser, and what its tests share."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError
from pytest_django.live_server_helper import LiveServer

from pageant.models import Pageant
from tests import tour
from tests.browser.steps import PASSWORD
from tests.core.database import kept
from tests.core.factories import make_staff
from tests.pageant.factories import make_pageant

# Playwright keeps an event loop running in this thread from its first test on, also while later tests ask the
# database, which Django would take for a mistake. Nothing here is async.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000  # milliseconds, for a machine that does other things too

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # Without its windows, if it is there apart, it takes a quarter of the CPU.
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium-headless-shell)")
    return {**browser_type_launch_args, "executable_path": chromium, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url(django_db_setup: None, live_server: LiveServer) -> str:
    """To which the paths that a page opens belong.

    The database comes first: a server that starts before it may take SQLite's for one in memory, and then shares one
    connection among its threads, which crashes.
    """
    return live_server.url


@pytest.fixture
def site(base_url: str, settings: Any) -> str:
    """The address of the running site, to which the links in its mails lead."""
    settings.SITE_URL = base_url
    return base_url


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], site: str) -> Iterator[OpenPage]:
    """Opens a page in a browser of its own, as another person has. None may complain, or ask any other host.

    `may_complain_of` is a part of the one complaint that the test provokes.
    """
    complaints: list[str] = []
    provoked: list[str] = []
    hosts: set[str] = set()

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"warning", "error"} and not any(part in message.text for part in provoked):
            complaints.append(message.text)

    def see(request: Request) -> None:
        hosts.add(urlsplit(request.url).netloc)

    def fail(error: WebError) -> None:
        complaints.append(str(error.error))

    def open_one(*, may_complain_of: str = "", **options: Any) -> Page:
        provoked.extend(filter(None, [may_complain_of]))
        context = new_context(**options)
        context.set_default_timeout(PATIENCE)
        context.on("console", hear)
        context.on("weberror", fail)
        context.on("request", see)
        page = context.new_page()
        # Playwright takes over the browser's file dialog once somebody listens. That takes a moment, in which the
        # dialog of a key pressed at once would be lost.
        page.on("filechooser", lambda chooser: None)
        return page

    yield open_one
    assert complaints == []
    assert hosts == {urlsplit(site).netloc}


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs JavaScript."""
    return request.param


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Takes a picture of the whole page for people to look at, with --screenshot=on.

    It is put into var/screenshots/tests/<test>/.
    """
    folder = settings.BASE_DIR / "var/screenshots/tests" / re.sub(r"[^\w-]+", "-", request.node.name).strip("-")

    def take(page: Page, name: str) -> None:
        if request.config.getoption("--screenshot") == "on":
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return take


@pytest.fixture
def pageant(transactional_db: None) -> Pageant:
    return make_pageant(slug="spring", max_photos=5)


class Furniture:
    """All that the stops of the tour show, made once in each process: rows and files."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.put_rows_back: Callable[[], None] | None = None

    def put_in(self) -> None:
        if self.put_rows_back is None:
            tour.furnish()
            self.put_rows_back = self.stack.enter_context(kept(self.folder))
            self.copy_files(shutil.copytree)
        else:
            self.put_rows_back()
            self.copy_files(lambda there, here: shutil.copytree(here, there))

    def copy_files(self, copy: Callable[[Path, Path], Any]) -> None:
        for name in ("MEDIA_ROOT", "PRIVATE_MEDIA_ROOT"):
            copy(getattr(settings, name), self.folder / name)


@pytest.fixture(scope="session")
def furniture(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furniture]:
    with ExitStack() as stack:
        yield Furniture(tmp_path_factory.mktemp("furniture"), stack)


@pytest.fixture
def furnished(transactional_db: None, settings: Any, furniture: Furniture) -> None:
    """All that the stops of the tour show."""
    settings.ROOT_URLCONF = tour.URLCONF
    furniture.put_in()


@pytest.fixture
def moderator(transactional_db: None) -> User:
    return make_staff(password=PASSWORD)


@pytest.fixture
def mailbox() -> Callable[[str], list[str]]:
    """The texts of the mails to an address, the newest last."""
    return lambda address: [message.body for message in mail.outbox if message.to == [address]]


@pytest.fixture
def read_tags() -> Callable[[bytes], dict[str, Any]]:
    """Reads all tags of a picture with exiftool, which shares no code with Pillow, but for those about any file."""
    if not shutil.which("exiftool"):
        pytest.skip("exiftool is not installed (Debian: apt-get install libimage-exiftool-perl)")

    def run(data: bytes) -> dict[str, Any]:
        command = ["exiftool", "-json", "-G1", "-a", "-n", "-"]
        output = subprocess.run(command, input=data, check=True, capture_output=True).stdout
        (tags,) = json.loads(output)
        about_any = ("SourceFile", "ExifTool:", "System:")
        return {name: value for name, value in tags.items() if not name.startswith(about_any)}

    return run
