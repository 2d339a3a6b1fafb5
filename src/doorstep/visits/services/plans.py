"""Deeds on plans of field days: begin one, tell how far it is, keep what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.models import CrewDay, CrewMember, FieldPlan, PlannedVisit
from doorstep.visits.models.days import PlanState
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Permission, Scope

MOST_DAYS = 7
MOST_SECONDS = 600.0


@dataclass
class Rows:
    """A plan as rows that are not saved yet; `members` are staff ids by the crew's key, the one
    who leads first."""

    crews: list[CrewDay] = field(default_factory=list)
    members: dict[str, tuple[int, ...]] = field(default_factory=dict)
    visits: list[PlannedVisit] = field(default_factory=list)


@dataclass(frozen=True)
class Solved:
    """What a plan was solved from and how, to be kept with it."""

    problem: bytes
    plan: bytes
    engine: str
    estimated: bool
    figures: Mapping[str, Any]


@transaction.atomic
def plan_open(
    *,
    branch: Branch,
    first_day: date,
    days: int,
    by: Staff,
    at: datetime,
    on: date,
    seconds: float,
    seed: int = 1,
    iterations: int | None = None,
) -> FieldPlan:
    """A plan that is yet to be worked out; `on` is today where the branch is.

    Raises Refused: NOT_PERMITTED, NO_BRANCH_PLACE when the branch is not on the map; InputError for
    days that are over or too many, and for a time to search that makes no sense.
    """
    branch_must(by=by, branch=branch, permission=Permission.PLAN_FIELD)
    if not 1 <= days <= MOST_DAYS:
        raise InputError(
            _("A plan is of one to seven days."), code="BAD_DAYS", where=Where(field="days")
        )
    if first_day < on:
        raise InputError(
            _("This day is over."), code="DAY_OVER", hint=_("Plan from today on."),
            where=Where(field="first_day"),
        )  # fmt: skip
    if not 0 < seconds <= MOST_SECONDS or seed < 0 or (iterations is not None and iterations < 0):
        raise InputError(
            _("Give the search a second at least and ten minutes at most."),
            code="BAD_TIME",
            where=Where(field="seconds"),
        )
    if branch.latitude is None or branch.longitude is None:
        raise Refused(
            _("The branch is not on the map, so no way from it can be reckoned."),
            code="NO_BRANCH_PLACE",
            hint=_("Give the branch its place first."),
        )
    return FieldPlan.objects.create(
        branch=branch, first_day=first_day, days=days, seconds=seconds, iterations=iterations,
        seed=seed, made_by=by, made_at=at, progress={"step": "waiting"},
    )  # fmt: skip


def branch_must(*, by: Staff, branch: Branch, permission: Permission) -> None:
    """Raises Refused NOT_PERMITTED without the permission, or for another branch than one's own
    where one does not see them all."""
    if not by.may(permission):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if by.scope is not Scope.ALL and by.branch_id != branch.pk:
        raise Refused(_("This is another branch's."), code="NOT_PERMITTED")


def plan_tell(*, plan: FieldPlan, progress: Mapping[str, Any]) -> None:
    """Say how far the planner is."""
    FieldPlan.objects.filter(pk=plan.pk, state=PlanState.MAKING).update(progress=dict(progress))


def plan_stop_ask(*, plan: FieldPlan, by: Staff) -> None:
    """End the search with the best found so far. Raises Refused without permission."""
    branch_must(by=by, branch=plan.branch, permission=Permission.PLAN_FIELD)
    FieldPlan.objects.filter(pk=plan.pk, state=PlanState.MAKING).update(stop_asked=True)


def plan_fail(*, plan: FieldPlan, code: str, more: Mapping[str, Any]) -> FieldPlan:
    """Say why no plan came about: `figures["failed"]` has the code and what else is known."""
    FieldPlan.objects.filter(pk=plan.pk).update(
        state=PlanState.FAILED, figures={"failed": {"code": code, **more}}, progress={}
    )
    plan.refresh_from_db()
    return plan


def plan_discard(*, plan: FieldPlan, by: Staff) -> None:
    """Put away a draft that nobody will publish, or a plan that could not be made; the row stays.

    Raises Refused NOT_PERMITTED, WRONG_STATE.
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PLAN_FIELD)
    able = FieldPlan.objects.filter(pk=plan.pk, state__in=(PlanState.DRAFT, PlanState.FAILED))
    if not able.update(state=PlanState.DISCARDED):
        raise Refused(_("Only a draft can be discarded."), code="WRONG_STATE")


