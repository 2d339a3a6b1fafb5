"""One visit record: as a page in the reader's language, and as the PDF that was filed."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import Agreement, AgreementState, Offer, OfferState
from doorstep.dispatch.visit_landing_plan import door_plan_conclude
from doorstep.dispatch.visit_landing_record import issuer_of, paper_of, pdf_of, record_file
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, NotFound
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_words import language
from doorstep.sites.office.records_words import LATE, TONES
from doorstep.sites.office.trip_pack import sees_in_full
from doorstep.treatment.wording import language_code
from doorstep.visits.models import VisitRecord, VisitRecordDocument
from doorstep.visits.record_document import record_values
from doorstep.visits.selectors.records import document_of, records_visible_to
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_RECORDS)
@require_GET
def record(request: StaffRequest, record_id: int) -> HttpResponse:
    """Everything a record holds; names, address and points are covered for those who do not go
    there. The opening is put on record."""
    found = _opened(request, record_id)
    full = sees_in_full(request.user)
    speech = language_code(language())
    values = record_values(
        contents=found.contents, landed=found.landed, issuer=issuer_of(speech),
        paper=paper_of(found, masked=not full, language=speech),
    )  # fmt: skip
    document = VisitRecordDocument.objects.filter(record=found).defer("sealed").first()
    context = {
        "record": found,
        "full": full,
        "who": mask_name(found.case.borrower.name),
        "tone": TONES[found.outcome],
        "late": LATE.get(found.late_why, ""),
        "values": values,
        "document": document,
        "offer": _offer_to_conclude(request.user, found),
        "may_file": document is None and request.user.may(Permission.TELL_CREWS),
        **_links(request.user, found),
    }
    return render(request, "office/records/one.html", context)


@needs(Permission.SEE_RECORDS)
@require_GET
def record_pdf(request: StaffRequest, record_id: int) -> HttpResponse:
    """The filed PDF; for those who see it masked a covered copy, made now."""
    found = _opened(request, record_id)
    try:
        if sees_in_full(request.user):
            content, name = document_of(found)[0], found.number
        else:
            content, name = pdf_of(found, masked=True), f"{found.number}-masked"
    except NotFound as error:
        raise Http404 from error
    except DoorstepError as error:
        messages.error(request, _("The PDF was not made. %(why)s") % {"why": error})
        return redirect("office:record", found.pk)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{re.sub("[^A-Za-z0-9-]", "", name)}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Permission.TELL_CREWS)
@require_POST
def record_filed(request: StaffRequest, record_id: int) -> HttpResponse:
    """Make the document of a record that could not be made when it landed."""
    found = record_or_404(request.user, record_id)
    if not VisitRecordDocument.objects.filter(record=found).exists():
        made = record_file(record=found, by=request.user, at=clock.now())
        if made is None:
            messages.error(request, _("The document still cannot be made."))
        else:
            messages.success(request, _("The document is made and filed."))
    return redirect("office:record", found.pk)


@needs(Permission.SIGN_AGREEMENTS)
@require_POST
def record_concluded(request: StaffRequest, record_id: int) -> HttpResponse:
    """Conclude the plan that was signed at this visit and has been approved since."""
    found = record_or_404(request.user, record_id)
    key = found.landed.get("plan", {}).get("offer") or 0
    offer = Offer.objects.filter(pk=key).select_related("case", "borrower").first()
    if offer is None:
        raise Http404
    try:
        bound = door_plan_conclude(record=found, offer=offer, by=request.user, at=clock.now())
        if bound.agreement is None:
            messages.error(request, _("The document still cannot be made."))
        else:
            messages.success(request, _("The agreement is in force."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:record", found.pk)


def record_or_404(staff: Staff, record_id: int) -> VisitRecord:
    """A record by its key, for those who may see it; Http404 alike when there is none."""
    if not staff.may(Permission.SEE_RECORDS):
        raise Http404
    rows = records_visible_to(staff=staff, at=clock.now()).select_related(
        "case__borrower", "filed_by", "visit"
    )
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise Http404
    return found


def _opened(request: StaffRequest, record_id: int) -> VisitRecord:
    found = record_or_404(request.user, record_id)
    PersonalDataAccess.objects.create(
        staff=request.user, borrower_id=found.case.borrower_id, at=clock.now(),
        what="visit_record" if sees_in_full(request.user) else "visit_record_masked",
        purpose=_("Visit record %(number)s") % {"number": found.number},
    )  # fmt: skip
    return found


def _offer_to_conclude(staff: Staff, record: VisitRecord) -> Offer | None:
    """The plan signed at this visit that waits for nothing but to be concluded."""
    if not staff.may(Permission.SIGN_AGREEMENTS):
        return None
    key = record.landed.get("plan", {}).get("offer") or 0
    found = Offer.objects.filter(pk=key, state=OfferState.APPROVED)
    return found.exclude(agreements__in=_agreements(record)).first()


def _agreements(record: VisitRecord) -> QuerySet[Agreement]:
    """What the plan signed at this visit became: concluded with the record or later."""
    key = record.landed.get("plan", {}).get("offer") or 0
    return Agreement.objects.filter(offer=key).exclude(state=AgreementState.CANCELLED)


def _links(staff: Staff, record: VisitRecord) -> dict[str, Any]:
    """What followed from the visit, for those who may open it."""
    plan = record.landed.get("plan") or {}
    sees_plans = staff.may(Permission.SEE_AGREEMENTS)
    return {
        "offer_id": plan.get("offer") if sees_plans else None,
        "agreement_id": _agreements(record).order_by("-pk").values_list("pk", flat=True).first()
        if sees_plans else None,
        "incident_id": record.landed.get("incident")
        if staff.may(Permission.SEE_PROTECTIONS) else None,
        "dispute_ids": record.landed.get("disputes", [])
        if staff.may(Permission.SEE_PROTECTIONS) else [],
    }  # fmt: skip
