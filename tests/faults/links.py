"""Links between a machine and what it needs, which can be cut, stalled and slowed."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.faults.ports import free_port

CHUNK = 64 * 1024
FULL = (
    b"HTTP/1.1 507 Insufficient Storage\r\n"
    b"Content-Type: application/xml\r\nConnection: close\r\nContent-Length: 99\r\n\r\n"
    + b"<Error><Code>QuotaExceeded</Code><Message>The storage is full.</Message></Error>".ljust(99)
)


class Network:
    """All links, served by one thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="links", daemon=True)
        self.links: list[Link] = []

    @contextmanager
    def running(self) -> Iterator["Network"]:
        self.thread.start()
        try:
            yield self
        finally:
            for link in self.links:
                link.cut()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()
            self.loop.close()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def link(self, target: int | Path) -> "Link":
        """To a port of this machine, or to a socket."""
        link = Link(self, target)
        self.do(link._listen())
        self.links.append(link)
        return link


class Link:
    def __init__(self, network: Network, target: int | Path) -> None:
        self.network, self.target, self.port = network, target, free_port()
        self.delay = 0.0  # seconds before each packet
        self.is_full = False  # whoever stores something is told by HTTP that there is no room
        self.flows = asyncio.Event()
        self.flows.set()
        self.server: Any = None
        self.tasks: set[asyncio.Task] = set()

    def cut(self) -> None:
        """Nobody is there: connections break, and new ones are refused."""
        self.network.do(self._cut())

    def mend(self) -> None:
        self.network.do(self._listen())

    def stall(self) -> None:
        """As if no packet arrived. They are sent again later, so connections outlive it."""
        self.network.loop.call_soon_threadsafe(self.flows.clear)

    def go_on(self) -> None:
        self.network.loop.call_soon_threadsafe(self.flows.set)

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self.server:
            self.server.close()
            self.server = None
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.tasks.add(task)
        writers = [writer]
        try:
            connect = asyncio.open_unix_connection if isinstance(self.target, Path) else self._connect
            there, back = await connect(self.target)
            writers.append(back)
            await asyncio.gather(self._pipe(reader, back, writer), self._pipe(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.tasks.discard(task)
            for one in writers:
                with suppress(Exception):
                    one.transport.abort()

    async def _connect(self, port: int) -> Any:
        return await asyncio.open_connection("127.0.0.1", port)

    async def _pipe(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: asyncio.StreamWriter | None = None
    ) -> None:
        while data := await source.read(CHUNK):
            await self.flows.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            if answers and self.is_full and data.startswith((b"PUT ", b"POST ")):
                answers.write(FULL)
                await answers.drain()
                return
            sink.write(data)
            await sink.drain()
        with suppress(OSError):
            sink.write_eof()
