"""A borrower's bill as a page and as a PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.cases.bills import bill_for
from doorstep.cases.models import Case
from doorstep.cycle.policies import policy_of
from doorstep.delinquency.bill import Bill
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Loan
from doorstep.sites.office import bill_document
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.channel_words import PRODUCTS
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_CASES)
@require_GET
def bill(request: StaffRequest, case_id: int) -> HttpResponse:
    """The bill as of the case's business date, figure by figure."""
    case = case_or_404(request.user, case_id)
    return render(
        request,
        "office/bill.html",
        {
            "case": case,
            "who": mask_name(case.borrower.name),
            "bill": case_bill(case),
            "loans": loan_words(case),
        },
    )


@needs(Permission.SEE_CASES)
@require_GET
def bill_pdf(request: StaffRequest, case_id: int) -> HttpResponse:
    """The bill to hand over, in the borrower's language, names masked."""
    case = case_or_404(request.user, case_id)
    with translation.override(case.borrower.language.lower()):
        try:
            document = bill_document.render(
                bill=case_bill(case), case=case, loans=loan_words(case), at=clock.now()
            )
        except DoorstepError as error:
            problem = error
        else:
            response = HttpResponse(document, content_type="application/pdf")
            response["Content-Disposition"] = f'inline; filename="bill-{case.pk}.pdf"'
            response["Cache-Control"] = "no-store"
            return response
    messages.error(request, _("The PDF was not made. %(why)s") % {"why": problem})
    return redirect("office:bill", case_id=case.pk)


def case_bill(case: Case) -> Bill:
    """The bill of the case's borrower, counted as the night of its business date counted."""
    policy = policy_of(case.business_date)
    return bill_for(borrower_id=case.borrower_id, on=case.business_date, policy=policy)


def loan_words(case: Case) -> dict[str, dict[str, str]]:
    """What each loan is called on the bill: product, contract, clause of penalty interest."""
    return {
        loan.pk: {
            "product": str(PRODUCTS.get(loan.product, loan.product)),
            "contract": loan.contract_ref or "",
            "clause": loan.clause_penalty or "",
        }
        for loan in Loan.objects.filter(borrower=case.borrower_id)
    }
