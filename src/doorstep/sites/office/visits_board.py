"""The board of a plan: figures, map and list, Gantt of the crews, regions, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.visits_behind import behind_of, failed_of
from doorstep.sites.office.visits_diff import changes_between
from doorstep.sites.office.visits_figures import (
    all_rows,
    currency_of,
    figures_of,
    reasons_of,
    regions_of,
)
from doorstep.sites.office.visits_gantt import gantt_of
from doorstep.sites.office.visits_map import map_of
from doorstep.sites.office.visits_rows import Day, days_of
from doorstep.sites.office.visits_scope import may_move, plan_or_404
from doorstep.sites.office.visits_words import PLAN_TONES, notices_of, progress_of
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.workforce.roles import Permission

SHOWN_OUT = 12


@needs(Permission.SEE_FIELD)
@require_GET
def field_plan(request: StaffRequest, plan_id: int) -> HttpResponse:
    """A plan of any state; `?day=` picks a day of a week. Polled while it is worked out."""
    plan = plan_or_404(request.user, plan_id)
    if request.headers.get("HX-Request"):
        shown = {"plan": plan, "progress": progress_of(plan), **_deeds(request)}
        answer = render(request, "office/visits/progress.html", shown)
        if plan.state != PlanState.MAKING:
            answer.headers["HX-Refresh"] = "true"
        return answer
    return board(request, plan)


def board(request: StaffRequest, plan: FieldPlan, **more: Any) -> HttpResponse:
    """The board of a plan, with whatever else a deed has to say about it."""
    days = days_of(plan, staff=request.user)
    chosen = _chosen(days, request.GET.get("day", ""))
    rows = all_rows(days)
    context: dict[str, Any] = {
        "plan": plan,
        "progress": progress_of(plan),
        "failed": failed_of(plan),
        "behind": behind_of(plan),
        "notices": notices_of(plan),
        "tone": PLAN_TONES[PlanState(plan.state)],
        "days": days,
        "day": chosen,
        "figures": figures_of(plan, days),
        "worth": sum(row.visit.value for row in rows if row.number),
        "left": sum(row.visit.value for row in rows if row.out),
        "currency": currency_of(rows),
        "regions": regions_of(rows),
        "reasons": reasons_of(rows),
        "out": chosen.out[:SHOWN_OUT],
        "gantt": gantt_of(chosen.crews),
        "map": map_of(plan, chosen.crews, chosen.out),
        "may_move": may_move(request, plan),
        "changes": changes_between(old=plan.follows, days=days, staff=request.user)
        if plan.follows and plan.state == PlanState.DRAFT
        else None,
        **_deeds(request),
        **more,
    }
    return render(request, "office/visits/board.html", context)


def _chosen(days: Sequence[Day], text: str) -> Day:
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        return days[0]
    return next((day for day in days if day.day == wanted), days[0])


def _deeds(request: StaffRequest) -> dict[str, Any]:
    """What the one who looks may do with it."""
    return {
        "may_plan": request.user.may(Permission.PLAN_FIELD),
        "may_publish": request.user.may(Permission.PUBLISH_FIELD),
    }
