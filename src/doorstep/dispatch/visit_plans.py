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

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_acts import visit_acts_make, visit_acts_withdraw
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_tasks import work_plan
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.visits.models import CrewMember, FieldPlan, PlannedVisit
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
    `figures["withdrawn"]`. A plan that was published for the day before is replaced. Raises Refused
    NOT_PERMITTED, WRONG_STATE, DAY_OVER, FOLLOWS for a draft that changes a published plan
    (`visit_accepting.plan_change_accept`).
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PUBLISH_FIELD)
    locked = FieldPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if locked.state != PlanState.DRAFT:
        raise Refused(_("Only a draft can be published."), code="WRONG_STATE")
    if locked.follows_id is not None:
        raise Refused(
            _("This draft changes a published plan."), code="FOLLOWS",
            hint=_("Accept the change: then those concerned are told."),
        )  # fmt: skip
    if locked.first_day < at.astimezone(ZoneInfo(settings.TIME_ZONE)).date():
        raise Refused(_("This day is over."), code="DAY_OVER", hint=_("Plan from today on."))
    supersede(branch=locked.branch, first_day=locked.first_day, at=at, by=by)
    visits = visits_of_first_day(locked)
    withdrawn = still_permitted(visits, locked, at=at)
    going = [visit for visit in visits if visit.state == VisitState.PLANNED]
    visit_acts_make(visits=going, by=by, at=at)
    locked.state, locked.published_by, locked.published_at = PlanState.PUBLISHED, by, at
    locked.figures = {**locked.figures, "withdrawn": withdrawn}
    locked.save(update_fields=["state", "published_by", "published_at", "figures"])
    evidence_append(entries=[plan_entry("plan.published", locked, by, len(going))], at=at)
    return locked


def visits_of_first_day(plan: FieldPlan) -> list[PlannedVisit]:
    """The planned visits of the day that publishing fixes."""
    rows = PlannedVisit.objects.filter(
        plan=plan, state=VisitState.PLANNED, crew__day=plan.first_day
    )
    return list(rows.select_related("case__borrower", "address", "crew").order_by("begins_at"))


def still_permitted(visits: list[PlannedVisit], plan: FieldPlan, *, at: datetime) -> list[int]:
    """Cancel those visits that the guard does not permit any more; their numbers."""
    crews: dict[int, tuple[int, ...]] = {}
    members = CrewMember.objects.filter(plan=plan).order_by("-leads", "pk")
    for crew_id, staff_id in members.values_list("crew_id", "staff_id"):
        crews[crew_id] = (*crews.get(crew_id, ()), staff_id)
    going = [
        Going(
            visit.case, visit.address, crews[visit.crew_id], visit.begins_at, visit.ends_at,
            visit.risk,
        )
        for visit in visits
        if visit.address and visit.crew_id and visit.begins_at and visit.ends_at
    ]  # fmt: skip
    refused = []
    verdicts = visits_check(going=going, at=at, rulebook=rulebook_current())
    for visit, verdict in zip(visits, verdicts, strict=True):
        if not verdict.permitted:
            visit.state, visit.why = VisitState.CANCELLED, "GUARD"
            visit.why_more = {"verdict": verdict.as_dict()}
            refused.append(visit)
    PlannedVisit.objects.bulk_update(refused, ["state", "why", "why_more"])
    return [visit.pk for visit in refused]


def supersede(*, branch: Branch, first_day: date, at: datetime, by: Staff) -> None:
    """Replace what is published for the branch and day; its visits at the door are taken back."""
    for old in FieldPlan.objects.select_for_update(of=("self",)).filter(
        branch=branch, first_day=first_day, state=PlanState.PUBLISHED
    ):
        visit_acts_withdraw(visits=PlannedVisit.objects.filter(plan=old), why="replaced", by=by,
                            at=at)  # fmt: skip
        FieldPlan.objects.filter(pk=old.pk).update(state=PlanState.SUPERSEDED)


def plan_entry(kind: str, plan: FieldPlan, by: Staff, visits: int) -> Entry:
    """A plan in the evidence."""
    return Entry(
        kind=kind, subject="", agent=by.username,
        body={
            "plan": plan.pk, "branch": plan.branch_id, "first_day": plan.first_day.isoformat(),
            "days": plan.days, "visits": visits, "engine": plan.engine, "seed": plan.seed,
            "follows": plan.follows_id, "why": plan.why,
        },
    )  # fmt: skip
