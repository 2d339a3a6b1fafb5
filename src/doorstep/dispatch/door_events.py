"""What phones tell from doors is taken in here, each event in a transaction of its own, and what
follows from it happens with it: the guard is asked about a ring without a network, timers run, the
report lands. An event that cannot be followed yet is kept with the reason; none is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from doorstep.delinquency.policy import DEFAULT, Policy
from doorstep.dispatch.visit_acts import visit_clear_afterwards
from doorstep.dispatch.visit_landing import dispute_land, report_land
from doorstep.dispatch.visit_landing_door import was_cleared
from doorstep.dispatch.visit_setting_out import crew_set_out_tell
from doorstep.dispatch.visit_uncleared import uncleared_visit_record
from doorstep.kernel.errors import DoorstepError, InputError, NotFound, Refused
from doorstep.visits.door.events import DoorEventIn, event_read
from doorstep.visits.door.steps import DONE
from doorstep.visits.models import (
    DoorConflict,
    DoorEvent,
    DoorHead,
    EventState,
    PlannedVisit,
    SafetyTimer,
    VisitRecord,
)
from doorstep.visits.safety import place_of
from doorstep.visits.selectors.door import visit_of_crew
from doorstep.visits.selectors.in_force import visits_alike, visits_in_force
from doorstep.visits.selectors.recordings import CONSENT_TOPIC
from doorstep.visits.services import door
from doorstep.visits.services.recordings import recordings_refused_destroy
from doorstep.visits.services.safety import position_keep, timer_end, timer_extend, timer_start
from doorstep.workforce.models import Device, Staff

MOST_EVENTS = 200
POSITION_FRESH = timedelta(minutes=5)
SET_OUT_FRESH = timedelta(minutes=20)
APPLIED, ALREADY, CONFLICT, REFUSED = "applied", "already", "conflict", "refused"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What became of one event, for its phone: applied, already, conflict or refused, with a code
    and words where there is something to say."""

    id: str | None
    state: str
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class Following:
    """An event that stands now, and whose deed it is to follow it."""

    event: DoorEvent
    visit: PlannedVisit
    by: Staff
    at: datetime
    policy: Policy


def events_apply(
    *, device: Device, events: Sequence[object], at: datetime, policy: Policy = DEFAULT
) -> list[Told]:
    """Take in what a phone sends, in its order, each event once by its id; what became of each.
    Whoever sends the same again gets the same answer. Raises InputError for too many at once."""
    if len(events) > MOST_EVENTS:
        raise InputError(_("Send less at once."), code="TOO_LARGE")
    return [_one(raw, device, at, policy) for raw in events]


def _one(raw: object, device: Device, at: datetime, policy: Policy) -> Told:
    name = raw.get("id") if isinstance(raw, dict) else None
    event_id = name if isinstance(name, str) else None
    try:
        told = event_read(raw)
        return _taken(told, device, at, policy)
    except DoorstepError as error:
        return Told(event_id, REFUSED, error.code, error.message)


def _taken(told: DoorEventIn, device: Device, at: datetime, policy: Policy) -> Told:
    visit = visit_of_crew(visit_id=told.visit, staff=device.staff, at=at)
    if visit is None:
        raise NotFound(_("Your crew has no such visit."), code="NO_VISIT")
    with transaction.atomic():
        door.visit_lock(case_id=visit.case_id)
        known = DoorEvent.objects.filter(pk=told.id).first()
        if known is not None:
            return _again(known, told, visit, device, at, policy)
        return _new(told, visit, device, at, policy)


def _again(
    known: DoorEvent, told: DoorEventIn, visit: PlannedVisit, device: Device, at: datetime,
    policy: Policy,
) -> Told:  # fmt: skip
    if known.sha256 != told.sha256:
        raise _twice()
    if known.state == EventState.REFUSED and known.visit_id == visit.pk:
        return _retry(known, told, visit, device, at, policy)
    state = CONFLICT if known.state == EventState.CONFLICT else ALREADY
    return Told(str(told.id), state)


def _twice() -> Refused:
    return Refused(_("Another event has this number already."), code="ID_TWICE")


