"""`make scale`: counts what pages cost in queries and bytes, and what a day of ten million visitors then takes.

Nothing is timed. The counted numbers are kept in tools/scale.json, so that docs/scale.md can be compared with what is
computed from them (tests/tools/test_scale.py); `--count` counts them anew, on a throw-away site with demo content.
"""

import argparse
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db.backends.signals import connection_created

FILE = Path(__file__).with_suffix(".json")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)

# A day, as it is assumed. What the site measures of itself replaces it: /metrics and the audience tell.
VISITORS = 10_000_000
PAGES = {"home": 0.8, "pageant with its gallery": 2.0, "entry": 2.5, "directory": 0.3, "policy": 0.1}  # of each visitor
FIRST_TIME = 0.6  # of visitors, whose browsers have no style sheets yet
SEEN = 0.4  # of a page's pictures: browsers get those that people scroll to
UNCHANGED = 0.2  # of pages and pictures, which a browser has already and asks about
MADE_ANEW = 0.02  # of pages, since something on them has changed, or nobody has asked this process for them yet
ENTRIES = 1 / 2_000  # of each visitor
PICTURE = 40_000  # bytes of a photo at a card's width; those of the throw-away site are drawn, and small
BUSY_HOUR = 0.10  # of the day
PEAK = 2  # times the busy hour's mean, for a minute


@dataclass(frozen=True)
class Cost:
    """Of one request: queries if it is made, if it is kept; bytes with headers, of an answer and of a 304."""

    fresh: int
    kept: int
    bytes: int
    unchanged: int
    pictures: int = 0


@dataclass(frozen=True)
class Counted:
    pages: dict[str, Cost]
    picture: Cost  # the mean
    assets: int  # bytes of style sheets and scripts
    assets_requests: int
    entry: Cost  # the form, and sending it with a photo


# Counting


class Counter:
    """Asks the WSGI application, and counts the statements that reach the database, by whatever way."""

    def __init__(self, application: Any, connection: Any) -> None:
        self.application = application
        self.statements: list[str] = []
        connection.close()
        connection_created.connect(self.watch)

    def watch(self, connection: Any, **kwargs: Any) -> None:
        """SQLite tells of each statement, also of those that don't go through Django."""
        connection.connection.set_trace_callback(self.statements.append)

    @contextmanager
    def counting(self) -> Iterator[Callable[[], int]]:
        self.statements.clear()
        yield lambda: sum(bool(STATEMENT.match(one)) for one in self.statements)

    def ask(self, url: str, **headers: str) -> tuple[int, dict[str, str], bytes, int]:
        """Status, headers, body and queries."""
        path, _mark, query = url.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "10.1.2.3",
            "HTTP_ACCEPT_ENCODING": "gzip, deflate, br", "HTTP_USER_AGENT": BROWSER, "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.multithread": False,
            "wsgi.multiprocess": False, "wsgi.run_once": False, "wsgi.version": (1, 0), **headers,
        }  # fmt: skip
        started: list[Any] = []
        with self.counting() as queries:
            answer = self.application(environ, lambda status, headers, *rest: started.extend([status, headers]))
            body = b"".join(answer)
            getattr(answer, "close", lambda: None)()
            return int(started[0][:3]), dict(started[1]), body, queries()

    def cost(self, url: str) -> tuple[Cost, str, dict[str, str]]:
        """What a page or a picture costs, with its text and headers."""
        self.ask(url)  # it is kept from the second time on, when its topics have begun
        _status, _headers, _body, fresh = self.ask(f"{url}?fresh=1")
        self.ask(url)
        status, headers, body, kept = self.ask(url)
        assert status == 200, (url, status)
        known, few, _nothing, _queries = self.ask(url, HTTP_IF_NONE_MATCH=headers.get("ETag", ""))
        unchanged = size(few) if known == 304 else size(headers) + len(body)
        plain = self.ask(url, HTTP_ACCEPT_ENCODING="identity")[2]
        text = plain.decode(errors="replace") if headers["Content-Type"].startswith("text/html") else ""
        pictures = len(re.findall("<img [^>]*/media/", text))
        return Cost(fresh, kept, size(headers) + len(body), unchanged, pictures), text, headers


