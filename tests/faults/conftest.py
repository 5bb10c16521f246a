"""Marks the tests of faults, keeps their order, and prints what came of each."""

from pathlib import Path

import pytest

from tests.faults.rounds import Round, table

HERE = Path(__file__).parent
ROUNDS = pytest.StashKey[list[Round]]()


def pytest_itemcollected(item: pytest.Item) -> None:
    if HERE in item.path.parents:
        item.add_marker("faults")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """As they were written: the last one looks back at all others, and pytest-randomly shuffles them."""
    places = [place for place, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted((items[place] for place in places), key=written)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


def written(item: pytest.Item) -> tuple[int, int]:
    assert isinstance(item, pytest.Function)
    number = item.callspec.indices["fault"] if hasattr(item, "callspec") else 0
    return item.function.__code__.co_firstlineno, number


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rounds := config.stash.get(ROUNDS, []):
        terminalreporter.section("Faults")
        for line in table(rounds):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def rounds(pytestconfig: pytest.Config) -> list[Round]:
    return pytestconfig.stash.setdefault(ROUNDS, [])
