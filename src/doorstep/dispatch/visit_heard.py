"""What phones have told of a visit so far, as the landing of its report reads it."""

from __future__ import annotations

from doorstep.visits.models import PlannedVisit
from doorstep.visits.models.door import DoorHead, EventState
from doorstep.visits.record import Heard

CLOSING = "report"


def heard_of(visit: PlannedVisit) -> list[Heard]:
    """The events that stand for a visit, but for the closing one, in their order; one query. A
    visit is the same in every plan of its day."""
    if visit.crew is None:
        return []
    heads = DoorHead.objects.filter(
        case=visit.case_id, day=visit.crew.day, event__state=EventState.APPLIED
    ).exclude(event__kind=CLOSING)
    events = [head.event for head in heads.select_related("event")]
    events.sort(key=lambda each: (each.at, each.number))
    return [
        Heard(id=str(each.pk), kind=each.kind, topic=each.topic, body=each.body, at=each.at)
        for each in events
    ]


def uncleared_key(visit: PlannedVisit) -> str:
    """What names a ring without clearance: the same for every plan of the day."""
    day = visit.crew.day.isoformat() if visit.crew else f"v{visit.pk}"
    return f"visit-{visit.case_id}-{day}"
