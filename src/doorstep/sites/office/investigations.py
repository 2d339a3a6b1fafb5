"""Looking into evasion: the suspicion, facts for and against with their sources, the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doorstep.agreements.models import Investigation
from doorstep.agreements.services.investigations import (
    fact_add,
    investigation_decide,
    investigation_open,
    investigation_submit,
)
from doorstep.cases.selectors import cases_visible_to
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, InputError
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

ROWS = 50


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def investigations(request: StaffRequest) -> HttpResponse:
    """The list, open ones first."""
    rows = investigations_visible_to(request.user).select_related("case__borrower", "opened_by")
    rows = rows.annotate(known=Count("facts")).order_by("decided_at", "-opened_at")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    found = [{"row": each, "who": mask_name(each.case.borrower.name)} for each in page]
    return render(request, "office/legal/investigations.html", {"page": page, "rows": found})


@needs(Permission.SEE_AGREEMENTS)
@require_GET
def investigation(request: StaffRequest, investigation_id: int) -> HttpResponse:
    """One investigation with its facts."""
    found, staff = _investigation(request, investigation_id), request.user
    looks = staff.may(Permission.REFER_LEGAL) and found.state == "open"
    decides = staff.may(Permission.APPROVE_LEGAL) and found.state == "submitted"
    context = {
        "found": found,
        "who": mask_name(found.case.borrower.name),
        "facts": found.facts.select_related("by").order_by("at", "pk"),
        "looks": looks,
        "decides": decides and staff.pk not in (found.opened_by_id, found.submitted_by_id),
    }
    return render(request, "office/legal/investigation.html", context)


@needs(Permission.REFER_LEGAL)
@require_POST
def investigation_begin(request: StaffRequest, case_id: int) -> HttpResponse:
    """Begin to look into a suspicion."""
    case = case_or_404(request.user, case_id)
    try:
        words = request.POST.get("suspicion", "")
        made = investigation_open(case=case, suspicion=words, by=request.user, at=clock.now())
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
        return redirect("office:case", case_id=case.pk)
    return redirect("office:investigation", investigation_id=made.pk)


@needs(Permission.SEE_AGREEMENTS)
@require_POST
def investigation_deed(request: StaffRequest, investigation_id: int) -> HttpResponse:
    """A fact, the conclusion, or the decision; each asks for its own permission."""
    found, at, by = _investigation(request, investigation_id), clock.now(), request.user
    told = {name: request.POST.get(name, "") for name in ("text", "source", "conclusion", "why")}
    about: dict[str, Any] = {"investigation": found, "by": by, "at": at}
    deeds: dict[str, Callable[[], Any]] = {
        "fact": lambda: fact_add(
            text=told["text"], source=told["source"],
            speaks_for=request.POST.get("speaks_for") == "1", **about,
        ),
        "submit": lambda: investigation_submit(conclusion=told["conclusion"], **about),
        "confirm": lambda: investigation_decide(confirmed=True, why=told["why"], **about),
        "unfounded": lambda: investigation_decide(confirmed=False, why=told["why"], **about),
    }  # fmt: skip
    try:
        deed = deeds.get(request.POST.get("deed", ""))
        if deed is None:
            raise InputError(_("Choose what is to be done."))
        deed()
        messages.success(request, _("It is done and on record."))
    except DoorstepError as error:
        messages.error(request, f"{error.message} {error.hint}".strip())
    return redirect("office:investigation", investigation_id=found.pk)


def investigations_visible_to(staff: Staff) -> QuerySet[Investigation]:
    """Investigations on the cases this member of staff may see."""
    return Investigation.objects.filter(case__in=cases_visible_to(staff=staff))


def _investigation(request: StaffRequest, investigation_id: int) -> Investigation:
    rows = investigations_visible_to(request.user).select_related(
        "case__borrower", "opened_by", "submitted_by", "decided_by"
    )
    return get_object_or_404(rows, pk=investigation_id)
