"""Visits that must not take place any more: taken back everywhere at once, and all are told.

When a protection is recorded, every coming visit to that borrower and every open appointment is put
to the guard again; what it would not permit at its hour is withdrawn in the same transaction: the
plan, the act at the door, the texts that wait, the crew's day; and the borrower who knew is told
that nobody comes. A crew that has been cleared and has not rung yet is told not to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.gathering import facts_standing
from doorstep.dispatch.models import Act
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_acts import FINE, but_caps, visit_acts_withdraw
from doorstep.dispatch.visit_notices import notices_withdrawn, span_told
from doorstep.dispatch.visit_windows import by_two, visit_act
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.guard.decide import decide
from doorstep.guard.verdict import Verdict
from doorstep.portfolio.models import Address
from doorstep.visits.models import Appointment, AppointmentStep, CrewTidings, PlannedVisit
from doorstep.visits.models.appointments import OPEN_APPOINTMENT
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.models.door import DoorHead
from doorstep.visits.selectors.in_force import visits_in_force
from doorstep.visits.services.appointments import appointment_cancel
from doorstep.visits.services.told import crew_tell
from doorstep.workforce.models import Staff

WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Withdrawn:
    """What was taken back."""

    visits: int
    appointments: int


@dataclass(frozen=True)
class _Coming:
    """Something that is to happen at a borrower's door."""

    visit: PlannedVisit | None
    appointment: Appointment | None
    address: Address
    moment: datetime

    @property
    def of(self) -> PlannedVisit | Appointment:
        found = self.visit or self.appointment
        assert found is not None
        return found


@transaction.atomic
def visits_look_again(*, borrower_ids: Iterable[str], at: datetime) -> Withdrawn:
    """Put every coming visit to these borrowers to the guard again, and withdraw what it would not
    permit at its hour. Nothing is read where nobody among them is to be visited."""
    borrowers = sorted(set(borrower_ids))
    _call_back(borrower_ids=borrowers, at=at)
    coming = _coming(borrowers, at)
    if not coming:
        return Withdrawn(0, 0)
    acts = [visit_act(case=each.of.case, address=each.address, at=at) for each in coming]
    standings = facts_standing(acts=acts, at=at, rulebook=rulebook_current())
    stopped: dict[str, list[_Coming]] = {}
    verdicts: dict[str, Verdict] = {}
    for each, standing in zip(coming, standings, strict=True):
        risk = each.visit.risk if each.visit is not None else "low"
        asked = by_two(standing.at(max(each.moment, at)), each.moment, risk)
        verdict = decide(rulebook=rulebook_current(), action=asked.action, facts=asked.facts, at=at)
        if verdict.outcome not in FINE:
            stopped.setdefault(why_of(verdict), []).append(each)
            verdicts.setdefault(why_of(verdict), verdict)
    done = [
        visits_withdraw(
            visits=[each.visit for each in some if each.visit is not None],
            appointments=[each.appointment for each in some if each.appointment is not None],
            why=why, by=None, at=at, verdict=verdicts[why].as_dict(),
        )
        for why, some in stopped.items()
    ]  # fmt: skip
    return Withdrawn(sum(each.visits for each in done), sum(each.appointments for each in done))


def _call_back(*, borrower_ids: list[str], at: datetime) -> None:
    """Tell crews that were cleared a moment ago, and have not said who they are at the door, what
    the guard would say now. Caps do not count here: the visit under way is in them itself."""
    visits = _at_the_door(borrower_ids)
    if not visits:
        return
    acts = [
        visit_act(case=each.case, address=each.address, at=at)
        for each in visits
        if each.address is not None
    ]
    standings = facts_standing(acts=acts, at=at, rulebook=rulebook_current())
    for visit, standing in zip(visits, standings, strict=True):
        asked = by_two(standing.at(at), at, visit.risk)
        verdict = decide(rulebook=rulebook_current(), action=asked.action, facts=asked.facts, at=at)
        why = but_caps(verdict, at.astimezone(ZoneInfo(asked.action.zone)).date())
        if why:
            crew_tell(visits=[visit], what=CrewTidings.WITHDRAWN, why=why, at=at)
            evidence_append(entries=[_entry(visit, why, None)], at=at)


def _at_the_door(borrower_ids: list[str]) -> list[PlannedVisit]:
    rung = DoorHead.objects.filter(
        case=OuterRef("case"), day=OuterRef("crew__day"), topic="step:identity"
    )
    visits = visits_in_force().filter(
        ~Exists(rung), case__borrower__any_of=borrower_ids,
        state=VisitState.UNDER_WAY, address__isnull=False,
    )  # fmt: skip
    return list(visits.select_related("case__borrower", "address").order_by("pk"))


