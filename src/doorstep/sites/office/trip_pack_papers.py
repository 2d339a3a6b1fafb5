"""The papers of a trip pack as files: a customer's bill, an agent's letter of authority."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doorstep.dispatch.agreement_making import blank_agreement
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office import bill_document
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.bill import case_bill, loan_words
from doorstep.sites.office.trip_pack_pages import crew_open_or_404
from doorstep.visits.models.days import VisitState
from doorstep.visits.selectors.safety import stops_of
from doorstep.workforce.models import LetterDocument
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_TRIP_PACKS)
@require_GET
def trip_pack_bill(request: StaffRequest, crew_id: int, visit_id: int) -> HttpResponse:
    """The bill of a stop, to hand over: in the customer's language, names masked."""
    crew = crew_open_or_404(request.user, crew_id)
    stop = next((each for each in stops_of(crew=crew) if each.pk == visit_id), None)
    if stop is None or stop.state == VisitState.CANCELLED:
        raise Http404
    case = stop.case
    with translation.override(case.borrower.language.lower()):
        try:
            document = bill_document.render(
                bill=case_bill(case), case=case, loans=loan_words(case), at=clock.now()
            )
        except DoorstepError as error:
            problem = error
        else:
            return _pdf(document, f"bill-{case.pk}")
    messages.error(request, _("The PDF was not made. %(why)s") % {"why": problem})
    return redirect("office:trip_pack", crew_id)


@needs(Permission.SEE_TRIP_PACKS)
@require_GET
def trip_pack_agreement(request: StaffRequest, crew_id: int, visit_id: int) -> HttpResponse:
    """A blank repayment agreement for a stop, in the customer's language: printed twice."""
    crew = crew_open_or_404(request.user, crew_id)
    stop = next((each for each in stops_of(crew=crew) if each.pk == visit_id), None)
    if stop is None or stop.state == VisitState.CANCELLED:
        raise Http404
    try:
        document = blank_agreement(case=stop.case, at=clock.now())
    except DoorstepError as error:
        messages.error(request, _("The PDF was not made. %(why)s") % {"why": error})
        return redirect("office:trip_pack", crew_id)
    return _pdf(document, f"agreement-{stop.case.pk}")


@needs(Permission.SEE_TRIP_PACKS)
@require_GET
def trip_pack_letter(request: StaffRequest, crew_id: int, letter_id: int) -> HttpResponse:
    """The signed letter of authority of one of the crew."""
    crew = crew_open_or_404(request.user, crew_id)
    letters = LetterDocument.objects.select_related("letter").filter(
        letter__staff__in=crew.members.values("staff")
    )
    kept = get_object_or_404(letters, pk=letter_id)
    return _pdf(bytes(kept.pdf), kept.letter.number)


def _pdf(document: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
