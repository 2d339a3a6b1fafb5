"""Plans of field days: begun, stopped, published.

`plan_begin` queues the work, which `visit_making` does in the background. Visits are moved by
`visit_moves`, a day under way is changed by `visit_changes` and `visit_accepting`.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.visit_replacing import plan_entry, plan_replace
from doorstep.dispatch.visit_tasks import work_plan
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.visits.models import FieldPlan, PlannedVisit
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.services.plans import branch_must, plan_open, plan_stop_ask
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Permission


def plan_begin(
    *,
    branch: Branch,
    first_day: date,
    days: int,
    by: Staff,
    at: datetime,
    seconds: float = 20.0,
    seed: int = 1,
) -> FieldPlan:
    """A plan that is being worked out from now on, by whichever worker takes it. Raises as
    `visits.services.plans.plan_open`."""
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    plan = plan_open(
        branch=branch, first_day=first_day, days=days, by=by, at=at, on=on, seconds=seconds,
        seed=seed,
    )  # fmt: skip
    transaction.on_commit(lambda: work_plan.enqueue(plan.pk))
    return plan


def plan_stop(*, plan: FieldPlan, by: Staff) -> None:
    """End the search; what was found so far becomes the draft."""
    plan_stop_ask(plan=plan, by=by)


@transaction.atomic
def plan_publish(*, plan: FieldPlan, by: Staff, at: datetime) -> FieldPlan:
    """Make the plan binding for its first day: its crews see it, and every visit of that day waits
    at the one door for those who go.

    The guard is asked again: what it does not permit any more is cancelled and named in
    `figures["withdrawn"]`. A plan published for the same day before is replaced, and whoever was
    told another hour is told the new one. Raises Refused NOT_PERMITTED, WRONG_STATE, DAY_OVER,
    UNDER_WAY when crews are out by another plan, FOLLOWS for a draft that changes a published one
    (`visit_accepting.plan_change_accept`).
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PUBLISH_FIELD)
    new = FieldPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if new.state != PlanState.DRAFT:
        raise Refused(_("Only a draft can be published."), code="WRONG_STATE")
    if new.follows_id is not None:
        raise Refused(
            _("This draft changes a published plan."), code="FOLLOWS",
            hint=_("Accept the change: then those concerned are told."),
        )  # fmt: skip
    if new.first_day < at.astimezone(ZoneInfo(settings.TIME_ZONE)).date():
        raise Refused(_("This day is over."), code="DAY_OVER", hint=_("Plan from today on."))
    old = _in_force(new)
    plan_replace(old=old, new=new, by=by, at=at)
    evidence_append(entries=[plan_entry("plan.published", new, by)], at=at)
    return new


def _in_force(plan: FieldPlan) -> FieldPlan | None:
    """The plan of the same branch and day that crews go by; raises UNDER_WAY when they are out."""
    old = FieldPlan.objects.select_for_update(of=("self",)).filter(
        branch=plan.branch, first_day=plan.first_day, state=PlanState.PUBLISHED
    ).first()  # fmt: skip
    begun = PlannedVisit.objects.filter(plan=old, state__in=(VisitState.UNDER_WAY, VisitState.DONE))
    if old is not None and begun.exists():
        raise Refused(
            _("Crews are out by the plan in force."), code="UNDER_WAY",
            hint=_("Change that plan instead."),
        )  # fmt: skip
    return old
