"""Promises given on a case and taken back; what customers say to an offer of help."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.agreements.models import CareOffer
from doorstep.agreements.services.care import care_answer
from doorstep.agreements.services.promises import promise_cancel, promise_give
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.portfolio.models import Loan
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_deeds import case_after
from doorstep.sites.office.promises_list import promises_seen
from doorstep.workforce.roles import Permission


@needs(Permission.WRITE_NOTES)
@require_POST
def promise_given(request: StaffRequest, case_id: int) -> HttpResponse:
    """Record on the case what the customer promised."""
    case = case_or_404(request.user, case_id)

    def deed() -> str:
        loan = request.POST.get("loan", "")
        promise_give(
            case=case,
            loan=get_object_or_404(Loan, pk=loan, borrower=case.borrower_id) if loan else None,
            amount=_amount(request.POST.get("amount", ""), case.currency),
            due_on=_day(request.POST.get("due_on", "")),
            note=request.POST.get("note", ""), by=request.user, at=clock.now(),
        )  # fmt: skip
        return _("The promise is recorded. Until its day nobody asks for it.")

    return case_after(request, case, deed)


@needs(Permission.WRITE_NOTES)
@require_POST
def promise_cancelled(request: StaffRequest, promise_id: str) -> HttpResponse:
    """Take back a promise that was recorded here."""
    found = get_object_or_404(promises_seen(request.user), pk=promise_id)
    try:
        promise_cancel(
            promise=found, why=request.POST.get("why", ""), by=request.user, at=clock.now()
        )
        messages.success(request, _("The promise is taken back."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:promises_due")


@needs(Permission.WRITE_NOTES)
@require_POST
def care_answered(request: StaffRequest, care_id: int) -> HttpResponse:
    """What the customer said to an offer of help."""
    rows = CareOffer.objects.filter(case__in=cases_visible_to(staff=request.user))
    care = get_object_or_404(rows.select_related("case"), pk=care_id)

    def deed() -> str:
        care_answer(
            care=care, answer=request.POST.get("answer", ""), note=request.POST.get("note", ""),
            by=request.user, at=clock.now(),
        )  # fmt: skip
        return _("The answer is kept. Nothing else depends on it.")

    return case_after(request, care.case, deed)


def _amount(text: str, currency: str) -> int:
    value = amount_reader(currency=currency, unit="major", negative=False)(text.strip())
    if not isinstance(value, int):
        raise InputError(_("Say how much was promised."), where=Where(field="amount"))
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(_("Say for which day."), where=Where(field="due_on")) from None
