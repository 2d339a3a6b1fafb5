"""The worklist's filter: read from the address, turned into one condition, counted.

Names in the address: step, bucket, branch, team, assignee (me, none or an id), movement, hold
(any, none or a kind), screened (can, held or ask), q, dpd_min, dpd_max, due_min, due_max (in whole
currency units such as yuan), sort, page, columns. A value that cannot be read is never dropped
silently: it is listed in `problems`, the list then shows nothing, and no deed is done on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.core import get_global
from django.db.models import Count, Q, QuerySet

from doorstep.cases.models import Case, Movement
from doorstep.cases.screening import GROUPS
from doorstep.cases.selectors import borrowers_matching, cases_visible_to
from doorstep.cases.steps import MovementKind, Step
from doorstep.protections.models import HoldKind
from doorstep.workforce.models import Staff

SORTS = {
    "-priority": ("-priority", "id"),
    "-due": ("-due_total", "id"),
    "due": ("due_total", "-id"),
    "-dpd": ("-dpd", "id"),
    "dpd": ("dpd", "-id"),
    "-opened": ("-opened_on", "id"),
    "opened": ("opened_on", "-id"),
}
DEFAULT_SORT = "-priority"
MOST_DIGITS = 15


@dataclass(frozen=True)
class Filter:
    """Which cases a list shows. Empty parts do not narrow; `problems` maps a name to its value."""

    step: tuple[str, ...] = ()
    bucket: tuple[int, ...] = ()
    branch: str = ""
    team: int | None = None
    assignee: str = ""
    movement: str = ""
    hold: str = ""
    screened: str = ""
    q: str = ""
    dpd_min: int | None = None
    dpd_max: int | None = None
    due_min: Decimal | None = None
    due_max: Decimal | None = None
    sort: str = DEFAULT_SORT
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Reader:
    """Reads named values of an address and remembers those that cannot be read."""

    values: Mapping[str, Sequence[str]]
    problems: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return next((v.strip() for v in self.values.get(name, ()) if v.strip()), "")

    def choice(self, name: str, choices: Sequence[str], default: str = "") -> str:
        text = self.text(name)
        return text if text in choices else self._bad(name, text) or default

    def choices(self, name: str, choices: Sequence[str]) -> tuple[str, ...]:
        texts = [v.strip() for v in self.values.get(name, ()) if v.strip()]
        for text in texts:
            if text not in choices:
                self._bad(name, text)
        return tuple(dict.fromkeys(t for t in texts if t in choices))

    def whole(self, name: str) -> int | None:
        return self._whole(name, self.text(name))

    def wholes(self, name: str) -> tuple[int, ...]:
        read = [self._whole(name, v.strip()) for v in self.values.get(name, ()) if v.strip()]
        return tuple(dict.fromkeys(number for number in read if number is not None))

    def amount(self, name: str) -> Decimal | None:
        text = self.text(name).replace(",", "").replace("，", "")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= Decimal(10) ** MOST_DIGITS:
            self._bad(name, text)
            return None
        return amount

    def _whole(self, name: str, text: str) -> int | None:
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 9:
            return int(text)
        self._bad(name, text)
        return None

    def _bad(self, name: str, text: str) -> str:
        if text:
            self.problems[name] = text[:40]
        return ""


def filter_read(values: Mapping[str, Sequence[str]]) -> Filter:
    """The filter in an address (lists of texts by name)."""
    read = _Reader(values)
    assignee = read.text("assignee")
    if assignee not in {"", "me", "none"} and read.whole("assignee") is None:
        assignee = ""
    return Filter(
        step=read.choices("step", list(Step)),
        bucket=read.wholes("bucket"),
        branch=read.text("branch")[:64],
        team=read.whole("team"),
        assignee=assignee,
        movement=read.choice("movement", list(MovementKind)),
        hold=read.choice("hold", ["any", "none", *HoldKind.values, *OTHER_HOLDS]),
        screened=read.choice("screened", list(GROUPS)),
        q=read.text("q")[:100],
        dpd_min=read.whole("dpd_min"),
        dpd_max=read.whole("dpd_max"),
        due_min=read.amount("due_min"),
        due_max=read.amount("due_max"),
        sort=read.choice("sort", list(SORTS), DEFAULT_SORT),
        problems=read.problems,
    )


OTHER_HOLDS = ("promise", "agreement")


def condition(chosen: Filter, *, staff: Staff, night: date | None) -> Q:
    """The filter as one condition on cases. `movement` looks at the night of that day."""
    if chosen.problems:
        return Q(pk__in=[])
    parts = {
        "step__in": chosen.step,
        "bucket__in": chosen.bucket,
        "branch": chosen.branch,
        "team": chosen.team,
        "dpd__gte": chosen.dpd_min,
        "dpd__lte": chosen.dpd_max,
    }
    found = Q(**{name: value for name, value in parts.items() if value not in (None, "", ())})
    match chosen.assignee:
        case "":
            pass
        case "me":
            found &= Q(assignee=staff.pk)
        case "none":
            found &= Q(assignee__isnull=True)
        case other:
            found &= Q(assignee=int(other))
    match chosen.hold:
        case "":
            pass
        case "any":
            found &= ~Q(hold_kind="")
        case "none":
            found &= Q(hold_kind="")
        case kind:
            found &= Q(hold_kind=kind)
    if chosen.screened:
        found &= Q(screened__in=GROUPS[chosen.screened])
    if chosen.movement:
        moved = Movement.objects.filter(kind=chosen.movement)
        moved = moved.filter(business_date=night) if night else moved.none()
        found &= Q(borrower__in=moved.values("borrower"))
    if chosen.due_min is not None:
        found &= _due("gte", chosen.due_min)
    if chosen.due_max is not None:
        found &= _due("lte", chosen.due_max)
    if chosen.q:
        found &= Q(borrower__in=borrowers_matching(text=chosen.q).values("pk"))
    return found


def _due(comparison: str, amount: Decimal) -> Q:
    """Compare the amount due with one in whole units, whatever decimals each currency has."""
    fractions: Mapping[str, tuple[int, int, int, int]] = get_global("currency_fractions")
    name = f"due_total__{comparison}"
    other = {c: f[0] for c, f in fractions.items() if f[0] != 2 and len(c) == 3 and c != "DEFAULT"}
    found = Q(**{name: amount.scaleb(2)}) & ~Q(currency__in=sorted(other))
    for digits in sorted(set(other.values())):
        currencies = sorted(c for c, d in other.items() if d == digits)
        found |= Q(**{name: amount.scaleb(digits)}) & Q(currency__in=currencies)
    return found


def worklist(chosen: Filter, *, staff: Staff, night: date | None) -> QuerySet[Case]:
    """Open cases within the scope of `staff` that the filter picks, in its order."""
    return (
        open_cases(staff=staff)
        .filter(condition(chosen, staff=staff, night=night))
        .order_by(*SORTS[chosen.sort])
    )


def open_cases(*, staff: Staff) -> QuerySet[Case]:
    """Open cases within the scope of `staff`."""
    return cases_visible_to(staff=staff).filter(status="open")


def counts_of(views: Mapping[str, Filter], *, staff: Staff, night: date | None) -> dict[str, int]:
    """How many open cases each of several filters picks.

    One query counts them all by bucket and step, in the order of the index `case_tally`, and each
    view adds up its own groups. Views that look people up (by movement or text) are counted from
    their own small side, which is faster than asking every case.
    """
    cases = open_cases(staff=staff)
    readable = {name: view for name, view in views.items() if not view.problems}
    looked_up = {name: view for name, view in readable.items() if view.movement or view.q}
    grouped = {name: view for name, view in readable.items() if name not in looked_up}
    rest = {name: replace(view, step=(), bucket=()) for name, view in grouped.items()}
    kinds = {
        str(condition(view, staff=staff, night=night)): condition(view, staff=staff, night=night)
        for view in rest.values()
    }
    columns = {key: f"kind_{index}" for index, key in enumerate(kinds)}
    groups: list[Mapping[str, Any]] = list(
        cases.order_by()
        .values("bucket", "step")
        .annotate(**{columns[key]: Count("pk", filter=kind) for key, kind in kinds.items()})
    )
    counts = dict.fromkeys(views, 0)
    for name, view in grouped.items():
        column = columns[str(condition(rest[name], staff=staff, night=night))]
        counts[name] = sum(row[column] for row in groups if _in_group(view, row))
    for name, view in looked_up.items():
        counts[name] = cases.filter(condition(view, staff=staff, night=night)).count()
    return counts


def _in_group(view: Filter, row: Mapping[str, Any]) -> bool:
    return (not view.step or row["step"] in view.step) and (
        not view.bucket or row["bucket"] in view.bucket
    )
