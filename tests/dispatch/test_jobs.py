"""Background tasks outlive their worker; duties come round once for all workers together."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connections
from django_tasks import task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from doorstep.dispatch.jobs import MOST_TRIES, duty_take, tasks_reap
from doorstep.dispatch.leases import LEASE, lease_end, lease_take, leases_reap
from doorstep.dispatch.models import Act, ActState, Lease
from tests.dispatch.killing import child
from tests.dispatch.outbox import AT, Clock, make_act, make_sender


@task()
def sleepy(seconds: float) -> str:
    """A task that takes its time."""
    time.sleep(seconds)
    return "done"


def worker(name: str) -> Worker:
    return Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
        max_tasks=1, worker_id=name, excluded_queue_names=[],
    )  # fmt: skip


def work() -> None:
    worker(lease_take(at=AT).worker).run()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_was_doing_is_taken_up_by_the_next() -> None:
    sleepy.enqueue(30.0)
    number = child(work)
    for _ in range(200):
        if DBTaskResult.objects.running().exists():
            break
        time.sleep(0.02)
    connections.close_all()
    leases_reap(at=AT)
    assert tasks_reap() == 0, "its worker lives"
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    assert len(leases_reap(at=AT)) == 1
    assert tasks_reap() == 1
    DBTaskResult.objects.update(args_kwargs={"args": [0.0], "kwargs": {}})
    worker(lease_take(at=AT).worker).run()
    done = DBTaskResult.objects.get()
    assert (done.status, done.return_value, len(done.worker_ids)) == ("SUCCESSFUL", "done", 2)


@pytest.mark.django_db
def test_a_task_that_outlives_too_many_workers_has_failed() -> None:
    sleepy.enqueue(0.0)
    DBTaskResult.objects.update(
        status="RUNNING", worker_ids=[f"gone-{n}" for n in range(MOST_TRIES)]
    )
    assert tasks_reap() == 0
    assert DBTaskResult.objects.get().status == "FAILED"


@pytest.mark.django_db
def test_a_duty_is_taken_once_and_comes_round_again() -> None:
    every = timedelta(minutes=5)
    assert duty_take(name="sweep", every=every, at=AT)
    assert not duty_take(name="sweep", every=every, at=AT + timedelta(minutes=4))
    assert duty_take(name="sweep", every=every, at=AT + every)


@pytest.mark.django_db
def test_a_silent_worker_elsewhere_is_dead_after_its_lease_and_one_that_beats_is_not() -> None:
    lease = lease_take(at=AT)
    Lease.objects.update(host="another machine", pid=1)
    assert leases_reap(at=AT + LEASE) == []
    assert leases_reap(at=AT + LEASE + timedelta(seconds=1)) == [lease.worker]


@pytest.mark.django_db
def test_what_a_dead_worker_was_sending_is_in_doubt_and_keeps_its_clearance(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from doorstep.dispatch.clearing import acts_clear
    from doorstep.dispatch.rulebook import rulebook_current

    act = make_act()
    name = lease_take(at=AT).worker
    acts_clear(limit=5, worker=name, clock=Clock(), rulebook=rulebook_current(), channels=["sms"])
    leases_reap(at=AT)
    assert Act.objects.get().state == ActState.SENDING
    lease_end(worker=name)
    leases_reap(at=AT)
    act.refresh_from_db()
    assert (act.state, act.why) == (ActState.IN_DOUBT, "worker_died")
    assert act.clearance is not None
    sender = make_sender(folder=tmp_path, clock=Clock(AT + timedelta(minutes=10)))
    sender.round()
    act.refresh_from_db()
    assert (act.state, act.attempts) == (ActState.QUEUED, 1), "the sandbox surely never had it"
