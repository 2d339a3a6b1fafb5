"""One appointment: what was agreed and how it came about, and what can be done about it now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.dispatch.models import Act, Inbound
from doorstep.dispatch.visit_notices import notice_send, reconfirm, span_told
from doorstep.dispatch.visit_slots import slots_must_be_lawful
from doorstep.dispatch.visit_texts import agents_of, planned_of
from doorstep.dispatch.visit_withdrawing import visits_withdraw
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Refused, Where
from doorstep.kernel.masking import mask_address, mask_name
from doorstep.portfolio.models import Address
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.appointments_words import (
    TONES,
    WAYS,
    WISHES,
    left_out_words,
    place_shown,
    refused_words,
    slot_words,
    span_words,
    step_words,
    waits_words,
    wishes_words,
)
from doorstep.sites.office.messages_words import state_words
from doorstep.visits.appointments import Span, spans_read
from doorstep.visits.models import Appointment
from doorstep.visits.models.appointments import OPEN_APPOINTMENT, AppointmentState
from doorstep.visits.selectors.appointments import appointments_visible_to
from doorstep.visits.services.appointments import (
    appointment_agree,
    appointment_confirm,
    appointment_decline,
    appointment_keep,
    appointment_miss,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_APPOINTMENTS)
@require_GET
def appointment(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """The page of one appointment."""
    return _page(request, appointment_of(request.user, appointment_id))


@needs(Permission.PROPOSE_VISITS)
@require_POST
def appointment_deed(request: StaffRequest, appointment_id: int) -> HttpResponse:
    """What was said, asked or decided about it: `deed` names which."""
    found = appointment_of(request.user, appointment_id)
    deed = DEEDS.get(request.POST.get("deed", ""))
    try:
        if deed is None:
            raise InputError(_("Choose what to do."))
        messages.success(request, deed(request, found))
    except DoorstepError as error:
        messages.error(request, refused_words(error))
    return redirect("office:appointment", appointment_id=found.pk)


def appointment_of(staff: Staff, appointment_id: int) -> Appointment:
    """The appointment, for those who may see it; Http404 alike for others."""
    rows = appointments_visible_to(staff=staff).select_related(
        "case__borrower", "case__branch", "address", "proposed_by"
    )
    return get_object_or_404(rows, pk=appointment_id)


def _agree(request: StaffRequest, found: Appointment) -> str:
    span = span_asked(request, zone=found.case.borrower.time_zone)
    address = address_asked(request, found.case.borrower_id)
    place = request.POST.get("place", "")
    at = clock.now()
    slots_must_be_lawful(
        case=found.case, address=address or (None if place.strip() else found.address),
        spans=[span], at=at,
    )  # fmt: skip
    wishes = {name: request.POST.get(f"wish_{name}") == "1" for name in WISHES}
    appointment_agree(
        appointment=found, from_at=span[0], until_at=span[1], how=request.POST.get("how", ""),
        address=address, place=place, by=request.user, at=at,
        wishes={**wishes, "note": request.POST.get("wish_note", "")},
    )  # fmt: skip
    return _("The visit is agreed for %(time)s.") % {"time": span_words(span)}


def _decline(request: StaffRequest, found: Appointment) -> str:
    why = request.POST.get("why", "")
    appointment_decline(appointment=found, why=why, by=request.user, at=clock.now())
    return _("There is no visit; what the customer said is on record.")


def _cancel(request: StaffRequest, found: Appointment) -> str:
    why = request.POST.get("why", "").strip()
    if not why:
        raise InputError(_("Say why the visit does not take place."), where=Where(field="why"))
    visits_withdraw(visits=[], appointments=[found], why=why, by=request.user, at=clock.now())
    return _("The visit is taken back; the customer and the crew are told.")


def _confirm(request: StaffRequest, found: Appointment) -> str:
    how = request.POST.get("how", "")
    appointment_confirm(appointment=found, how=how, by=request.user, at=clock.now())
    return _("The customer has confirmed again.")


def _notice(request: StaffRequest, found: Appointment) -> str:
    visit = planned_of(appointment_ids=[found.pk]).get(found.pk)
    if visit is None:
        raise Refused(
            _("No published plan says who goes to this appointment."), code="NO_CREW",
            hint=_("Publish the day's plan first."),
        )  # fmt: skip
    notice_send(visit=visit, by=request.user, at=clock.now())
    return _("The notice waits to be sent: who comes, when, and how to check it.")


def _reconfirm(request: StaffRequest, found: Appointment) -> str:
    reconfirm(appointment=found, by=request.user, at=clock.now())
    return _("The question whether it still suits waits to be sent.")


def _keep(request: StaffRequest, found: Appointment) -> str:
    appointment_keep(appointment=found, by=request.user, at=clock.now())
    return _("The visit took place as agreed.")


def _miss(request: StaffRequest, found: Appointment) -> str:
    why = request.POST.get("why", "")
    appointment_miss(appointment=found, why=why, by=request.user, at=clock.now())
    return _("It is on record that the visit did not take place, and why.")


DEEDS: dict[str, Callable[[StaffRequest, Appointment], str]] = {
    "agree": _agree, "decline": _decline, "cancel": _cancel, "confirm": _confirm,
    "notice": _notice, "reconfirm": _reconfirm, "keep": _keep, "miss": _miss,
}  # fmt: skip


def span_asked(request: StaffRequest, *, zone: str) -> Span:
    """The time in the form: one of those offered (`slot`), or day and hours on the customer's
    clock. Raises InputError for what is no time."""
    if slot := request.POST.get("slot", ""):
        (chosen,) = slots_asked([slot])
        return chosen
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
        begins, ends = (
            datetime.combine(day, time.fromisoformat(request.POST.get(name, "")), ZoneInfo(zone))
            for name in ("from", "until")
        )
    except ValueError:
        raise _no_time() from None
    return begins, ends


def slots_asked(texts: Sequence[str]) -> list[Span]:
    """Times as the form writes them, `begin/end`. Raises InputError for what is no time."""
    try:
        found = spans_read([text.split("/", 1) for text in texts])
    except ValueError:
        raise _no_time() from None
    if any(moment.tzinfo is None for span in found for moment in span):
        raise _no_time()
    return found


def _no_time() -> InputError:
    return InputError(_("Say the day and the hours."), code="BAD_TIME", where=Where(field="day"))


def address_asked(request: StaffRequest, borrower_id: str) -> Address | None:
    """The address chosen in the form, if it is this customer's."""
    text = request.POST.get("address", "")
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    return Address.objects.filter(borrower=borrower_id, pk=key).first()


