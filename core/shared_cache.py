"""The cache that processes and machines share in Redis.

While Redis is away, each process has a memory of its own, just as without CACHE_URL: slower, never wrong. Redis is
asked again after some seconds, so that not each page waits for it. What it holds is JSON: whoever could write pickles
there, as Django does, could run code here.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

WAITING = 1  # seconds: for a connection, and for each reply
PAUSE = 5  # seconds in which Redis isn't asked once it has failed

log = logging.getLogger(__name__)


def asked(operation: str) -> Callable[..., Any]:
    """The operation on Redis or, while it is away, on the process's own memory."""

    def ask(self: "SharedCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return getattr(self.shared, operation)(*args, **kwargs)
            except RedisError as error:
                log.warning("Redis is away: %s", type(error).__name__)
                self.own.clear()  # of what it held when Redis was away before
                self.away_until = time.monotonic() + PAUSE
        return getattr(self.own, operation)(*args, **kwargs)

    return ask


class JSON:
    """What Redis holds, in place of Django's RedisSerializer. Integers are plain digits, which Redis can count up."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SharedCache(BaseCache):
    add, get, set, touch, delete, incr = map(asked, ("add", "get", "set", "touch", "delete", "incr"))

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        # Once more, as a connection may have broken while nobody used it.
        options = {"socket_connect_timeout": WAITING, "socket_timeout": WAITING, "retry": Retry(NoBackoff(), 1)}
        options["serializer"] = JSON
        self.shared = RedisCache(server, {**params, "OPTIONS": options})
        self.own = LocMemCache("while Redis is away", params)
        self.away_until = float("-inf")  # on the monotonic clock

    def clear(self) -> None:
        """Refused: others may use the same server."""
        raise NotImplementedError("A cache that is shared is never emptied.")
