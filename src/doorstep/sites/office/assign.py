"""Assigning selected cases: first what would happen, then the deed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from doorstep.cases.assignment import (
    ALREADY,
    CLOSED,
    OTHER_BRANCH,
    OUTSIDE,
    assignment_check,
    cases_assign,
)
from doorstep.cases.models import Case
from doorstep.cases.worklist import worklist as cases_of
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.list_registry import list_or_404
from doorstep.sites.office.worklist import latest_night
from doorstep.sites.office.worklist_list import WORKLIST
from doorstep.sites.office.worklist_views import read_query
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_TICKED = 1000
CANNOT: dict[str, str | Promise] = {
    OUTSIDE: gettext_lazy("not within what you may see"),
    CLOSED: gettext_lazy("closed meanwhile"),
    OTHER_BRANCH: gettext_lazy("belongs to another branch"),
    ALREADY: gettext_lazy("nothing would change"),
}


@needs(Permission.ASSIGN_CASES)
@require_POST
def assign(request: StaffRequest) -> HttpResponse:
    """Shows how many of the selected cases can be given and why others cannot; when confirmed and
    nothing has changed since, gives them."""
    listed = list_or_404(request.user, request.POST.get("of", WORKLIST.name))
    query = listed.canonical(QueryDict(request.POST.get("query", "")))
    back = listed.page(query)
    try:
        to = read_person(request.POST.get("to", ""))
        cases = selected(request, query=query if listed is WORKLIST else None)
        check = assignment_check(cases=cases, to=to, by=request.user)
    except DoorstepError as error:
        messages.error(request, str(error))
        return redirect(back)
    if request.POST.get("confirmed") == str(check.can) and check.can:
        done = cases_assign(cases=cases, to=to, by=request.user, at=clock.now())
        messages.success(request, _done(done.can, to))
        return redirect(back)
    return render(
        request,
        "office/assign.html",
        {
            "check": check,
            "cannot": [(CANNOT[name], count) for name, count in check.cannot.items()],
            "to": to,
            "to_value": request.POST["to"],
            "everything": request.POST.get("all") == "1",
            "ticked": request.POST.getlist("case"),
            "query": query,
            "of": listed.name,
            "back": back,
            "changed": "confirmed" in request.POST,
        },
    )


def selected(request: StaffRequest, *, query: str | None) -> QuerySet[Case]:
    """The cases meant: all that match the filter of the worklist (None: another list, which has no
    such choice), or those ticked (whoever may see them: the check counts those outside the scope).
    Raises InputError when nothing is selected."""
    if request.POST.get("all") == "1" and query is not None:
        chosen = read_query(query)
        if chosen.problems:
            raise InputError(_("The filter cannot be read, so nothing is selected."))
        return cases_of(chosen, staff=request.user, night=latest_night())
    ticked = request.POST.getlist("case")[:MOST_TICKED]
    numbers = [int(text) for text in ticked if text.isascii() and text.isdigit() and len(text) < 16]
    if not numbers:
        raise InputError(_("No case is selected."), hint=_("Tick some rows first."))
    return Case.objects.filter(pk__in=numbers)


def read_person(text: str) -> Staff | None:
    """Whom a form names: a number, or "none" for nobody. Raises InputError, or Http404."""
    if text == "none":
        return None
    if not (text.isascii() and text.isdigit()):
        raise InputError(_("Choose whom to assign to."))
    person = Staff.objects.filter(pk=int(text)).first() if len(text) < 16 else None
    if person is None:
        raise Http404
    return person


def _done(count: int, to: Staff | None) -> str:
    if to is None:
        return ngettext("%(count)s case taken back.", "%(count)s cases taken back.", count) % {
            "count": count
        }
    return ngettext(
        "%(count)s case assigned to %(name)s.", "%(count)s cases assigned to %(name)s.", count
    ) % {"count": count, "name": to}
