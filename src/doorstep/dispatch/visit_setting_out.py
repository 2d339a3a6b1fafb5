"""A crew sets out, and the borrower is told: who comes, and how to check that they are real."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.dispatch.models import Act
from doorstep.dispatch.visit_notices import span_told
from doorstep.dispatch.visit_texts import Wanted, agents_of, texts_queue
from doorstep.kernel.errors import Refused
from doorstep.outreach.words import Kind, Medium
from doorstep.visits.appointments import Span
from doorstep.visits.models import AppointmentStep, CrewMember, PlannedVisit
from doorstep.visits.selectors.visitor import visit_is_on
from doorstep.visits.services.appointments import Note, appointments_note
from doorstep.visits.visitor import LATE
from doorstep.workforce.models import Staff

SET_OUT = "set_out"


@transaction.atomic
def crew_set_out_tell(*, visit: PlannedVisit, by: Staff, at: datetime) -> Act | None:
    """Queue a text to the borrower that the crew is on its way; told once, the guard clears it.

    None where there is nothing to tell: no appointment whose code they could check by, told
    already, the time is over, or nobody may write to them now (a line on the appointment says
    why). Raises Refused NOT_PERMITTED for others than the crew, NOT_PLANNED for a visit that is
    not on any more.
    """
    rows = PlannedVisit.objects.select_related(
        "plan", "crew", "appointment__address", "appointment__case__borrower"
    )
    found = rows.get(pk=visit.pk)
    if not CrewMember.objects.filter(crew=found.crew_id, staff=by).exists():
        raise Refused(_("This visit is another crew's."), code="NOT_PERMITTED")
    if not visit_is_on(found):
        raise Refused(
            _("This visit is no longer planned. Do not ring; look at your day again."),
            code="NOT_PLANNED",
        )
    wanted = _wanted(found, at)
    if wanted is None or _told(wanted):
        return None
    sent = texts_queue(wanted=[wanted], by=by, at=at)
    act = sent.acts.get(wanted.appointment.pk)
    agents = tuple(work_id for _name, work_id in wanted.agents)
    why = sent.left_out.get(wanted.appointment.pk, "")
    note = Note(
        wanted.appointment, SET_OUT, act.reference if act else "", why=why,
        agents=agents if act else (),
    )  # fmt: skip
    appointments_note(notes=[note], by=by, at=at)
    return act


def _wanted(visit: PlannedVisit, at: datetime) -> Wanted | None:
    if visit.appointment is None or visit.crew_id is None:
        return None
    span = span_told(visit.appointment, visit)
    ends_at = visit.ends_at
    if span is None or ends_at is None or ends_at <= at:
        return None
    agents: Sequence[tuple[str, str]] = agents_of(crew_ids=[visit.crew_id]).get(visit.crew_id, ())
    told: Span = span
    return Wanted(
        visit.appointment, Kind.VISIT_SET_OUT, told, min(ends_at, at + LATE),
        agents=tuple(agents), media=(Medium.SMS,),
    )  # fmt: skip


def _told(wanted: Wanted) -> bool:
    """Whether a text said so already about this appointment and these people."""
    return AppointmentStep.objects.filter(
        appointment=wanted.appointment, what=SET_OUT, act__gt=""
    ).exists()
