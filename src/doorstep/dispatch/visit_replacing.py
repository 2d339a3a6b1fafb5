"""A plan takes the place of the one in force: the door knows who goes now, borrowers whose time
changed are told, those whom nobody visits any more too, and so are the crews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_acts import visit_acts_make, visit_acts_withdraw
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_notices import notices_changed
from doorstep.dispatch.visit_texts import Sent
from doorstep.dispatch.visit_withdrawing import visits_withdraw
from doorstep.evidence.entry import Entry
from doorstep.visits.models import Appointment, CrewMember, CrewTidings, FieldPlan, PlannedVisit
from doorstep.visits.models.appointments import OPEN_APPOINTMENT
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.services.told import crew_tell
from doorstep.workforce.models import Staff

CHANGED = "plan_changed"
REFUSED_AT_THE_DOOR = "refused"
Visits = Mapping[int, PlannedVisit]


@dataclass(frozen=True)
class Replaced:
    """What came of it: the texts about new hours, how many appointments nobody can keep, and the
    visits that the guard did not permit any more."""

    sent: Sent
    withdrawn: int
    refused: list[int]


def plan_replace(*, old: FieldPlan | None, new: FieldPlan, by: Staff, at: datetime) -> Replaced:
    """Put a plan in force in the place of another, or of none. Visits whose people and hour stay
    keep their place at the door; all others are put to the guard again."""
    before = visits_by_case(old) if old is not None else {}
    if old is not None:
        old.state = PlanState.SUPERSEDED
        old.save(update_fields=["state"])
    new.state, new.published_by, new.published_at = PlanState.PUBLISHED, by, at
    after = visits_by_case(new)
    changed = _changed(old, new, before, after)
    refused = _still_permitted(changed, new, at)
    new.figures = {**new.figures, "withdrawn": refused}
    new.save(update_fields=["state", "published_by", "published_at", "figures"])
    _keep_places(changed, before, after)
    _at_the_door(changed, before, after, by, at)
    sent = notices_changed(
        visits=[row for row in changed if row.state == VisitState.PLANNED and row.appointment],
        by=by, at=at,
    )  # fmt: skip
    _crews_told(changed, before, at)
    lost = _appointments_lost(before, after)
    if lost:
        visits_withdraw(visits=[], appointments=lost, why=CHANGED, by=by, at=at)
    return Replaced(sent, len(lost), refused)


def visits_by_case(plan: FieldPlan) -> dict[int, PlannedVisit]:
    """The visits of a plan, with what is asked of them here."""
    rows = PlannedVisit.objects.filter(plan=plan).select_related(
        "case__borrower", "address", "appointment", "crew"
    )
    return {row.case_id: row for row in rows.order_by("pk")}


def of_first_day(plan: FieldPlan) -> int:
    """How many visits of the day in force are planned."""
    return PlannedVisit.objects.filter(
        plan=plan, state=VisitState.PLANNED, crew__day=F("plan__first_day")
    ).count()


def plan_entry(kind: str, plan: FieldPlan, by: Staff) -> Entry:
    """A plan in the evidence."""
    return Entry(
        kind=kind, subject="", agent=by.username,
        body={
            "plan": plan.pk, "branch": plan.branch_id, "first_day": plan.first_day.isoformat(),
            "days": plan.days, "visits": of_first_day(plan), "engine": plan.engine,
            "seed": plan.seed, "follows": plan.follows_id, "why": plan.why,
        },
    )  # fmt: skip


def _still_permitted(visits: Sequence[PlannedVisit], plan: FieldPlan, at: datetime) -> list[int]:
    """Cancel those visits that the guard does not permit any more; their numbers."""
    crews: dict[int, tuple[int, ...]] = {}
    members = CrewMember.objects.filter(plan=plan).order_by("-leads", "pk")
    for crew_id, staff_id in members.values_list("crew_id", "staff_id"):
        crews[crew_id] = (*crews.get(crew_id, ()), staff_id)
    asked = [v for v in visits if v.address and v.crew_id and v.begins_at and v.ends_at]
    going = [
        Going(visit.case, visit.address, crews[visit.crew_id], visit.begins_at, visit.ends_at,
              visit.risk)
        for visit in asked
        if visit.address and visit.crew_id and visit.begins_at and visit.ends_at
    ]  # fmt: skip
    refused = []
    verdicts = visits_check(going=going, at=at, rulebook=rulebook_current())
    for visit, verdict in zip(asked, verdicts, strict=True):
        if not verdict.permitted:
            visit.state, visit.why = VisitState.CANCELLED, "GUARD"
            visit.why_more = {"verdict": verdict.as_dict()}
            refused.append(visit)
    for visit in visits:
        if visit.address is None:
            visit.state, visit.why, visit.why_more = VisitState.CANCELLED, "NO_ADDRESS", {}
            refused.append(visit)
    PlannedVisit.objects.bulk_update(refused, ["state", "why", "why_more"])
    return [visit.pk for visit in refused]


def _changed(
    old: FieldPlan | None, new: FieldPlan, before: Visits, after: Visits
) -> list[PlannedVisit]:
    """The planned visits of the day with other people or at another hour than before."""
    people_before, people = (_people(old) if old is not None else {}), _people(new)
    found = []
    for case_id, row in after.items():
        if row.state != VisitState.PLANNED or row.crew is None or row.crew.day != new.first_day:
            continue
        was = before.get(case_id)
        same = (
            was is not None and was.state == VisitState.PLANNED
            and was.begins_at == row.begins_at
            and people_before.get(was.crew_id or 0) == people.get(row.crew_id or 0)
        )  # fmt: skip
        if not same:
            found.append(row)
    return found


def _people(plan: FieldPlan) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for crew_id, staff_id in CrewMember.objects.filter(plan=plan).values_list(
        "crew_id", "staff_id"
    ):
        found.setdefault(crew_id, set()).add(staff_id)
    return {crew_id: frozenset(staff) for crew_id, staff in found.items()}


def _keep_places(changed: Sequence[PlannedVisit], before: Visits, after: Visits) -> None:
    """Visits that stay as they were keep their act."""
    moved = {row.case_id for row in changed}
    same = [
        row for case_id, row in after.items()
        if case_id in before and case_id not in moved and not _is_gone(row)
    ]  # fmt: skip
    for row in same:
        row.act = before[row.case_id].act
    PlannedVisit.objects.bulk_update(same, ["act"])


def _at_the_door(
    changed: Sequence[PlannedVisit],
    before: Visits,
    after: Visits,
    by: Staff,
    at: datetime,
) -> None:
    """Who waits at the door: changed visits anew, those not made any more not at all."""
    moved = {each.case_id for each in changed}
    gone = [
        was.pk for case_id, was in before.items()
        if case_id in moved or _is_gone(after.get(case_id))
    ]  # fmt: skip
    visit_acts_withdraw(visits=PlannedVisit.objects.filter(pk__in=gone), why=CHANGED, by=by, at=at)
    visit_acts_make(
        visits=[each for each in changed if each.state == VisitState.PLANNED], by=by, at=at
    )


def _is_gone(row: PlannedVisit | None) -> bool:
    """Whether nobody is to go there any more."""
    gone = (VisitState.CANCELLED, VisitState.LEFT_OUT)
    return row is None or row.state in gone or row.outcome == REFUSED_AT_THE_DOOR


def _crews_told(changed: Sequence[PlannedVisit], before: Visits, at: datetime) -> None:
    """Each crew hears what is new for it, what another has now, and what is at another hour."""
    given, taken, moved = [], [], []
    for row in changed:
        was = before.get(row.case_id)
        if row.state != VisitState.PLANNED or row.crew is None:
            continue
        if was is not None and was.crew is not None and was.crew.key == row.crew.key:
            moved.append(row)
            continue
        given.append(row)
        if was is not None and was.crew is not None and was.state == VisitState.PLANNED:
            taken.append(was)
    for visits, what in (
        (given, CrewTidings.GIVEN), (taken, CrewTidings.TAKEN), (moved, CrewTidings.MOVED)
    ):  # fmt: skip
        if visits:
            crew_tell(visits=visits, what=what, why=CHANGED, at=at)


def _appointments_lost(before: Visits, after: Visits) -> list[Appointment]:
    """Open appointments of visits that nobody makes any more."""
    lost = []
    for case_id, was in before.items():
        row = after.get(case_id)
        if was.state != VisitState.PLANNED or not _is_gone(row) or (row and row.outcome):
            continue
        appointment = (row or was).appointment
        if appointment is not None and appointment.state in OPEN_APPOINTMENT:
            lost.append(appointment)
    return lost
