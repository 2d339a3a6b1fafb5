"""The visits and crews of a plan as pages show them, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from string import ascii_uppercase

from django.db.models import Prefetch, QuerySet

from doorstep.cases.selectors import cases_visible_to
from doorstep.sites.office.case_words import who
from doorstep.sites.office.visits_words import RISK_TONES, VISIT_TONES, region_of, why_not
from doorstep.visits.models import CrewDay, CrewMember, FieldPlan, PlannedVisit
from doorstep.visits.models.days import VisitState
from doorstep.visits.models.risk import RiskLevel
from doorstep.workforce.models import Staff

TONES = 8
OUT = (VisitState.LEFT_OUT, VisitState.CANCELLED)


@dataclass(frozen=True)
class Row:
    """One visit: `number` is its place in the crew's day, from 1; none where nobody goes."""

    visit: PlannedVisit
    who: str
    region: str
    region_name: str
    crew: str = ""
    number: int | None = None
    opens_case: bool = False

    @property
    def out(self) -> bool:
        """Whether nobody goes."""
        return self.visit.state in OUT

    @property
    def why(self) -> str:
        """Why nobody goes, in words."""
        return why_not(self.visit.why) if self.visit.why else ""

    @property
    def tone(self) -> str:
        """The tone of its state's badge."""
        return VISIT_TONES[VisitState(self.visit.state)]

    @property
    def risk_tone(self) -> str:
        """The tone of its risk's badge."""
        return RISK_TONES[RiskLevel(self.visit.risk)]

    @property
    def mark(self) -> str:
        """What map and Gantt write on it: A3."""
        return f"{self.crew}{self.number}" if self.number else ""


@dataclass(frozen=True)
class Crew:
    """A crew's day with its visits in order; `letter` and `tone` tell it from the others."""

    crew: CrewDay
    letter: str
    tone: int
    names: tuple[str, ...]
    rows: tuple[Row, ...] = ()

    @property
    def value(self) -> int:
        """What its visits are expected to bring, in minor units."""
        return sum(row.visit.value for row in self.rows)

    @property
    def people(self) -> str:
        """Who goes."""
        return " · ".join(self.names)


@dataclass(frozen=True)
class Day:
    """One day of a plan."""

    day: date
    crews: tuple[Crew, ...] = ()
    out: tuple[Row, ...] = field(default=())

    @property
    def planned(self) -> tuple[Row, ...]:
        """The visits that somebody makes."""
        return tuple(row for crew in self.crews for row in crew.rows)


def visits_of(plan: FieldPlan) -> QuerySet[PlannedVisit]:
    """The visits of a plan with what a row shows."""
    return (
        PlannedVisit.objects.filter(plan=plan)
        .select_related("case", "case__borrower", "address", "appointment")
        .order_by("crew__key", "place", "begins_at", "-value", "pk")
    )


def crews_of(plan: FieldPlan) -> QuerySet[CrewDay]:
    """The crews of a plan with their people and vehicles."""
    members = CrewMember.objects.select_related("staff").order_by("-leads", "staff__display_name")
    return (
        CrewDay.objects.filter(plan=plan)
        .select_related("vehicle")
        .prefetch_related(Prefetch("members", queryset=members))
        .order_by("day", "key")
    )


def letters_of(crews: Sequence[CrewDay]) -> dict[int, str]:
    """A letter a crew, in the order of each day: A, B, ... Z, A1, B1, ..."""
    found: dict[int, str] = {}
    by_day: dict[date, int] = defaultdict(int)
    for crew in crews:
        turn, at = divmod(by_day[crew.day], len(ascii_uppercase))
        by_day[crew.day] += 1
        found[crew.pk] = ascii_uppercase[at] + (f"{turn}." if turn else "")
    return found


def opens(staff: Staff, visits: Iterable[PlannedVisit]) -> set[int]:
    """Those of these visits' cases whose file this member of staff may open."""
    ids = [visit.case_id for visit in visits]
    return set(cases_visible_to(staff=staff).filter(pk__in=ids).values_list("pk", flat=True))


def rows_of(
    visits: Iterable[PlannedVisit],
    *,
    letters: Mapping[int, str],
    numbers: Mapping[int, int],
    opened: set[int],
) -> list[Row]:
    """Rows of visits whose case, borrower and address are loaded."""
    return [_row(visit, letters, numbers, opened) for visit in visits]


def _row(
    visit: PlannedVisit, letters: Mapping[int, str], numbers: Mapping[int, int], opened: set[int]
) -> Row:
    key, name = region_of(visit.address)
    return Row(
        visit=visit,
        who=who(visit.case),
        region=key,
        region_name=name,
        crew=letters.get(visit.crew_id or 0, ""),
        number=numbers.get(visit.pk),
        opens_case=visit.case_id in opened,
    )


def numbered(visits: Iterable[PlannedVisit]) -> dict[int, int]:
    """The place of each visit in its crew's day, from 1."""
    found: dict[int, int] = {}
    so_far: dict[int, int] = defaultdict(int)
    going = [each for each in visits if each.crew_id and each.begins_at and each.state not in OUT]
    for visit in sorted(going, key=_begins):
        so_far[visit.crew_id or 0] += 1
        found[visit.pk] = so_far[visit.crew_id or 0]
    return found


def _begins(visit: PlannedVisit) -> tuple[datetime, int]:
    assert visit.begins_at is not None
    return visit.begins_at, visit.pk


def days_of(plan: FieldPlan, *, staff: Staff) -> list[Day]:
    """Every day of a plan: its crews with their visits in order. What is left out stands with each
    day, because it could have been made on any of them."""
    crews, visits = list(crews_of(plan)), list(visits_of(plan))
    letters, numbers, opened = letters_of(crews), numbered(visits), opens(staff, visits)
    rows = rows_of(visits, letters=letters, numbers=numbers, opened=opened)
    out = tuple(sorted((row for row in rows if row.out), key=lambda row: -row.visit.value))
    of_crew: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.number:
            of_crew[row.visit.crew_id or 0].append(row)
    by_day: dict[date, list[Crew]] = defaultdict(list)
    for crew in crews:
        mine = sorted(of_crew[crew.pk], key=lambda row: row.number or 0)
        tone = len(by_day[crew.day]) % TONES + 1
        by_day[crew.day].append(_crew(crew, letters[crew.pk], tone, mine))
    return [Day(day, tuple(by_day[day]), out) for day in sorted({*by_day, plan.first_day})]


def _crew(crew: CrewDay, letter: str, tone: int, rows: Sequence[Row]) -> Crew:
    names = tuple(str(member.staff) for member in crew.members.all())
    return Crew(crew=crew, letter=letter, tone=tone, names=names, rows=tuple(rows))
