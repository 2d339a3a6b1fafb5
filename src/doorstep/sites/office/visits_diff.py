"""What a draft that follows a published plan changes, for whom: read from the rows of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from doorstep.sites.office.visits_figures import all_rows
from doorstep.sites.office.visits_rows import Day, Row, days_of
from doorstep.visits.appointments import keeps_word
from doorstep.visits.models import FieldPlan, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.workforce.models import Staff

WHAT: Mapping[str, str | Promise] = {
    "refused": gettext_lazy("Refused at the door"),
    "cancelled": gettext_lazy("Cancelled"),
    "lost": gettext_lazy("Not visited any more"),
    "added": gettext_lazy("New"),
    "crew": gettext_lazy("Another crew"),
    "time": gettext_lazy("Another time"),
}
TONES = {"cancelled": "amber", "lost": "amber", "refused": "amber", "added": "bucket"}
ORDER = tuple(WHAT)


@dataclass(frozen=True)
class Change:
    """One visit before and after: either side may be missing. `told`: the customer hears of
    it."""

    what: str
    row: Row
    before: Row | None
    after: Row | None
    crew_before: str
    crew_after: str
    told: bool

    @property
    def words(self) -> str:
        """What changes."""
        return str(WHAT[self.what])

    @property
    def tone(self) -> str:
        """The tone of its badge."""
        return TONES.get(self.what, "plain")


def changes_between(*, old: FieldPlan, days: Sequence[Day], staff: Staff) -> list[Change]:
    """Every visit that is different in `days` from the plan they follow, what falls out first."""
    was = days_of(old, staff=staff)
    before = {row.visit.case_id: row for row in all_rows(was)}
    crews_before, crews_after = _people(was), _people(days)
    found = []
    for row in all_rows(days):
        change = _change(before.get(row.visit.case_id), row, crews_before, crews_after)
        if change is not None:
            found.append(change)
    return sorted(found, key=lambda each: (ORDER.index(each.what), each.row.number or 0))


def _people(days: Sequence[Day]) -> dict[int, tuple[str, str]]:
    """Key and people of each crew by its number."""
    return {
        crew.crew.pk: (crew.crew.key, f"{crew.letter} {crew.people}")
        for day in days
        for crew in day.crews
    }


def _change(
    before: Row | None,
    after: Row,
    crews_before: Mapping[int, tuple[str, str]],
    crews_after: Mapping[int, tuple[str, str]],
) -> Change | None:
    was = before if before is not None and before.number else None
    is_ = after if after.number else None
    key_before, people_before = crews_before.get(was.visit.crew_id or 0 if was else 0, ("", ""))
    key_after, people_after = crews_after.get(is_.visit.crew_id or 0 if is_ else 0, ("", ""))
    what = _what(before, was, is_, after, key_before != key_after)
    if not what:
        return None
    told = _is_told(after.visit, what)
    return Change(what, after, was, is_, people_before, people_after, told)


def _is_told(visit: PlannedVisit, what: str) -> bool:
    """Whether the customer hears of it: who was told nothing does not, nor who was told an hour
    that is kept by the same people."""
    agreed = visit.appointment
    if agreed is None:
        return visit.required
    if what != "time" or visit.begins_at is None:
        return True
    if agreed.from_at is None or agreed.until_at is None:
        return True
    return not keeps_word(visit.begins_at, (agreed.from_at, agreed.until_at))


def _what(
    before: Row | None, was: Row | None, is_: Row | None, after: Row, other_crew: bool
) -> str:  # fmt: skip
    old_outcome = before.visit.outcome if before else ""
    if after.visit.outcome and after.visit.outcome != old_outcome:
        return "refused"
    if was is None:
        return "added" if is_ is not None else ""
    if is_ is None:
        return "cancelled" if after.visit.state == VisitState.CANCELLED else "lost"
    if other_crew:
        return "crew"
    return "time" if was.visit.begins_at != is_.visit.begins_at else ""
