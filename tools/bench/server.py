"""A process that calls a WSGI application and tells what each request cost: `python -m tools.bench.server site`.

It reads commands as lines of JSON and answers each with one line. Only its own CPU counts, and that of its connections
to PostgreSQL apart from it; what a machine does besides disturbs neither much.
"""

import io
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

SETTINGS = {"bare": "tools.bench.bare", "lists": "tools.bench.list_settings", "site": "vietmusic.settings"}
BROWSER = {
    "HTTP_HOST": "testserver",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate",
    "REMOTE_ADDR": "203.0.113.7",
}
ENOUGH = 0.1  # seconds
numbers = itertools.count(time.time_ns())


class Client:
    """Asks a WSGI application as a server would."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application

    def send(self, url: str, *, expected: int = 200, method: str = "GET", body: bytes = b"", **headers: str) -> None:
        path, _question_mark, query = url.partition("?")
        statuses: list[str] = []
        environ: dict[str, Any] = {
            **BROWSER,
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": quote(query, safe="=&%-+"),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **headers,
        }
        response = self.application(environ, lambda status, headers, error=None: statuses.append(status))
        b"".join(response)
        if hasattr(response, "close"):
            response.close()
        if not statuses[0].startswith(str(expected)):
            raise RuntimeError(f"{method} {url}: {statuses[0]} instead of {expected}")


def database_seconds() -> float:
    """The CPU that PostgreSQL has spent for this process; 0 where that can't be told."""
    from django.db import connection  # noqa: PLC0415  needs the settings

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [os.environ["PGAPPNAME"]])
        files = [Path(f"/proc/{pid}/schedstat") for (pid,) in cursor.fetchall()]
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9


class Commands:
    """What the process can be told to do."""

    def __init__(self, kind: str, client: Client) -> None:
        self.kind, self.client = kind, client

    def pages(self) -> list[dict[str, str]]:
        from tools.bench import pages  # noqa: PLC0415

        return [vars(page) for page in pages.pages()]

    def measure(self, path: str, times: int, *, cookie: str = "", fresh: bool = False) -> dict[str, float]:
        """The mean of so many requests, or of those for which ENOUGH was spent.

        Fresh ones differ in a parameter that the site doesn't know.
        """
        urls = [f"{path}{'&' if '?' in path else '?'}x={next(numbers)}" if fresh else path for _ in range(times)]
        headers = {"HTTP_COOKIE": cookie} if cookie else {}
        has_database = self.kind != "bare"
        database = database_seconds() if has_database else 0
        spent, sent, started = 0.0, 0, time.process_time()
        while sent < times and spent < ENOUGH:
            self.client.send(urls[sent], **headers)
            spent, sent = time.process_time() - started, sent + 1
        return {"cpu": spent / sent, "database": ((database_seconds() if has_database else 0) - database) / sent}

    def write(self, seconds: float) -> dict[str, float]:
        from tools.bench import writes  # noqa: PLC0415

        return writes.suggest(self.client.send, seconds)


def main(kind: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS[kind]
    os.environ["PGAPPNAME"] = f"bench-{os.getpid()}"
    if kind == "site":
        from vietmusic.wsgi import application  # noqa: PLC0415
    else:
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

        application = get_wsgi_application()
    commands = Commands(kind, Client(application))
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps(getattr(commands, name)(**arguments)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
