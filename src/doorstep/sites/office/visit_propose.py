"""Proposing a visit to a customer: when it may be, who could go, what it costs and may bring."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.dispatch.visit_notices import call_of, notice_propose
from doorstep.dispatch.visit_slots import slots_of, slots_offered
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Refused, Where
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.allowed import allowed_of
from doorstep.sites.office.appointment import (
    address_asked,
    addresses_shown,
    slots_asked,
    span_asked,
)
from doorstep.sites.office.appointments_words import WAYS, refused_words, slot_words
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.risk_words import risk_shown
from doorstep.sites.office.staff_words import refusal_words
from doorstep.sites.office.visits_words import because_words
from doorstep.visits.appointments import Span
from doorstep.visits.candidates import Candidate, candidate_of
from doorstep.visits.selectors.appointments import appointments_open
from doorstep.visits.selectors.risk import risk_of_cases
from doorstep.visits.worth import Worth
from doorstep.workforce.models import Staff
from doorstep.workforce.pairs import pairs_find
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.selectors import agents_on

DAYS = 7
PAIRS = 3
OFFERED_WAYS = ("phone", "sms", "letter")


@needs(Permission.PROPOSE_VISITS)
def visit_propose(request: StaffRequest, case_id: int) -> HttpResponse:
    """What a visit would be, and the form that proposes it; `?day=` for whom could go then."""
    case = case_or_404(request.user, case_id)
    if request.method == "POST":
        return _propose(request, case)
    return _page(request, case)


def _propose(request: StaffRequest, case: Case) -> HttpResponse:
    through = request.POST.get("through", "")
    try:
        if through not in OFFERED_WAYS:
            raise InputError(_("Choose how it is proposed."), where=Where(field="through"))
        made = notice_propose(
            case=case, offered=_offered(request, case), through=through, by=request.user,
            at=clock.now(), address=address_asked(request, case.borrower_id),
            place=request.POST.get("place", ""),
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, refused_words(error))
        return _page(request, case, status=422)
    words = (
        _("It is on record. Say now what the customer chose.")
        if through == "phone"
        else _("The invitation waits to be sent; the guard clears it at its moment.")
    )
    messages.success(request, words)
    return redirect("office:appointment", appointment_id=made.pk)


def _offered(request: StaffRequest, case: Case) -> list[Span]:
    """The times ticked; the one written out where none is."""
    ticked = slots_asked(request.POST.getlist("slots"))
    return ticked or [span_asked(request, zone=case.borrower.time_zone)]


def _page(request: StaffRequest, case: Case, *, status: int = 200) -> HttpResponse:
    at, today = clock.now(), clock.today(settings.TIME_ZONE)
    risk = risk_of_cases(case_ids=[case.pk], on=today)[case.pk]
    day = _day(request.GET.get("day", ""), today)
    candidate = candidate_of(case=case, appointment=None, on=day)
    local = at.astimezone(ZoneInfo(case.borrower.time_zone)).date()
    windows = slots_of(
        case=case, address=candidate.address, first=local, days=DAYS, at=at, risk=risk
    )
    slots = slots_offered(windows, zone=case.borrower.time_zone) if windows else []
    spoke = _spoke(case, request.user, at)
    context: dict[str, Any] = {
        "case": case,
        "who": who(case),
        "open": appointments_open(case_ids=[case.pk]).get(case.pk),
        "risk": risk_shown(risk),
        "slots": [
            (f"{begins.isoformat()}/{ends.isoformat()}", slot_words((begins, ends)))
            for begins, ends in slots
        ],
        "ticked": set(request.POST.getlist("slots")),
        "allowed": allowed_of(case, "visit"),
        "addresses": addresses_shown(case.borrower_id),
        "best": candidate.address.pk if candidate.address else None,
        "ways": [(way, WAYS[way]) for way in OFFERED_WAYS],
        "way": request.POST.get("through") or ("phone" if spoke else "sms"),
        "spoke": spoke,
        "day": day,
        **_pairs(case, candidate, day, at),
        **_worth(case, candidate.worth, candidate.minutes),
    }
    return render(request, "office/appointments/propose.html", context, status=status)


def _spoke(case: Case, staff: Staff, at: datetime) -> bool:
    """Whether they have just had the customer on the phone."""
    try:
        call_of(case=case, by=staff, at=at)
    except Refused:
        return False
    return True


def _pairs(case: Case, candidate: Candidate, day: date, at: datetime) -> dict[str, Any]:
    """Who could go on the day, the least burdened first; where nobody can, why."""
    people = Staff.objects.filter(
        branch=case.branch_id, role=Role.FIELD_AGENT, is_active=True
    ) if case.branch_id else Staff.objects.none()  # fmt: skip
    agents = agents_on(staff=people.order_by("pk"), on=day, at=at)
    found = pairs_find(agents, asked=candidate.asked, on=day)
    names = {agent.id: agent.name for agent in agents}
    reasons: dict[str, None] = {}
    if not found.pairs:
        for each in found.refused:
            reasons |= dict.fromkeys(refusal_words(one, names=names) for one in each.reasons)
    return {
        "pairs": [[agent.name for agent in pair.agents] for pair in found.pairs[:PAIRS]],
        "pairs_count": len(found.pairs),
        "pairs_why": list(reasons)[:6],
    }


def _worth(case: Case, worth: Worth, minutes: int) -> dict[str, Any]:
    """What a visit is expected to bring over none, what it costs, and how that comes about."""
    return {
        "worth": worth.value,
        "benefit": sum(reason.minor for reason in worth.because if reason.code != COST),
        "cost": -sum(reason.minor for reason in worth.because if reason.code == COST),
        "minutes": minutes,
        "because": [
            (because_words(reason.as_dict(), case.currency), reason.minor)
            for reason in worth.because
        ],
    }


COST = "time_at_the_door"


def _day(text: str, today: date) -> date:
    """The day asked for; tomorrow for what is no day or not within the month."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today + timedelta(days=1)
    return day if 0 <= (day - today).days <= 31 else today + timedelta(days=1)
