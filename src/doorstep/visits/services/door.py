"""Deeds on what phones tell from doors: taken in once, never overwritten, settled by a person.

Whoever takes in an event holds the visit's case locked until the transaction ends, so that two
phones at the same moment come one after the other.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.door.events import DoorEventIn, says_of
from doorstep.visits.models import DoorConflict, DoorEvent, DoorHead, EventState, PlannedVisit
from doorstep.visits.services.plans import branch_must
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Permission

LONGEST_CHAIN = 50


def visit_lock(*, case_id: int) -> None:
    """Let nobody else take in an event of this case until the caller's transaction ends."""
    list(Case.objects.select_for_update(no_key=True).filter(pk=case_id).values_list("pk"))


def event_take(
    *, visit: PlannedVisit, told: DoorEventIn, device: Device, by: Staff, at: datetime
) -> DoorEvent:
    """Keep an event that is new. It stands as its topic's head where the phone knew the present
    one, or says the same; else it is kept beside it as a conflict. The visit must be locked."""
    day = day_of(visit)
    head = _head(visit, day, told.topic)
    same = head.event if head is not None and _says(head.event) == told.says else None
    knew = head is None or same is not None or head.event_id == _stood_on(told.after)
    event = DoorEvent.objects.create(
        id=told.id, visit=visit, device=device, staff=by, kind=told.kind, topic=told.topic,
        after=told.after, at=told.at, clock_at=told.clock_at, number=told.number,
        body=dict(told.body), sha256=told.sha256, received_at=at, changed_at=at,
        state=EventState.APPLIED if knew else EventState.CONFLICT, same_as=same,
    )  # fmt: skip
    if head is None:
        DoorHead.objects.create(case_id=visit.case_id, day=day, topic=told.topic, event=event)
    elif not knew:
        DoorConflict.objects.create(
            visit=visit, topic=told.topic, stood=head.event, other=event, found_at=at
        )
    elif same is None:
        _stands_now(head, event)
    return event


def event_keep_refused(
    *, visit: PlannedVisit, told: DoorEventIn, device: Device, by: Staff, at: datetime,
    code: str, message: str,
) -> DoorEvent:  # fmt: skip
    """Keep an event that could not be taken in, with the reason, so that nothing is lost: the same
    event sent again, or a person in the office, tries anew."""
    kept, _made = DoorEvent.objects.update_or_create(
        pk=told.id,
        defaults={"outcome": {"code": code, "message": message}, "changed_at": at},
        create_defaults={
            "visit": visit, "device": device, "staff": by, "kind": told.kind, "topic": told.topic,
            "after": told.after, "at": told.at, "clock_at": told.clock_at, "number": told.number,
            "body": dict(told.body), "sha256": told.sha256, "received_at": at, "changed_at": at,
            "state": EventState.REFUSED, "outcome": {"code": code, "message": message},
        },
    )  # fmt: skip
    return kept


def event_log(*, event: DoorEvent, by: Staff, at: datetime) -> None:
    """Put what became of an event into the evidence: its digest, not what it says."""
    body = {
        "event": str(event.pk), "visit": event.visit_id, "topic": event.topic,
        "after": str(event.after) if event.after else None, "happened_at": event.at.isoformat(),
        "number": event.number, "sha256": event.sha256, "state": event.state,
        "device": str(event.device_id), "outcome": event.outcome.get("code", ""),
    }  # fmt: skip
    entry = Entry(
        kind="visit.door_event", subject=event.visit.case.borrower_id, body=body,
        case=str(event.visit.case_id), agent=by.username,
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)


def conflict_settle(
    *, conflict: DoorConflict, keep: UUID, why: str, by: Staff, at: datetime
) -> DoorEvent | None:
    """Keep what stands now, or the version that came later; the other is set aside and stays
    readable. `keep` is the event that whoever settles has seen. Returns the event that newly
    stands, None where what stood stays. The visit must be locked.

    Raises Refused NOT_PERMITTED, SETTLED when somebody was quicker, STALE where something newer
    stands than was seen, RECORDED for a report whose record is filed; InputError without a reason.
    """
    branch_must(by=by, branch=conflict.visit.plan.branch, permission=Permission.SETTLE_DOOR)
    why = _reason(why)
    conflict = DoorConflict.objects.select_related("other").get(pk=conflict.pk)
    if conflict.settled_at is not None:
        raise Refused(_("This was settled already."), code="SETTLED")
    head = _head(conflict.visit, day_of(conflict.visit), conflict.topic)
    assert head is not None
    if keep not in (head.event_id, conflict.other_id):
        raise Refused(
            _("Something newer stands by now."), code="STALE", hint=_("Load the page again.")
        )
    newly = conflict.other if keep == conflict.other_id else None
    if newly is not None and newly.kind == "report":
        raise Refused(
            _("The record of this visit is filed and cannot be replaced."), code="RECORDED",
            hint=_("Keep the one that is filed; add what is missing as a note of the case."),
        )  # fmt: skip
    aside = head.event if newly is not None else conflict.other
    _state(aside, EventState.ASIDE, at)
    DoorConflict.objects.filter(pk=conflict.pk).update(
        stood=head.event, kept=newly or head.event, settled_by=by, settled_at=at, settled_why=why
    )
    if newly is not None:
        _stands_now(head, newly)
        _state(newly, EventState.APPLIED, at)
    return newly


