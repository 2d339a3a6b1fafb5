"""The visits of a plan as a list with filters, and one visit in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.messages_words import verdict_shown
from doorstep.sites.office.visits_figures import all_rows, currency_of, reasons_of, regions_of
from doorstep.sites.office.visits_rows import Crew, Day, Row, days_of
from doorstep.sites.office.visits_scope import may_move, plan_or_404
from doorstep.sites.office.visits_words import Refusal, because_words, refusal_of_json
from doorstep.visits.models import FieldPlan
from doorstep.visits.models.days import VisitState
from doorstep.visits.models.risk import RiskLevel
from doorstep.workforce.roles import Permission

ROWS_A_PAGE = 50
SORTS: Mapping[str, Callable[[Row], int]] = {
    "value": lambda row: row.visit.value,
    "minutes": lambda row: row.visit.minutes,
}
FILTERS: Mapping[str, Callable[[Row], str]] = {
    "state": lambda row: row.visit.state,
    "why": lambda row: row.visit.why,
    "region": lambda row: row.region,
    "required": lambda row: "1" if row.visit.required else "0",
    "risk": lambda row: row.visit.risk,
}


@needs(Permission.SEE_FIELD)
@require_GET
def field_plan_visits(request: StaffRequest, plan_id: int) -> HttpResponse:
    """Every visit that the plan could hold; `?state=&why=&region=&required=1&risk=&sort=`."""
    plan = plan_or_404(request.user, plan_id)
    rows = all_rows(days_of(plan, staff=request.user))
    found = _sorted(_matching(rows, request.GET), request.GET.get("sort", ""))
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "plan": plan,
        "page": page,
        "total": len(rows),
        "worth": sum(row.visit.value for row in found),
        "currency": currency_of(rows),
        "regions": regions_of(rows),
        "reasons": reasons_of(rows),
        "states": VisitState.choices,
        "levels": RiskLevel.choices,
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
    }
    return render(request, "office/visits/visits.html", context)


def _matching(rows: Sequence[Row], asked: Mapping[str, str]) -> list[Row]:
    """The rows that every filter in the address picks; an empty filter picks all."""
    wanted = {name: asked.get(name, "") for name in FILTERS}
    return [
        row
        for row in rows
        if all(value in ("", FILTERS[name](row)) for name, value in wanted.items())
    ]


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    key = SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else rows


@needs(Permission.SEE_FIELD)
@require_GET
def field_visit(request: StaffRequest, plan_id: int, visit_id: int) -> HttpResponse:
    """One visit: when it may be, what it is worth and why, why not, and the form that moves it."""
    plan = plan_or_404(request.user, plan_id)
    days = days_of(plan, staff=request.user)
    return visit_page(request, plan, days, visit_id)


def visit_page(
    request: StaffRequest,
    plan: FieldPlan,
    days: Sequence[Day],
    visit_id: int,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The page of one visit of a plan; Http404 where the plan holds no such visit."""
    row = next((row for row in all_rows(days) if row.visit.pk == visit_id), None)
    if row is None:
        raise Http404
    crews = [crew for day in days for crew in day.crews]
    currency = row.visit.case.currency
    context: dict[str, Any] = {
        "plan": plan,
        "row": row,
        "crews": crews,
        "crew": next((crew for crew in crews if crew.crew.pk == row.visit.crew_id), None),
        "currency": currency,
        "because": [
            (because_words(reason, currency), int(reason.get("minor", 0)))
            for reason in row.visit.because
        ],
        "windows": _windows(row),
        "may_move": may_move(request, plan),
        "refusal": refusal,
        **why_more(row, crews),
    }
    return render(request, "office/visits/visit.html", context)


def why_more(row: Row, crews: Sequence[Crew]) -> dict[str, Any]:
    """What stands behind the reason: the guard's answer, or what stands against each crew."""
    more: Mapping[str, Any] = row.visit.why_more if row.out else {}
    names = {each.staff_id: str(each.staff) for crew in crews for each in crew.crew.members.all()}
    people = {crew.crew.key: crew.people for crew in crews}
    against: Mapping[str, Any] = more.get("crews", {})
    return {
        "verdict": verdict_shown(more.get("verdict")),
        "against": [
            (people.get(key, key), [refusal_of_json(each, names) for each in reasons])
            for key, reasons in against.items()
        ],
        "other_plan": more.get("plan") if row.visit.why == "OTHER_PLAN" else None,
    }


def _windows(row: Row) -> list[tuple[datetime, datetime, bool]]:
    """When the visit may begin, and whether it does begin in that window."""
    begins = row.visit.begins_at
    found = []
    for first, last in row.visit.windows:
        span = (datetime.fromisoformat(first), datetime.fromisoformat(last))
        inside = begins is not None and span[0] <= begins <= span[1] + timedelta(seconds=1)
        found.append((timezone.localtime(span[0]), timezone.localtime(span[1]), inside))
    return found
