"""Runs a server in a thread of its own, with its own loop, for as long as a test wants it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


@contextmanager
def in_thread(start: Callable[[], Awaitable[asyncio.Server]]) -> Iterator[int]:
    """Start the server in a thread; yields its port."""
    ready: list[int] = []
    servers: list[asyncio.Server] = []
    begun = threading.Event()
    loop = asyncio.new_event_loop()

    async def begin() -> None:
        server = await start()
        servers.append(server)
        ready.append(server.sockets[0].getsockname()[1])
        begun.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(begin())
        loop.run_forever()
        servers.pop().close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(10), "the server did not start"
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
