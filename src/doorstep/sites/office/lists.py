"""What every list of the office has: a filter in the address, views that are counted, views
somebody keeps, and its whole filter as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from doorstep.cases.models import Case, SavedView
from doorstep.cases.worklist import condition, filter_read
from doorstep.sites.office.access import StaffRequest
from doorstep.sites.office.export_sheet import Cell
from doorstep.workforce.models import Branch, Staff, Team
from doorstep.workforce.roles import Permission, Scope

PAGE_ROWS = 50
OF_CASES = ("q", "branch", "team", "assignee")
Words = str | Promise
Heading = tuple[Words, int]


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: which of them a member of staff sees, what else is read with them, and how
    they stand in a sheet: its headings with their widths, and what writes one row, made anew for
    each sheet."""

    visible: Callable[[Staff], QuerySet[Any]]
    read: Callable[[QuerySet[Any]], QuerySet[Any]]
    headings: Sequence[Heading]
    cells: Callable[[], Callable[[Any], list[Cell]]]


@dataclass(frozen=True)
class Picked:
    """The rows that a filter picks: of which kind, which of them, in what order. `problems` maps a
    name of the address to the value that cannot be read; then nothing is picked."""

    of: str
    where: Q
    order: tuple[Any, ...]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OfficeList:
    """A list: its short name, its page, who may open it, the names of the address that matter, the
    query shown at first, the views that come with it, and its rows by kind."""

    name: str
    title: Words
    address: str
    permission: Permission
    kept: tuple[str, ...]
    default: str
    views: tuple[tuple[str, Words], ...]
    rows: Mapping[str, Rows]
    pick: Callable[[Staff, QueryDict], Picked]

    def canonical(self, values: QueryDict) -> str:
        """The parts of an address that matter, in a fixed order; what is shown at first in full."""
        filled = values.copy()
        for name, texts in QueryDict(self.default).lists():
            if not filled.get(name, "").strip():
                filled.setlist(name, list(texts))
        return canonical(filled, names=self.kept)

    def page(self, query: str) -> str:
        """The address of the list with this filter."""
        return f"{reverse(self.address)}?{query}" if query else reverse(self.address)


@dataclass(frozen=True)
class View:
    """One view: what it is called, its address, how many rows it holds, whether it is shown now.

    `own_id` is the number of a view somebody keeps, None for one that comes with the list.
    """

    label: Words
    query: str
    count: int
    here: bool
    own_id: int | None = None


def canonical(values: QueryDict, *, names: tuple[str, ...]) -> str:
    """The parts of an address that matter, in a fixed order and without empty ones."""
    return urlencode(
        [
            (name, text.strip())
            for name in names
            for text in sorted(values.getlist(name))
            if text.strip()
        ]
    )


def views_of(listed: OfficeList, *, staff: Staff, values: QueryDict) -> tuple[list[View], ...]:
    """The views that come with a list and one's own; one query for those kept and one for each
    kind of rows counts them all."""
    own = list(SavedView.objects.filter(staff=staff, of=listed.name).order_by("name"))
    queries = {query for query, _label in listed.views} | {view.query for view in own}
    counts, now = _counts(listed, sorted(queries), staff), listed.canonical(values)
    return (
        [View(label, query, counts[query], query == now) for query, label in listed.views],
        [
            View(each.name, each.query, counts[each.query], each.query == now, each.pk)
            for each in own
        ],
    )


def _counts(listed: OfficeList, queries: list[str], staff: Staff) -> dict[str, int]:
    counts = dict.fromkeys(queries, 0)
    kinds: dict[str, dict[str, Q]] = defaultdict(dict)
    for query in queries:
        picked = listed.pick(staff, QueryDict(query))
        if not picked.problems:
            kinds[picked.of][query] = picked.where
    for of, asked in kinds.items():
        columns = {f"view_{place}": query for place, query in enumerate(asked)}
        found = (
            listed.rows[of]
            .visible(staff)
            .aggregate(
                **{name: Count("pk", filter=asked[query]) for name, query in columns.items()}
            )
        )
        counts |= {query: found[name] for name, query in columns.items()}
    return counts


def rows_picked(listed: OfficeList, *, staff: Staff, values: QueryDict) -> QuerySet[Any]:
    """Everything that a filter picks, in its order, bare: `Rows.read` reads what belongs to it."""
    picked = listed.pick(staff, values)
    rows = listed.rows[picked.of].visible(staff)
    return rows.none() if picked.problems else rows.filter(picked.where).order_by(*picked.order)


def of_cases(
    values: QueryDict, *, staff: Staff, by: Literal["pk", "borrower"] = "pk"
) -> tuple[QuerySet[Any] | None, Mapping[str, str]]:
    """The cases (or with `by` their borrowers) that a filter narrows to by the names `OF_CASES`, as
    the worklist reads them; None where it does not narrow. Second: what cannot be read."""
    chosen = filter_read({name: values.getlist(name) for name in OF_CASES})
    if not any(values.get(name, "").strip() for name in OF_CASES):
        return None, chosen.problems
    found = Case.objects.filter(condition(chosen, staff=staff, night=None))
    return found.values(by), chosen.problems


def one_of(
    values: QueryDict, name: str, choices: Mapping[str, Any], *, default: str = ""
) -> tuple[str, Mapping[str, str]]:
    """The value of a name that has so many choices, and what cannot be read."""
    text = values.get(name, "").strip()
    if not text or text in choices:
        return text or default, {}
    return default, {name: text[:40]}


def list_context(listed: OfficeList, *, staff: Staff, values: QueryDict) -> dict[str, Any]:
    """What the parts of every list's page show: views, the filter, what cannot be read, and what
    this member of staff may do with the list."""
    shared, own = views_of(listed, staff=staff, values=values)
    problems = listed.pick(staff, values).problems
    wide = staff.scope is Scope.ALL
    teams = Team.objects.select_related("branch").order_by("branch__name", "name")
    within = teams.filter(branch=staff.branch_id) if staff.scope is Scope.BRANCH else teams.none()
    return {
        "list": listed,
        "list_address": reverse(listed.address),
        "query": listed.canonical(values),
        "views": shared,
        "own_views": own,
        "problems": [
            _("%(name)s = %(value)s cannot be read, so nothing is shown.")
            % {"name": name, "value": value}
            for name, value in problems.items()
        ],
        "asked": values,
        "kept_apart": [
            (name, values[name]) for name in listed.kept
            if name not in (*OF_CASES, "kind", "language") and values.get(name, "").strip()
        ],
        "narrowed": sum(1 for name in ("branch", "team", "assignee", "kind") if values.get(name)),
        "branches": Branch.objects.order_by("name") if wide else (),
        "teams": teams if wide else within,
        "own_only": staff.scope is Scope.OWN,
        "may_export": staff.may(Permission.EXPORT_CASES),
        "may_assign": staff.may(Permission.ASSIGN_CASES),
        "may_propose": staff.may(Permission.PROPOSE_MESSAGES),
    }  # fmt: skip


def list_page(listed: OfficeList, request: StaffRequest) -> Page[Any]:
    """The page of the list that the address asks for, its rows with what belongs to them."""
    rows = rows_picked(listed, staff=request.user, values=request.GET)
    kind = listed.rows[listed.pick(request.user, request.GET).of]
    return Paginator(kind.read(rows), PAGE_ROWS).get_page(request.GET.get("page"))
