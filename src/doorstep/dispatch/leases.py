"""Who is at work. A worker says every few seconds that it lives; what a dead one held is freed.

On its own machine a worker that is gone is known at once by its process; elsewhere it counts as
dead when it has been silent for LEASE.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, close_old_connections
from django.db.models import Exists, OuterRef, Q

from doorstep.dispatch.models import Act, ActState, Lease
from doorstep.dispatch.settling import ASK_FIRST
from doorstep.kernel import clock

LEASE = timedelta(seconds=60)
BEAT_SECONDS = 5.0
PERSON = "staff:"


def lease_take(*, at: datetime) -> Lease:
    """Say that this process is at work; the name is new each time."""
    pid = os.getpid()
    host = socket.gethostname()
    return Lease.objects.create(
        worker=f"{host[:30]}-{pid}-{secrets.token_hex(4)}",
        host=host,
        pid=pid,
        born=_born(pid),
        began_at=at,
        beat_at=at,
    )


def lease_beat(*, worker: str, at: datetime) -> None:
    """Say that the worker lives."""
    Lease.objects.filter(worker=worker).update(beat_at=at)


def lease_end(*, worker: str) -> None:
    """Say that the worker has finished, and holds nothing."""
    Lease.objects.filter(worker=worker).delete()


def leases_reap(*, at: datetime, idle: str = "") -> list[str]:
    """Forget workers that are dead; what they were sending is in doubt from now on. `idle` is a
    worker that is sending nothing now: what it seems to be sending was cut short by an error."""
    here = socket.gethostname()
    dead = [lease.worker for lease in Lease.objects.all() if _is_dead(lease, here, at)]
    if dead:
        Lease.objects.filter(worker__in=dead).delete()
    alive = Lease.objects.filter(worker=OuterRef("worker"))
    nobodys = ~Exists(alive) | Q(worker=idle)
    orphans = Act.objects.filter(nobodys, state=ActState.SENDING)
    if orphans.exists():
        orphans.update(
            state=ActState.IN_DOUBT,
            state_at=at,
            worker="",
            why="worker_died",
            ask_at=at + ASK_FIRST,
        )
    return dead


def _is_dead(lease: Lease, here: str, at: datetime) -> bool:
    if lease.host == here:
        return _born(lease.pid) != lease.born
    return at - lease.beat_at > LEASE


def _born(pid: int) -> str:
    """When a process began, in the system's own ticks: a number used again is another process.
    Where the system does not tell, living processes are told apart from none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return "" if fields[0] in ("Z", "X") else fields[19]
    except (OSError, IndexError):
        return "alive" if not Path("/proc").is_dir() and _answers(pid) else ""


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Heart(threading.Thread):
    """Beats for a worker until it is stopped, also while the worker is busy for an hour."""

    def __init__(self, worker: str) -> None:
        super().__init__(daemon=True, name="heart")
        self._worker = worker
        self._stopped = threading.Event()

    def run(self) -> None:
        """Beat; a database that is busy is tried again at the next beat."""
        while not self._stopped.wait(BEAT_SECONDS):
            try:
                lease_beat(worker=self._worker, at=clock.now())
            except DatabaseError:
                pass
            finally:
                close_old_connections()

    def stop(self) -> None:
        """No more beats."""
        self._stopped.set()
