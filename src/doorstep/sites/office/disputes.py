"""Disputes: which amounts rest until they are checked and answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from doorstep.kernel.masking import mask_name
from doorstep.protections import services
from doorstep.protections.models import Dispute, Standing
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.complaints import AnswerForm, OwnerForm, assign, raised_rows
from doorstep.sites.office.protections_record import Deed, deed_done, versions_context
from doorstep.sites.office.protections_scope import protection_or_404, rows_visible_to
from doorstep.sites.office.protections_words import detail_words
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
OPEN = Q(ends_at__isnull=True) & ~Q(standing=Standing.REFUTED)
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (_("To answer"), OPEN),
    "over": (_("Closed"), ~OPEN),
}


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def disputes(request: StaffRequest) -> HttpResponse:
    """The list, overdue first; `?view=` open or over, `?mine=1` what is mine."""
    rows = rows_visible_to(Dispute, staff=request.user).select_related("loan")
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    mine = request.GET.get("mine") == "1"
    if mine:
        rows = rows.filter(owner=request.user)
    found = rows.filter(VIEWS[view][1]).order_by(F("due_on").asc(nulls_last=True), "-received_at")
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{**each, "detail": detail_words(each["row"])} for each in raised_rows(page)],
        "views": [
            (name, label, rows.filter(query).count()) for name, (label, query) in VIEWS.items()
        ],
        "chosen": view,
        "mine": mine,
    }
    return render(request, "office/disputes/list.html", context)


@needs(Permission.SEE_PROTECTIONS)
@require_http_methods(["GET", "POST"])
def dispute(request: StaffRequest, dispute_id: int) -> HttpResponse:
    """One dispute: what is disputed, who checks it, by when, and the answer."""
    row = protection_or_404(Dispute, dispute_id, staff=request.user)
    deeds = dispute_deeds(row, staff=request.user)
    if request.method == "POST":
        answer = deed_done(request, row, deeds)
        if answer is not None:
            return answer
    context = {
        **versions_context(row),
        "name": mask_name(row.borrower.name),
        "deeds": deeds.values(),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "office/disputes/one.html", context, status=status)


def dispute_deeds(row: Dispute, *, staff: Staff) -> dict[str, Deed]:
    """What this member of staff can do with the dispute as it stands."""
    over = row.ends_at is not None or row.standing == Standing.REFUTED
    if over or not staff.may(Permission.ANSWER_COMPLAINTS):
        return {}
    found = [
        Deed("answer", _("Answer"), AnswerForm, _answer),
        Deed("assign", _("Give it to somebody"), OwnerForm, assign),
    ]
    return {deed.name: deed for deed in found}


def _answer(row: Any, given: Mapping[str, Any], by: Staff, at: datetime) -> Any:
    return services.dispute_answer(of=row, by=by, at=at, **given)
