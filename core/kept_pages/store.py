"""Pages in the memory of a process, up to a number of bytes: those that were asked for last."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """In bytes."""


Page = TypeVar("Page", bound=Sized)
OVERHEAD = 2_000  # bytes that a page takes beside its own: keys, headers, objects


class Store(Generic[Page]):
    """Threads may share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pages: OrderedDict[Hashable, Page] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Page | None:
        with self.lock:
            page = self.pages.get(key)
            if page is not None:
                self.pages.move_to_end(key)
        return page

    def put(self, key: Hashable, page: Page, *, limit: int) -> None:
        """Keeps a page. Drops those that weren't asked for longest, until all together take `limit` bytes at most."""
        with self.lock:
            self._drop(key)
            self.pages[key] = page
            self.size += page.size + OVERHEAD
            while self.size > limit:
                self._drop(next(iter(self.pages)))

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0

    def _drop(self, key: Hashable) -> None:
        page = self.pages.pop(key, None)
        if page is not None:
            self.size -= page.size + OVERHEAD
