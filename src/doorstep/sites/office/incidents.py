"""Contacts that went past the one door: always recordable, then looked into by compliance."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from doorstep.cases.selectors import cases_visible_to
from doorstep.dispatch.models import Incident
from doorstep.dispatch.services import incident_close, uncleared_record
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_deeds import case_after
from doorstep.sites.office.channel_words import CHANNELS, RESULTS
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50
OPEN = Q(closed_at__isnull=True)
VIEWS: dict[str, tuple[str | Promise, Q]] = {
    "open": (gettext_lazy("To look into"), OPEN),
    "over": (gettext_lazy("Closed"), ~OPEN),
}


@needs(Permission.WRITE_NOTES)
@require_POST
def incident_record(request: StaffRequest, case_id: int) -> HttpResponse:
    """Record on the case a contact that was made without a clearance; it opens an incident."""
    case = case_or_404(request.user, case_id)

    def deed() -> str:
        uncleared_record(
            case=case,
            channel=request.POST.get("channel", ""),
            when=_when(request.POST.get("when", "")),
            result=request.POST.get("result", ""),
            note=request.POST.get("note", ""),
            by=request.user,
            at=clock.now(),
        )
        return _("The contact is recorded and counts under every limit; compliance looks into it.")

    return case_after(request, case, deed)


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def incidents(request: StaffRequest) -> HttpResponse:
    """The list, the latest first; `?view=` open or over."""
    rows = incidents_visible_to(request.user)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "open"
    found = rows.filter(VIEWS[view][1]).select_related("contact", "case__borrower", "recorded_by")
    page = Paginator(found.order_by("-recorded_at", "-pk"), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(each) for each in page],
        "views": [(n, label, rows.filter(query).count()) for n, (label, query) in VIEWS.items()],
        "chosen": view,
    }
    return render(request, "office/incidents/list.html", context)


@needs(Permission.SEE_PROTECTIONS)
@require_GET
def incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    """One incident: what happened, who says so, and what came of looking into it."""
    found = _incident(request, incident_id)
    may_close = found.closed_at is None and request.user.may(Permission.ANSWER_COMPLAINTS)
    return render(request, "office/incidents/one.html", _row(found) | {"may_close": may_close})


@needs(Permission.ANSWER_COMPLAINTS)
@require_POST
def incident_closed(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Say what came of looking into it."""
    found = _incident(request, incident_id)
    try:
        how = request.POST.get("how", "")
        incident_close(incident=found, how=how, by=request.user, at=clock.now())
        messages.success(request, _("The incident is closed, and how is on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:incident", incident_id=found.pk)


def incidents_visible_to(staff: Staff) -> QuerySet[Incident]:
    """Incidents on the cases this member of staff may see."""
    return Incident.objects.filter(case__in=cases_visible_to(staff=staff).values("pk"))


def _incident(request: StaffRequest, incident_id: int) -> Incident:
    found = incidents_visible_to(request.user).select_related(
        "contact", "case__borrower", "recorded_by", "closed_by"
    )
    return get_object_or_404(found, pk=incident_id)


def _row(found: Incident) -> dict[str, Any]:
    contact = found.contact
    return {
        "incident": found,
        "who": mask_name(found.case.borrower.name),
        "channel": CHANNELS.get(contact.channel, contact.channel),
        "result": RESULTS.get(contact.result, contact.result),
    }


def _when(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(settings.TIME_ZONE))
    except ValueError:
        raise InputError(_("Say when it happened."), where=Where(field="when")) from None
