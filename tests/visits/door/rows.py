"""What phones told, as rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from doorstep.visits.models import DoorConflict, DoorEvent, PlannedVisit
from tests.factories import AT
from tests.visits.taping import Phone, make_phone


def make_door_event(*, visit: PlannedVisit, phone: Phone | None = None, **fields: Any) -> DoorEvent:
    """A note, applied, unless said otherwise."""
    assert visit.crew is not None
    member = visit.crew.members.earliest("pk")
    phone = phone or make_phone(member.staff)
    event_id = uuid4()
    values: dict[str, Any] = {
        "kind": "note", "topic": f"note:{event_id}", "at": AT, "clock_at": AT, "number": 1,
        "body": {"text": "门口有狗"}, "sha256": "0" * 64, "state": "applied", "received_at": AT,
        "changed_at": AT, **fields,
    }  # fmt: skip
    return DoorEvent.objects.create(
        pk=event_id, visit=visit, device=phone.device, staff=phone.staff, **values
    )


def make_conflict(*, visit: PlannedVisit) -> DoorConflict:
    """Two phones that say differently whether they were asked in; not in any head."""
    about: dict[str, Any] = {"kind": "step", "topic": "step:consent_enter"}
    stood, other = (
        make_door_event(
            visit=visit, state=state,
            body={"step": "consent_enter", "how": "done", "given": state == "applied"}, **about,
        )
        for state in ("applied", "conflict")
    )  # fmt: skip
    assert visit.crew is not None
    visit.case.door_heads.create(day=visit.crew.day, topic=stood.topic, event=stood)
    return DoorConflict.objects.create(
        visit=visit, topic=stood.topic, stood=stood, other=other, found_at=AT
    )
