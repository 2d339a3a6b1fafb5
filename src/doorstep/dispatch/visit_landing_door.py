"""What became of a visit at the door: its act, contact, appointment and timer after the record."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from doorstep.cases.models import Contact
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.visit_heard import uncleared_key
from doorstep.dispatch.visit_report import Report
from doorstep.visits.models import PlannedVisit, SafetyTimer, VisitOutcome
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.in_force import visits_alike
from doorstep.visits.services.appointments import appointment_after_visit
from doorstep.visits.services.safety import timer_end
from doorstep.workforce.models import Staff

RESULTS = {
    VisitOutcome.AGREED: "right_party",
    VisitOutcome.PROMISED: "right_party",
    VisitOutcome.DECLINED: "right_party",
    VisitOutcome.NOT_MET: "no_answer",
    VisitOutcome.THIRD_PARTY: "wrong_party",
    VisitOutcome.REFUSED_TALK: "refused",
    VisitOutcome.LEFT_EARLY: "reached",
}
AT_THE_DOOR = (ActState.CLEARED, ActState.DELIVERED)
ALIKE = (VisitState.PLANNED, VisitState.UNDER_WAY, VisitState.DONE)


def was_cleared(visit: PlannedVisit) -> bool:
    """Whether the guard let the crew ring."""
    return acts_cleared(visit).exists()


def acts_cleared(visit: PlannedVisit) -> QuerySet[Act]:
    """The acts by which the guard let the crew ring, in every plan of the day."""
    references = [act for act in visits_alike(visit).values_list("act", flat=True) if act]
    return Act.objects.filter(reference__in=references, state__in=AT_THE_DOOR)


def door_settle(*, visit: PlannedVisit, outcome: str, by: Staff, at: datetime) -> None:
    """The visit is done, in every plan that holds it for this day; its act and its contact say what
    came of it."""
    result = RESULTS[VisitOutcome(outcome)]
    done = visits_alike(visit).filter(Q(pk=visit.pk) | Q(state__in=ALIKE))
    PlannedVisit.objects.filter(pk__in=list(done.values_list("pk", flat=True))).update(
        state=VisitState.DONE, outcome=outcome
    )
    acts = acts_cleared(visit)
    clearances = [each for each in acts.values_list("clearance_id", flat=True) if each]
    Act.objects.filter(clearance__in=clearances).update(
        state=ActState.DELIVERED, state_at=at, worker="", outcome=result
    )
    told = {"result": result, "actor": by.display_name[:100]}
    Contact.objects.filter(clearance__in=clearances).update(**told)
    Contact.objects.filter(pk=f"past-{uncleared_key(visit)}").update(**told)


def appointment_settle(*, visit: PlannedVisit, report: Report, by: Staff, at: datetime) -> None:
    """The appointment is kept; or missed, where nobody or only somebody else was there."""
    if visit.appointment is not None:
        missed = report.outcome in (VisitOutcome.NOT_MET, VisitOutcome.THIRD_PARTY)
        appointment_after_visit(
            appointment=visit.appointment, met=not missed, why=report.said, by=by, at=at
        )


def timer_settle(*, visit: PlannedVisit, by: Staff, at: datetime) -> None:
    """Whoever writes the record has left the door: a timer that still runs for it ends."""
    running = SafetyTimer.objects.filter(visit__in=visits_alike(visit), ended_at=None)
    timer = running.filter(crew__members__staff=by).first()
    if timer is not None:
        timer_end(timer=timer, by=by, at=at)
