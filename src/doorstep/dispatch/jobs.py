"""Background tasks that survive their worker, and duties that come round.

Django's task queue has no lease of its own: after a `kill -9` a task stays RUNNING for ever. Here
each belongs to a worker's lease (`leases`); what a dead worker was doing is queued again, a few
times. Tasks must therefore be such that they can be cut off anywhere and done again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django_tasks_db.models import DBTaskResult, get_date_max

from doorstep.dispatch.models import Duty, Lease
from doorstep.kernel.errors import DoorstepError

MOST_TRIES = 5


def tasks_reap() -> int:
    """Queue again what dead workers were doing; a task that outlived MOST_TRIES workers has failed.

    Returns how many were queued again. Reap the leases first.
    """
    if not DBTaskResult.objects.running().exists():
        return 0
    with transaction.atomic():
        return _reap()


def _reap() -> int:
    alive = set(Lease.objects.values_list("worker", flat=True))
    again = []
    for task in DBTaskResult.objects.running().select_for_update():
        if task.worker_ids and task.worker_ids[-1] in alive:
            continue
        if len(task.worker_ids) >= MOST_TRIES:
            task.set_failed(
                DoorstepError(
                    f"{len(task.worker_ids)} workers died over this.", code="WORKERS_DIED"
                )
            )
        else:
            again.append(task.pk)
    return DBTaskResult.objects.filter(pk__in=again).update(
        status="READY", started_at=None, run_after=get_date_max()
    )


def duty_take(*, name: str, every: timedelta, at: datetime) -> bool:
    """Whether the duty is due and now the caller's: of several workers that ask, one gets it, and
    it is due again after `every`. A duty nobody has heard of is due at once."""
    duty, _new = Duty.objects.get_or_create(name=name, defaults={"due_at": at, "taken_at": None})
    if duty.due_at > at:
        return False
    taken = Duty.objects.filter(name=name, due_at=duty.due_at, taken_at=duty.taken_at)
    return bool(taken.update(due_at=at + every, taken_at=at))
