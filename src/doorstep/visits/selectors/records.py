"""Visit records to look at: whose they are, which are missing, what the desk told crews."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from doorstep.cases.selectors import cases_visible_to
from doorstep.evidence.files import file_open
from doorstep.kernel.errors import NotFound
from doorstep.protections.terms import local_day
from doorstep.visits.models import DeskNote, PlannedVisit, VisitRecord, VisitRecordDocument
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.in_force import visits_in_force
from doorstep.visits.trip_pack import SEEN_AFTER
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Role

LOOKED_BACK = timedelta(days=30)
MOST_NOTES = 100


def records_visible_to(*, staff: Staff, at: datetime) -> QuerySet[VisitRecord]:
    """The records of the cases that `staff` may see; an agent sees those of the own crew too, until
    some hours after its day."""
    seen = Q(case__in=cases_visible_to(staff=staff).values("pk"))
    if staff.role == Role.FIELD_AGENT:
        own = PlannedVisit.objects.filter(
            crew__members__staff=staff, crew__ends_at__gte=at - SEEN_AFTER
        )
        seen |= Q(visit__in=own.values("pk"))
    return VisitRecord.objects.filter(seen)


def visits_without_record(*, staff: Staff, at: datetime) -> QuerySet[PlannedVisit]:
    """Visits of published days that were begun or made, lately, and have no record though the hours
    of their crew are over. No query for those who may see none."""
    if not staff.may(Permission.SEE_RECORDS):
        return PlannedVisit.objects.none()
    recorded = VisitRecord.objects.filter(
        visit__case=OuterRef("case"), visit__crew__day=OuterRef("crew__day")
    )
    found = visits_in_force().filter(
        ~Exists(recorded),
        Exists(cases_visible_to(staff=staff).filter(pk=OuterRef("case"))),
        state__in=(VisitState.UNDER_WAY, VisitState.DONE),
        crew__ends_at__lt=at,
        crew__ends_at__gte=at - LOOKED_BACK,
    )
    return found.order_by("begins_at", "pk")


def document_of(record: VisitRecord) -> tuple[bytes, str]:
    """The filed PDF and its digest. Raises NotFound NO_DOCUMENT while it could not be made, and as
    `file_open`."""
    kept = VisitRecordDocument.objects.filter(record=record).first()
    if kept is None:
        raise NotFound("This record has no document yet.", code="NO_DOCUMENT")
    opened = file_open(
        subject=record.case.borrower_id, place=document_place(record.number),
        sealed=bytes(kept.sealed),
    )  # fmt: skip
    return opened, kept.sha256


def document_place(number: str) -> str:
    """Where a record's document lies: it opens nowhere else."""
    return f"visits_visitrecorddocument:sealed:{number}"


def signature_place(number: str, about: str, party: str) -> str:
    """Where a signature's picture lies: it opens nowhere else."""
    return f"visits_visitsignature:sealed:{number}/{about}/{party}"


def desk_notes_since(*, staff_id: int, cursor: datetime) -> list[DeskNote]:
    """What the desk told the crews somebody is in since an instant, the latest hundred of it, the
    earliest first; one query. Nothing of the days before."""
    rows = DeskNote.objects.filter(
        crew__members__staff=staff_id, crew__day__gte=local_day(cursor), at__gte=cursor
    )
    return list(rows.order_by("-pk")[:MOST_NOTES])[::-1]
