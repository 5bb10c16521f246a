"""The daily key for counting visitors where several machines share it: in their memory and in a Redis without a disk.

The first process that needs a key after midnight (Asia/Ho_Chi_Minh) offers one to that Redis, which keeps the first and
forgets it at the next midnight; all others take that one. A process asks for it once, and again each minute whether it
is still the same, apart from the requests that it serves. Whatever goes wrong, no visitor is counted, but every page
is: docs/decisions/visits-and-audience.md says what happens when.
"""

import logging
import mmap
import os
import secrets
import threading
import time
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from privacy.traffic.daily_salt import DESTROYED, LENGTH, ZONE

log = logging.getLogger(__name__)

TIMEOUT = 0.5  # seconds for each step of asking
WAIT = 0.2  # seconds that a request waits for an answer, once for each time of asking
ASK_AGAIN = 60  # seconds until a key is compared again
ASK_SOON = 10  # while there is none
ASK_LATER = 30  # after a failure
EARLY = 5 * 60  # seconds after midnight in which it is plain that nobody has had a key today
PATIENCE = 150  # seconds later in the day in which those who have the key may bring it back to an emptied Redis
SECONDS_BETWEEN_COMPLAINTS = 300


class Refused(Exception):
    """A Redis to which no key may be given. The text is for those who run the site."""


class Held:
    """A day, and its key as soon as it is known. Forks share the memory of the key, and so lose it at once."""

    def __init__(self) -> None:
        now = datetime.now(ZONE)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.day = now.date().isoformat()
        self.starts_at, self.ends_at = midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
        self.key = mmap.mmap(-1, LENGTH)
        self.missed_at = 0.0  # when Redis was first seen without a key, on the monotonic clock; 0: never
        self.destroyer: threading.Timer | None = None

    def is_now(self) -> bool:
        return self.starts_at <= time.time() < self.ends_at

    def may_make(self) -> bool:
        """Whether this process may offer a key of its own, rather than wait for one that others have."""
        if time.time() < self.starts_at + EARLY:
            return True
        self.missed_at = self.missed_at or time.monotonic()
        return time.monotonic() - self.missed_at >= PATIENCE

    def take(self, key: bytes) -> None:
        self.key[:LENGTH] = key
        self.missed_at = 0.0
        if self.destroyer is None:
            self.destroyer = threading.Timer(max(0, self.ends_at - time.time()), self.destroy)
            self.destroyer.daemon = True
            self.destroyer.start()

    def destroy(self) -> None:
        self.key[:LENGTH] = DESTROYED
        if self.destroyer:
            self.destroyer.cancel()
            self.destroyer = None


class SharedSalt:
    """The key as this process sees it. Threads and forks may share it."""

    def __init__(self) -> None:
        self.held = Held()
        self.complained_at = 0.0  # on the monotonic clock; 0: never
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """A fork keeps the key, but not the thread that asks."""
        self.lock = threading.Lock()
        self.asking: threading.Thread | None = None
        self.waits_until = self.ask_at = 0.0  # on the monotonic clock

    def digest(self, text: bytes) -> tuple[str, str]:
        """Today's date in ISO format, and a digest of 32 hexadecimal digits; empty if the key isn't known."""
        held = self._today()
        key = held.key[:LENGTH]
        if key == DESTROYED and self.asking:
            self.asking.join(max(0, self.waits_until - time.monotonic()))
            key = held.key[:LENGTH]
        return held.day, "" if key == DESTROYED else blake2b(text, key=key, digest_size=16).hexdigest()

    def tend(self) -> None:
        """Destroys yesterday's key and brings today's back to a Redis that has lost it: for the worker, each minute."""
        self._today()

    def _today(self) -> Held:
        if not self.held.is_now():
            with self.lock:
                if not self.held.is_now():
                    self.held.destroy()
                    self.held, self.ask_at = Held(), 0.0
        if time.monotonic() >= self.ask_at:
            self._ask()
        return self.held

    def _ask(self) -> None:
        with self.lock:
            if time.monotonic() < self.ask_at or (self.asking and self.asking.is_alive()):
                return
            self.ask_at = time.monotonic() + ASK_AGAIN
            self.waits_until = time.monotonic() + WAIT
            self.asking = threading.Thread(target=self._exchange, args=[self.held, settings.DAY_SALT_URL], daemon=True)
            self.asking.start()

    def _exchange(self, held: Held, url: str) -> None:
        try:
            key = agreed(url, held)
        except Exception as error:  # noqa: BLE001  whatever the network or a package raises: no visitor is counted
            self.ask_at = time.monotonic() + ASK_LATER
            # The text of any other error might hold the password of the URL.
            self._complain(str(error) if isinstance(error, Refused) else f"Redis: {type(error).__name__}")
            if isinstance(error, Refused):
                held.destroy()
            return
        with self.lock:
            if not key:
                self.ask_at = time.monotonic() + ASK_SOON
            elif held is self.held and held.is_now():
                held.take(key)

    def _complain(self, why: str) -> None:
        now = time.monotonic()
        if not self.complained_at or now - self.complained_at >= SECONDS_BETWEEN_COMPLAINTS:
            self.complained_at = now
            log.error("The day's salt can't be shared, and visitors are counted only where it is known: %s", why)


def agreed(url: str, held: Held) -> bytes | None:
    """The key on which all agree; None if nobody has one and none may be made yet.

    Raises Refused for a Redis that may write it down, and redis.RedisError or OSError if it can't be asked.
    """
    with connect(url) as redis:
        refuse_disks(redis)
        mine = held.key[:LENGTH]
        name = f"vietmusic:day-salt:{urlsplit(settings.SITE_URL).hostname}:{held.day}"
        if mine == DESTROYED:
            key = redis.get(name)
            if key is None and not held.may_make():
                return None
            mine = secrets.token_bytes(LENGTH)
        # Only the first is kept. One that would end in the past, by Redis's clock, isn't.
        transaction = redis.pipeline()
        transaction.set(name, mine, nx=True, exat=int(held.ends_at))
        transaction.get(name)
        key = transaction.execute()[1]
    if key is not None and len(key) != LENGTH:
        raise Refused("what it holds is no salt of ours")
    return key


def connect(url: str) -> Any:
    """A connection for one exchange: none is kept, so forks share none. No try is repeated."""
    from redis import Redis  # noqa: PLC0415  a package for several machines only
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0), max_connections=1
    )


def refuse_disks(redis: Any) -> None:
    """Raises Refused unless this Redis is set to write nothing to a disk, or if it doesn't tell."""
    from redis.exceptions import ResponseError  # noqa: PLC0415  a package for several machines only

    try:
        saves = redis.config_get("save").get("save")
        appends = redis.config_get("appendonly").get("appendonly")
    except ResponseError:
        raise Refused("it doesn't tell whether it writes to a disk; allow CONFIG GET") from None
    if saves != "" or appends != "no":
        raise Refused('it writes to a disk, where the salt must never be; set save "" and appendonly no')


def problem(url: str) -> str:
    """What is wrong with the Redis at that URL, in words; empty if the salt can be shared there."""
    try:
        with connect(url) as redis:
            refuse_disks(redis)
    except Refused as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  whatever the network or the package raises
        return f"it can't be asked ({type(error).__name__})"
    return ""


SHARED = SharedSalt()