def _new(
    told: DoorEventIn, visit: PlannedVisit, device: Device, at: datetime, policy: Policy,
    tried_by: Staff | None = None,
) -> Told:  # fmt: skip
    """Take the event in and follow it, or keep it with the reason why not. `tried_by`: the
    colleague who had it tried anew."""
    try:
        with transaction.atomic():
            event = door.event_take(visit=visit, told=told, device=device, by=device.staff, at=at)
            if event.state == EventState.APPLIED and event.same_as_id is None:
                _follow(Following(event, visit, device.staff, at, policy))
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if DoorEvent.objects.filter(pk=told.id).exists():  # another case's, in the same instant
            raise _twice() from None
        return _kept_back(told, visit, device, at, error)
    door.event_log(event=event, by=tried_by or device.staff, at=at)
    return Told(str(event.pk), CONFLICT if event.state == EventState.CONFLICT else APPLIED)


def _kept_back(
    told: DoorEventIn, visit: PlannedVisit, device: Device, at: datetime, error: Exception
) -> Told:
    """A fault of ours in one event keeps no phone from sending the rest."""
    if isinstance(error, DoorstepError):
        code, message = error.code, error.message
    else:
        log.exception("Event %s of visit %s could not be followed", told.id, visit.pk)
        code, message = (
            "FAULT",
            _("This could not be taken in. It is kept; the office looks at it."),
        )
    event = door.event_keep_refused(
        visit=visit, told=told, device=device, by=device.staff, at=at, code=code, message=message
    )
    door.event_log(event=event, by=device.staff, at=at)
    return Told(str(told.id), REFUSED, code, message)


def _retry(
    known: DoorEvent, told: DoorEventIn, visit: PlannedVisit, device: Device, at: datetime,
    policy: Policy, tried_by: Staff | None = None,
) -> Told:  # fmt: skip
    """What could not be taken in is tried anew, as if it came now."""
    received = known.received_at
    try:
        with transaction.atomic():
            known.delete()
            found = _new(told, visit, device, at, policy, tried_by)
            if found.state == REFUSED:
                raise _StillRefused(found)
            DoorEvent.objects.filter(pk=told.id).update(received_at=received)
            return found
    except _StillRefused as still:
        return still.told


class _StillRefused(Exception):  # noqa: N818
    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told


def conflict_settle(
    *, conflict: DoorConflict, keep: UUID, why: str, by: Staff, at: datetime,
    policy: Policy = DEFAULT,
) -> None:  # fmt: skip
    """A person keeps one of two versions; one that newly stands is followed. Raises like
    `visits.services.door.conflict_settle`, and what following it refuses; then nothing changes."""
    with transaction.atomic():
        door.visit_lock(case_id=conflict.visit.case_id)
        newly = door.conflict_settle(conflict=conflict, keep=keep, why=why, by=by, at=at)
        if newly is not None:
            _follow(Following(newly, newly.visit, newly.staff, at, policy))
        if conflict.topic == CONSENT_TOPIC:
            recordings_refused_destroy(visit=conflict.visit, at=at)
        conflict.refresh_from_db()
        door.conflict_log(conflict=conflict, by=by, at=at)


def refused_retry(*, event: DoorEvent, by: Staff, at: datetime, policy: Policy = DEFAULT) -> None:
    """A person has an event that could not be taken in tried anew. Raises Refused NOT_PERMITTED,
    SETTLED for one that does not wait, and what it is refused for."""
    with transaction.atomic():
        door.visit_lock(case_id=event.visit.case_id)
        waiting = door.refused_waiting(event=event, by=by)
        device = Device.objects.select_related("staff").get(pk=waiting.device_id)
        found = _retry(waiting, door.told_again(waiting), waiting.visit, device, at, policy, by)
    if found.state == REFUSED:
        raise Refused(found.message, code=found.code)


def _follow(told: Following) -> None:
    FOLLOWED.get(told.event.kind, _nothing)(told)


def _nothing(_told: Following) -> None:
    """It is kept; whatever reads the visit reads it."""


def _step(told: Following) -> None:
    body = told.event.body
    if told.event.topic == CONSENT_TOPIC:
        recordings_refused_destroy(visit=told.visit, at=told.at)
    if body.get("how") == DONE and body["step"] == "on_my_way":
        _set_out(told)
    if body.get("how") != DONE or was_cleared(told.visit):
        return
    if body["step"] == "clearance" and body.get("may") is not False:
        _ring_cleared_afterwards(told)
    elif body["step"] == "identity":
        _uncleared(told, _why_without_clearance(told))


def _set_out(told: Following) -> None:
    """The borrower is told that the crew is on its way, unless that is heard of too late."""
    if told.at - told.event.at > SET_OUT_FRESH:
        return
    try:
        with transaction.atomic():
            act = crew_set_out_tell(visit=_in_force(told.visit), by=told.by, at=told.at)
    except Refused as refused:
        _note(told.event, {"code": refused.code, "message": refused.message})
    else:
        _note(told.event, {"code": "TOLD" if act else "NOT_TOLD"})


