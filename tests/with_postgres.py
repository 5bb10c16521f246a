"""Runs a command on a PostgreSQL of its own: `python tests/with_postgres.py pytest -n auto`.

The command finds the database in DATABASE_URL, as a superuser, who may create extensions. The server
listens on a socket in a temporary folder only, and both are gone when the command has ended, however it
ended. `--check` tells by its exit code whether PostgreSQL is installed. Python's own library is enough,
so that it can be asked before any package is there.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

# C.UTF-8 knows which letters have accents, as production's locale does; plain C would not.
INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
# Nothing here has to survive a crash, and where no port is opened none can be taken already.
SERVER = "-F -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -k ."


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs: in PATH, or else Debian's newest, which PATH doesn't name."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    initdb = shutil.which("initdb", path=os.pathsep.join([*os.get_exec_path(), *map(str, newest_first)]))
    return Path(initdb).parent if initdb else None


class Cluster:
    """A server in that folder, which is empty at first."""

    def __init__(self, programs: Path, folder: Path, server: str = SERVER) -> None:
        self.programs, self.folder, self.server = programs, folder, server
        self.user: dict[str, object] = {}
        if os.geteuid() == 0:  # as whom PostgreSQL refuses to run
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            self.user = {"user": "postgres", "group": "postgres", "extra_groups": ()}
        # No host, and two slashes: so django-environ writes the folder of a socket.
        self.url = f"postgres://postgres@/{quote(str(folder))}/postgres"
        self.run("initdb", *INITDB)

    def run(self, program: str, *arguments: str) -> None:
        # In a session of its own, a Ctrl-C, which is meant for the command, doesn't reach the server.
        command = [self.programs / program, "--pgdata", self.folder, *arguments]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(command, cwd=self.folder, check=True, start_new_session=True, **quiet, **self.user)

    def start(self) -> None:
        self.run("pg_ctl", "start", f"--log={self.folder / 'log'}", f"--options={self.server}")

    def stop(self, mode: str = "immediate") -> None:
        if (self.folder / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", f"--mode={mode}")


@contextmanager
def database(programs: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        cluster = Cluster(programs, Path(name))
        try:
            cluster.start()
            yield cluster.url
        finally:
            cluster.stop()


def run_to_its_end(command: list[str], environment: dict[str, str]) -> int:
    """The command's exit code. Ctrl-C reached the command too, so it is waited for; SIGTERM is passed on."""
    child = subprocess.Popen(command, env=environment)
    try:
        while True:
            try:
                code = child.wait()
            except KeyboardInterrupt:
                continue
            return code if code >= 0 else 128 - code
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def main(arguments: list[str]) -> int:
    programs = find_programs()
    if arguments == ["--check"]:
        return 0 if programs else 1
    if not arguments:
        sys.exit("usage: with_postgres.py --check | COMMAND [ARGUMENT...]")
    if not programs:
        sys.exit("with_postgres: PostgreSQL is not installed (Debian: apt-get install postgresql)")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with database(programs) as url:
        return run_to_its_end(arguments, os.environ | {"DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
