"""The whole filter of a list as an Excel file, personal data masked, and on record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.cases.exports import KEPT, UNDER_WAY, export_ask, export_take, exports_of
from doorstep.cases.models import ExportState
from doorstep.kernel import clock
from doorstep.kernel.errors import NotFound
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_words import language
from doorstep.sites.office.export_task import write_export
from doorstep.sites.office.list_registry import LISTS, list_or_404
from doorstep.workforce.roles import Permission

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 20
MOST_QUERY = 1000


@needs(Permission.EXPORT_CASES)
@require_POST
def export_start(request: StaffRequest, of: str) -> HttpResponse:
    """Ask the worker for every row that the filter of a list picks, within the scope of who
    asks."""
    listed, staff = list_or_404(request.user, of), request.user
    query = listed.canonical(QueryDict(request.POST.get("query", "")))
    if listed.pick(staff, QueryDict(query)).problems or len(query) > MOST_QUERY:
        messages.error(request, _("The filter cannot be read, so nothing was exported."))
        return redirect(listed.address)
    at = clock.now()
    export, new = export_ask(staff=staff, of=of, query=query, language=language(), at=at)
    if new:
        write_export.enqueue(export.pk)
    return redirect("office:exports")


@needs(Permission.EXPORT_CASES)
@require_GET
def exports(request: StaffRequest) -> HttpResponse:
    """One's own exports, the latest first; polled while one is being written."""
    found = list(exports_of(staff=request.user)[:SHOWN])
    context: dict[str, Any] = {
        "rows": [
            {
                "export": each,
                "until": each.ready_at and each.ready_at + KEPT,
                "title": LISTS[each.of].title,
                "address": LISTS[each.of].page(each.query),
            }
            for each in found
        ],
        "under_way": any(each.state in UNDER_WAY for each in found),
        "hours": int(KEPT.total_seconds() // 3600),
    }
    partial = request.headers.get("HX-Request")
    return render(request, f"office/exports/{'rows' if partial else 'list'}.html", context)


@needs(Permission.EXPORT_CASES)
@require_GET
def export_file(request: StaffRequest, export_id: int) -> FileResponse:
    """A finished file of one's own."""
    export = get_object_or_404(
        exports_of(staff=request.user), pk=export_id, state=ExportState.READY
    )
    try:
        file = export_take(export=export, at=clock.now())
    except NotFound:
        raise Http404 from None
    name = f"doorstep-{export.of}-{export.at:%Y%m%d-%H%M%S}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=EXCEL)
