"""What borrowers are told about visits: an invitation, who comes and when, a change, that nobody
comes; and the question before the crew sets out whether it still suits them.

Each is an act cleared by the guard. Where nothing can be written somebody calls: `Sent.left_out`
and the list of appointments say whom.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.dispatch.models import UNDER_CLEARANCE, Act, CallResult
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_slots import slots_must_be_lawful
from doorstep.dispatch.visit_texts import Sent, Wanted, agents_of, planned_of, texts_queue
from doorstep.guard.verdict import Outcome
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.outreach.words import Kind, Medium
from doorstep.portfolio.models import Address
from doorstep.visits.appointments import (
    Span,
    code_make,
    keeps_word,
    spans_read,
    told_window,
)
from doorstep.visits.models import Appointment, AppointmentStep, CrewMember, PlannedVisit
from doorstep.visits.models.appointments import AppointmentState
from doorstep.visits.models.days import PlanState, VisitState
from doorstep.visits.services.appointments import (
    Note,
    appointment_propose,
    appointments_announce,
    appointments_move,
    appointments_note,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

OFFER_WAITS = timedelta(days=2)
CALL_LASTS = timedelta(hours=1)
NOT_NOW = "VISIT_NOT_PERMITTED"


def code_new() -> str:
    """A code that nobody can guess."""
    return code_make(secrets.choice)


@transaction.atomic
def notice_propose(
    *,
    case: Case,
    offered: Sequence[Span],
    through: str,
    by: Staff,
    at: datetime,
    address: Address | None = None,
    place: str = "",
) -> Appointment:
    """Put times for a visit forward: on the phone, or by a text that names one.

    Every time must lie in hours in which the guard would permit the visit. Raises as
    `appointment_propose` and `slots_must_be_lawful`; Refused NO_CALL on the phone without a call of
    `by` in which the customer was established within the hour, and the guard's first word where no
    text may go.
    """
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    call = call_of(case=case, by=by, at=at) if through == "phone" else None
    if through != "phone" and len(offered) != 1:
        raise InputError(_("A text names one time."), where=Where(field="offered"))
    slots_must_be_lawful(case=case, address=address, spans=offered, at=at)
    made = appointment_propose(
        case=case, offered=offered, through=through, code=code_new(), by=by, at=at,
        address=address, place=place, act=call.reference if call else "",
    )  # fmt: skip
    if through != "phone":
        wanted = Wanted(
            made, Kind.APPOINTMENT, offered[0], min(offered[0][0], at + OFFER_WAITS),
            media=(Medium(through),),
        )  # fmt: skip
        one_sent(texts_queue(wanted=[wanted], by=by, at=at), made, "offer_sent", by, at)
    return made


def call_of(*, case: Case, by: Staff, at: datetime) -> Act:
    """The call of `by` in which this case's customer was established within the last hour. Raises
    Refused NO_CALL: what nobody agreed on the phone cannot be recorded as agreed on the phone."""
    result = (
        CallResult.objects.filter(
            act__case=case, by=by, verified_at__gt=at - CALL_LASTS, verified_at__lte=at
        )
        .select_related("act")
        .order_by("-verified_at")
        .first()
    )
    if result is None:
        raise Refused(
            _("You have not spoken with this customer within the last hour."),
            code="NO_CALL",
            hint=_("Call from the call desk first, or propose it by message or letter."),
        )
    return result.act


@transaction.atomic
def notices_send(*, visits: Sequence[PlannedVisit], by: Staff, at: datetime) -> Sent:
    """Tell the borrowers of planned visits who comes, when, where and why, and how to check it.

    Visits must be of a published plan and still planned; others are refused as WRONG_STATE. The
    guard is asked about each visit again: what it does not permit is not announced. Set-based.
    Raises Refused without permission.
    """
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    chosen = _sendable(visits)
    refused = _not_permitted(chosen, at)
    told = [visit for visit in chosen if visit.pk not in refused]
    of_visit = appointments_announce(visits=told, draw=code_new, by=by, at=at)
    agents = agents_of(crew_ids=[visit.crew_id for visit in told if visit.crew_id])
    wanted = [
        Wanted(
            of_visit[visit.pk], Kind.VISIT_NOTICE, span, span[0],
            agents=agents.get(visit.crew_id or 0, ()),
        )
        for visit in told
        if (span := span_told(of_visit[visit.pk], visit)) is not None and span[0] > at
    ]  # fmt: skip
    sent = texts_queue(wanted=wanted, by=by, at=at)
    _noted(sent, wanted, "notice", by, at)
    for visit in chosen:
        if visit.pk in refused and visit.appointment_id:
            sent.left_out[visit.appointment_id] = NOT_NOW
    return sent


def notice_send(*, visit: PlannedVisit, by: Staff, at: datetime) -> Act:
    """The same for one visit. Raises Refused with the reason where nothing can be sent."""
    sent = notices_send(visits=[visit], by=by, at=at)
    for act in sent.acts.values():
        return act
    raise _nothing(next(iter(sent.left_out.values()), NOT_NOW))


def span_told(appointment: Appointment, visit: PlannedVisit | None) -> Span | None:
    """The time a borrower is told: what was agreed, else the hour that was announced."""
    if appointment.from_at is not None and appointment.until_at is not None:
        return appointment.from_at, appointment.until_at
    if visit is not None and visit.begins_at is not None:
        return told_window(visit.begins_at)
    offered = spans_read(appointment.offered)
    return offered[0] if offered else None


@transaction.atomic
def notices_changed(*, visits: Sequence[PlannedVisit], by: Staff, at: datetime) -> Sent:
    """Tell the borrowers of re-planned visits the new hour, where the visit does not begin within
    what they were told, and who comes, where others come than they were told. An appointment is
    moved with its hour, and is to be confirmed again."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    chosen = _sendable(visits)
    agents = agents_of(crew_ids=[visit.crew_id for visit in chosen if visit.crew_id])
    named = _agents_named([visit.appointment_id for visit in chosen if visit.appointment_id])
    moves: list[tuple[Appointment, Span]] = []
    wanted: list[Wanted] = []
    for visit in chosen:
        appointment = visit.appointment
        told = span_told(appointment, None) if appointment is not None else None
        if appointment is None or told is None or visit.begins_at is None:
            continue
        coming = agents.get(visit.crew_id or 0, ())
        before = named.get(appointment.pk)
        others = before is not None and before != {work_id for _name, work_id in coming}
        span = told
        if not keeps_word(visit.begins_at, told):
            span = told_window(visit.begins_at)
            moves.append((appointment, span))
        elif not others:
            continue
        wanted.append(
            Wanted(
                appointment, Kind.VISIT_CHANGE, span, visit.ends_at or span[1], agents=coming,
                media=(Medium.SMS,),
            )
        )  # fmt: skip
    appointments_move(moves=moves, by=by, at=at)
    sent = texts_queue(wanted=wanted, by=by, at=at)
    _noted(sent, wanted, "change_told", by, at)
    return sent


