"""`python -m tools.bench.readers`: how long readers wait while other people send photos.

Two web processes serve a throw-away site. Four people read a gallery, half of them with a cookie, alone and during each
load. Whoever is told to wait sends again, as static/js/entering.js does; whose connection breaks, as with its button.
Machines are never twice the same: compare with those who read alone just before and after.
"""

import argparse
import http.client
import io
import random
import re
import secrets
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
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
ALONE, ALONE_QUICKLY = 10, 2  # seconds
LONGEST = 1800  # seconds until somebody gives up
COUNTED = ("taken", "waits", "broken", "refused", "given up")


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
QUICK = [Load("2 × 3 photos of 12 MP", 2, 3, 4)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="*", default=[VARIANTS[0].name], choices=[one.name for one in VARIANTS])
    parser.add_argument("--loads", type=int, default=len(LOADS), help="1: without the large one")
    parser.add_argument("--quick", action="store_true", help="a small load instead")
    chosen = parser.parse_args()
    loads, alone = (QUICK, ALONE_QUICKLY) if chosen.quick else (LOADS[: chosen.loads], ALONE)
    names = "".join(f"{name:>9}" for name in ("pages", *COUNTED, "seconds"))
    print(f"{'Readers while others send':38}{'median':>9}{'p99':>9}{'worst':>9}{names}")
    with looks.made("tools.bench.readers_settings", content=["-m", "tools.bench.readers_content"]) as site:
        for variant in VARIANTS:
            if variant.name in chosen.variants:
                with looks.gunicorn(site.url, variant.application, *variant.options):
                    measure(site.url, variant, loads, alone=alone)


def measure(url: str, variant: Variant, loads: Sequence[Load], *, alone: float) -> None:
    read_for(url, 1)  # to warm up
    show(variant, "alone", read_for(url, alone), Counter(), alone)
    for load in loads:
        photos = photos_of(load)
        outcomes: Queue = Queue()
        senders = Process(target=send_all, args=(url, load, photos, outcomes), daemon=True)
        started = time.monotonic()
        senders.start()
        times = read_while(url, senders.is_alive)
        show(variant, load.name, times, outcomes.get(), time.monotonic() - started)
        show(variant, "alone", read_for(url, alone), Counter(), alone)


def show(variant: Variant, name: str, times: list[float], outcomes: Counter, seconds: float) -> None:
    times = sorted(1000 * one for one in times)
    figures = [statistics.median(times), times[int(len(times) * 0.99)], times[-1]]
    counts = [len(times), *(outcomes[name] for name in COUNTED), round(seconds)]
    print(
        f"{variant.name:12}{name:26}"
        + "".join(f"{one:>6.0f} ms" for one in figures)
        + "".join(f"{one:>9}" for one in counts),
        flush=True,
    )


# Reading


def read(url: str) -> float:
    """Seconds that a page took: a kept one, or with a cookie one that is made for its reader."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    connection.request("GET", GALLERY, headers=random.choice([{}, {"Cookie": "a=b"}]))  # noqa: S311  no secret
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 200
    return time.monotonic() - started


def read_for(url: str, seconds: float) -> list[float]:
    until = time.monotonic() + seconds
    return read_while(url, lambda: time.monotonic() < until)


def read_while(url: str, goes_on: Callable[[], bool]) -> list[float]:
    times: list[float] = []

    def go_on_reading() -> None:
        while goes_on():
            times.append(read(url))
            time.sleep(random.uniform(0.5, 1.5) * PAUSE)  # noqa: S311  no secret

    readers = [threading.Thread(target=go_on_reading) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return times


# Sending


def photos_of(load: Load) -> bytes:
    """The part of a form that holds the photos."""
    quality = quality_for(load.megabytes)
    parts = []
    for number in range(load.photos):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photos"; filename="{number}.jpg"\r\n\r\n'
        picture = noise().copy()
        picture.paste((255, 255, 255), (number * 800, 0, number * 800 + 700, 3000))  # a mark of its own
        parts.append(head.encode() + saved(picture, quality) + b"\r\n")
    return b"".join(parts)


@cache
def noise() -> Image.Image:
    """12 megapixels."""
    return Image.merge("RGB", [Image.effect_noise((4000, 3000), 100) for _ in range(3)])


def quality_for(megabytes: float) -> int:
    """With which the noise, saved as JPEG, nearly has that size."""
    smaller, larger = 1, 101
    while larger - smaller > 1:
        quality = (smaller + larger) // 2
        if len(saved(noise(), quality)) > megabytes * 1024 * 1024:
            larger = quality
        else:
            smaller = quality
    return smaller


def saved(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def send_all(url: str, load: Load, photos: bytes, outcomes: Queue) -> None:
    """In a process of its own, as readers' threads would wait for these."""
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
        wait, result = send_once(url, [words, photos, END], headers)
        outcome[result] += 1
        if not wait:
            return outcome
        time.sleep(wait)
    return outcome + Counter({"given up": 1})


def send_once(url: str, body: Sequence[bytes], headers: dict[str, str]) -> tuple[int, str]:
    """Seconds until it is sent again, 0 if it is not, and how it went."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=LONGEST)
    try:
        connection.request("POST", f"{GALLERY}enter/", iter(body), headers)
        response = connection.getresponse()
        answer = response.read().decode()
    except OSError:
        return 1, "broken"
    finally:
        connection.close()
    if response.status == 429:
        return int(response.headers["Retry-After"]), "waits"
    if response.status == 302:
        return 0, "taken"
    why = re.findall(r'(?s)class="[^"]*error[^"]*"[^>]*>(.*?)</', answer)
    print(f"Refused with {response.status}: {' '.join(why)[:500]}", flush=True)
    return 0, "refused"


if __name__ == "__main__":
    main()
