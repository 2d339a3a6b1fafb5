"""From the world to a planner's problem: candidates, hours from the guard, crews from the roster.

Whatever cannot enter the problem is named with its reason; nothing is left out in silence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.dispatch.visit_windows import Ask, Windows, visit_windows
from doorstep.rules.moments import wall
from doorstep.rules.pack import Rulebook
from doorstep.visits.candidates import Candidate, Candidates
from doorstep.visits.crews import CrewToday, crews_for
from doorstep.visits.daylight import sun_up
from doorstep.visits.problem import Break, Crew, Objective, Problem, Visit, Window
from doorstep.visits.travel import Place, TravelProvider
from doorstep.visits.worth import parameters
from doorstep.workforce.models import Branch
from doorstep.workforce.pairs import RULES, Refusal, Why

BRANCH = "branch"
LUNCH = (time(11, 30), time(14, 0))
LUNCH_SECONDS = 45 * 60
MOST_VISITS = 14
FAIR_SECONDS = 7 * 3600
OVER = 0.5
"""Price of a second of duty beyond FAIR_SECONDS, as a share of the price of a second of work."""
Point = tuple[float, float]
Told = Callable[[str, int, int], None]
"""Hears the step, how many are done in it and of how many (0: nobody counts)."""


@dataclass(frozen=True)
class LeftOut:
    """A candidate that is in no problem, with the code of the reason."""

    candidate: Candidate
    why: str
    more: Mapping[str, Any] = field(default_factory=dict)
    windows: Windows | None = None


@dataclass(frozen=True)
class Clockwork:
    """The clock of a plan: seconds from midnight of its first day where the branch is."""

    midnight: datetime

    @classmethod
    def of(cls, first: date) -> Clockwork:
        """The clock of plans that begin on a day."""
        return cls(wall(first, time(), ZoneInfo(settings.TIME_ZONE)))

    def seconds(self, at: datetime) -> int:
        """An instant on the clock, rounded up."""
        return math.ceil((at - self.midnight).total_seconds())

    def instant(self, seconds: int) -> datetime:
        """The instant of a second of the clock."""
        return self.midnight + timedelta(seconds=seconds)

    def window(self, start: datetime, end: datetime) -> Window | None:
        """The whole seconds from one instant to another; None where there is none."""
        first, last = self.seconds(start), math.floor((end - self.midnight).total_seconds())
        return Window(max(0, first), last) if max(0, first) <= last else None


@dataclass(frozen=True)
class Drawn:
    """A problem drawn up, with what its names stand for; visits are named by their case."""

    problem: Problem
    clock: Clockwork
    points: Mapping[str, Point]
    candidates: Mapping[str, Candidate]
    windows: Mapping[str, Windows]
    crews: Mapping[str, CrewToday]
    left_out: Sequence[LeftOut]


def problem_draw(
    *,
    branch: Branch,
    first: date,
    days: int,
    candidates: Candidates,
    crews: Sequence[CrewToday],
    at: datetime,
    rulebook: Rulebook,
    travel: TravelProvider,
    told: Told = lambda step, done, of: None,
) -> Drawn:
    """The problem of a branch's days. The branch must be on the map, and there must be crews."""
    windows = windows_of(
        candidates.all, first=first, days=days, at=at, rulebook=rulebook,
        told=lambda done: told("hours", done, len(candidates.all)),
    )  # fmt: skip
    clock = Clockwork.of(first)
    left_out: list[LeftOut] = []
    entering: dict[str, tuple[Candidate, Windows, frozenset[str]]] = {}
    for candidate in candidates.all:
        found = windows.get(candidate.case.pk)
        may = crews_for(crews, asked=candidate.asked)
        out = why_out(candidate, found, may.crews, may.refused)
        if out is None and found is not None:
            entering[str(candidate.case.pk)] = (candidate, found, may.crews)
        elif out is not None:
            left_out.append(out)
    points = {BRANCH: point_of(branch)} | {
        key: where_of(candidate) for key, (candidate, _found, _may) in entering.items()
    }
    told("travel", 0, 0)
    names = tuple(points)
    places = [Place(*points[name]) for name in names]
    problem = Problem(
        travel=travel(places, hours=_hours(crews)),
        crews=tuple(crew_on_clock(crew, clock) for crew in crews),
        visits=tuple(
            visit_on_clock(candidate, found, may, clock, row)
            for row, (candidate, found, may) in enumerate(entering.values(), start=1)
        ),
        objective=objective(),
        dark_from=dark_from(branch, first, days, clock),
        date=first.isoformat(),
        places=names,
    )
    return Drawn(
        problem=problem,
        clock=clock,
        points=points,
        candidates={key: candidate for key, (candidate, _f, _m) in entering.items()},
        windows={key: found for key, (_c, found, _m) in entering.items()},
        crews={crew.key: crew for crew in crews},
        left_out=left_out,
    )


