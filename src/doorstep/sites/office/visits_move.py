"""Moving a visit to another crew or hour, by form or by dragging: here the rules are checked."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.dispatch.visit_moves import visit_move
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.visits_board import board
from doorstep.sites.office.visits_figures import all_rows
from doorstep.sites.office.visits_list import visit_page
from doorstep.sites.office.visits_refused import refusal_of
from doorstep.sites.office.visits_rows import days_of
from doorstep.sites.office.visits_scope import plan_or_404
from doorstep.sites.office.visits_words import Refusal
from doorstep.visits.models import CrewDay, FieldPlan, PlannedVisit
from doorstep.workforce.roles import Permission


class MoveForm(forms.Form):
    """Which visit goes to which crew: at an hour, as their so-manieth, or where it fits best.
    Without a crew it is taken out of the plan."""

    visit = forms.IntegerField(min_value=1)
    crew = forms.IntegerField(min_value=1, required=False)
    at = forms.TimeField(required=False)
    position = forms.IntegerField(min_value=1, max_value=100, required=False)


@needs(Permission.PLAN_FIELD)
@require_POST
def field_visit_move(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Move a visit; a refusal is shown with every reason where the move was asked for."""
    plan = plan_or_404(request.user, plan_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a visit and a crew; a time is written like 10:30."))
        return redirect("office:field_plan", plan_id=plan.pk)
    visit = PlannedVisit.objects.filter(plan=plan, pk=form.cleaned_data["visit"]).first()
    crew = CrewDay.objects.filter(plan=plan, pk=form.cleaned_data["crew"] or 0).first()
    if visit is None or (crew is None and form.cleaned_data["crew"]):
        raise Http404
    try:
        moved = visit_move(
            visit=visit, crew=crew, by=request.user, at=clock.now(), **_where(form, crew)
        )
    except DoorstepError as refused:
        return _refused(request, plan, visit, refused)
    messages.success(request, _said(moved, visit))
    return redirect("office:field_plan", plan_id=moved.pk)


def _where(form: MoveForm, crew: CrewDay | None) -> dict[str, Any]:
    begins: time | None = form.cleaned_data["at"]
    if crew is None or begins is None:
        return {"position": form.cleaned_data["position"]}
    return {"begins_at": datetime.combine(crew.day, begins, ZoneInfo(settings.TIME_ZONE))}


def _refused(
    request: StaffRequest, plan: FieldPlan, visit: PlannedVisit, error: DoorstepError
) -> HttpResponse:
    days = days_of(plan, staff=request.user)
    crews = [crew for day in days for crew in day.crews]
    title = _("The visit cannot be moved there.")
    refusal: Refusal = refusal_of(error, title=title, crews=crews, rows=all_rows(days))
    if request.POST.get("from") == "visit":
        return visit_page(request, plan, days, visit.pk, refusal)
    return board(request, plan, refusal=refusal)


def _said(plan: FieldPlan, visit: PlannedVisit) -> str:
    if plan.pk != visit.plan_id:
        return _("Proposed. The published plan stands until this is accepted.")
    return _("Moved.")