def conflict_log(*, conflict: DoorConflict, by: Staff, at: datetime) -> None:
    """Put how a conflict was settled into the evidence."""
    body = {
        "conflict": conflict.pk, "visit": conflict.visit_id, "topic": conflict.topic,
        "stood": str(conflict.stood_id), "other": str(conflict.other_id),
        "kept": str(conflict.kept_id), "why": conflict.settled_why,
    }  # fmt: skip
    entry = Entry(
        kind="visit.door_conflict_settled", subject=conflict.visit.case.borrower_id, body=body,
        case=str(conflict.visit.case_id), agent=by.username,
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)


def refused_waiting(*, event: DoorEvent, by: Staff) -> DoorEvent:
    """An event that could not be taken in, if it still waits and `by` may see to it; else Refused
    NOT_PERMITTED or SETTLED."""
    branch_must(by=by, branch=event.visit.plan.branch, permission=Permission.SETTLE_DOOR)
    found = DoorEvent.objects.select_related("visit__case", "visit__crew").get(pk=event.pk)
    if found.state != EventState.REFUSED:
        raise Refused(_("This was settled already."), code="SETTLED")
    return found


def refused_aside(*, event: DoorEvent, why: str, by: Staff, at: datetime) -> None:
    """A person has seen to an event that cannot be taken in; it stays readable. The visit must be
    locked. Raises as `refused_waiting`, and InputError without a reason."""
    found, why = refused_waiting(event=event, by=by), _reason(why)
    found.outcome = found.outcome | {"aside_by": by.pk, "aside_why": why}
    found.save(update_fields=["outcome"])
    _state(found, EventState.ASIDE, at)
    event_log(event=found, by=by, at=at)


def told_again(event: DoorEvent) -> DoorEventIn:
    """A kept event as it was sent."""
    return DoorEventIn(
        id=event.pk, visit=event.visit_id, kind=event.kind, topic=event.topic, after=event.after,
        at=event.at, clock_at=event.clock_at, number=event.number, body=event.body,
        sha256=event.sha256, says=_says(event),
    )  # fmt: skip


def _reason(why: str) -> str:
    why = " ".join(why.replace("\x00", "").split())[:300]
    if len(why) < 2:
        raise InputError(_("Say why."), code="NO_REASON", where=Where(field="why"))
    return why


def day_of(visit: PlannedVisit) -> date:
    """The day of a visit that has a crew."""
    assert visit.crew is not None
    return visit.crew.day


def _head(visit: PlannedVisit, day: date, topic: str) -> DoorHead | None:
    heads = DoorHead.objects.filter(case=visit.case_id, day=day, topic=topic)
    return heads.select_related("event").first()


def _stands_now(head: DoorHead, event: DoorEvent) -> None:
    """An event takes the place of the one that stood; what waits to be settled is against it."""
    DoorHead.objects.filter(pk=head.pk).update(event=event)
    waiting = DoorConflict.objects.filter(
        visit__case=head.case_id, visit__crew__day=head.day, topic=head.topic, settled_at=None
    ).exclude(other=event)
    DoorConflict.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        stood=event
    )


def _says(event: DoorEvent) -> str:
    return says_of(kind=event.kind, topic=event.topic, body=event.body)


def _stood_on(after: UUID | None) -> UUID | None:
    """The event that a phone knew last: what says the same as an earlier one counts as that, and
    what could not be taken in as what it followed."""
    for _step in range(LONGEST_CHAIN):
        found = DoorEvent.objects.filter(pk=after).first() if after is not None else None
        if found is None:
            return after
        if found.same_as_id is not None:
            after = found.same_as_id
        elif found.state == EventState.REFUSED:
            after = found.after
        else:
            return after
    return after


def _state(event: DoorEvent, state: EventState, at: datetime) -> None:
    event.state, event.changed_at = state, at
    event.save(update_fields=["state", "changed_at"])
