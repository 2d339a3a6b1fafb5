"""A case on its way to a court: its pack, its approval and its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import CourtDate, LegalReferral
from doorstep.agreements.models.legal import OPEN_REFERRALS
from doorstep.agreements.services.legal import (
    court_date_add,
    pack_open,
    referral_decide,
    referral_prepare,
    referral_recall,
    referral_submit,
)
from doorstep.dispatch.referrals import referral_approve
from doorstep.evidence.access import access_record
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.legal_pack import pack_make
from doorstep.sites.office.referrals_list import referrals_visible_to
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MISSING: dict[str, str | Promise] = {
    "contract_number": gettext_lazy("A loan has no contract number."),
    "contract_copy": gettext_lazy("The contract itself is not kept here: add a copy by hand."),
    "effective_demands": gettext_lazy(
        "Two demands that reached the customer, thirty days apart, are not on record."
    ),
    "broken_agreement": gettext_lazy("No agreement was broken."),
}


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def referral(request: StaffRequest, referral_id: int) -> HttpResponse:
    """One referral: why, what is claimed, its pack and what that lacks, who decides, its days."""
    found = _referral(request, referral_id)
    staff = request.user
    prepares = staff.may(Permission.REFER_LEGAL)
    context = {
        "referral": found,
        "who": mask_name(found.case.borrower.name),
        "missing": [MISSING.get(code, code) for code in found.missing],
        "sound": pack_open(found) is not None,
        "dates": found.dates.select_related("by").order_by("on"),
        "kinds": CourtDate.KINDS,
        "may": {
            "read": _may_read(staff),
            "prepare": prepares and found.state in ("prepared", "refused"),
            "submit": prepares and found.state == "prepared" and bool(found.pack_sha256),
            "decide": staff.may(Permission.APPROVE_LEGAL)
            and found.state == "submitted"
            and found.maker_id != staff.pk,
            "date": prepares and found.state in ("approved", "filed"),
            "recall": prepares and found.state in OPEN_REFERRALS,
        },
    }
    return render(request, "office/legal/one.html", context)


@needs(Permission.REFER_LEGAL)
@require_POST
def referral_begin(request: StaffRequest, case_id: int) -> HttpResponse:
    """Begin to prepare going to court with this case."""
    case = case_or_404(request.user, case_id)
    try:
        reason = request.POST.get("reason", "")
        made = referral_prepare(case=case, reason=reason, by=request.user, at=clock.now())
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:case", case_id=case.pk)
    return redirect("office:referral", referral_id=made.pk)


@needs(Permission.SEE_AGREEMENTS)
@require_POST
def referral_deed(request: StaffRequest, referral_id: int) -> HttpResponse:
    """The next step of a referral; each asks for its own permission."""
    found, at, by = _referral(request, referral_id), clock.now(), request.user
    why = request.POST.get("why", "")
    deeds: dict[str, Callable[[], Any]] = {
        "pack": lambda: pack_make(referral=found, by=by, at=at),
        "submit": lambda: referral_submit(referral=found, by=by, at=at),
        "approve": lambda: referral_approve(referral=found, why=why, by=by, at=at),
        "refuse": lambda: referral_decide(referral=found, approve=False, why=why, by=by, at=at),
        "date": lambda: _dated(request, found),
        "recall": lambda: referral_recall(referral=found, why=why, by=by, at=at),
    }
    try:
        deed = deeds.get(request.POST.get("deed", ""))
        if deed is None:
            raise InputError(_("Choose what is to be done."))
        deed()
        messages.success(request, _("It is done and on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:referral", referral_id=found.pk)


def _dated(request: StaffRequest, found: LegalReferral) -> CourtDate:
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        raise InputError(_("Say on which day."), where=Where(field="on")) from None
    return court_date_add(
        referral=found, kind=request.POST.get("kind", ""), on=on,
        note=request.POST.get("note", ""), court=request.POST.get("court", ""),
        court_reference=request.POST.get("court_reference", ""), by=request.user, at=clock.now(),
    )  # fmt: skip


@needs(Permission.SEE_AGREEMENTS)
@require_POST
def referral_file(request: StaffRequest, referral_id: int) -> HttpResponse | FileResponse:
    """The pack as a file, for whoever prepares or decides referrals. It names the customer in full:
    who took it is on record."""
    if not _may_read(request.user):
        raise PermissionDenied(_("Your role does not include this."))
    found = _referral(request, referral_id)
    pack = pack_open(found)
    if pack is None:
        messages.error(request, _("There is no sound pack to take."))
        return redirect("office:referral", referral_id=found.pk)
    access_record(
        subject=found.borrower_id, case=str(found.case_id), what="legal_pack",
        purpose=f"LP-{found.pk}", by=request.user.username, at=clock.now(),
    )  # fmt: skip
    return FileResponse(
        BytesIO(pack), as_attachment=True, filename=f"legal-pack-{found.pk}.zip",
        content_type="application/zip",
    )  # fmt: skip


def _may_read(staff: Staff) -> bool:
    return staff.may(Permission.REFER_LEGAL) or staff.may(Permission.APPROVE_LEGAL)


def _referral(request: StaffRequest, referral_id: int) -> LegalReferral:
    rows = referrals_visible_to(request.user).select_related(
        "case__borrower", "maker", "decided_by"
    )
    return get_object_or_404(rows, pk=referral_id)