def size(headers: dict[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items()) + len("HTTP/1.1 200 OK\r\n\r\n")


def count() -> Counted:
    from tools.looks.site import made  # noqa: PLC0415

    with made("tools.bench.readers_settings", content=["-m", "tools.bench.readers_content"]):
        import django  # noqa: PLC0415

        django.setup()
        from django.conf import settings  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        from vietmusic.wsgi import kept_pages  # noqa: PLC0415

        settings.ALLOWED_HOSTS = ["*"]
        return count_on(Counter(kept_pages, connection))


def count_on(counter: Counter) -> Counted:
    all_pageants = counter.ask("/pageants/", HTTP_ACCEPT_ENCODING="identity")[2].decode()
    pageant = re.search(r"/pageants/[\w-]+/", all_pageants)[0]
    gallery = counter.ask(pageant, HTTP_ACCEPT_ENCODING="identity")[2].decode()
    entry = re.search(rf"{pageant}entries/\w+/", gallery)[0]
    urls = dict(zip(PAGES, ["/", pageant, entry, "/websites/", "/privacy/"], strict=True))
    pages, texts = {}, []
    for name, url in urls.items():
        pages[name], text, _headers = counter.cost(url)
        texts.append(text)
    pictures = sorted({url for text in texts for url in re.findall(r'<img [^>]*src="(/media/[^"]+)"', text)})
    costs = [counter.cost(url)[0] for url in pictures]
    mean = {name: round(sum(getattr(cost, name) for cost in costs) / len(costs)) for name in asdict(costs[0])}
    assets = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', texts[0])))
    sizes = [counter.cost(url)[0].bytes for url in assets]
    return Counted(pages, Cost(**mean), sum(sizes), len(sizes), count_entry(counter, pageant))


def count_entry(counter: Counter, pageant: str) -> Cost:
    """The form, then an entry with one photo."""
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    form, _text, _headers = counter.cost(f"{pageant}enter/")
    picture = io.BytesIO()
    Image.effect_noise((1200, 900), 60).convert("RGB").save(picture, "JPEG")
    fields = {
        "display_name": "Nguyễn Thị Ánh", "email": "anh@example.com", "is_adult": "on", "owns_photos": "on",
        "photos": SimpleUploadedFile("a.jpg", picture.getvalue(), "image/jpeg"), "hobbies": "hát, du lịch",
    }  # fmt: skip
    with counter.counting() as queries:
        response = Client().post(f"{pageant}enter/", fields)
        assert response.status_code == 302, response.status_code
        sent = queries()
    return Cost(form.fresh + sent, form.kept + sent, form.bytes, form.unchanged)


# Computing


def load() -> Counted:
    told = json.loads(FILE.read_text())
    pages = {name: Cost(**cost) for name, cost in told["pages"].items()}
    return Counted(pages, Cost(**told["picture"]), told["assets"], told["assets_requests"], Cost(**told["entry"]))


@dataclass(frozen=True)
class Day:
    """Of one kind of request."""

    kind: str
    requests: float
    queries: float
    bytes: float


def days(counted: Counted) -> list[Day]:
    rows = []
    pictures = 0.0
    for name, share in PAGES.items():
        cost, number = counted.pages[name], VISITORS * share
        pictures += number * cost.pictures * SEEN
        queries = number * (MADE_ANEW * cost.fresh + (1 - MADE_ANEW) * cost.kept)
        rows.append(Day(name, number, queries, number * mean_bytes(cost)))
    picture = counted.picture
    size = (1 - UNCHANGED) * PICTURE + UNCHANGED * picture.unchanged
    rows.append(Day("pictures", pictures, pictures * picture.kept, pictures * size))
    assets = VISITORS * FIRST_TIME
    rows.append(Day("style sheets and scripts", assets * counted.assets_requests, 0, assets * counted.assets))
    entries = VISITORS * ENTRIES
    rows.append(Day("entering", 2 * entries, entries * counted.entry.fresh, entries * counted.entry.bytes))
    return rows


def mean_bytes(cost: Cost) -> float:
    return (1 - UNCHANGED) * cost.bytes + UNCHANGED * cost.unchanged


def tables(counted: Counted) -> str:
    """As docs/scale.md shows them."""
    return f"{of_requests(counted)}\n\n{of_day(counted)}"


def of_requests(counted: Counted) -> str:
    costs = {**counted.pages, "a picture, on average": counted.picture, "form and entry with a photo": counted.entry}
    columns = ["request", "queries, made", "queries, kept", "KB", "KB unchanged", "pictures on it"]
    lines = [f"| {' | '.join(columns)} |", "|---" + "|--:" * (len(columns) - 1) + "|"]
    for name, cost in costs.items():
        kilobytes, unchanged = cost.bytes / 1000, cost.unchanged / 1000
        lines.append(f"| {name} | {cost.fresh} | {cost.kept} | {kilobytes:.1f} | {unchanged:.1f} | {cost.pictures} |")
    return "\n".join(lines)


def of_day(counted: Counted) -> str:
    rows = days(counted)
    total = Day("**all**", *(sum(getattr(row, name) for row in rows) for name in ("requests", "queries", "bytes")))
    columns = ["ten million visitors", "requests, millions", "queries, millions", "TB"]
    columns += ["requests/s, peak", "queries/s, peak", "Gbit/s, peak"]
    lines = [f"| {' | '.join(columns)} |", "|---" + "|--:" * (len(columns) - 1) + "|"]
    to_peak = BUSY_HOUR / 3600 * PEAK
    for row in [*rows, total]:
        sums = f"{row.requests / 1e6:.2f} | {row.queries / 1e6:.2f} | {row.bytes / 1e12:.2f}"
        peaks = f"{row.requests * to_peak:,.0f} | {row.queries * to_peak:,.0f} | {row.bytes * 8 * to_peak / 1e9:.2f}"
        lines.append(f"| {row.kind} | {sums} | {peaks} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", action="store_true", help="count anew what is in tools/scale.json")
    if parser.parse_args().count:
        FILE.write_text(json.dumps(asdict(count()), indent=2) + "\n")
    print(tables(load()))


if __name__ == "__main__":
    main()
