"""Deeds on what crews are told of visits that changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.visits.models import CrewMember, CrewTidings, CrewTold, PlannedVisit
from doorstep.workforce.models import Staff


def crew_tell(
    *, visits: Sequence[PlannedVisit], what: CrewTidings, why: str, at: datetime
) -> list[CrewTold]:
    """Put it on the first page of every member of the visits' crews, and into the evidence. Told
    before of the same, they are told anew; what they were told before of a visit and had not seen
    yet is overtaken and goes. A visit without a crew tells nobody."""
    crews = {visit.crew_id for visit in visits if visit.crew_id is not None}
    members = CrewMember.objects.filter(crew__in=crews).order_by("-leads", "pk")
    of_crew: dict[int, list[int]] = {}
    for member in members:
        of_crew.setdefault(member.crew_id, []).append(member.staff_id)
    told = [
        CrewTold(visit=visit, staff_id=staff_id, what=what, why=why[:300], at=at)
        for visit in visits
        for staff_id in of_crew.get(visit.crew_id or 0, ())
    ]
    CrewTold.objects.filter(visit__in=visits, seen_at=None).exclude(what=what).delete()
    CrewTold.objects.bulk_create(
        told, update_conflicts=True, unique_fields=["visit", "staff", "what"],
        update_fields=["why", "at", "seen_at"],
    )  # fmt: skip
    evidence_append(entries=[_entry(visit, what, why, of_crew) for visit in visits], at=at)
    return told


def told_see(*, staff: Staff, told_ids: Iterable[int], at: datetime) -> int:
    """Somebody has seen what they were told; how many lines that were."""
    own = CrewTold.objects.filter(staff=staff, pk__in=list(told_ids), seen_at=None)
    return own.update(seen_at=at)


def _entry(
    visit: PlannedVisit, what: CrewTidings, why: str, of_crew: dict[int, list[int]]
) -> Entry:
    return Entry(
        kind="visit.crew_told",
        subject=visit.case.borrower_id,
        case=str(visit.case_id),
        body={
            "visit": visit.pk,
            "what": str(what),
            "why": why,
            "begins_at": visit.begins_at.isoformat() if visit.begins_at else None,
            "crew": visit.crew_id,
            "told": of_crew.get(visit.crew_id or 0, []),
        },
    )
