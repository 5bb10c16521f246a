"""Browsers of visitors, and what they see."""

import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import translation
from django.utils.translation import gettext

from tests.faults.site import HOST, Machine, Site

PATIENCE = 60  # seconds
BROKEN = 0  # in the place of a status: the connection broke, or nobody was there
LANGUAGE = re.compile(r'<html lang="(\w+)">')
KEEPS_WORDS = (
    "We could not take what you sent. Go back: most browsers still have what you typed, so you can send it again."
)
trusting = ssl.create_default_context()
trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE


@dataclass(frozen=True)
class Answer:
    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float
    language: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "") if self.status == 302 else ""

    @property
    def kind(self) -> str:
        """What a visitor makes of it; empty if it is what was asked for, or an error page that says what to do."""
        if self.status == BROKEN:
            return "no answer"
        if self.status < 500 and self.status != 429:
            return ""
        found = LANGUAGE.search(self.text)
        if not found:
            return f"{self.status} by nginx"
        wrong = [] if found[1] == self.language else ["in the wrong language"]
        if self.status in {429, 502, 503} and "retry-after" not in self.headers:
            wrong.append("without Retry-After")
        if self.status == 503 and self.method == "POST" and not keeps_words(self):
            wrong.append("without a word about what was typed")
        return " ".join([f"{self.status} page", *wrong])


def keeps_words(answer: Answer) -> bool:
    """Whether it tells how to get back to what was typed, or shows it."""
    with translation.override(answer.language):
        return gettext(KEEPS_WORDS) in answer.text or "<form" in answer.text


# From bad to worse
RANKS = ("", "429", "503 page", "502 page", "500", "502", "503", "504", "no answer")


def rank(kind: str) -> tuple[int, int]:
    return max((place for place, start in enumerate(RANKS) if kind.startswith(start)), default=0), len(kind)


@dataclass
class Seen:
    """What all visitors have seen in a while."""

    kinds: Counter[str] = field(default_factory=Counter)
    slowest: float = 0
    examples: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        with self.lock:
            self.kinds[answer.kind] += 1
            self.examples.setdefault(answer.kind, f"{answer.method} {answer.path}")
            self.slowest = max(self.slowest, answer.seconds)

    @property
    def worst(self) -> str:
        worst = max(self.kinds, key=rank, default="")
        return f"{worst} ×{self.kinds[worst]}" if worst else "as asked for"


class Browser:
    """Somebody with an address and a language of their own."""

    def __init__(self, site: Site, ip: str, language: str, *, seen: Any = None) -> None:
        self.site, self.ip, self.language, self.seen = site, ip, language, seen
        self.cookies: dict[str, str] = {}

    def path_in(self, path: str) -> str:
        return path if self.language == "en" else f"/{self.language}{path}"

    def get(self, path: str, *, machine: Machine | None = None) -> Answer:
        return self.send("GET", path, machine=machine)

    def post(self, path: str, data: Mapping[str, Any], *, is_multipart: bool = False) -> Answer:
        if is_multipart:
            return self.send("POST", path, encode_multipart(BOUNDARY, data), MULTIPART_CONTENT)
        return self.send("POST", path, urlencode(data).encode(), "application/x-www-form-urlencoded")

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, machine: Machine | None = None
    ) -> Answer:
        """By nginx, or to a machine as nginx would."""
        headers = {"Host": HOST, "User-Agent": "Mozilla/5.0 Firefox/128.0"}
        headers |= {"Content-Type": kind} if kind else {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers |= {"Origin": f"https://{HOST}", "Referer": f"https://{HOST}{path}"}
        connection: HTTPConnection
        if machine:
            connection = HTTPConnection("127.0.0.1", machine.port, timeout=PATIENCE)
            headers |= {"X-Forwarded-For": self.ip, "X-Forwarded-Proto": "https"}
        else:
            own = (self.ip, 0)
            connection = HTTPSConnection(
                "127.0.0.1", self.site.port, timeout=PATIENCE, context=trusting, source_address=own
            )
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            status, got = response.status, {name.lower(): value for name, value in response.getheaders()}
            for morsel in SimpleCookie("\r\n".join(response.headers.get_all("Set-Cookie") or [])).values():
                self.cookies[morsel.key] = morsel.value
        except (OSError, HTTPException):
            status, got, text = BROKEN, {}, ""
        finally:
            connection.close()
        language = "vi" if path.startswith("/vi/") else "en"  # of the page that was asked for
        answer = Answer(method, path, status, got, text, time.monotonic() - began, language)
        if self.seen and not machine:
            self.seen().note(answer)
        return answer


def field_of(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def path_of(url: str) -> str:
    return urlsplit(url).path
