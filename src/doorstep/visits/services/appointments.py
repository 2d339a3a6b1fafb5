"""Deeds on appointments: what was put forward, what the borrower chose, and what came of it.

`appointment_propose` (PROPOSED) -> `appointment_agree` (AGREED; again for another time) or
`appointment_decline` -> `appointment_confirm` shortly before -> `appointment_keep` or
`appointment_miss`. `appointment_cancel` from wherever it is open. What is sent about it is the
business of the one door (`dispatch.visit_notices`); here stands what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Address
from doorstep.visits.appointments import (
    MOST_OFFERED,
    Span,
    span_fault,
    spans_written,
    told_window,
)
from doorstep.visits.models import Appointment, AppointmentStep, PlannedVisit
from doorstep.visits.models.appointments import OPEN_APPOINTMENT, AppointmentState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

WAYS = ("phone", "sms", "letter", "notice")
USABLE = ("verified", "unverified", "stale")
WISHES = {"woman": bool, "call_before": bool, "note": str}
EARLIEST = timedelta(minutes=30)
"""How much before its time a crew may come for an appointment that it then has kept."""


@transaction.atomic
def appointment_propose(
    *,
    case: Case,
    offered: Sequence[Span],
    through: str,
    code: str,
    by: Staff,
    at: datetime,
    address: Address | None = None,
    place: str = "",
    act: str = "",
) -> Appointment:
    """Put one to three times for a visit forward. `place` where it is none of their addresses.

    Raises Refused without permission, for a closed case, or while another appointment is open;
    InputError for times or a place that cannot be.
    """
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    if through not in WAYS:
        raise InputError(_("Choose how it is proposed."), where=Where(field="through"))
    if case.status != "open":
        raise Refused(_("This case is closed."), code="CLOSED")
    _check_offered(offered, at)
    _check_place(case.borrower_id, address, place)
    _must_be_only(case)
    made = Appointment.objects.create(
        case=case, address=address, place=_line(place), offered=spans_written(offered),
        proposed_through=through, code=code, proposed_by=by, proposed_at=at,
    )  # fmt: skip
    _step(made, "proposed", by, at, act=act, offered=made.offered, through=through)
    return made


@transaction.atomic
def appointment_agree(
    *,
    appointment: Appointment,
    from_at: datetime,
    until_at: datetime,
    how: str,
    by: Staff,
    at: datetime,
    address: Address | None = None,
    place: str = "",
    wishes: Mapping[str, Any] | None = None,
    act: str = "",
) -> Appointment:
    """The borrower chose a time and place, which need not be among those put forward; `how` we
    know. An agreed one is agreed anew for another time, and then to be confirmed again.

    Raises Refused without permission or when it is not open, InputError for a time or place that
    cannot be, or without saying how.
    """
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    appointment = _open(appointment)
    _check_offered([(from_at, until_at)], at)
    if address is None and not place.strip():
        address, place = appointment.address, appointment.place
    _check_place(appointment.case.borrower_id, address, place)
    how = _said(how, "how", _("Say how the customer agreed."))
    moved = appointment.state == AppointmentState.AGREED
    before = _times(appointment)
    appointment.from_at, appointment.until_at = from_at, until_at
    appointment.address, appointment.place = address, _line(place)
    appointment.state, appointment.confirmed_at = AppointmentState.AGREED, None
    if wishes is not None:
        appointment.wishes = _wishes(wishes)
    appointment.save()
    _step(
        appointment, "moved" if moved else "agreed", by, at, why=how, act=act,
        wishes=appointment.wishes, **(before if moved else {}),
    )  # fmt: skip
    return appointment


@transaction.atomic
def appointment_decline(
    *, appointment: Appointment, why: str, by: Staff, at: datetime, act: str = ""
) -> Appointment:
    """The borrower wants no visit; `why` in their words. Raises as `appointment_agree`."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    why = _said(why, "why", _("Say what the customer said."))
    return _end(_open(appointment), AppointmentState.DECLINED, "declined", by, at, why, act)


@transaction.atomic
def appointment_cancel(
    *, appointment: Appointment, why: str, by: Staff | None, at: datetime, what: str = "cancelled"
) -> Appointment:
    """The visit does not take place. `by` nobody: the machine withdrew it (`what` withdrawn).
    Raises Refused without permission or when it is not open, InputError without a reason."""
    if by is not None:
        must_may(by=by, permission=Permission.PROPOSE_VISITS)
    why = _said(why, "why", _("Say why the visit does not take place."))
    return _end(_open(appointment), AppointmentState.CANCELLED, what, by, at, why, "")


@transaction.atomic
def appointment_confirm(
    *, appointment: Appointment, how: str, by: Staff, at: datetime, act: str = ""
) -> Appointment:
    """The borrower said again, before the crew leaves, that it stands. Raises Refused without
    permission, when it is not agreed, or when its time is over; InputError without saying how."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    appointment = _agreed(appointment)
    if appointment.until_at is None or appointment.until_at <= at:
        raise Refused(_("The time of this appointment is over."), code="TOO_LATE")
    how = _said(how, "how", _("Say how the customer confirmed."))
    appointment.confirmed_at = at
    appointment.save(update_fields=["confirmed_at"])
    _step(appointment, "confirmed", by, at, why=how, act=act)
    return appointment


@transaction.atomic
def appointment_keep(*, appointment: Appointment, by: Staff, at: datetime) -> Appointment:
    """The visit took place as agreed. Raises Refused before its time or when it is not agreed."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    appointment = _agreed(appointment)
    _must_have_begun(appointment, at)
    return _end(appointment, AppointmentState.KEPT, "kept", by, at, "", "")


