"""A proposed change of a day comes into force: the old plan is replaced, the door knows who goes,
borrowers whose promised time changed are told, and so are the crews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.visit_acts import visit_acts_make, visit_acts_withdraw
from doorstep.dispatch.visit_changes import REFUSED_AT_THE_DOOR
from doorstep.dispatch.visit_notices import notices_changed
from doorstep.dispatch.visit_plans import plan_entry, still_permitted
from doorstep.dispatch.visit_texts import Sent
from doorstep.dispatch.visit_withdrawing import visits_withdraw
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import Refused
from doorstep.visits.models import Appointment, CrewMember, CrewTidings, FieldPlan, PlannedVisit
from doorstep.visits.models.appointments import OPEN_APPOINTMENT
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.services.plans import branch_must
from doorstep.visits.services.told import crew_tell
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

CHANGED = "plan_changed"


@dataclass(frozen=True)
class Accepted:
    """The plan in force, what borrowers were told of new hours, and how many appointments were
    withdrawn because nobody can keep them."""

    plan: FieldPlan
    sent: Sent
    withdrawn: int


@transaction.atomic
def plan_change_accept(*, plan: FieldPlan, by: Staff, at: datetime) -> Accepted:
    """Put a draft that follows a published plan in force.

    Visits whose crew and hour stay keep their place at the door; all others are put to the guard
    again. Raises Refused NOT_PERMITTED, WRONG_STATE, and STALE when the day went on since it was
    proposed: then it is to be planned again.
    """
    branch_must(by=by, branch=plan.branch, permission=Permission.PUBLISH_FIELD)
    new = FieldPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    old = FieldPlan.objects.select_for_update(of=("self",)).filter(changes=new).first()
    if new.state != PlanState.DRAFT or old is None:
        raise Refused(_("Only a draft that follows a plan can be accepted."), code="WRONG_STATE")
    before, after = _visits(old), _visits(new)
    if old.state != PlanState.PUBLISHED or not _still_true(before, after):
        raise Refused(
            _("The day went on since this was worked out."), code="STALE",
            hint=_("Plan the change again."),
        )  # fmt: skip
    old.state = PlanState.SUPERSEDED
    old.save(update_fields=["state"])
    new.state, new.published_by, new.published_at = PlanState.PUBLISHED, by, at
    new.save(update_fields=["state", "published_by", "published_at"])
    changed = _changed(old, new, before, after)
    refused = still_permitted(changed, new, at=at)
    _at_the_door(changed, before, after, by, at)
    sent = notices_changed(
        visits=[each for each in changed if each.state == VisitState.PLANNED], by=by, at=at
    )
    _crews_told(changed, before, at)
    lost = _appointments_lost(before, after)
    if lost:
        visits_withdraw(visits=[], appointments=lost, why=CHANGED, by=by, at=at)
    going = sum(each.state == VisitState.PLANNED for each in after.values())
    evidence_append(entries=[plan_entry("plan.changed", new, by, going)], at=at)
    if refused:
        new.figures = {**new.figures, "withdrawn": refused}
        new.save(update_fields=["figures"])
    return Accepted(new, sent, len(lost))


def _visits(plan: FieldPlan) -> dict[int, PlannedVisit]:
    rows = PlannedVisit.objects.filter(plan=plan).select_related(
        "case__borrower", "address", "appointment", "crew"
    )
    return {row.case_id: row for row in rows.order_by("pk")}


def _still_true(before: Mapping[int, PlannedVisit], after: Mapping[int, PlannedVisit]) -> bool:
    """Whether nothing happened to a visit since that the draft does not know."""
    for case_id, was in before.items():
        now = after[case_id]
        over = (VisitState.UNDER_WAY, VisitState.DONE, VisitState.CANCELLED)
        ended = now.outcome == REFUSED_AT_THE_DOOR or now.state == VisitState.CANCELLED
        if was.state in over and now.state != was.state and not ended:
            return False
    return True


def _changed(
    old: FieldPlan,
    new: FieldPlan,
    before: Mapping[int, PlannedVisit],
    after: Mapping[int, PlannedVisit],
) -> list[PlannedVisit]:
    """The planned visits of the day with other people or at another hour than before."""
    people_before, people = _people(old), _people(new)
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


def _at_the_door(
    changed: Sequence[PlannedVisit],
    before: Mapping[int, PlannedVisit],
    after: Mapping[int, PlannedVisit],
    by: Staff,
    at: datetime,
) -> None:
    """Who waits at the door: changed visits anew, those not made any more not at all."""
    moved = {each.case_id for each in changed}
    gone = [
        was.pk for case_id, was in before.items()
        if case_id in moved or after[case_id].state in (VisitState.CANCELLED, VisitState.LEFT_OUT)
        or after[case_id].outcome == REFUSED_AT_THE_DOOR
    ]  # fmt: skip
    visit_acts_withdraw(visits=PlannedVisit.objects.filter(pk__in=gone), why=CHANGED, by=by, at=at)
    visit_acts_make(
        visits=[each for each in changed if each.state == VisitState.PLANNED], by=by, at=at
    )


def _crews_told(
    changed: Sequence[PlannedVisit], before: Mapping[int, PlannedVisit], at: datetime
) -> None:
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


def _appointments_lost(
    before: Mapping[int, PlannedVisit], after: Mapping[int, PlannedVisit]
) -> list[Appointment]:
    """Open appointments of visits that nobody makes any more."""
    lost = [
        row.appointment for case_id, row in after.items()
        if row.appointment is not None and row.appointment.state in OPEN_APPOINTMENT
        and row.state in (VisitState.LEFT_OUT, VisitState.CANCELLED)
        and case_id in before and before[case_id].state == VisitState.PLANNED
    ]  # fmt: skip
    return list(lost)