def _coming(borrower_ids: list[str], at: datetime) -> list[_Coming]:
    """Every visit of a published plan that is not over, and every open appointment."""
    visits = PlannedVisit.objects.filter(
        case__borrower__any_of=borrower_ids,
        plan__state=PlanState.PUBLISHED, state=VisitState.PLANNED, ends_at__gt=at,
        address__isnull=False,
    ).select_related("case__borrower", "address")  # fmt: skip
    found = [
        _Coming(visit, None, visit.address, visit.begins_at)
        for visit in visits
        if visit.address is not None and visit.begins_at is not None
    ]
    open_now = Appointment.objects.filter(
        case__borrower__any_of=borrower_ids, state__in=OPEN_APPOINTMENT
    ).filter(Q(until_at__isnull=True) | Q(until_at__gt=at))
    for each in open_now.select_related("case__borrower", "address"):
        address, span = each.address or _some_address(each), span_told(each, None)
        if address is not None and span is not None:
            found.append(_Coming(None, each, address, max(span[0], at)))
    return found


def _some_address(appointment: Appointment) -> Address | None:
    """For a place in the borrower's own words: any address, only to ask about the person."""
    return Address.objects.filter(borrower=appointment.case.borrower_id).order_by("pk").first()


@transaction.atomic
def visits_withdraw(
    *,
    visits: Sequence[PlannedVisit],
    appointments: Sequence[Appointment],
    why: str,
    by: Staff | None,
    at: datetime,
    verdict: dict[str, Any] | None = None,
) -> Withdrawn:
    """Take visits and appointments back: in the plan, at the door, in the outbox, at the borrower,
    and in the crew's day. What belongs together goes together. `why` is the rule that spoke, or
    what somebody wrote; `by` nobody: the machine."""
    open_ones = _together(visits, appointments)
    planned = list(
        PlannedVisit.objects.select_for_update(of=("self",)).select_related("case").filter(
            Q(pk__in=[visit.pk for visit in visits])
            | Q(appointment__in=[each.pk for each in open_ones]),
            plan__state=PlanState.PUBLISHED, state=VisitState.PLANNED,
        )
    )  # fmt: skip
    for visit in planned:
        visit.state, visit.why = VisitState.CANCELLED, WITHDRAWN
        visit.why_more = {"rule": why, **({"verdict": verdict} if verdict else {})}
    PlannedVisit.objects.bulk_update(planned, ["state", "why", "why_more"])
    visit_acts_withdraw(
        visits=PlannedVisit.objects.filter(pk__in=[visit.pk for visit in planned]),
        why=why, by=by, at=at,
    )  # fmt: skip
    crew_tell(visits=planned, what=CrewTidings.WITHDRAWN, why=why, at=at)
    _texts_withdraw(open_ones, by, at)
    for each in open_ones:
        appointment_cancel(
            appointment=each, why=why, by=by, at=at, what="cancelled" if by else WITHDRAWN
        )
    notices_withdrawn(appointments=open_ones, by=by, at=at)
    evidence_append(entries=[_entry(visit, why, by) for visit in planned], at=at)
    return Withdrawn(len(planned), len(open_ones))


def _together(
    visits: Sequence[PlannedVisit], appointments: Sequence[Appointment]
) -> list[Appointment]:
    """The open appointments among those given and those that the visits were to keep."""
    ids = {each.pk for each in appointments}
    ids |= {visit.appointment_id for visit in visits if visit.appointment_id is not None}
    rows = Appointment.objects.filter(pk__in=ids, state__in=OPEN_APPOINTMENT)
    return list(rows.select_related("case__borrower", "address").order_by("pk"))


def _texts_withdraw(appointments: Sequence[Appointment], by: Staff | None, at: datetime) -> None:
    """Take back whatever text about these visits has not gone out."""
    steps = AppointmentStep.objects.filter(appointment__in=appointments, act__gt="")
    waiting = Act.objects.filter(reference__in=list(steps.values_list("act", flat=True)))
    acts_withdraw(acts=waiting, why="visit_withdrawn", by=by.username if by else "", at=at)


def _entry(visit: PlannedVisit, why: str, by: Staff | None) -> Entry:
    return Entry(
        kind="visit.withdrawn",
        subject=visit.case.borrower_id,
        case=str(visit.case_id),
        agent=by.username if by else "",
        body={
            "visit": visit.pk,
            "act": visit.act,
            "begins_at": visit.begins_at.isoformat() if visit.begins_at else None,
            "why": why,
        },
    )


def protection_heard_of_visits(
    sender: Any, *, borrower_ids: Iterable[str], at: datetime, **more: Any
) -> None:
    """What `protections.signals.protection_changed` brings."""
    visits_look_again(borrower_ids=borrower_ids, at=at)