def addresses_shown(borrower_id: str) -> list[tuple[int, str, bool]]:
    """The customer's addresses, masked, and whether each may be gone to."""
    return [
        (each.pk, mask_address(each.text), each.state not in ("wrong", "third_party"))
        for each in Address.objects.filter(borrower=borrower_id).order_by("pk")
    ]


def _page(request: StaffRequest, found: Appointment) -> HttpResponse:
    at = clock.now()
    visit = planned_of(appointment_ids=[found.pk]).get(found.pk)
    agents = agents_of(crew_ids=[visit.crew_id]) if visit and visit.crew_id else {}
    inbound = list(
        Inbound.objects.filter(borrower=found.case.borrower_id, at__gte=found.proposed_at)
        .order_by("-at")[:10]
    )  # fmt: skip
    span = span_told(found, visit)
    is_open = found.state in OPEN_APPOINTMENT
    agreed = found.state == AppointmentState.AGREED
    begun = found.from_at is not None and found.from_at <= at
    may = request.user.may(Permission.PROPOSE_VISITS)
    zone = ZoneInfo(found.case.borrower.time_zone)
    context: dict[str, Any] = {
        "appointment": found,
        "who": mask_name(found.case.borrower.name),
        "tone": TONES[found.state],
        "time": span_words(span),
        "begins": span[0] if span else None,
        "place": place_shown(found),
        "way": WAYS.get(found.proposed_through, found.proposed_through),
        "wishes": wishes_words(found.wishes),
        "visit": visit,
        "agents": agents.get(visit.crew_id or 0, ()) if visit else (),
        "steps": _steps(found),
        "inbound": inbound,
        "offered": [
            (
                f"{begins.isoformat()}/{ends.isoformat()}",
                slot_words((begins.astimezone(zone), ends.astimezone(zone))),
            )
            for begins, ends in spans_read(found.offered)
            if begins > at
        ],
        "addresses": addresses_shown(found.case.borrower_id),
        "wish_choices": WISHES.items(),
        "waits": waits_words(
            found, at=at, answered=any(each.seen_at is None for each in inbound),
            planned=visit is not None,
        ),
        "may": {
            "agree": may and is_open and not begun,
            "end": may and is_open,
            "confirm": may and agreed and not (found.until_at and found.until_at <= at),
            "notice": may and is_open and visit is not None and not begun,
            "outcome": may and agreed and begun,
        },
    }  # fmt: skip
    return render(request, "office/appointments/one.html", context)


def _steps(found: Appointment) -> list[dict[str, Any]]:
    """What happened, the latest first, with where each text stands."""
    steps = list(found.steps.select_related("by").order_by("-at", "-pk"))
    acts = {
        act.reference: act
        for act in Act.objects.filter(reference__in=[step.act for step in steps if step.act])
    }
    return [
        {
            "step": step,
            "words": step_words(step.what),
            "why": left_out_words(step.why) if step.what in ("to_call", "withdrawn") else step.why,
            "act": acts.get(step.act),
            "act_state": state_words(acts[step.act].state) if step.act in acts else None,
        }
        for step in steps
    ]
