"""Views that somebody keeps of a list: its filter under a name of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.cases.services import view_drop, view_keep
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.list_registry import list_or_404
from doorstep.workforce.roles import Permission


@needs(Permission.SEE_CASES)
@require_POST
def view_save(request: StaffRequest, of: str) -> HttpResponse:
    """Keep the filter of a list under a name."""
    listed = list_or_404(request.user, of)
    query = listed.canonical(QueryDict(request.POST.get("query", "")))
    try:
        name = request.POST.get("name", "")
        view = view_keep(staff=request.user, of=of, name=name, query=query)
        messages.success(request, _("The view %(name)s is kept.") % {"name": view.name})
    except DoorstepError as error:
        messages.error(request, str(error))
    return redirect(listed.page(query))


@needs(Permission.SEE_CASES)
@require_POST
def view_delete(request: StaffRequest, of: str, view_id: int) -> HttpResponse:
    """Forget one of one's own views."""
    listed = list_or_404(request.user, of)
    view_drop(staff=request.user, view_id=view_id)
    return redirect(listed.address)
