"""What is new for a crew: visits withdrawn, moved, given or taken, words of the desk, what its
other phones told, and what waits for a person to settle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from doorstep.kernel import clock
from doorstep.sites.field.auth import DeviceRequest, by_device
from doorstep.sites.field.day_parts import revision_of
from doorstep.sites.field.json_in import wrong
from doorstep.sites.field.times import iso
from doorstep.sites.office.told import told_why
from doorstep.visits.models import CrewTold, DoorConflict, DoorEvent, SafetyTimer
from doorstep.visits.selectors.door import conflicts_of, conflicts_settled, events_of_others
from doorstep.visits.selectors.records import desk_notes_since
from doorstep.visits.selectors.safety import crew_of_day, stops_to_make
from doorstep.workforce.models import Staff

OVERLAP = timedelta(minutes=2)
"""What another transaction was still writing when the last answer was made is told with the next:
the phone drops what it knows already."""
SOON = timedelta(microseconds=1)
FURTHEST = timedelta(days=1)
MOST = 500


@by_device
@require_GET
def changes(request: DeviceRequest) -> HttpResponse:
    """What is new since `after`, the cursor of the last answer; without it, of the last day."""
    now, staff = clock.now(), request.staff
    since = max(_cursor(request.GET.get("after", ""), now) - OVERLAP, now - FURTHEST)
    crew = crew_of_day(staff=staff, day=clock.today(settings.TIME_ZONE))
    visits = stops_to_make(crew=crew) if crew else []
    events = events_of_others(staff=staff, device=request.device, since=since, limit=MOST)
    cursor = events[-1].changed_at + OVERLAP - SOON if len(events) == MOST else now
    conflicts = conflicts_of(staff=staff, day=crew.day) if crew else []
    settled = conflicts_settled(staff=staff, day=crew.day) if crew else []
    return JsonResponse(
        {
            "cursor": str(int(cursor.timestamp() * 1_000_000)),
            "now": iso(now),
            "revision": revision_of(crew=crew, visits=visits) if crew else "",
            "changes": _told(staff, since),
            "events": [_event(each) for each in events],
            "conflicts": [
                {"topic": each.topic, "visit": each.visit_id,
                 "ids": [str(each.stood_id), str(each.other_id)]}
                for each in conflicts
            ],
            "settled": [_settled(each) for each in settled],
            "timers": _timers(staff),
        }
    )  # fmt: skip


def _cursor(text: str, now: datetime) -> datetime:
    if not text:
        return now - FURTHEST
    if not (text.isascii() and text.isdigit() and len(text) <= 17):
        raise wrong("after")
    try:
        return datetime.fromtimestamp(int(text) / 1_000_000, tz=UTC)
    except (OverflowError, ValueError, OSError):
        raise wrong("after") from None


def _told(staff: Staff, since: datetime) -> list[dict[str, Any]]:
    rows = CrewTold.objects.filter(staff=staff, at__gt=since).select_related("visit")
    found = [
        {
            "visit": row.visit_id,
            "what": row.what,
            "why": told_why(row.visit, row.why),
            "at": iso(row.at),
        }
        for row in rows.order_by("at", "pk")[:MOST]
    ]
    notes = [
        {"visit": note.visit_id, "what": "fact", "why": note.text, "at": iso(note.at)}
        for note in desk_notes_since(staff_id=staff.pk, cursor=since)
    ]
    return sorted([*found, *notes], key=lambda each: str(each["at"]))


def _event(event: DoorEvent) -> dict[str, Any]:
    return {
        "id": str(event.pk), "visit": event.visit_id, "kind": event.kind, "topic": event.topic,
        "after": str(event.after) if event.after else None, "at": iso(event.at),
        "clock_at": iso(event.clock_at), "number": event.number, "body": event.body,
        "staff": event.staff_id,
    }  # fmt: skip


def _settled(conflict: DoorConflict) -> dict[str, Any]:
    """What a person kept, and what was set aside for it."""
    aside = {conflict.stood_id, conflict.other_id} - {conflict.kept_id}
    return {
        "topic": conflict.topic, "visit": conflict.visit_id, "kept": str(conflict.kept_id),
        "aside": sorted(str(each) for each in aside),
    }  # fmt: skip


def _timers(staff: Staff) -> list[dict[str, Any]]:
    rows = SafetyTimer.objects.filter(crew__members__staff=staff, ended_at=None)
    return [
        {"visit": row.visit_id, "due_at": iso(row.due_at), "alarm_at": iso(row.alarm_at)}
        for row in rows
    ]
