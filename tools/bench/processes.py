"""Processes of the bench, each with an environment as in production."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


def environment(folder: str, database_url: str) -> dict[str, str]:
    """Production's, with all files in `folder`."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
        "DEBUG": "off",
        "SECRET_KEY": "only-for-the-bench-" + "x" * 40,
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "TRUSTED_PROXIES": "0",
        "WORK": "worker",
        "EMAIL_URL": "dummymail://",
        "MEDIA_ROOT": f"{folder}/media",
        "PRIVATE_MEDIA_ROOT": f"{folder}/private",
        "VISIT_SPOOL": f"{folder}/spool",
        "ERASURE_LOG": f"{folder}/erasures.jsonl",
        "DATABASE_URL": database_url,
    }


def run(*arguments: str, env: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=True)  # noqa: S603  ours


class Server:
    """A process that answers requests, as `tools/bench/server.py` does."""

    def __init__(self, kind: str, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tools.bench.server", kind]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, text=True, **pipes)  # noqa: S603  ours

    def tell(self, command: str, **arguments: Any) -> None:
        self.process.stdin.write(json.dumps([command, arguments]) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("A process of the bench has died: see above.")
        return json.loads(line)

    def ask(self, command: str, **arguments: Any) -> Any:
        self.tell(command, **arguments)
        return self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
