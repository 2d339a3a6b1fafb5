"""Planning as a background task, so that the office can watch it and go on working."""

from __future__ import annotations

from django_tasks import task

from doorstep.dispatch.visit_making import plan_work
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.visits.models import FieldPlan
from doorstep.visits.services.plans import plan_fail


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
