"""`python -m tools.bench.readers`: how long readers wait while other people send photos.

Two web processes serve a throw-away site with demo content. Four people read a gallery, alone and during each load, and
whoever is told to wait sends again, as static/js/entering.js does. All variants take turns, as a machine is never twice
the same.
"""

import argparse
import http.client
import io
import os
import random
import re
import secrets
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import Process, Queue
from urllib.parse import urlsplit
from urllib.request import urlopen

from PIL import Image

from tools.looks import site as looks

GALLERY = looks.PAGEANT
BOUNDARY = secrets.token_hex(16)
END = f"--{BOUNDARY}--\r\n".encode()
READERS, PAUSE = 4, 0.1  # seconds between two pages of a reader
LONGEST = 600  # seconds until somebody gives up


@dataclass(frozen=True)
class Variant:
    name: str
    application: str
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Load:
    name: str
    people: int
    photos: int
    megabytes: float


VARIANTS = [
    Variant("as shipped", "vietmusic.wsgi"),
    Variant("in place", "tools.bench.in_place"),
    Variant("4 threads", "tools.bench.in_place", ["--worker-class=gthread", "--threads=4", "--keep-alive=0"]),
]
LOADS = [Load("10 × 3 photos of 12 MP", 10, 3, 4), Load("40 × 5 photos of 15 MB", 40, 5, 15)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--variants", nargs="*", default=[variant.name for variant in VARIANTS])
    parser.add_argument("--loads", type=int, default=len(LOADS), help="1: without the large one")
    chosen = parser.parse_args()
    names = {"median": 16, "p99": 9, "worst": 9, "pages": 7, "taken": 7, "waits": 7, "failed": 7, "seconds": 9}
    print(f"{'Readers while others send':38}" + "".join(f"{name:>{width}}" for name, width in names.items()))
    with looks.made("tools.bench.readers_settings") as site:
        for _round in range(chosen.rounds):
            for variant in VARIANTS:
                if variant.name not in chosen.variants:
                    continue
                with looks.gunicorn(site.url, variant.application, *variant.options):
                    measure(site.url, variant, LOADS[: chosen.loads])


def measure(url: str, variant: Variant, loads: Sequence[Load]) -> None:
    for _warming_up in range(8):
        read(url)
    times = [read(url) for _ in range(50)]
    show(variant.name, "alone", times, Counter(), sum(times))
    for load in loads:
        body = photos_of(load)
        outcomes: Queue = Queue()
        senders = Process(target=send_all, args=(url, load, body, outcomes))
        started = time.monotonic()
        senders.start()
        times = read_while(url, senders)
        show(variant.name, load.name, times, outcomes.get(), time.monotonic() - started)
        senders.join()


def show(variant: str, load: str, times: list[float], outcomes: Counter, seconds: float) -> None:
    times = sorted(1000 * one for one in times)
    p99 = times[int(len(times) * 0.99)]
    counts = f"{outcomes['taken']:>7}{outcomes['waits']:>7}{outcomes['failed']:>7}"
    print(
        f"{variant:12}{load:26}{statistics.median(times):>13.0f} ms{p99:>6.0f} ms{times[-1]:>6.0f} ms{len(times):>7}"
        f"{counts}{seconds:>9.1f}",
        flush=True,
    )


# Reading


def read(url: str) -> float:
    started = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    connection.request("GET", GALLERY)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200
    return time.monotonic() - started


def read_while(url: str, senders: Process) -> list[float]:
    times: list[float] = []

    def go_on_reading() -> None:
        while senders.is_alive():
            times.append(read(url))
            time.sleep(random.uniform(0.5, 1.5) * PAUSE)  # noqa: S311  no secret

    readers = [threading.Thread(target=go_on_reading) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return times


# Sending


@cache
def photo(number: int, megabytes: float) -> bytes:
    """A JPEG of 12 megapixels with so much noise that it nearly has that size, and a mark of its own."""
    picture = noise().copy()
    picture.paste((255, 255, 255), (number * 800, 0, number * 800 + 700, 3000))
    smaller, larger = 1, 101
    while larger - smaller > 1:
        quality = (smaller + larger) // 2
        if len(saved(picture, quality)) > megabytes * 1024 * 1024:
            larger = quality
        else:
            smaller = quality
    return saved(picture, smaller)


@cache
def noise() -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise((4000, 3000), 100) for _ in range(3)])


def saved(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def photos_of(load: Load) -> bytes:
    """The part of a form that holds the photos."""
    parts = []
    for number in range(load.photos):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="{number}.jpg"\r\n\r\n'
        parts.append(head.encode() + photo(number, load.megabytes) + b"\r\n")
    return b"".join(parts)


def send_all(url: str, load: Load, photos: bytes, outcomes: Queue) -> None:
    """In a process of its own, as nice as people elsewhere."""
    os.nice(19)
    with ThreadPoolExecutor(load.people) as pool:
        outcomes.put(sum(pool.map(lambda _one: send(url, photos), range(load.people)), Counter()))


def send(url: str, photos: bytes) -> Counter:
    who = secrets.token_hex(8)
    fields = {"display_name": f"Ánh {who}", "email": f"{who}@example.com", "is_adult": "on", "owns_photos": "on"}
    with urlopen(f"{url}{GALLERY}enter/") as form:  # noqa: S310  our own
        fields |= re.findall('name="(draft|notices)" value="([^"]*)"', form.read().decode())
    words = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ).encode()
    network = ".".join(str(random.randrange(1, 255)) for _ in range(4))  # noqa: S311  no secret
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "X-Forwarded-For": network}
    headers["Content-Length"] = str(len(words) + len(photos) + len(END))
    outcome: Counter = Counter()
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
        try:
            connection.request("POST", f"{GALLERY}enter/", iter([words, photos, END]), headers)
            response = connection.getresponse()
            response.read()
        except OSError:
            outcome["failed"] += 1
            break
        finally:
            connection.close()
        if response.status == 429:
            outcome["waits"] += 1
            time.sleep(int(response.headers["Retry-After"]))
            continue
        outcome["taken" if response.status == 302 else "failed"] += 1
        break
    return outcome


if __name__ == "__main__":
    main()
