"""What all tests share."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from core import jobs
from core.jobs import JOBS
from privacy.models.policy_version import NOTICE
from tests.core.concurrency import ROOT

BROWSER = Path(__file__).parent / "browser"
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks the tests in tests/browser, so that none is forgotten."""
    if BROWSER in item.path.parents:
        item.add_marker("browser")


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
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Ends what a closed browser left half asked: PostgreSQL drops no database in which somebody still is."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(OTHER_SESSIONS)


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    """Each test has files of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "private"
    settings.DEV_MAILBOX = tmp_path / "mail"
    settings.VISIT_SPOOL = tmp_path / "spool"
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    private = {**settings.STORAGES["private"]}
    private["OPTIONS"] = {**private["OPTIONS"], "location": settings.PRIVATE_MEDIA_ROOT}
    settings.STORAGES = {**settings.STORAGES, "private": private}


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A request leaves its language behind in its thread."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def jobs_rest() -> None:
    """Jobs are done in passing once a test asks for them, not whenever a response ends."""
    cache.clear()
    for one in jobs.JOBS.values():
        cache.set(f"job:{one.name}", True)
    cache.set(NOTICE, None)  # no page asks whether there is one, unless a test has published something


PARTS = ("manage.py", "core", "demo", "vietmusic", "privacy", "pageant", "suggestions", "templates", "static", "locale")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's code in a place of its own, without the `.env` and the `var/` that a developer's folder may hold."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.webp"))
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Callable) -> Callable[[], AbstractContextManager]:
    """What is put off until a commit is done at the end of the block, as if the transaction were committed there."""
    return partial(django_capture_on_commit_callbacks, execute=True)


@pytest.fixture
def no_jobs() -> Iterator[None]:
    """No job but those that the test registers."""
    known = dict(JOBS)
    JOBS.clear()
    yield
    JOBS.clear()
    JOBS.update(known)
