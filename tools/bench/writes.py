"""Writes: websites that are suggested at once by several processes, each from other people."""

import itertools
import os
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from tools.bench.processes import Server

AGE = 2.1  # seconds that a form must have been open


def suggest(send: Callable[..., None], seconds: float) -> dict[str, float]:
    """In the process: posts the form for that long. Returns how many, and the CPU of this process for each."""
    from suggestions import form_timestamp  # noqa: PLC0415  needs the settings
    from suggestions.models import Category  # noqa: PLC0415

    category = Category.objects.first().pk
    started = form_timestamp.sign_now()
    time.sleep(AGE)
    until, cpu = time.monotonic() + seconds, time.process_time()
    for number in itertools.count(1):
        form = {
            "url": f"https://w{number}.of-{os.getpid()}.example.org/",
            "title": f"Nhạc {number}",
            "description": "Bản thu âm từ những năm sáu mươi, kèm lời và hợp âm.",
            "category": category,
            "language": "vi",
            "name": "Lan",
            "email": f"lan-{os.getpid()}-{number}@example.org",
            "started": started,
        }
        body = urlencode(form).encode()
        send(
            "/websites/suggest/",
            expected=302,
            method="POST",
            body=body,
            CONTENT_TYPE="application/x-www-form-urlencoded",
            CONTENT_LENGTH=str(len(body)),
            HTTP_ORIGIN="http://testserver",
            REMOTE_ADDR=f"10.{os.getpid() % 250}.{number // 250 % 250}.{number % 250}",
        )
        if time.monotonic() > until:
            return {"writes": number, "cpu": (time.process_time() - cpu) / number}
    raise AssertionError


def measure(servers: Sequence[Server], seconds: float) -> tuple[float, float]:
    """Writes a minute by all of them at once, and the CPU of each write."""
    for server in servers:
        server.tell("write", seconds=seconds)
    answers = [server.answer() for server in servers]
    writes = sum(answer["writes"] for answer in answers)
    return writes / seconds * 60, sum(answer["cpu"] * answer["writes"] for answer in answers) / writes
