"""Deeds on alarms: raise, alert, take, tick, end.

Whoever finds an alarm due raises it: several workers and the site do so beside each other, and the
database lets one of them. What is raised is alerted level by level until somebody takes it; what
was taken and then neglected is free again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.models import Alarm, AlarmStep, CrewDay, PlannedVisit, SafetyTimer
from doorstep.visits.models.safety import AlarmKind
from doorstep.visits.safety import Place, emergency, sos_key
from doorstep.visits.selectors.safety import alarms_within, crew_of, visit_under_way
from doorstep.visits.services.risk import risk_assess
from doorstep.visits.services.safety import RAISED
from doorstep.workforce.models import Staff, Weight
from doorstep.workforce.roles import Permission
from doorstep.workforce.services import encounter_record

NEGLECTED = "neglected"
DURESS = "duress"


def alarms_due(*, at: datetime) -> list[Alarm]:
    """Raise the alarm of every timer whose grace is over, free those that were taken and neglected,
    and alert the next level for alarms that nobody has taken. Returns what was raised. May run
    anywhere, any time, many times at once."""
    due = SafetyTimer.objects.filter(ended_at=None, alarm_at__lte=at).order_by("alarm_at")
    raised = [_raise(timer_id, at) for timer_id in due.values_list("pk", flat=True)]
    neglected = Alarm.objects.filter(ended_at=None, taken_at__isnull=False, next_at__lte=at)
    for alarm_id in neglected.values_list("pk", flat=True):
        _free(alarm_id, at)
    waiting = Alarm.objects.filter(ended_at=None, taken_at=None, next_at__lte=at)
    for alarm_id in waiting.values_list("pk", flat=True):
        alarm_alert(alarm_id=alarm_id, at=at)
    return [alarm for alarm in raised if alarm is not None]


@transaction.atomic
def _raise(timer_id: int, at: datetime) -> Alarm | None:
    mine = SafetyTimer.objects.filter(pk=timer_id, ended_at=None, alarm_at__lte=at)
    if not mine.update(ended_at=at, ended_how=RAISED):
        return None
    timer = SafetyTimer.objects.select_related("crew__plan", "crew__position").get(pk=timer_id)
    last = getattr(timer.crew, "position", None)
    alarm = Alarm.objects.create(
        kind=AlarmKind.MISSED, timer=timer, crew=timer.crew, visit_id=timer.visit_id,
        branch_id=timer.crew.plan.branch_id, raised_at=at, key=f"timer-{timer.pk}", next_at=at,
        latitude=last and last.latitude, longitude=last and last.longitude,
    )  # fmt: skip
    alarm_alert(alarm_id=alarm.pk, at=at)
    return alarm


@transaction.atomic
def _free(alarm_id: int, at: datetime) -> None:
    """Whoever took it has ticked nothing for long: it is anybody's again, and that is kept."""
    alarm = Alarm.objects.select_for_update().get(pk=alarm_id)
    if alarm.taken_at is None or alarm.next_at is None or alarm.next_at > at:
        return
    alarm.steps_done = alarm.steps_done | {
        NEGLECTED: {"by": alarm.taken_by_id, "at": at.isoformat()}
    }
    alarm.taken_by, alarm.taken_at = None, None
    alarm.save(update_fields=["steps_done", "taken_by", "taken_at"])


def sos_raise(
    *,
    key: str,
    by: Staff,
    at: datetime,
    crew: CrewDay | None = None,
    visit: PlannedVisit | None = None,
    place: Place | None = None,
    duress: bool = False,
) -> Alarm:
    """Somebody needs help now. The same `key` of the same person is one alarm, however often it is
    sent. Nothing is missing for an SOS: crew and visit are looked up, and may stay unknown.
    `duress`: they were forced to open the phone, which shows nothing of the alarm."""
    kept_as = sos_key(staff_id=by.pk, key=key, at=at)
    known = Alarm.objects.filter(key=kept_as).first()
    if known is not None:
        return known
    crew = crew or crew_of(staff=by, at=at)
    try:
        return _sos(kept_as, by, at, crew, visit, place, duress=duress)
    except IntegrityError:  # sent twice in the same instant
        return Alarm.objects.get(key=kept_as)


