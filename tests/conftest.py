"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from vietmusic import chores

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """With REQUIRE_ALL=1 nothing may be left out: a skipped test has failed."""
    outcome = yield
    report = outcome.get_result()
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"left out, though REQUIRE_ALL=1: {report.longrepr}"


@pytest.fixture(autouse=True)
def own_files(settings: Settings, tmp_path: Path) -> None:
    """Each test has files of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "private"
    settings.DEV_MAILBOX = tmp_path / "mail"
    private = {**settings.STORAGES["private"]}
    private["OPTIONS"] = {**private["OPTIONS"], "location": settings.PRIVATE_MEDIA_ROOT}
    settings.STORAGES = {**settings.STORAGES, "private": private}


@pytest.fixture(autouse=True)
def chores_rest() -> None:
    """Chores are done in passing once a test asks for them, not whenever a response ends."""
    cache.clear()
    for one in chores.CHORES.values():
        cache.set(f"chore:{one.name}", True)