def _agents_named(appointment_ids: Sequence[int]) -> dict[int, set[str]]:
    """The work ids of the visitors that each borrower was told last."""
    rows = AppointmentStep.objects.filter(
        appointment__any_of=list(appointment_ids), more__has_key="agents"
    ).order_by("at", "pk")
    return {pk: set(more["agents"]) for pk, more in rows.values_list("appointment_id", "more")}


@transaction.atomic
def notices_withdrawn(
    *, appointments: Sequence[Appointment], by: Staff | None, at: datetime
) -> Sent:
    """Tell those who knew of a visit that nobody comes. Who never heard of it is left in peace."""
    knew = _who_knew(appointments)
    wanted = [
        Wanted(each, Kind.VISIT_WITHDRAWN, span, span[1])
        for each in appointments
        if each.pk in knew and (span := span_told(each, None)) is not None and span[1] > at
    ]
    sent = texts_queue(wanted=wanted, by=by, at=at)
    _noted(sent, wanted, "withdrawal_told", by, at)
    return sent


def _who_knew(appointments: Sequence[Appointment]) -> set[int]:
    """Those that were agreed, or spoken of on the phone, or of which a text has gone out."""
    knew = {
        each.pk
        for each in appointments
        if each.from_at is not None or each.proposed_through == "phone"
    }
    texts = AppointmentStep.objects.filter(
        appointment__in=[each.pk for each in appointments], act__gt=""
    ).values_list("appointment_id", "act")
    by_reference = {reference: appointment_id for appointment_id, reference in texts}
    gone = Act.objects.filter(reference__in=list(by_reference), state__in=UNDER_CLEARANCE)
    return knew | {by_reference[each] for each in gone.values_list("reference", flat=True)}


