"""Home: what needs me today, the book by bucket, what moved, and the last night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext

from doorstep.cases.models import MOVEMENT_LABELS, STEP_LABELS
from doorstep.cases.steps import MovementKind, Step
from doorstep.cases.verification import verification_tasks_visible_to
from doorstep.cycle.models import Run
from doorstep.cycle.selectors import (
    CaseGroup,
    movement_counts,
    open_cases_grouped,
    run_latest,
    run_latest_done,
)
from doorstep.kernel import clock
from doorstep.portfolio.models import Book, BookState
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.appointments_due import visits_tally
from doorstep.sites.office.book_charts import book_charts
from doorstep.sites.office.charts import chart_workbook
from doorstep.sites.office.door_conflicts import door_tally
from doorstep.sites.office.impostors import impostors_tally
from doorstep.sites.office.protections_due import duties_tally
from doorstep.sites.office.ready import ready_of
from doorstep.sites.office.records_list import records_tally
from doorstep.sites.office.runs import seconds_of
from doorstep.sites.office.told import told_of
from doorstep.visits.selectors.safety import alarms_within
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import endings

STEPS_IN_ORDER = (
    Step.REVIEW, Step.VERIFY, Step.PROPOSE_VISIT, Step.CALL, Step.LETTER, Step.REMIND_AGAIN,
    Step.REMIND,
)  # fmt: skip
MOVEMENTS_SHOWN = (
    MovementKind.ENTERED, MovementKind.WORSE, MovementKind.BETTER, MovementKind.CURED,
    MovementKind.HELD, MovementKind.RELEASED,
)  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """A count that opens the list behind it. `amber`: a person must do something."""

    count: int
    words: str
    address: str
    amber: bool = False


@needs(Permission.SEE_TODAY)
def today(request: StaffRequest) -> HttpResponse:
    """The first page of the day; `?export=money|borrowers` gives a chart's figures as a file."""
    staff = request.user
    groups = open_cases_grouped(staff=staff)
    run = run_latest_done()
    charts = book_charts(groups, run=run)
    for chart in charts:
        if request.GET.get("export") == chart.key:
            return chart_workbook(chart)
    latest = run_latest() if staff.may(Permission.SEE_RUNS) else None
    context: dict[str, Any] = {
        "needs_me": [*duties(staff, groups), *step_tallies(groups)],
        "ready": ready_of(staff=staff) if staff.may(Permission.SEE_MESSAGES) else [],
        "may_propose": staff.may(Permission.PROPOSE_MESSAGES),
        "charts": charts,
        "moved": _movements(staff, run),
        "run": run,
        "latest": latest,
        "latest_seconds": seconds_of(latest) if latest else None,
        "held": sum(group.held for group in groups),
        **told_of(staff),
        "open": sum(group.cases for group in groups),
    }
    return render(request, "office/today.html", context)


def duties(staff: Staff, groups: Sequence[CaseGroup]) -> list[Tally]:
    """What waits for this member of staff beside the steps of cases; nothing that is 0."""
    found: list[Tally] = []
    if staff.may(Permission.SEE_ALARMS) and (
        count := alarms_within(by=staff).filter(ended_at=None).count()
    ):
        words = ngettext("alarm that is not over", "alarms that are not over", count)
        found.append(Tally(count, words, reverse("office:alarms"), amber=True))
    if staff.may(Permission.RELEASE_BOOKS):
        waiting = Book.objects.filter(state=BookState.AWAITING_RELEASE).exclude(brought_by=staff)
        if count := waiting.count():
            words = ngettext("book to release", "books to release", count)
            found.append(Tally(count, words, reverse("office:books"), amber=True))
    if staff.may(Permission.VERIFY_CONTACTS) and (
        count := verification_tasks_visible_to(staff=staff).count()
    ):
        words = ngettext("contact to verify", "contacts to verify", count)
        found.append(Tally(count, words, reverse("office:verification")))
    if staff.may(Permission.WRITE_ROSTERS):
        found.extend(_papers_ending(staff))
    found.extend(Tally(*each, amber=True) for each in visits_tally(staff))
    found.extend(Tally(*each, amber=True) for each in records_tally(staff))
    found.extend(Tally(*each, amber=True) for each in door_tally(staff))
    if told := impostors_tally(staff):
        found.append(Tally(*told, amber=True))
    if due := duties_tally(staff):
        found.append(Tally(*due, amber=True))
    if staff.may(Permission.ASSIGN_CASES) and (count := sum(each.unassigned for each in groups)):
        words = ngettext("case nobody has", "cases nobody has", count)
        found.append(Tally(count, words, f"{reverse('office:worklist')}?assignee=none"))
    return found


def _papers_ending(staff: Staff) -> list[Tally]:
    rows = endings(by=staff, on=clock.today(settings.TIME_ZONE), at=clock.now())
    if not rows:
        return []
    words = ngettext(
        "field agent whose papers are missing or end soon",
        "field agents whose papers are missing or end soon",
        len(rows),
    )
    amber = any(row.missing for row in rows)
    return [Tally(len(rows), words, reverse("office:staff_endings"), amber=amber)]


def step_tallies(groups: Sequence[CaseGroup]) -> list[Tally]:
    """Open cases by the step that comes next, what a person must decide first."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.step] += group.cases
    worklist = reverse("office:worklist")
    return [
        Tally(counts[step], str(STEP_LABELS[step]), f"{worklist}?step={step}", step == Step.REVIEW)
        for step in STEPS_IN_ORDER
        if counts[step]
    ]


def _movements(staff: Staff, run: Run | None) -> list[Tally]:
    if run is None or not staff.may(Permission.SEE_CASES):
        return []
    counts = movement_counts(staff=staff, on=run.business_date)
    address = reverse("office:movements")
    return [
        Tally(counts[kind], str(MOVEMENT_LABELS[kind]), f"{address}?kind={kind}")
        for kind in MOVEMENTS_SHOWN
    ]
