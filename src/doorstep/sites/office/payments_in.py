"""Payments taken in: files and other systems, one payment in full, and the deeds on it."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import PaymentIn
from doorstep.agreements.services.payments import (
    payment_doubt_clear,
    payment_file_bring,
    payment_match,
    payment_reverse,
    payment_set_aside,
)
from doorstep.agreements.tasks import take_payment_file
from doorstep.cases.selectors import borrowers_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Loan
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.payments_list import payments_seen, row_of
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def payment(request: StaffRequest, payment_id: int) -> HttpResponse:
    """One payment: what was told of it, whose it is and why, what it paid, what can be done."""
    found = _payment(request, payment_id)
    near = Loan.objects.filter(pk__in=found.near).select_related("borrower")
    loan = found.loan
    context = row_of(found) | {
        "case": loan.borrower.cases.order_by("-pk").first() if loan else None,
        "may": request.user.may(Permission.TAKE_PAYMENTS),
        "near": [(loan.pk, mask_name(loan.borrower.name)) for loan in near],
        "shares": found.shares.select_related("plan_instalment__agreement", "promise"),
        "allocation": getattr(found, "allocation", None),
    }
    return render(request, "office/payments/one.html", context)


@needs(Permission.TAKE_PAYMENTS)
@require_POST
def payment_deed(request: StaffRequest, payment_id: int) -> HttpResponse:
    """Match it, set it aside, take it back, or say that two alike were meant to be two."""
    found, at = _payment(request, payment_id), clock.now()
    why, deed = request.POST.get("why", ""), request.POST.get("deed", "")
    try:
        if deed == "match":
            loan = _loan(request)
            payment_match(payment=found, loan=loan, why=why, by=request.user, at=at)
        elif deed == "set_aside":
            payment_set_aside(payment=found, why=why, by=request.user, at=at)
        elif deed == "reverse":
            payment_reverse(payment=found, why=why, by=request.user, at=at)
        elif deed == "clear":
            payment_doubt_clear(payment=found, why=why, by=request.user, at=at)
        messages.success(request, _("It is done, and the reason is on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:payment", payment_id=found.pk)


@needs(Permission.TAKE_PAYMENTS)
@require_POST
def payments_bring(request: StaffRequest) -> HttpResponse:
    """Bring a file of payments; it is taken in in the background."""
    delivered = request.FILES.get("file")
    if delivered is None or getattr(request, "upload_too_large", False):
        messages.error(request, _("Choose a file of payments that is not too large."))
        return redirect("office:payments")
    path = Path(delivered.temporary_file_path())  # type: ignore[attr-defined]
    at = clock.now()
    file = payment_file_bring(path=path, name=delivered.name or "", by=request.user, at=at)
    if file.brought_at == at:
        take_payment_file.enqueue(file.pk)
        messages.success(request, _("The file is being taken in. Load the page again in a moment."))
    else:
        messages.info(request, _("This file was brought before. Nothing was changed."))
    return redirect("office:payments")


def _payment(request: StaffRequest, payment_id: int) -> PaymentIn:
    return get_object_or_404(payments_seen(request.user), pk=payment_id)


def _loan(request: StaffRequest) -> Loan:
    number = request.POST.get("loan", "").strip()
    found = Loan.objects.filter(Q(pk=number) | Q(contract_ref=number))
    visible = borrowers_visible_to(staff=request.user)
    if visible is not None:
        found = found.filter(borrower__in=visible)
    loan = found.order_by("pk").first()
    if loan is None:
        raise InputError(_("There is no such loan within your reach."), where=Where(field="loan"))
    return loan
