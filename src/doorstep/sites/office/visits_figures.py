"""What a plan comes to: counts and values, each with the rows behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from doorstep.sites.office.visits_rows import Day, Row
from doorstep.sites.office.visits_words import hours_words, why_not
from doorstep.visits.models import FieldPlan


@dataclass(frozen=True)
class Figure:
    """One figure: how much, of what, and the query of the list that holds its rows."""

    shown: str
    label: str
    query: str = ""
    amber: bool = False


@dataclass(frozen=True)
class Region:
    """The visits of one region: how many could be made and how many are."""

    key: str
    name: str
    candidates: int
    planned: int
    value: int
    left: int

    @property
    def coverage(self) -> float:
        """Planned of those that could be, 0 to 1."""
        return self.planned / self.candidates if self.candidates else 0.0


@dataclass(frozen=True)
class Reason:
    """How many are left out for one reason, and what they would have been worth."""

    code: str
    words: str
    count: int
    value: int


def all_rows(days: Sequence[Day]) -> list[Row]:
    """Every visit of a plan, once."""
    out = days[0].out if days else ()
    return [*(row for day in days for row in day.planned), *out]


def currency_of(rows: Sequence[Row]) -> str:
    """The currency of the values."""
    return rows[0].visit.case.currency if rows else "CNY"


def figures_of(plan: FieldPlan, days: Sequence[Day]) -> list[Figure]:
    """The counts on top of a plan; money is written by the page."""
    rows = all_rows(days)
    planned = [row for row in rows if row.number]
    promised = [row for row in rows if row.visit.required]
    kept = [row for row in promised if row.number]
    crews = [crew for day in days for crew in day.crews]
    going = [crew for crew in crews if crew.rows]
    told: dict[str, Any] = plan.figures
    return [
        Figure(f"{len(planned)} / {len(rows)}", _("Visits planned"), "state=planned"),
        Figure(
            f"{len(kept)} / {len(promised)}", _("Appointments kept"), "required=1",
            amber=len(kept) < len(promised),
        ),
        Figure(f"{len(going)} / {len(crews)}", _("Crews on their way")),
        Figure(hours_words(told.get("travel_seconds")), _("On the road")),
        Figure(_per_crew(len(planned), len(going)), _("Visits a crew")),
    ]  # fmt: skip


def _per_crew(visits: int, crews: int) -> str:
    return f"{visits / crews:.1f}" if crews else "–"


def regions_of(rows: Iterable[Row]) -> list[Region]:
    """Coverage by region, the largest first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.region].append(row)
    found = [_region(key, group) for key, group in groups.items()]
    return sorted(found, key=lambda region: (-region.candidates, region.name))


def _region(key: str, group: Sequence[Row]) -> Region:
    planned = [row for row in group if row.number]
    worth = sum(row.visit.value for row in planned)
    return Region(
        key=key,
        name=group[0].region_name,
        candidates=len(group),
        planned=len(planned),
        value=worth,
        left=sum(row.visit.value for row in group) - worth,
    )


def reasons_of(rows: Iterable[Row]) -> list[Reason]:
    """Why visits are left out, the commonest first."""
    counts, values = Counter[str](), Counter[str]()
    for row in rows:
        if row.out and row.visit.why:
            counts[row.visit.why] += 1
            values[row.visit.why] += row.visit.value
    return [Reason(code, why_not(code), n, values[code]) for code, n in counts.most_common()]
