"""What is known of crews in the field: their day, running timers, open alarms."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from doorstep.visits.models import Alarm, CrewDay, PlannedVisit, SafetyTimer
from doorstep.visits.models.days import VisitState
from doorstep.visits.models.door import DoorHead
from doorstep.visits.safety import emergency
from doorstep.visits.selectors.in_force import crews_in_force
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Scope

BOUND = (Scope.TEAM, Scope.BRANCH, Scope.OWN)


def crews_on(*, day: date) -> QuerySet[CrewDay]:
    """The crews of a day in the plans that are in force."""
    return crews_in_force().filter(day=day)


def crew_of(*, staff: Staff, at: datetime) -> CrewDay | None:
    """The crew somebody is in now, by its working hours and a margin around them; else none."""
    margin = emergency().margin
    now = crews_in_force().filter(
        members__staff=staff, begins_at__lte=at + margin, ends_at__gte=at - margin
    )
    return now.select_related("plan").order_by("begins_at").first()


def crew_of_day(*, staff: Staff, day: date) -> CrewDay | None:
    """The crew somebody is in on a day."""
    return (
        crews_on(day=day)
        .filter(members__staff=staff)
        .select_related("plan__branch", "vehicle")
        .first()
    )


def stops_of(*, crew: CrewDay) -> list[PlannedVisit]:
    """The visits of a crew in their order, with case, borrower, address and appointment."""
    return list(_stops(crew).order_by("begins_at", "pk"))


def stops_to_make(*, crew: CrewDay) -> list[PlannedVisit]:
    """Those of them that are still to be made or told of: without what was withdrawn, unless its
    door was reached before and the record is still to come."""
    began = DoorHead.objects.filter(case=OuterRef("case"), day=crew.day)
    found = _stops(crew).filter(~Q(state=VisitState.CANCELLED) | Exists(began))
    return list(found.order_by("begins_at", "pk"))


def _stops(crew: CrewDay) -> QuerySet[PlannedVisit]:
    return PlannedVisit.objects.filter(crew=crew).select_related(
        "case__borrower", "address", "appointment", "timer"
    )


def visit_under_way(*, crew: CrewDay | None) -> PlannedVisit | None:
    """The door a crew is at."""
    if crew is None:
        return None
    return PlannedVisit.objects.filter(crew=crew, state=VisitState.UNDER_WAY).first()


def timer_running(*, staff: Staff) -> SafetyTimer | None:
    """The timer that runs for somebody, whichever plan it began under."""
    mine = SafetyTimer.objects.filter(crew__members__staff=staff, ended_at=None)
    return mine.select_related("visit__case").first()


def alarms_within(*, by: Staff) -> QuerySet[Alarm]:
    """The alarms somebody sees: all, or those of the branch and those of no branch."""
    if not by.may(Permission.SEE_ALARMS):
        return Alarm.objects.none()
    found = Alarm.objects.order_by("-raised_at", "-pk")
    if by.scope in BOUND:
        found = found.filter(Q(branch=by.branch_id) | Q(branch=None))
    return found


def alarms_open(*, by: Staff) -> QuerySet[Alarm]:
    """Those of them that are not over, with what a line about them shows."""
    return (
        alarms_within(by=by)
        .filter(ended_at=None)
        .select_related("crew", "branch", "taken_by", "raised_by", "visit__case__borrower")
        .prefetch_related("crew__members__staff")
    )


def timers_overdue(*, by: Staff, at: datetime) -> QuerySet[SafetyTimer]:
    """Timers whose grace is over and whose alarm could not be written yet: they are shown all the
    same, so that a database that takes no writing hides nobody."""
    if not by.may(Permission.SEE_ALARMS):
        return SafetyTimer.objects.none()
    found = SafetyTimer.objects.filter(ended_at=None, alarm_at__lte=at)
    if by.scope in BOUND:
        found = found.filter(crew__plan__branch=by.branch_id)
    return found.select_related("crew").prefetch_related("crew__members__staff")
