"""Planning as a background task, so that the office can watch it and go on working."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks import task
from django_tasks_db.models import DBTaskResult

from doorstep.dispatch.visit_making import plan_work
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.visits.services.plans import plan_fail

SETTLED = timedelta(minutes=1)
"""From its making to its task, a plan needs a moment."""


@task()
def work_plan(plan_id: int) -> None:
    """Work a plan out; what went wrong is kept beside it."""
    plan = FieldPlan.objects.get(pk=plan_id)
    try:
        plan_work(plan=plan, clock=clock.now)
    except Exception as error:
        told = str(error) if isinstance(error, DoorstepError) else type(error).__name__
        plan_fail(plan=plan, code="ERROR", more={"told": told[:300]})
        raise


def plans_give_up(*, at: datetime) -> int:
    """Plans whose work nobody will take up again, as its workers died over it, could not be made;
    returns how many."""
    making = FieldPlan.objects.filter(state=PlanState.MAKING, made_at__lt=at - SETTLED)
    left = {plan.pk: plan for plan in making}
    if not left:
        return 0
    tasks = DBTaskResult.objects.filter(
        task_path=work_plan.module_path, status__in=("READY", "RUNNING")
    )
    for task_args in tasks.values_list("args_kwargs", flat=True):
        left.pop(task_args["args"][0], None)
    for plan in left.values():
        plan_fail(plan=plan, code="WORKERS_DIED", more={})
    return len(left)