@transaction.atomic
def reconfirm(*, appointment: Appointment, by: Staff, at: datetime) -> Act:
    """Ask by SMS, shortly before the crew sets out, whether it still suits the borrower. Raises
    Refused without permission, NO_CREW while nobody knows who comes, WRONG_STATE when it is not
    agreed or over, or with the reason why no text can go."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    related = Appointment.objects.select_related("case__borrower", "address")
    appointment = related.get(pk=appointment.pk)
    if appointment.state != AppointmentState.AGREED:
        raise Refused(_("This appointment is not agreed."), code="WRONG_STATE")
    visit = planned_of(appointment_ids=[appointment.pk]).get(appointment.pk)
    if visit is None or visit.crew_id is None:
        raise Refused(
            _("No published plan says who goes to this appointment."),
            code="NO_CREW",
            hint=_("Publish the day's plan first."),
        )
    span = span_told(appointment, visit)
    if span is None or span[1] <= at:
        raise Refused(_("The time of this appointment is over."), code="TOO_LATE")
    agents = agents_of(crew_ids=[visit.crew_id]).get(visit.crew_id, ())
    wanted = Wanted(
        appointment, Kind.VISIT_CONFIRM, span, span[0] if span[0] > at else span[1],
        agents=agents, media=(Medium.SMS,),
    )  # fmt: skip
    sent = texts_queue(wanted=[wanted], by=by, at=at)
    _noted(sent, [wanted], "reconfirm", by, at)
    act = sent.acts.get(appointment.pk)
    if act is None:
        raise _nothing(sent.left_out.get(appointment.pk, ""))
    return act


def one_sent(sent: Sent, appointment: Appointment, what: str, by: Staff, at: datetime) -> Act:
    """The one act that was queued, noted on its appointment. Raises Refused where there is none."""
    act = sent.acts.get(appointment.pk)
    if act is None:
        raise _nothing(sent.left_out.get(appointment.pk, ""))
    appointments_note(notes=[Note(appointment, what, act.reference)], by=by, at=at)
    return act


def _nothing(why: str) -> Refused:
    """The refusal: `why` is its code, a word of ours or the rule that spoke."""
    return Refused(
        _("Nothing can be sent to this customer about the visit."),
        code=why or NOT_NOW,
        hint=_("Call them, or choose another time."),
    )


def _noted(sent: Sent, wanted: Sequence[Wanted], what: str, by: Staff | None, at: datetime) -> None:
    """A line on each appointment: what was queued, or that somebody must call instead."""
    notes = [
        Note(each.appointment, what, act.reference, agents=tuple(n for _, n in each.agents))
        if (act := sent.acts.get(each.appointment.pk)) is not None
        else Note(each.appointment, "to_call", why=sent.left_out.get(each.appointment.pk, ""))
        for each in wanted
    ]
    appointments_note(notes=notes, by=by, at=at)


def _sendable(visits: Sequence[PlannedVisit]) -> list[PlannedVisit]:
    """The visits read afresh, with all that a text about them needs. Raises Refused WRONG_STATE
    for one that no published plan holds any more."""
    rows = PlannedVisit.objects.filter(pk__any_of=[visit.pk for visit in visits]).select_related(
        "plan", "case__borrower", "address", "appointment__address", "appointment__case__borrower"
    )
    found = list(rows.order_by("begins_at", "pk"))
    for visit in found:
        if visit.plan.state != PlanState.PUBLISHED or visit.state != VisitState.PLANNED:
            raise Refused(
                _("This visit is not in a published plan any more."),
                code="WRONG_STATE",
                hint=_("Load the page again."),
            )
    return found


def _not_permitted(visits: Sequence[PlannedVisit], at: datetime) -> Mapping[int, str]:
    """Those that the guard does not permit at their hour any more, by visit."""
    crews: dict[int, list[int]] = {}
    members = CrewMember.objects.filter(crew__in={visit.crew_id for visit in visits})
    for crew_id, staff_id in members.values_list("crew_id", "staff_id"):
        crews.setdefault(crew_id, []).append(staff_id)
    asked = [each for visit in visits if (each := _going(visit, crews)) is not None]
    going = [each for _pk, each in asked]
    verdicts = visits_check(going=going, at=at, rulebook=rulebook_current())
    fine = (Outcome.PERMIT, Outcome.PERMIT_IF)
    found = {
        pk: str(verdict.outcome)
        for (pk, _each), verdict in zip(asked, verdicts, strict=True)
        if verdict.outcome not in fine
    }
    return found | {visit.pk: "no_address" for visit in visits if visit.address is None}


def _going(visit: PlannedVisit, crews: Mapping[int, Sequence[int]]) -> tuple[int, Going] | None:
    """The visit as it is planned; None without an address."""
    if visit.address is None or visit.begins_at is None or visit.ends_at is None:
        return None
    return visit.pk, Going(
        case=visit.case, address=visit.address, staff_ids=tuple(crews.get(visit.crew_id or 0, ())),
        begins_at=visit.begins_at, ends_at=visit.ends_at, risk=visit.risk,
    )  # fmt: skip
