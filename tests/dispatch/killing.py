"""Killing a real sender again and again, and counting what its gateway took.

The sender is a process of its own (forked, so that it starts within milliseconds) and is ended by
SIGKILL after a random time. The gateway is another process that outlives it; it writes every
message it takes as a line into a file.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from django.db import connections

from doorstep.channels.message import Channel
from doorstep.dispatch.gateways import door_make
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from tests.dispatch.outbox import AT

BEGAN = time.monotonic()
Opener = Callable[[Any, Callable[[], datetime]], Mapping[str, Channel]]


def ticking() -> datetime:
    """A clock that began at AT, at the same instant in every process."""
    return AT + timedelta(seconds=time.monotonic() - BEGAN)


def child(work: Callable[[], None]) -> int:
    """Run the work in a forked process; its number."""
    connections.close_all()
    number = os.fork()
    if not number:
        _run(work)
    return number


def _run(work: Callable[[], None]) -> NoReturn:
    try:
        work()
    except BaseException:  # a child never returns into the parent's test
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


@contextmanager
def gateway_process(start: Callable[[int], Any], port: int) -> Iterator[None]:
    """The gateway as a process until the block ends."""

    def serve() -> None:
        async def run() -> None:
            server = await start(port)
            await server.serve_forever()

        asyncio.run(run())

    number = child(serve)
    time.sleep(0.15)
    try:
        yield
    finally:
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def sender_open(opener: Opener, *, batch: int) -> Sender:
    door = door_make(ticking)
    return Sender(
        worker=lease_take(at=ticking()).worker,
        door=door,
        channels=opener(door, ticking),
        rulebook=rulebook_current,
        clock=ticking,
        batch=batch,
    )


def work_until_killed(opener: Opener, *, batch: int) -> None:
    sender = sender_open(opener, batch=batch)
    while True:
        sender.round()
        time.sleep(0.002)


def killed_senders(opener: Opener, *, kills: int, seed: int, batch: int = 4) -> None:
    """Start a sender and kill it, `kills` times, each after up to 60 ms."""
    rng = np.random.default_rng(seed)
    for _ in range(kills):
        number = child(lambda: work_until_killed(opener, batch=batch))
        time.sleep(float(rng.uniform(0.004, 0.06)))
        os.kill(number, signal.SIGKILL)
        _, status = os.waitpid(number, 0)
        assert os.WIFSIGNALED(status), "the sender ended by itself before it was killed"


def settle(opener: Opener, *, seconds: float, but: tuple[str, ...] = ()) -> None:
    """One sender in peace, until every act has ended (or only states in `but` are left)."""
    sender = sender_open(opener, batch=50)
    end = time.monotonic() + seconds
    open_states = [ActState.QUEUED, ActState.SENDING, ActState.IN_DOUBT, ActState.SENT]
    while time.monotonic() < end:
        sender.round()
        if not Act.objects.filter(state__in=open_states).exclude(state__in=but).exists():
            break
        time.sleep(0.02)
    sender.close()


def taken(lines: Path) -> Counter[str]:
    """How often each reference was taken by the gateway."""
    return Counter(lines.read_text("utf-8").split()) if lines.exists() else Counter()
