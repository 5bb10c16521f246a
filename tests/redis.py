"""A real redis-server for tests, which can go away and come back empty."""

import shutil
import subprocess
from pathlib import Path
from typing import Self

import pytest
from redis import AuthenticationError, Redis, RedisError

from tests.core.concurrency import free_port, wait_until


class RedisServer:
    """In a folder of its own, on a port of 127.0.0.1. Without `options` it writes nothing to a disk."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        folder.mkdir(exist_ok=True)
        self.options = ["--dir", str(folder), *(options or ("--save", ""))]
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
        command = [program, "--bind", "127.0.0.1", "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_until(self.answers)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=1) as redis:
                return bool(redis.ping())
        except AuthenticationError:
            return True
        except RedisError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