@transaction.atomic
def appointment_miss(*, appointment: Appointment, why: str, by: Staff, at: datetime) -> Appointment:
    """The visit did not take place though it was agreed: who was not there, and why. Raises as
    `appointment_keep`; InputError without a reason."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    appointment = _agreed(appointment)
    _must_have_begun(appointment, at)
    why = _said(why, "why", _("Say who was not there, and why."))
    return _end(appointment, AppointmentState.MISSED, "missed", by, at, why, "")


@transaction.atomic
def appointment_after_visit(
    *, appointment: Appointment, met: bool, why: str, by: Staff, at: datetime
) -> Appointment:
    """A crew came for it at `at`: kept, or missed where it met nobody to keep it with (`why`). One
    that was announced and never answered counts for the time announced. What is over already, or
    lies ahead, stays as it is. Raises Refused for those who do not go out."""
    must_may(by=by, permission=Permission.CHECK_IN)
    found = _locked(appointment)
    if found.state == AppointmentState.PROPOSED and found.offered and _has_place(found):
        found.from_at, found.until_at = (
            datetime.fromisoformat(each) for each in found.offered[0]
        )  # fmt: skip
    elif found.state != AppointmentState.AGREED:
        return found
    if found.from_at is None or at < found.from_at - EARLIEST:
        return _locked(appointment)
    found.save(update_fields=["from_at", "until_at"])
    if met:
        return _end(found, AppointmentState.KEPT, "kept", by, at, "", "")
    return _end(found, AppointmentState.MISSED, "missed", by, at, _line(why), "")


def _has_place(appointment: Appointment) -> bool:
    return appointment.address_id is not None or bool(appointment.place)


@dataclass(frozen=True)
class Note:
    """Something was sent or asked about an appointment: `act` is its reference; `agents` the work
    ids of those it named as visitors."""

    appointment: Appointment
    what: str
    act: str = ""
    why: str = ""
    agents: tuple[str, ...] = ()

    @property
    def more(self) -> dict[str, list[str]]:
        """What is kept beside."""
        return {"agents": list(self.agents)} if self.agents else {}


@transaction.atomic
def appointments_note(*, notes: Sequence[Note], by: Staff | None, at: datetime) -> None:
    """Keep what was sent about appointments, all at once."""
    AppointmentStep.objects.bulk_create(
        AppointmentStep(
            appointment=each.appointment, what=each.what, at=at, by=by, why=each.why[:300],
            act=each.act, more=each.more,
        )
        for each in notes
    )  # fmt: skip
    evidence_append(
        entries=[
            _entry(each.appointment, each.what, by, each.why, each.act, each.more) for each in notes
        ],
        at=at,
    )


@transaction.atomic
def appointments_announce(
    *, visits: Sequence[PlannedVisit], draw: Callable[[], str], by: Staff, at: datetime
) -> dict[int, Appointment]:
    """The appointment of each planned visit, by visit: the open one of the case, else a new one
    that puts the planned hour forward, so that the borrower has a code and can answer. `draw`
    makes codes. Set-based. Raises Refused without permission."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    cases = [visit.case_id for visit in visits]
    open_now = {
        row.case_id: row
        for row in Appointment.objects.filter(case__any_of=cases, state__in=OPEN_APPOINTMENT)
    }
    made = [_announced(visit, draw(), by, at) for visit in visits if visit.case_id not in open_now]
    Appointment.objects.bulk_create(made)
    appointments_note(notes=[Note(each, "announced") for each in made], by=by, at=at)
    of_case = open_now | {each.case_id: each for each in made}
    for visit in visits:
        visit.appointment = of_case[visit.case_id]
        visit.appointment.case = visit.case
    PlannedVisit.objects.bulk_update(visits, ["appointment"])
    return {visit.pk: of_case[visit.case_id] for visit in visits}


@transaction.atomic
def appointments_move(
    *, moves: Sequence[tuple[Appointment, Span]], by: Staff, at: datetime
) -> None:
    """Another hour for each, because the plan changed: what was agreed is agreed for the new hour
    until the borrower says otherwise, and is to be confirmed again. Set-based. Raises Refused
    without permission."""
    must_may(by=by, permission=Permission.PROPOSE_VISITS)
    before = {each.pk: _times(each) for each, _span in moves}
    for each, (from_at, until_at) in moves:
        each.confirmed_at = None
        if each.state == AppointmentState.AGREED:
            each.from_at, each.until_at = from_at, until_at
        else:
            each.offered = spans_written([(from_at, until_at)])
    changed = [each for each, _span in moves]
    Appointment.objects.bulk_update(changed, ["from_at", "until_at", "offered", "confirmed_at"])
    AppointmentStep.objects.bulk_create(
        AppointmentStep(appointment=each, what="moved", at=at, by=by, more=before[each.pk])
        for each in changed
    )
    evidence_append(
        entries=[_entry(each, "moved", by, "", "", before[each.pk]) for each in changed], at=at
    )


