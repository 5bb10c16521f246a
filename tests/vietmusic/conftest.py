import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from core.jobs import CHORES
from tests.vietmusic.concurrency import ROOT

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
def no_chores() -> Iterator[None]:
    """No chore but those that the test registers."""
    known = dict(CHORES)
    CHORES.clear()
    yield
    CHORES.clear()
    CHORES.update(known)