@transaction.atomic
def plan_keep(*, plan: FieldPlan, rows: Rows, solved: Solved) -> FieldPlan:
    """Keep what came of working the plan out, as a draft; done again, it replaces what it kept."""
    locked = FieldPlan.objects.select_for_update().get(pk=plan.pk)
    if locked.state not in (PlanState.MAKING, PlanState.DRAFT):
        raise Refused(_("This plan is decided already."), code="WRONG_STATE")
    rows_write(plan=locked, rows=rows)
    locked.state, locked.progress = PlanState.DRAFT, {}
    locked.problem, locked.plan = solved.problem, solved.plan
    locked.engine, locked.estimated = solved.engine, solved.estimated
    locked.figures = dict(solved.figures)
    locked.save()
    return locked


def rows_write(*, plan: FieldPlan, rows: Rows) -> None:
    """Put the rows in the place of those the plan has."""
    PlannedVisit.objects.filter(plan=plan).delete()
    CrewMember.objects.filter(plan=plan).delete()
    CrewDay.objects.filter(plan=plan).delete()
    for crew in rows.crews:
        crew.plan = plan
    crews = {crew.key: crew for crew in CrewDay.objects.bulk_create(rows.crews)}
    CrewMember.objects.bulk_create(
        CrewMember(
            plan=plan, crew=crews[key], staff_id=staff_id, day=crews[key].day, leads=place == 0
        )
        for key, staff_ids in rows.members.items()
        for place, staff_id in enumerate(staff_ids)
    )
    for visit in rows.visits:
        visit.plan = plan
        visit.crew = crews[visit.crew.key] if visit.crew is not None else None
    PlannedVisit.objects.bulk_create(rows.visits, batch_size=200)


def visits_times_write(*, visits: Sequence[PlannedVisit], crews: Sequence[CrewDay]) -> None:
    """Keep new times and crews of visits, and when crews leave, rest and are back."""
    PlannedVisit.objects.bulk_update(
        visits,
        ["crew", "place", "arrives_at", "begins_at", "ends_at", "state", "why", "why_more"],
        batch_size=200,
    )
    CrewDay.objects.bulk_update(crews, ["leaves_at", "back_at", "rest_at", "rest_until"])


@transaction.atomic
def plan_copy(*, plan: FieldPlan, why: str, by: Staff, at: datetime) -> FieldPlan:
    """A draft that follows a plan, the same in everything until it is changed."""
    crews = list(CrewDay.objects.filter(plan=plan).order_by("pk"))
    members: dict[int, list[int]] = {}
    for crew_id, staff_id in (
        CrewMember.objects.filter(plan=plan).order_by("-leads", "pk")
        .values_list("crew_id", "staff_id")
    ):  # fmt: skip
        members.setdefault(crew_id, []).append(staff_id)
    visits = list(PlannedVisit.objects.filter(plan=plan).select_related("crew").order_by("pk"))
    copy = FieldPlan.objects.get(pk=plan.pk)
    rows = Rows(crews, {crew.key: tuple(members.get(crew.pk, ())) for crew in crews}, visits)
    copy.pk, copy.follows, copy.state, copy.why = None, plan, PlanState.DRAFT, why[:300]
    copy.made_by, copy.made_at, copy.published_by, copy.published_at = by, at, None, None
    copy._state.adding = True
    copy.save()
    for row in (*crews, *visits):
        row.pk = None
        row._state.adding = True
    rows_write(plan=copy, rows=rows)
    return copy
