"""`doorstep worker`: the sender of messages, and background tasks with what comes round."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

import typer
from rich.console import Console

from doorstep.cli.django import setup
from doorstep.cli.serving import until_told_to_stop

app = typer.Typer(no_args_is_help=True, help="Workers: messages, background tasks, duties.")
IDLE_SECONDS = 1.0
BUSY_SECONDS = 5.0


class Part(StrEnum):
    """What a worker does."""

    SENDER = "sender"
    TASKS = "tasks"


@app.callback()
def worker() -> None:
    """Workers: messages, background tasks, duties."""


@app.command()
def run(
    only: Part = typer.Option(Part.SENDER, help="sender: messages. tasks: nights, loads, duties."),
    once: bool = typer.Option(False, "--once", help="One round, then end."),
) -> None:
    """Work until told to stop. Start as many as you like, on as many machines as you like."""
    setup()
    with _leased() as name, until_told_to_stop() as told:
        turn = _sender(name) if only is Part.SENDER else _tasks(name)
        _turns(turn, until=lambda: once or bool(told))


@app.command()
def status() -> None:
    """Who is at work, and what waits."""
    setup()
    from django.db.models import Count

    from doorstep.dispatch.models import Act, Lease
    from doorstep.kernel import clock

    console = Console(highlight=False)
    for lease in Lease.objects.order_by("began_at"):
        silent = (clock.now() - lease.beat_at).total_seconds()
        console.print(f"{lease.worker}  last heard {silent:.0f} s ago", markup=False)
    for row in Act.objects.values("channel", "state").annotate(n=Count("pk")).order_by("channel"):
        console.print(f"{row['channel']:10} {row['state']:10} {row['n']:>9,}", markup=False)


@contextmanager
def _leased() -> Iterator[str]:
    """A lease with a heart that beats, and a watch over people in the field, also while a task
    takes an hour."""
    from django.conf import settings

    from doorstep.dispatch.leases import Heart, lease_end, lease_take
    from doorstep.kernel import clock
    from doorstep.visits.watch import Watch

    name = lease_take(at=clock.now()).worker
    heart, watch = Heart(name), Watch(home=settings.HOME, clock=clock.now)
    heart.start()
    watch.start()
    try:
        yield name
    finally:
        watch.stop()
        heart.stop()
        lease_end(worker=name)


def _turns(turn: Callable[[], int], *, until: Callable[[], bool]) -> None:
    """Turn after turn; a database that is busy or away is waited for."""
    from django.db import DatabaseError, InterfaceError, close_old_connections

    while True:
        pause = IDLE_SECONDS
        try:
            if turn():
                pause = 0.0
        except (DatabaseError, InterfaceError) as error:
            Console(stderr=True).print(f"The database is not usable now: {error}", markup=False)
            pause = BUSY_SECONDS
        if until():
            return
        close_old_connections()
        time.sleep(pause)


def _sender(name: str) -> Callable[[], int]:
    from doorstep.dispatch.gateways import channels_open, door_make
    from doorstep.dispatch.rulebook import rulebook_current
    from doorstep.dispatch.worker import Sender
    from doorstep.kernel import clock

    door = door_make(clock.now)
    channels = channels_open(door=door, clock=clock.now)
    sender = Sender(
        worker=name, door=door, channels=channels, rulebook=rulebook_current, clock=clock.now
    )

    def turn() -> int:
        _duties(quick_duties())
        return sender.round()

    return turn


def _tasks(name: str) -> Callable[[], int]:
    from django_tasks_db.management.commands.db_worker import Worker

    from doorstep.dispatch.jobs import tasks_reap
    from doorstep.dispatch.leases import leases_reap
    from doorstep.dispatch.visit_tasks import plans_give_up
    from doorstep.kernel import clock

    def turn() -> int:
        leases_reap(at=clock.now())
        tasks_reap()
        plans_give_up(at=clock.now())
        _duties(slow_duties())
        tasks = Worker(
            queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
            max_tasks=1, worker_id=name, excluded_queue_names=[],
        )  # fmt: skip
        tasks.run()
        return int(tasks._run_tasks)

    return turn


Duties = dict[str, tuple[timedelta, Callable[[], object]]]


def _duties(duties: Duties) -> None:
    from doorstep.dispatch.jobs import duty_take
    from doorstep.kernel import clock

    for name, (every, deed) in duties.items():
        if duty_take(name=name, every=every, at=clock.now()):
            deed()


def quick_duties() -> Duties:
    """What must not wait for an hour's work: the sender does it between messages."""
    from doorstep.evidence.checkpoints import checkpoints_keep_up
    from doorstep.kernel import clock

    return {
        "checkpoints": (timedelta(seconds=15), lambda: checkpoints_keep_up(at=clock.now())),
    }


def slow_duties() -> Duties:
    """What may take a while: the tasks' worker does it."""
    from doorstep.cases.exports import exports_expire
    from doorstep.cycle.services import night_abandoned
    from doorstep.cycle.tasks import run_night
    from doorstep.evidence.checking import self_check
    from doorstep.kernel import clock

    def nights() -> None:
        run = night_abandoned()
        if run is not None:
            run_night.enqueue(run.business_date.isoformat(), run.started_by_id)

    return {
        "abandoned nights": (timedelta(minutes=1), nights),
        "exports": (timedelta(minutes=10), lambda: exports_expire(at=clock.now())),
        "evidence self-check": (timedelta(days=1), lambda: self_check(at=clock.now())),
    }
