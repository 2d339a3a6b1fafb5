"""Recording from a case file what was found about one of the borrower's numbers or addresses."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import InputError
from doorstep.portfolio.models import Address, ContactPoint
from doorstep.portfolio.services import verification_record
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_deeds import case_after
from doorstep.sites.office.verification_words import BY_HOW
from doorstep.workforce.roles import Permission


@needs(Permission.VERIFY_CONTACTS)
@require_POST
def finding(request: StaffRequest, case_id: int) -> HttpResponse:
    """Record what was found about one of the borrower's numbers or addresses."""
    case = case_or_404(request.user, case_id)
    kind, _dash, number = request.POST.get("subject", "").partition("-")
    if kind not in {"point", "address"} or not number.isdigit() or len(number) > 15:
        raise Http404
    model = ContactPoint if kind == "point" else Address
    subject = get_object_or_404(model, pk=int(number), borrower=case.borrower_id)
    found = BY_HOW.get(request.POST.get("finding", ""))

    def deed() -> str:
        if found is None:
            raise InputError(_("Say what was found."))
        verification_record(
            contact_point=subject if isinstance(subject, ContactPoint) else None,
            address=subject if isinstance(subject, Address) else None,
            state=found.state,
            how=found.how,
            by=request.user,
            at=clock.now(),
        )
        return _("The finding is recorded.")

    return case_after(request, case, deed)