def _why_without_clearance(told: Following) -> str:
    """What the crew said when it skipped the clearance."""
    said = DoorHead.objects.filter(
        case=told.visit.case_id, day=door.day_of(told.visit), topic="step:clearance"
    ).values_list("event__body__why", flat=True).first()  # fmt: skip
    return str(said or _("Rang without asking whether they may."))


def _ring_cleared_afterwards(told: Following) -> None:
    """A crew rang by its pass, without a network: the guard is asked as of then, with all that is
    known now. What it does not permit is an uncleared visit, which opens an incident."""
    when = min(told.event.at, told.at)
    try:
        visit = _in_force(told.visit)
        answer = visit_clear_afterwards(visit=visit, by=told.by, when=when)
        why = answer.why if not answer.may else ""
    except Refused as refused:
        why = refused.message
    if why:
        _uncleared(told, _("Rang by a pass without a network. %(why)s") % {"why": why})
    else:
        _note(told.event, {"code": "CLEARED_AFTERWARDS"})


def _uncleared(told: Following, why: str) -> None:
    incident = uncleared_visit_record(
        visit=told.visit, why=why, when=min(told.event.at, told.at), by=told.by, at=told.at
    )
    _note(told.event, {"code": "NOT_CLEARED", "why": why, "incident": incident.pk})


def _in_force(visit: PlannedVisit) -> PlannedVisit:
    """The visit as the plan in force has it, where a plan made anew on the way still does."""
    alike = visits_in_force().filter(pk__in=visits_alike(visit).values("pk"))
    return alike.select_related("case__borrower", "crew__plan", "plan").first() or visit


def _check_in(told: Following) -> None:
    """The timer runs from when we hear of it: what a phone tells late cannot be overdue already. A
    check-in that no longer fits changes nothing and is kept all the same."""
    try:
        with transaction.atomic():
            CHECKED_IN[told.event.body["what"]](told)
    except Refused as refused:
        _note(told.event, {"code": refused.code, "message": refused.message})


def _arrived(told: Following) -> None:
    timer_start(visit=_in_force(told.visit), by=told.by, at=told.at)


def _well(told: Following) -> None:
    timer_extend(timer=_timer(told.visit), by=told.by, at=told.at)


def _left(told: Following) -> None:
    timer_end(timer=_timer(told.visit), by=told.by, at=told.at)


def _timer(visit: PlannedVisit) -> SafetyTimer:
    timer = SafetyTimer.objects.filter(visit__in=visits_alike(visit)).order_by("-pk").first()
    if timer is None:
        raise Refused(_("No timer runs for this stop."), code="NO_TIMER")
    return timer


def _position(told: Following) -> None:
    body, crew = told.event.body, told.visit.crew
    place = place_of(body.get("latitude"), body.get("longitude"))
    if place is None or crew is None or told.at - told.event.at > POSITION_FRESH:
        return
    try:
        with transaction.atomic():
            position_keep(crew=crew, place=place, by=told.by, at=told.at)
    except Refused as refused:
        _note(told.event, {"code": refused.code, "message": refused.message})


def _dispute(told: Following) -> None:
    dispute_land(visit=told.visit, event=told.event, by=told.by, at=told.at)


def _lands_with_the_record(told: Following) -> None:
    """It lands when the record does. Told after that it would land never: people are to see it."""
    if VisitRecord.objects.filter(visit__in=visits_alike(told.visit)).exists():
        raise Refused(
            _("The record of this visit is filed already; this did not land with it."),
            code="RECORDED", hint=_("Your team leader sees it and settles it."),
        )  # fmt: skip


def _report(told: Following) -> None:
    report_land(visit=told.visit, event=told.event, by=told.by, at=told.at, policy=told.policy)


def _note(event: DoorEvent, outcome: Mapping[str, Any]) -> None:
    event.outcome = dict(outcome)
    event.save(update_fields=["outcome"])


CHECKED_IN: Mapping[str, Callable[[Following], None]] = {
    "arrived": _arrived, "well": _well, "left": _left,
}  # fmt: skip
FOLLOWED: Mapping[str, Callable[[Following], None]] = {
    "step": _step, "check_in": _check_in, "position": _position, "dispute": _dispute,
    "report": _report, "agreement": _lands_with_the_record,
    "affordability": _lands_with_the_record,
}  # fmt: skip