@transaction.atomic
def _sos(
    key: str,
    by: Staff,
    at: datetime,
    crew: CrewDay | None,
    visit: PlannedVisit | None,
    place: Place | None,
    *,
    duress: bool,
) -> Alarm:
    alarm = Alarm.objects.create(
        kind=AlarmKind.SOS, key=key, crew=crew, visit=visit or visit_under_way(crew=crew),
        branch_id=crew.plan.branch_id if crew else by.branch_id, raised_by=by, raised_at=at,
        next_at=at, latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        steps_done={DURESS: {"by": by.pk, "at": at.isoformat()}} if duress else {},
    )  # fmt: skip
    alarm_alert(alarm_id=alarm.pk, at=at)
    return alarm


@transaction.atomic
def alarm_alert(*, alarm_id: int, at: datetime) -> int:
    """Alert the levels whose time has come, and the next one where nobody was reached; returns how
    many people were alerted. Of several that ask at once, one does it."""
    alarm = Alarm.objects.select_for_update().get(pk=alarm_id)
    if alarm.taken_at is not None or alarm.next_at is None or alarm.next_at > at:
        return 0
    levels = emergency().levels
    told = 0
    for number in range(alarm.level, len(levels)):
        if told and alarm.raised_at + levels[number].after > at:
            alarm.level, alarm.next_at = number, alarm.raised_at + levels[number].after
            break
        told += _alert(alarm, number, at)
    else:
        alarm.level, alarm.next_at = len(levels), None
    alarm.save(update_fields=["level", "next_at"])
    return told


def _alert(alarm: Alarm, number: int, at: datetime) -> int:
    level = emergency().levels[number]
    people = Staff.objects.filter(role=level.role, is_active=True)
    if level.within == "branch":
        people = people.filter(branch=alarm.branch_id) if alarm.branch_id else people.none()
    known = set(AlarmStep.objects.filter(alarm=alarm).values_list("staff_id", flat=True))
    fresh = [
        AlarmStep(alarm=alarm, level=number, staff_id=pk, at=at)
        for pk in people.order_by("pk").values_list("pk", flat=True)
        if pk not in known
    ]
    AlarmStep.objects.bulk_create(fresh)
    return len(fresh)


def alarms_seen(*, alarms: Iterable[Alarm], by: Staff, at: datetime) -> int:
    """The screen of somebody who was alerted has shown these alarms; returns how many were new."""
    mine = AlarmStep.objects.filter(alarm__in=list(alarms), staff=by, seen_at=None)
    return mine.update(seen_at=at) if mine.exists() else 0


def alarm_take(*, alarm: Alarm, by: Staff, at: datetime) -> Alarm:
    """`by` sees to the alarm from now on; nobody else is alerted, unless nothing is ticked for
    `emergency().neglected`. Raises Refused without
    permission, for an alarm of another branch, and when somebody has taken it before."""
    _must_see(alarm=alarm, by=by)
    free: QuerySet[Alarm] = Alarm.objects.filter(pk=alarm.pk, taken_at=None, ended_at=None)
    taken = free.update(taken_by=by, taken_at=at, next_at=at + emergency().neglected)
    alarm.refresh_from_db()
    if not taken and alarm.taken_by_id != by.pk:
        raise Refused(
            _("%(name)s has taken this alarm.") % {"name": alarm.taken_by}, code="TAKEN_ALREADY"
        )
    return alarm


@transaction.atomic
def alarm_step_tick(*, alarm: Alarm, step: str, by: Staff, at: datetime) -> Alarm:
    """A step of the emergency plan is done. Raises Refused without permission or when the alarm is
    over, InputError for a step that the plan does not have."""
    _must_see(alarm=alarm, by=by)
    if step not in emergency().step_codes():
        raise InputError(_("The plan has no such step."), where=Where(field="step"))
    found = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if found.ended_at is not None:
        raise Refused(_("This alarm is over."), code="OVER")
    found.steps_done = {step: {"by": by.pk, "at": at.isoformat()}} | found.steps_done
    if found.taken_at is not None:
        found.next_at = at + emergency().neglected
    found.save(update_fields=["steps_done", "next_at"])
    return found


