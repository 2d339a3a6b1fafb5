"""The views of the worklist: those that come with it and those somebody keeps, counted."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.cases.models import STEP_LABELS, SavedView
from doorstep.cases.steps import Step
from doorstep.cases.worklist import Filter, counts_of, filter_read
from doorstep.sites.office.lists import View, canonical
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Scope

NARROWING = (
    "step", "bucket", "branch", "team", "assignee", "movement", "hold", "screened", "q",
    "dpd_min", "dpd_max", "due_min", "due_max",
)  # fmt: skip
KEPT = (*NARROWING, "sort", "columns")


EVERYBODY: tuple[tuple[str, str | Promise], ...] = (
    ("", _("All")),
    ("assignee=me", _("Mine")),
    ("assignee=none", _("Unassigned")),
    ("movement=entered", _("New today")),
    ("movement=worse", _("Worse today")),
    ("hold=any", _("On hold")),
)
STEPS = (
    Step.REMIND, Step.REMIND_AGAIN, Step.CALL, Step.LETTER, Step.PROPOSE_VISIT, Step.REVIEW,
    Step.VERIFY, Step.WAIT,
)  # fmt: skip
BY_STEP = tuple((f"step={step}", STEP_LABELS[step]) for step in STEPS)
NOT_FOR_OWN = ("assignee=me", "assignee=none")


def read_query(query: str) -> Filter:
    """The filter in a query string."""
    return filter_read({name: list(values) for name, values in QueryDict(query).lists()})


def views_of(
    *, staff: Staff, values: QueryDict, night: date | None
) -> tuple[list[View], list[View], list[View]]:
    """Views for everybody, views by step, own views; all counted in one query."""
    own = list(SavedView.objects.filter(staff=staff, of="cases").order_by("name"))
    shared = [
        (query, label)
        for query, label in EVERYBODY
        if staff.scope is not Scope.OWN or query not in NOT_FOR_OWN
    ]
    queries = {query for query, _label in (*shared, *BY_STEP)} | {view.query for view in own}
    counts = counts_of(
        {query: read_query(query) for query in sorted(queries)}, staff=staff, night=night
    )
    now = canonical(values, names=NARROWING)
    now_own = canonical(values, names=KEPT)
    return (
        [View(label, query, counts[query], query == now) for query, label in shared],
        [View(label, query, counts[query], query == now) for query, label in BY_STEP],
        [
            View(view.name, view.query, counts[view.query], view.query == now_own, view.pk)
            for view in own
        ],
    )