def _announced(visit: PlannedVisit, code: str, by: Staff, at: datetime) -> Appointment:
    assert visit.begins_at is not None
    return Appointment(
        case=visit.case, address=visit.address, code=code, proposed_through="notice",
        offered=spans_written([told_window(visit.begins_at)]), proposed_by=by, proposed_at=at,
    )  # fmt: skip


def _open(appointment: Appointment) -> Appointment:
    found = _locked(appointment)
    if found.state not in OPEN_APPOINTMENT:
        raise Refused(_("This appointment is not open any more."), code="WRONG_STATE")
    return found


def _agreed(appointment: Appointment) -> Appointment:
    found = _locked(appointment)
    if found.state != AppointmentState.AGREED:
        raise Refused(_("This appointment is not agreed."), code="WRONG_STATE")
    return found


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("case")
    return rows.get(pk=appointment.pk)


def _end(
    appointment: Appointment, state: AppointmentState, what: str, by: Staff | None, at: datetime,
    why: str, act: str,
) -> Appointment:  # fmt: skip
    appointment.state = state
    appointment.save(update_fields=["state"])
    _step(appointment, what, by, at, why=why, act=act)
    return appointment


def _must_have_begun(appointment: Appointment, at: datetime) -> None:
    if appointment.from_at is None or at < appointment.from_at:
        raise Refused(_("The time of this appointment has not come yet."), code="TOO_EARLY")


def _must_be_only(case: Case) -> None:
    if Appointment.objects.filter(case=case, state__in=OPEN_APPOINTMENT).exists():
        raise Refused(
            _("An appointment with this customer is open already."),
            code="OPEN_APPOINTMENT",
            hint=_("Settle that one first: agreed for another time, declined or cancelled."),
        )


FAULTS = {
    "order": gettext_lazy("The time ends before it begins."),
    "past": gettext_lazy("The time is over already."),
    "far": gettext_lazy("A visit is proposed for the next 30 days at most."),
    "short": gettext_lazy("Give the crew half an hour at least to arrive in."),
    "long": gettext_lazy("Nobody waits at home for more than four hours: give a shorter time."),
}


def _check_offered(offered: Sequence[Span], at: datetime) -> None:
    if not 1 <= len(offered) <= MOST_OFFERED:
        raise InputError(
            _("Put one to %(most)s times forward.") % {"most": MOST_OFFERED},
            where=Where(field="offered"),
        )
    for span in offered:
        if fault := span_fault(span, at=at):
            raise InputError(str(FAULTS[fault]), code="BAD_TIME", where=Where(field="offered"))


def _check_place(borrower_id: str, address: Address | None, place: str) -> None:
    if address is None and not place.strip():
        raise InputError(_("Say where the visit is to be."), where=Where(field="place"))
    if address is None:
        return
    if address.borrower_id != borrower_id:
        raise InputError(_("This address is not this customer's."), where=Where(field="address"))
    if address.state not in USABLE:
        raise InputError(
            _("This address is known to be wrong."),
            hint=_("Ask the customer for the place, or have the address verified."),
            where=Where(field="address"),
        )


def _wishes(wishes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: kind(wishes[name]) for name, kind in WISHES.items() if wishes.get(name)}
    return kept | ({"note": _line(kept["note"])} if "note" in kept else {})


def _times(appointment: Appointment) -> dict[str, str]:
    before = (appointment.from_at, appointment.until_at)
    return {
        name: moment.isoformat()
        for name, moment in zip(("before_from", "before_until"), before, strict=True)
        if moment is not None
    }


def _said(text: str, field: str, needed: str) -> str:
    if line := _line(text):
        return line
    raise InputError(needed, where=Where(field=field))


def _line(text: str) -> str:
    return text.strip().replace("\x00", "")[:300]


def _step(
    appointment: Appointment, what: str, by: Staff | None, at: datetime, *, why: str = "",
    act: str = "", **more: Any,
) -> AppointmentStep:  # fmt: skip
    evidence_append(entries=[_entry(appointment, what, by, why, act, more)], at=at)
    return AppointmentStep.objects.create(
        appointment=appointment, what=what, at=at, by=by, why=why, act=act, more=more
    )


def _entry(
    appointment: Appointment,
    what: str,
    by: Staff | None,
    why: str,
    act: str,
    more: Mapping[str, Any],
) -> Entry:
    return Entry(
        kind=f"appointment.{what}",
        subject=appointment.case.borrower_id,
        case=str(appointment.case_id),
        agent=by.username if by else "",
        body={
            "appointment": appointment.pk,
            "from": appointment.from_at.isoformat() if appointment.from_at else None,
            "until": appointment.until_at.isoformat() if appointment.until_at else None,
            "address": appointment.address_id,
            "place": appointment.place,
            "why": why,
            "act": act,
            **more,
        },
    )
