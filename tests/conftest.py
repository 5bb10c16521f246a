"""What all tests share."""

import compileall
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker, Settings

from core import jobs
from core.jobs import JOBS
from core.pictures import queue, renditions
from core.pictures.renditions import Rendition
from privacy.models.policy_version import NOTICE
from tests import tour
from tests.core.buckets import KEYS, make_bucket, s3_server, storages_in
from tests.core.concurrency import ROOT
from tests.core.database import put_back_after_transactions
from tests.core.migrated import Migrated
from tests.redis import RedisServer
from tests.tour import Visit

BROWSER = Path(__file__).parent / "browser"
QUEUE = {"DECODERS": 2, "HEAVY_CLIENT": 1}
# How long one example takes depends on what else the machine does.
hypothesis_settings.register_profile("site", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("site")

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks the tests in tests/browser, so that none is forgotten."""
    if BROWSER in item.path.parents:
        item.add_marker("browser")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out, on PostgreSQL, what cannot tell it from SQLite."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        config.hook.pytest_deselected(items=[item for item in items if not on_postgresql(item)])
        items[:] = [item for item in items if on_postgresql(item)]


def on_postgresql(item: pytest.Item) -> bool:
    """Whether the test may end otherwise there: its database isn't blocked, and it isn't marked as alike on both."""
    marker = item.get_closest_marker("on_postgresql")
    return uses_database(item) and (marker is None or marker.args[0])


def uses_database(item: pytest.Item) -> bool:
    """Whether it says so, or a fixture of its does. Processes that a test starts are given the database's address."""
    fixtures = {"db", "transactional_db", "django_db_setup", "live_server"}
    return bool(item.get_closest_marker("django_db") or fixtures & set(getattr(item, "fixturenames", ())))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails the run if a test was skipped, with REQUIRE_ALL=1. What `-m` deselects isn't skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRE_ALL and reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if REQUIRE_ALL and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("REQUIRE_ALL=1: a skipped test counts as a failed one", red=True)


OTHER_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture(scope="session")
def migrated(pytestconfig: pytest.Config) -> Iterator[Migrated]:
    """The database that all tests begin with. pytest's --cache-clear has it made anew."""
    migrated = Migrated(pytestconfig.cache.mkdir("migrated"))
    with migrated.made_once():
        yield migrated


@pytest.fixture(scope="session")
def django_db_setup(
    migrated: Migrated,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Puts back what `migrate` had written, after a test with real transactions.

    At the end, ends what a closed browser left half asked: PostgreSQL drops no database in which somebody still is.
    """
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(put_back_after_transactions(tmp_path_factory.mktemp("database")))
        yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(OTHER_SESSIONS)


def own_places(folder: Path) -> dict[str, Any]:
    """The settings that keep all files in `folder`."""
    private = {**settings.STORAGES["private"]}
    private["OPTIONS"] = {**private["OPTIONS"], "location": folder / "private"}
    return {
        "MEDIA_ROOT": folder / "media",
        "PRIVATE_MEDIA_ROOT": folder / "private",
        "DEV_MAILBOX": folder / "mail",
        "VISIT_SPOOL": folder / "spool",
        "ERASURE_LOG": folder / "erasures.jsonl",
        "STORAGES": {**settings.STORAGES, "private": private},
    }


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    """Each test has files of its own."""
    for name, value in own_places(tmp_path).items():
        setattr(settings, name, value)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server that speaks as S3 does."""
    with patch.dict(os.environ, KEYS), s3_server() as address:
        yield address


@pytest.fixture
def in_bucket(s3: str, settings: Settings, own_files: None) -> str:
    """Keeps the site's files in a bucket. Returns its name."""
    name = make_bucket(s3)
    settings.STORAGES = {**settings.STORAGES, **storages_in(s3, name)}
    return name


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server with nothing in it."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A request leaves its language behind in its thread."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def jobs_rest() -> None:
    """Jobs are done in passing once a test asks for them, not whenever a response ends."""
    leave_jobs_alone()


def leave_jobs_alone() -> None:
    cache.clear()
    for one in jobs.JOBS.values():
        cache.set(f"job:{one.key}", True)
    cache.set(NOTICE, None)  # no page asks whether there is one, unless a test has published something


RENDITIONS: dict[tuple[bytes, str], list[Rendition]] = {}
make_renditions = renditions.make_renditions


def make_renditions_once(master: BinaryIO) -> Iterator[Rendition]:
    key = master.read(), settings.SITE_URL  # which each rendition names
    if key not in RENDITIONS:
        RENDITIONS[key] = list(make_renditions(BytesIO(key[0])))
    return iter(RENDITIONS[key])


@pytest.fixture(scope="session", autouse=True)
def renditions_made_once() -> Iterator[None]:
    """Tests publish the same few photos again and again, and each takes a tenth of a second."""
    with patch.object(renditions, "make_renditions", make_renditions_once):
        yield


@pytest.fixture(scope="session", autouse=True)
def nothing_is_synced() -> Iterator[None]:
    """Nothing here has to survive the machine's crash. `tests/core/power_cut.py` sees what would."""
    with patch.object(os, "fsync"):
        yield


@pytest.fixture(scope="session", autouse=True)
def urls_worked_out_once() -> Iterator[None]:
    """Django forgets all addresses whenever a test sets ROOT_URLCONF, by which it keeps them apart anyway."""
    with patch("django.urls.clear_url_caches"):
        yield


PROGRAMS = ("manage.py", "gunicorn.conf.py", "core", "demo", "deploy", "vietmusic", *settings.SITE_APPS)
PARTS = (*PROGRAMS, "templates", "static", "locale")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's code in a place of its own, without the `.env` and the `var/` that a developer's folder may hold."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.webp"))
        else:
            shutil.copy(ROOT / part, folder / part)
    compileall.compile_dir(folder, quiet=1)  # once here rather than in each process that starts
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A queue for pictures in which nobody else on this machine stands: no other tests, no site, no benchmark."""
    folder = tmp_path_factory.mktemp("queue")
    places = {name: [folder / f"{name}-{place}" for place in range(most)] for name, most in QUEUE.items()}
    for path in chain.from_iterable(places.values()):
        path.touch()
    with patch.multiple(queue, **places):
        yield


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable) -> Callable[[], AbstractContextManager]:
    """What is put off until a commit is done at the end of the block, as if the transaction were committed there."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture(scope="session")
def visit(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    """All that leaves the site on one tour, for tests that only look at it."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(ROOT_URLCONF=tour.URLCONF, **own_places(tmp_path_factory.mktemp("tour"))),
    ):
        leave_jobs_alone()
        visit = tour.visit()
        transaction.set_rollback(True)
    return visit


@pytest.fixture
def no_jobs() -> Iterator[None]:
    """No job but those that the test registers."""
    known = dict(JOBS)
    JOBS.clear()
    yield
    JOBS.clear()
    JOBS.update(known)
