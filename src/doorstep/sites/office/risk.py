"""The risk of visits: looked at on the case, decided by a second person where it is high."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.cases.models import Case
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address, mask_name
from doorstep.portfolio.models import Address
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.risk_words import (
    TONES,
    because_shown,
    factor_words,
    measures_of,
    measures_words,
    risk_shown,
)
from doorstep.visits.models import RiskAssessment
from doorstep.visits.models.risk import RiskLevel
from doorstep.visits.risk import HIGH, INSTEAD, TABLE
from doorstep.visits.selectors.risk import risk_of_cases, risks_waiting
from doorstep.visits.services.risk import risk_approve, risk_assess, risk_reject
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50


@needs(Permission.ASSESS_RISK)
def case_risk(request: StaffRequest, case_id: int) -> HttpResponse:
    """What is known of the dangers of visiting a customer, and the form for a new look."""
    case = case_or_404(request.user, case_id)
    if request.method == "POST":
        return _assess(request, case)
    return _case_page(request, case)


def _assess(request: StaffRequest, case: Case) -> HttpResponse:
    address = Address.objects.filter(
        borrower=case.borrower_id, pk=_number(request.POST.get("address", ""))
    ).first()
    try:
        made = risk_assess(
            case=case, address=address, factors=request.POST.getlist("factor"),
            note=request.POST.get("note", ""), by=request.user, at=clock.now(),
            on=clock.today(settings.TIME_ZONE),
        )  # fmt: skip
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return _case_page(request, case, status=422)
    if made.level == HIGH:
        messages.warning(request, _("The risk is high: a second person must approve a visit."))
    else:
        messages.success(request, _("The risk is assessed."))
    return redirect("office:case_risk", case_id=case.pk)


def _case_page(request: StaffRequest, case: Case, *, status: int = 200) -> HttpResponse:
    on = clock.today(settings.TIME_ZONE)
    standing = risk_of_cases(case_ids=[case.pk], on=on)[case.pk]
    known = {each.factor: each for each in standing.because}
    chosen = set(request.POST.getlist("factor")) if request.method == "POST" else set(known)
    context: dict[str, Any] = {
        "case": case,
        "who": who(case),
        "risk": risk_shown(standing),
        "assessment": standing.assessment,
        "choices": [
            {
                "code": code,
                "words": factor_words(code),
                "measures": measures_of(code),
                "because": because_shown(known[code]) if code in known else None,
                "fixed": code in known and known[code].source != "assessed",
                "chosen": code in chosen,
            }
            for code in TABLE.factors
        ],
        "addresses": [
            (address.pk, mask_address(address.text))
            for address in case.borrower.addresses.order_by("pk")
        ],
        "note": request.POST.get("note", ""),
        "history": _assessments(case)[:10],
        "tones": TONES,
        "days": TABLE.valid_days,
    }
    return render(request, "office/risk/case.html", context, status=status)


def _assessments(case: Case) -> QuerySet[RiskAssessment]:
    rows = RiskAssessment.objects.filter(case=case).select_related("assessed_by", "approved_by")
    return rows.order_by("-assessed_at", "-pk")


@needs(Permission.SEE_APPOINTMENTS)
@require_GET
def risks(request: StaffRequest) -> HttpResponse:
    """High risks that wait for a second person, the oldest first; `?view=decided` the others."""
    decided = request.GET.get("view") == "decided"
    on = clock.today(settings.TIME_ZONE)
    waiting = risks_waiting(staff=request.user, on=on)
    found = _decided(request.user) if decided else waiting
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(each) for each in page],
        "decided": decided,
        "waiting": waiting.count(),
    }
    return render(request, "office/risk/list.html", context)


@needs(Permission.SEE_APPOINTMENTS)
@require_GET
def risk(request: StaffRequest, risk_id: int) -> HttpResponse:
    """One assessment: the dangers with their sources, the measures, and the decision."""
    found = _visible(request.user, risk_id)
    on = clock.today(settings.TIME_ZONE)
    standing = risk_of_cases(case_ids=[found.case_id], on=on)[found.case_id]
    waits = risks_waiting(staff=request.user, on=on).filter(pk=found.pk).exists()
    context = _row(found) | {
        "because": [
            because_shown(each) for each in standing.because if each.factor in found.factors
        ],
        "measures": measures_words(each for each in found.measures if each not in INSTEAD),
        "instead": measures_words(each for each in found.measures if each in INSTEAD),
        "waits": waits,
        "may_decide": waits
        and request.user.may(Permission.APPROVE_RISK)
        and found.assessed_by_id != request.user.pk,
        "own": found.assessed_by_id == request.user.pk,
    }
    return render(request, "office/risk/one.html", context)


@needs(Permission.APPROVE_RISK)
@require_POST
def risk_decide(request: StaffRequest, risk_id: int) -> HttpResponse:
    """A second person says yes, or no and why."""
    found = _visible(request.user, risk_id)
    try:
        if request.POST.get("decision") == "approve":
            risk_approve(assessment=found, by=request.user, at=clock.now())
            messages.success(request, _("The visit may be planned, by daylight and so measured."))
        else:
            why = request.POST.get("why", "")
            risk_reject(assessment=found, why=why, by=request.user, at=clock.now())
            messages.success(request, _("There is no visit; why is on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:risk", risk_id=found.pk)


def _visible(staff: Staff, risk_id: int) -> RiskAssessment:
    rows = RiskAssessment.objects.filter(case__in=cases_visible_to(staff=staff).values("pk"))
    related = rows.select_related("case__borrower", "case__branch", "assessed_by", "approved_by")
    return get_object_or_404(related, pk=risk_id)


def _decided(staff: Staff) -> QuerySet[RiskAssessment]:
    rows = RiskAssessment.objects.filter(
        level=RiskLevel.HIGH, case__in=cases_visible_to(staff=staff).values("pk")
    ).exclude(approved_at=None, rejected_why="")
    related = rows.select_related("case__borrower", "case__branch", "assessed_by", "approved_by")
    return related.order_by("-assessed_at", "-pk")


def _row(found: RiskAssessment) -> dict[str, Any]:
    return {
        "assessment": found,
        "who": mask_name(found.case.borrower.name),
        "factors": [factor_words(code) for code in found.factors],
        "tone": TONES[found.level],
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
