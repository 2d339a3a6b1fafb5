"""The list of visit records, and of visits that have none though the day of their crew is over."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.export_sheet import Cell
from doorstep.sites.office.lists import (
    OF_CASES,
    Heading,
    OfficeList,
    Picked,
    Rows,
    list_context,
    list_page,
    of_cases,
    one_of,
)
from doorstep.sites.office.records_words import LATE, TONES
from doorstep.visits.models import PlannedVisit, VisitRecord
from doorstep.visits.selectors.records import records_visible_to, visits_without_record
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

VIEWS: dict[str, tuple[Any, Q]] = {
    "filed": (_("On file"), Q()),
    "missing": (_("Missing"), Q()),
    "late": (_("Filed late"), Q(late=True)),
    "uncleared": (_("Without clearance"), Q(cleared=False)),
    "agreed": (_("A plan was agreed"), Q(outcome="agreed")),
}
SORTS: dict[str, tuple[str, ...]] = {
    "-visited": ("-began_at", "-pk"), "visited": ("began_at", "pk"),
    "-filed": ("-filed_at", "-pk"), "filed": ("filed_at", "pk"),
}  # fmt: skip
HEADINGS: tuple[Heading, ...] = (
    (_("Record number"), 24), (_("Customer number"), 16), (_("Customer"), 10), (_("Visited"), 12),
    (_("How it ended"), 24), (_("Put on file"), 20), (_("In time"), 28), (_("By"), 16),
)  # fmt: skip
MISSING_HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Visited"), 20), (_("Branch"), 18),
    (_("Crew"), 30),
)  # fmt: skip


@needs(Permission.SEE_RECORDS)
@require_GET
def records(request: StaffRequest) -> HttpResponse:
    """The list; `?view=` one of `VIEWS`."""
    view = one_of(request.GET, "view", VIEWS, default="filed")[0]
    page = list_page(RECORDS, request)
    missing = view == "missing"
    context = {
        "page": page,
        "missing": missing,
        "rows": [missing_row(each) if missing else record_row(each) for each in page],
        **list_context(RECORDS, staff=request.user, values=request.GET),
    }
    return render(request, "office/records/list.html", context)


def record_row(record: VisitRecord) -> dict[str, Any]:
    """A record in words."""
    return {
        "record": record,
        "who": mask_name(record.case.borrower.name),
        "tone": TONES[record.outcome],
        "late": LATE.get(record.late_why, ""),
    }


def missing_row(visit: PlannedVisit) -> dict[str, Any]:
    """A visit without a record in words."""
    members = visit.crew.members.all() if visit.crew else ()
    return {
        "visit": visit,
        "who": mask_name(visit.case.borrower.name),
        "crew": ", ".join(str(member.staff) for member in members),
    }


def records_tally(staff: Staff) -> list[tuple[int, str, str]]:
    """Visits without a record, for those who lead the crews; nothing that is 0."""
    if not staff.may(Permission.TELL_CREWS):
        return []
    count = visits_without_record(staff=staff, at=clock.now()).count()
    words = ngettext("visit without a record", "visits without a record", count)
    return [(count, words, f"{reverse('office:records')}?view=missing")] if count else []


def _pick(staff: Staff, values: QueryDict) -> Picked:
    view, bad_view = one_of(values, "view", VIEWS, default="filed")
    sort, bad_sort = one_of(values, "sort", SORTS, default="-visited")
    cases, bad_cases = of_cases(values, staff=staff)
    where = VIEWS[view][1]
    if cases is not None:
        where &= Q(case__in=cases)
    problems = {**bad_view, **bad_sort, **bad_cases}
    if view == "missing":
        return Picked("missing", where, ("begins_at", "pk"), problems)
    return Picked("record", where, SORTS[sort], problems)


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("case__borrower", "filed_by")


def _read_missing(rows: QuerySet[Any]) -> QuerySet[Any]:
    found = rows.select_related("case__borrower", "crew", "plan__branch")
    return found.prefetch_related("crew__members__staff").defer("plan__problem", "plan__plan")


def _cells(row: VisitRecord) -> list[Cell]:
    shown = record_row(row)
    return [
        row.number, row.case.borrower_id, shown["who"], row.visited_on.isoformat(),
        str(row.get_outcome_display()), row.filed_at.isoformat(), str(shown["late"]),
        str(row.filed_by),
    ]  # fmt: skip


def _missing_cells(row: PlannedVisit) -> list[Cell]:
    shown = missing_row(row)
    begins = row.begins_at.isoformat() if row.begins_at else ""
    return [row.case.borrower_id, shown["who"], begins, str(row.plan.branch), shown["crew"]]


RECORDS = OfficeList(
    name="records",
    title=_("Visit records"),
    address="office:records",
    permission=Permission.SEE_RECORDS,
    kept=("view", *OF_CASES, "sort"),
    default="view=filed",
    views=tuple((f"view={name}", label) for name, (label, _where) in VIEWS.items()),
    rows={
        "record": Rows(
            lambda staff: records_visible_to(staff=staff, at=clock.now()),
            _read, HEADINGS, lambda: _cells,
        ),
        "missing": Rows(
            lambda staff: visits_without_record(staff=staff, at=clock.now()),
            _read_missing, MISSING_HEADINGS, lambda: _missing_cells,
        ),
    },
    pick=_pick,
)  # fmt: skip
