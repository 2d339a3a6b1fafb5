"""The worklist among the lists of the office: its rows as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from doorstep.cases.models import STEP_LABELS, Case
from doorstep.cases.worklist import SORTS, condition, open_cases
from doorstep.cycle.selectors import bucket_edges
from doorstep.sites.office.export_sheet import HEADINGS, Cell, row_of
from doorstep.sites.office.lists import OfficeList, Picked, Rows
from doorstep.sites.office.worklist import latest_night
from doorstep.sites.office.worklist_views import BY_STEP, EVERYBODY, KEPT, read_query
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


def _pick(staff: Staff, values: QueryDict) -> Picked:
    chosen = read_query(values.urlencode())
    where = condition(chosen, staff=staff, night=latest_night())
    return Picked("case", where, SORTS[chosen.sort], chosen.problems)


def _cells() -> Callable[[Case], list[Cell]]:
    edges, steps = bucket_edges(), {str(step): str(label) for step, label in STEP_LABELS.items()}
    return partial(row_of, edges=edges, steps=steps)


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("borrower", "assignee", "branch")


WORKLIST = OfficeList(
    name="cases",
    title=_("Worklist"),
    address="office:worklist",
    permission=Permission.SEE_CASES,
    kept=KEPT,
    default="",
    views=(*EVERYBODY, *BY_STEP),
    rows={"case": Rows(lambda staff: open_cases(staff=staff), _read, HEADINGS, _cells)},
    pick=_pick,
)
