"""Marks the tests of faults, and prints what came of each."""

from pathlib import Path

import pytest

from tests.faults.rounds import Round, table

HERE = Path(__file__).parent
ROUNDS = pytest.StashKey[list[Round]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROUNDS] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rounds := config.stash.get(ROUNDS, []):
        terminalreporter.section("Faults")
        for line in table(rounds):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def rounds(pytestconfig: pytest.Config) -> list[Round]:
    return pytestconfig.stash.setdefault(ROUNDS, [])