def windows_of(
    candidates: Sequence[Candidate],
    *,
    first: date,
    days: int,
    at: datetime,
    rulebook: Rulebook,
    told: Callable[[int], None] = lambda done: None,
) -> dict[int, Windows]:
    """The hours of those candidates against whom nothing is known yet."""
    asking = [each for each in candidates if not each.why and each.address is not None]
    return visit_windows(
        cases=[each.case for each in asking],
        addresses={each.case.pk: each.address for each in asking if each.address is not None},
        first=first, days=days, at=at, rulebook=rulebook, told=told,
        asks={
            each.case.pk: Ask(each.minutes, each.risk, each.daylight_only, each.appointment)
            for each in asking
        },
    )  # fmt: skip


def why_out(
    candidate: Candidate,
    found: Windows | None,
    may: frozenset[str],
    refused: Mapping[str, Sequence[Refusal]],
) -> LeftOut | None:
    """Why a candidate cannot enter the problem; None where it can."""
    if candidate.why:
        return LeftOut(candidate, candidate.why, candidate.why_more)
    if found is None or not found.spans:
        verdict = found.verdict if found else None
        more = {"verdict": verdict.as_dict()} if verdict else {}
        return LeftOut(candidate, found.why if found else "NO_ADDRESS", more, found)
    if not may:
        why = "THIRD_AGENT" if _wants_a_third(candidate, refused) else "NO_PAIR"
        return LeftOut(candidate, why, refusals_as_json(refused), found)
    return None


def _wants_a_third(candidate: Candidate, refused: Mapping[str, Sequence[Refusal]]) -> bool:
    """Whether some crew could go if only it were three."""
    alone = [{refusal.why for refusal in reasons} == {Why.TOO_FEW} for reasons in refused.values()]
    return candidate.asked.fewest > RULES.fewest and any(alone)


def refusals_as_json(refused: Mapping[str, Sequence[Refusal]]) -> dict[str, Any]:
    """What stands against each crew, in plain JSON."""
    return {
        "crews": {
            key: [
                {"why": str(r.why), "agents": list(r.agents), "skills": list(r.skills)}
                for r in reasons
            ]
            for key, reasons in refused.items()
        }
    }


def crew_on_clock(crew: CrewToday, clock: Clockwork) -> Crew:
    """A crew of a day as the planner knows it: from the branch and back to it."""
    zone = clock.midnight.tzinfo
    lunch = [clock.seconds(wall(crew.day, each, zone)) for each in LUNCH]
    return Crew(
        id=crew.key, agents=tuple(str(agent.id) for agent in crew.agents), start=0, end=0,
        shift=Window(clock.seconds(crew.begins), clock.seconds(crew.ends)),
        rest=Break(lunch[0], lunch[1], LUNCH_SECONDS), skills=crew.skills,
        max_visits=MOST_VISITS,
    )  # fmt: skip


def visit_on_clock(
    candidate: Candidate, found: Windows, may: frozenset[str], clock: Clockwork, row: int
) -> Visit:
    """A candidate as the planner knows it."""
    windows = [clock.window(start, end) for start, end in found.spans]
    return Visit(
        id=str(candidate.case.pk), place=row,
        windows=tuple(each for each in windows if each is not None),
        seconds=candidate.minutes * 60, value=float(candidate.worth.value),
        required=candidate.required, skills=candidate.asked.needs, risk=str(candidate.risk),
        lost_per_day=float(candidate.worth.lost_per_day), crews=may,
    )  # fmt: skip


def objective() -> Objective:
    """What crews cost, in minor units."""
    rates = parameters()
    second = rates.per_minute / 60
    return Objective(
        per_second=second, per_metre=rates.per_kilometre / 1000, crew_day=float(rates.crew_day),
        fair_seconds=FAIR_SECONDS, per_second_over=second * OVER,
    )  # fmt: skip


def dark_from(branch: Branch, first: date, days: int, clock: Clockwork) -> int | None:
    """The earliest sunset at the branch in these days, in seconds of its day: the checker's own
    measure, beside the windows, which are cut by the sun at each address."""
    latitude, longitude = point_of(branch)
    downs = []
    for n in range(days):
        sun = sun_up(on=first + timedelta(days=n), latitude=latitude, longitude=longitude)
        if sun is None:
            return 0
        midnight = wall(first + timedelta(days=n), time(), clock.midnight.tzinfo)
        downs.append(int((sun[1] - midnight).total_seconds()))
    return max(0, min(86_400, min(downs)))


def point_of(branch: Branch) -> Point:
    """Where the branch is; the caller has seen that it is on the map."""
    assert branch.latitude is not None
    assert branch.longitude is not None
    return branch.latitude, branch.longitude


def where_of(candidate: Candidate) -> Point:
    """Where the visit goes; the caller has seen that it is on the map."""
    address = candidate.address
    assert address is not None
    assert address.latitude is not None
    assert address.longitude is not None
    return address.latitude, address.longitude


def _hours(crews: Sequence[CrewToday]) -> range:
    """The hours of the day in which the crews are out."""
    zone = ZoneInfo(settings.TIME_ZONE)
    begins = min(crew.begins.astimezone(zone).hour for crew in crews)
    ends = max(crew.ends.astimezone(zone).hour for crew in crews)
    return range(begins, max(begins + 1, ends + 1))
