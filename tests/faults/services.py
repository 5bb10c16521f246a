"""Processes that are started again when they end, as systemd does by the units in deploy/."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

RESTART = 2  # seconds: RestartSec of the units
STOP = 40  # seconds: TimeoutStopSec


class Service:
    """With `KillMode=mixed`: what a dead process leaves behind is killed before the next one starts."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, cwd: Path, env: Mapping[str, str]) -> None:
        self.name, self.command = name, [str(word) for word in command]
        self.log, self.cwd, self.env = log, cwd, dict(env)
        self.process: subprocess.Popen | None = None
        self.is_wanted = False
        self.starts = 0
        self.supervisor: threading.Thread | None = None

    def start(self) -> None:
        self.is_wanted = True
        self._launch()
        self.supervisor = threading.Thread(target=self._supervise, name=self.name, daemon=True)
        self.supervisor.start()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = STOP) -> int:
        """Returns the exit code; negative if it had to be killed."""
        self.is_wanted = False
        process = self.process
        assert process
        assert self.supervisor
        with suppress(ProcessLookupError):
            process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(within)
        self._sweep(process)
        self.supervisor.join()
        return process.wait()

    def kill(self) -> None:
        """The power of `kill -9`, for the main process alone."""
        assert self.process
        self.process.kill()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def children(self) -> list[int]:
        with suppress(FileNotFoundError):
            return [int(one) for one in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    def _launch(self) -> None:
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _supervise(self) -> None:
        while True:
            process = self.process
            assert process
            process.wait()
            self._sweep(process)
            if not self.is_wanted:
                return
            time.sleep(RESTART)
            if not self.is_wanted:
                return
            self._launch()

    def _sweep(self, process: subprocess.Popen) -> None:
        """Ends the whole group, which is named by its first process."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def until(
    condition: Callable[[], object], what: str, *, within: float = 60, problems: Callable[[], object] = str
) -> float:
    """Waits for it. Returns the seconds that it took. `problems` says what is still wrong when time is up."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < within, f"{what}: not within {within} seconds: {problems()}"
        time.sleep(0.1)
    return time.monotonic() - began
