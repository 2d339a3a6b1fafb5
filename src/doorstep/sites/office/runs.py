"""Nights: the list, one night in full, who moved in it, and the button that starts one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from doorstep.cases.models import MOVEMENT_LABELS, STEP_LABELS, Movement
from doorstep.cases.selectors import cases_visible_to
from doorstep.cases.steps import MovementKind, Step
from doorstep.cycle.models import Run, RunState
from doorstep.cycle.selectors import (
    buckets_compared,
    movement_counts,
    movements_visible_to,
    run_before,
    run_latest_done,
    transition_matrices,
)
from doorstep.cycle.services import STAGES
from doorstep.cycle.tasks import run_night
from doorstep.kernel.masking import mask_name
from doorstep.portfolio.models import Book, BookState
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.book_charts import transition_chart
from doorstep.sites.office.case_words import hold_words
from doorstep.sites.office.charts import chart_workbook
from doorstep.sites.office.states import COUNT_LABELS
from doorstep.workforce.roles import Permission

ROWS_A_PAGE = 50


@needs(Permission.SEE_RUNS)
def runs(request: StaffRequest) -> HttpResponse:
    """Every night, the latest first, and the book that waits for its night; polled while one runs
    or waits for the worker."""
    going = night_going()
    if request.headers.get("HX-Request"):
        answer = render(request, "office/parts/night_going.html", going or {"waiting": False})
        if going is None:
            answer.headers["HX-Refresh"] = "true"
        return answer
    found = Run.objects.select_related("started_by", "book").order_by("-business_date")
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(each, seconds_of(each)) for each in page.object_list],
        "book": None if going else book_without_night(),
        "going": going,
        **(going or {}),
        "may_start": request.user.may(Permission.START_NIGHT),
    }
    return render(request, "office/runs.html", context)


def seconds_of(run: Run) -> float | None:
    """How long a night took; None while it runs."""
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at else None


def night_going() -> dict[str, Any] | None:
    """The night that runs now, or that the worker has yet to begin; None when there is neither."""
    running = Run.objects.filter(state=RunState.RUNNING).order_by("-business_date").first()
    if running:
        return {"waiting": True, **_progress(running)}
    asked = DBTaskResult.objects.filter(
        task_path=run_night.module_path,
        status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING),
    )
    return {"waiting": True} if asked.exists() else None


@require_POST
@needs(Permission.START_NIGHT)
def run_start(request: StaffRequest) -> HttpResponse:
    """Ask the worker to run the night of the latest loaded book, or to go on with it."""
    book = book_without_night()
    if night_going():
        messages.info(request, _("A night is running already."))
    elif book is None:
        messages.error(request, _("The night of the latest loaded book has run already."))
    else:
        run_night.enqueue(on=book.business_date.isoformat(), staff_id=request.user.pk)
    return redirect("office:runs")


def book_without_night() -> Book | None:
    """The latest loaded book, when no night has finished for it yet."""
    book = Book.objects.filter(state=BookState.LOADED).order_by("-business_date").first()
    if book is None or book.runs.filter(state=RunState.DONE).exists():
        return None
    return book


@needs(Permission.SEE_RUNS)
def run(request: StaffRequest, run_id: int) -> HttpResponse:
    """One night: stages, counts, what changed, and the transitions; polled while it runs."""
    found = get_object_or_404(Run.objects.select_related("started_by", "book"), pk=run_id)
    if request.headers.get("HX-Request") and found.state == RunState.RUNNING:
        return render(request, "office/parts/run_stages.html", _progress(found))
    before = run_before(found)
    charts = [transition_chart(matrix, run=found) for matrix in transition_matrices(run=found)]
    for chart in charts:
        if request.GET.get("export") == chart.key:
            return chart_workbook(chart)
    context: dict[str, Any] = {
        **_progress(found),
        "before": before,
        "buckets": buckets_compared(run=found, before=before),
        "charts": charts,
        "moved": _moved(request, found),
        "counts": [(COUNT_LABELS.get(name, name), count) for name, count in found.counts.items()],
        "may_start": request.user.may(Permission.START_NIGHT),
        "sees_cases": request.user.may(Permission.SEE_CASES),
    }
    answer = render(request, "office/run.html", context)
    if request.headers.get("HX-Request"):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _progress(found: Run) -> dict[str, Any]:
    stages = list(found.stages.all())
    done = sum(stage.seconds is not None for stage in stages)
    return {
        "run": found,
        "stages": stages,
        "done": done,
        "expected": len(STAGES),
        "seconds": seconds_of(found),
    }


def _moved(request: StaffRequest, found: Run) -> list[tuple[str, str, int]]:
    counts = movement_counts(staff=request.user, on=found.business_date)
    return [(kind, str(MOVEMENT_LABELS[kind]), counts[kind]) for kind in MovementKind]


@needs(Permission.SEE_CASES)
def movements(request: StaffRequest) -> HttpResponse:
    """Who moved in a night and how: `?kind=cured&on=2026-11-22`; the latest night by default."""
    night = _night_of(request.GET.get("on", ""))
    kind = request.GET.get("kind", "")
    kind = kind if kind in list(MovementKind) else MovementKind.ENTERED.value
    context: dict[str, Any] = {"night": night, "kind": kind, "kinds": [], "page": None}
    if night:
        counts = movement_counts(staff=request.user, on=night.business_date)
        context["kinds"] = [(each.value, MOVEMENT_LABELS[each], counts[each]) for each in counts]
        found = movements_visible_to(staff=request.user, on=night.business_date)
        rows = found.filter(kind=kind).select_related("borrower").order_by("pk")
        page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
        context["page"] = page
        context["rows"] = _moved_rows(request, list(page.object_list))
    return render(request, "office/movements.html", context)


def _night_of(text: str) -> Run | None:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return run_latest_done()
    return Run.objects.filter(business_date=on, state=RunState.DONE).first()


@dataclass(frozen=True)
class Moved:
    """One customer who moved in a night, as the list shows it."""

    name: str
    borrower_id: str
    case_id: int | None
    before: str
    after: str


def _moved_rows(request: StaffRequest, page: list[Movement]) -> list[Moved]:
    """Each movement with the masked name and the latest case that may be opened, in one query."""
    cases = dict(
        cases_visible_to(staff=request.user)
        .filter(borrower__in=[movement.borrower_id for movement in page])
        .order_by("opened_on", "pk")
        .values_list("borrower_id", "pk")
    )
    return [
        Moved(
            name=mask_name(movement.borrower.name),
            borrower_id=movement.borrower_id,
            case_id=cases.get(movement.borrower_id),
            before=side_words(movement.before),
            after=side_words(movement.after),
        )
        for movement in page
    ]


def side_words(value: str) -> str:
    """One side of a movement: a bucket's name, a step or a kind of hold, as people read it."""
    if value in list(Step):
        return str(STEP_LABELS[Step(value)])
    return hold_words(value) or "–"
