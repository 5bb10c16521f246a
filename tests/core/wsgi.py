"""The site as a server calls it: kept pages in front, Django behind."""

import io
import sys
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from core.kept_pages import views
from core.kept_pages.store import Store
from vietmusic.wsgi import application, django_application

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return dict(self.headers).get(name, "")

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(url: str, *, app: Any = application, method: str = "GET", **environ: Any) -> Answer:
    path, _mark, query = url.partition("?")
    asked = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "HTTP_USER_AGENT": BROWSER,
        "REMOTE_ADDR": "203.0.113.7",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **environ,
    }
    started: list[Any] = []
    body = app(asked, lambda *arguments: started.extend(arguments))
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return Answer(int(started[0][:3]), started[1], content)


def ask_anew(url: str, **environ: Any) -> Answer:
    """The page as Django makes it now, with nothing that was kept."""
    with patch.object(views, "PAGES", Store()):
        return ask(url, app=django_application, **environ)
