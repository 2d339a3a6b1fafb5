"""The desk tells a crew on its way what it should know."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.visits.models import CrewDay, DeskNote, PlannedVisit
from doorstep.visits.record import line_of
from doorstep.visits.safety import emergency, within_shift
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

MOST_TEXT = 300


@transaction.atomic
def desk_tell(
    *, crew: CrewDay, text: str, by: Staff, at: datetime, visit: PlannedVisit | None = None
) -> DeskNote:
    """Send a crew a fact, about one of its visits or about the day: it shows on its phones.

    Raises Refused without permission, or OUTSIDE_WORK once the crew's hours are over; InputError
    without words, or for a visit of another crew.
    """
    must_may(by=by, permission=Permission.TELL_CREWS)
    text = " ".join(line_of(text, MOST_TEXT).split())
    if not text:
        raise InputError(_("Write what the crew should know."), where=Where(field="text"))
    if visit is not None and visit.crew_id != crew.pk:
        raise InputError(_("This visit is another crew's."), where=Where(field="visit"))
    if crew.off_at is not None or not within_shift(
        at=at, begins_at=crew.begins_at, ends_at=crew.ends_at, plan=emergency()
    ):
        raise Refused(
            _("This crew is not at work now."), code="OUTSIDE_WORK",
            hint=_("Call its members, or tell the crew that goes next."),
        )  # fmt: skip
    note = DeskNote.objects.create(crew=crew, visit=visit, text=text, at=at, by=by)
    case = visit.case if visit is not None else None
    entry = Entry(
        kind="visit.desk_told", subject=case.borrower_id if case else "",
        case=str(case.pk) if case else "", agent=by.username,
        body={"note": note.pk, "crew": crew.pk, "visit": visit.pk if visit else None,
              "text": text},
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)
    return note
