"""Deeds of a crew at a door: the timer that runs while it is there, and where it was.

A timer is a row with the instant its alarm is due, so that no restart can stop it. Every deed ends
or moves it by one conditional statement: of a check-in and an alarm at the same moment one wins.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import Refused
from doorstep.visits.models import Alarm, CrewDay, PlannedVisit, Position, SafetyTimer
from doorstep.visits.models.days import VisitState
from doorstep.visits.safety import (
    CREW_WELL,
    Place,
    emergency,
    timer_times,
    timer_times_well,
    within_shift,
)
from doorstep.visits.selectors.in_force import is_in_force, visits_alike
from doorstep.visits.selectors.risk import risk_of_cases
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

LEFT, RAISED = "left", "alarm"
SHORT_TIMER = "short_timer"


@transaction.atomic
def timer_start(*, visit: PlannedVisit, by: Staff, at: datetime) -> SafetyTimer:
    """A crew is at the door of a visit; the timer runs from now. A second tap changes nothing.

    Raises Refused: for others than the crew, for a visit that is not planned, of no crew or of a
    plan that is not in force, and while the crew is still at another door.
    """
    found = (
        PlannedVisit.objects.select_for_update(of=("self",)).select_related("crew").get(pk=visit.pk)
    )
    crew = _own_crew(crew=found.crew, by=by)
    running = SafetyTimer.objects.filter(crew__members__staff=by, ended_at=None).first()
    if running is not None and running.visit_id == found.pk:
        return running
    if running is not None:
        raise Refused(
            _("You are still checked in at another stop. Leave it first."), code="STILL_THERE"
        )
    if found.state != VisitState.PLANNED or not is_in_force(found):
        raise Refused(
            _("This visit is no longer planned. Do not ring; look at your day again."),
            code="NOT_PLANNED",
        )
    short = _asks_for_short_timer(found, crew.day)
    times = timer_times(began_at=at, minutes=found.minutes, plan=emergency(), short=short)
    found.state = VisitState.UNDER_WAY
    found.save(update_fields=["state"])
    return SafetyTimer.objects.create(
        visit=found, crew=crew, began_at=at, due_at=times.due_at, alarm_at=times.alarm_at
    )


@transaction.atomic
def timer_extend(*, timer: SafetyTimer, by: Staff, at: datetime) -> SafetyTimer:
    """The crew says it is well and stays longer.

    After the alarm it still counts: it is ticked on the alarm, which a person must end. Raises
    Refused for others than the crew, after leaving, and when it was said too often.
    """
    found = (
        SafetyTimer.objects.select_for_update(of=("self",))
        .select_related("crew", "visit")
        .get(pk=timer.pk)
    )
    _own_crew(crew=found.crew, by=by)
    if found.ended_how == RAISED:
        _well_on_alarm(timer=found, by=by, at=at)
        return found
    if found.ended_at is not None:
        raise Refused(_("You have left this stop already."), code="LEFT_ALREADY")
    if found.extended >= emergency().most_well:
        raise Refused(
            _("You have been here for long. Leave now, or call your team leader."), code="TOO_LONG"
        )
    short = _asks_for_short_timer(found.visit, found.crew.day)
    times = timer_times_well(due_at=found.due_at, at=at, plan=emergency(), short=short)
    found.due_at, found.alarm_at = times.due_at, times.alarm_at
    found.extended += 1
    found.save(update_fields=["due_at", "alarm_at", "extended"])
    return found


@transaction.atomic
def timer_end(*, timer: SafetyTimer, by: Staff, at: datetime) -> SafetyTimer:
    """The crew has left and is well; the visit is done. After the alarm it is ticked there too.

    Raises Refused for others than the crew.
    """
    found = (
        SafetyTimer.objects.select_for_update(of=("self",))
        .select_related("crew", "visit")
        .get(pk=timer.pk)
    )
    _own_crew(crew=found.crew, by=by)
    ended = SafetyTimer.objects.filter(pk=found.pk, ended_at=None)
    if not ended.update(ended_at=at, ended_how=LEFT) and found.ended_how == RAISED:
        _well_on_alarm(timer=found, by=by, at=at)
    visits_alike(found.visit).filter(state=VisitState.UNDER_WAY).update(state=VisitState.DONE)
    found.refresh_from_db()
    return found


def _asks_for_short_timer(visit: PlannedVisit, on: date) -> bool:
    """Whether what is known of the risk of this door asks for a word sooner."""
    standing = risk_of_cases(case_ids=[visit.case_id], on=on)
    return SHORT_TIMER in standing[visit.case_id].required.measures


def _well_on_alarm(*, timer: SafetyTimer, by: Staff, at: datetime) -> None:
    alarm = Alarm.objects.select_for_update().filter(timer=timer, ended_at=None).first()
    if alarm is not None:
        alarm.steps_done |= {CREW_WELL: {"by": by.pk, "at": at.isoformat()}}
        alarm.save(update_fields=["steps_done"])


def _own_crew(*, crew: CrewDay | None, by: Staff) -> CrewDay:
    if not by.may(Permission.CHECK_IN):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if crew is None or not crew.members.filter(staff=by).exists():
        raise Refused(_("This is another crew's day."), code="NOT_PERMITTED")
    return crew


def position_keep(*, crew: CrewDay, place: Place, by: Staff, at: datetime) -> Position:
    """Keep where a crew is; only the last place is kept.

    Raises Refused OUTSIDE_WORK beyond the crew's working hours, and for others than the crew.
    """
    _own_crew(crew=crew, by=by)
    if crew.off_at is not None or not within_shift(
        at=at, begins_at=crew.begins_at, ends_at=crew.ends_at, plan=emergency()
    ):
        raise Refused(
            _("Positions are kept within working hours only; this one was not."),
            code="OUTSIDE_WORK",
        )
    values = {"latitude": place.latitude, "longitude": place.longitude, "at": at, "by": by}
    kept, _new = Position.objects.update_or_create(crew=crew, defaults=values)
    return kept


def positions_forget(*, at: datetime) -> int:
    """Forget where crews were once their working hours are over; returns how many."""
    over = Position.objects.filter(crew__ends_at__lt=at - emergency().margin)
    return over.delete()[0] if over.exists() else 0