@transaction.atomic
def alarm_end(
    *,
    alarm: Alarm,
    how: str,
    by: Staff,
    at: datetime,
    on: date,
    weight: Weight | None = None,
    follow_up_on: date | None = None,
    factors: Collection[str] = (),
) -> Alarm:
    """The alarm is over, and how it ended. `weight`: what the crew lived through, kept for their
    rest (None: a false alarm). `factors` of `risk.py` are what made it dangerous: the address is
    assessed anew with them, so that the next visit there is planned differently or not at all.

    Raises Refused without permission or before somebody has taken it; InputError without a word
    on how it ended, or where something happened and no day to follow it up is named.
    """
    _must_see(alarm=alarm, by=by)
    if not by.may(Permission.SEE_LOAD):
        raise Refused(
            _("The team leader or the collections manager ends an alarm."), code="NOT_PERMITTED"
        )
    how = how.replace("\x00", "").strip()[:1000]
    if not how:
        raise InputError(_("Say how it ended."), where=Where(field="how"))
    if weight and (follow_up_on is None or follow_up_on < on):
        raise InputError(
            _("Name the day on which you talk with the crew again."), where=Where("follow_up_on")
        )
    found = Alarm.objects.select_for_update().get(pk=alarm.pk)
    if found.ended_at is not None:
        return found
    if found.taken_at is None:
        raise Refused(_("Take the alarm first."), code="NOT_TAKEN")
    found.ended_at, found.ended_by, found.ended_how = at, by, how
    found.follow_up_on = follow_up_on
    found.save(update_fields=["ended_at", "ended_by", "ended_how", "follow_up_on"])
    if weight:
        _encounter(found, weight, by, at, on)
    if factors and found.visit is not None:
        risk_assess(
            case=found.visit.case, address=found.visit.address, factors=factors, by=by, at=at,
            on=on, note=how,
        )  # fmt: skip
    evidence_append(entries=[_entry(found, by)], at=at)
    return found


def _encounter(alarm: Alarm, weight: Weight, by: Staff, at: datetime, on: date) -> None:
    """What the crew lived through, for the sake of those who did."""
    there = Staff.objects.filter(crews__crew=alarm.crew_id) if alarm.crew_id else None
    agents = list(there or []) or [each for each in (alarm.raised_by,) if each is not None]
    if not agents:
        return
    borrower = alarm.visit.case.borrower_id if alarm.visit else ""
    encounter_record(
        agents=agents, borrower_id=borrower, weight=weight, by=by, at=at, on=on,
        note=alarm.ended_how,
    )  # fmt: skip


def _entry(alarm: Alarm, by: Staff) -> Entry:
    alerted = alarm.alerted.order_by("at", "pk").annotate(name=F("staff__username"))
    return Entry(
        kind="alarm",
        subject=alarm.visit.case.borrower_id if alarm.visit else "",
        case=str(alarm.visit.case_id) if alarm.visit else "",
        agent=by.username,
        body={
            "kind": alarm.kind,
            "raised_at": alarm.raised_at.isoformat(),
            "alerted": [[each.name, each.level, each.at.isoformat()] for each in alerted],
            "taken_at": alarm.taken_at.isoformat() if alarm.taken_at else None,
            "steps": sorted(alarm.steps_done),
            "how": alarm.ended_how,
            "follow_up_on": alarm.follow_up_on.isoformat() if alarm.follow_up_on else None,
        },
    )


def _must_see(*, alarm: Alarm, by: Staff) -> None:
    if not by.may(Permission.TAKE_ALARMS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if not alarms_within(by=by).filter(pk=alarm.pk).exists():
        raise Refused(_("This alarm is of another branch."), code="NOT_PERMITTED")
