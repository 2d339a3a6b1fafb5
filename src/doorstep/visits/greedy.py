"""Greedy plans: visit after visit, always the one with most value for its time.

The floor under every plan, the fallback where there is no time, and an explanation people follow.
Two orders are known: `by="service"` looks at value per service time (density), `by="detour"` at
value per service and detour, newly worked out after every choice (dynamic). Promised visits come
first, those with least choice before others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from doorstep.visits.plan import (
    Call,
    Plan,
    Route,
    calls_of,
    rest_call,
    rest_is_due,
    rested,
    span_of,
    visits_of,
)
from doorstep.visits.problem import Crew, Problem, Visit
from doorstep.visits.segments import Segment, joined

Order = Literal["service", "detour"]
Floats = NDArray[np.float64]
NEVER = -np.inf


@dataclass(eq=False)
class Rows:
    """Every visit in every window, as columns; a visit with two windows has two rows."""

    calls: list[Call]
    visit: NDArray[np.int64]
    place: NDArray[np.int64]
    service: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value: Floats
    load: NDArray[np.int64]
    required: NDArray[np.bool_]

    @classmethod
    def of(cls, problem: Problem) -> Rows:
        """The rows of a problem."""
        pairs = [(i, call) for i, v in enumerate(problem.visits) for call in calls_of(problem, v)]
        visits = [problem.visits[i] for i, _ in pairs]

        def whole(numbers: list[int]) -> NDArray[np.int64]:
            return np.array(numbers, dtype=np.int64)

        worth = [v.value_at(c.window.start) for v, (_, c) in zip(visits, pairs, strict=True)]
        return cls(
            calls=[call for _, call in pairs],
            visit=whole([i for i, _ in pairs]),
            place=whole([v.place for v in visits]),
            service=whole([v.seconds for v in visits]),
            start=whole([call.window.start for _, call in pairs]),
            end=whole([call.window.end for _, call in pairs]),
            value=np.array(worth, dtype=float),
            load=whole([v.load for v in visits]),
            required=np.array([v.required for v in visits], dtype=bool),
        )


@dataclass(eq=False)
class Day:
    """One crew's route while it grows, and what each row would add to it."""

    crew: Crew
    calls: list[Call]
    may: NDArray[np.bool_]
    score: Floats = field(default_factory=lambda: np.empty(0))
    gap: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def empty(self) -> bool:
        """Whether the crew has no visit yet."""
        return all(call.visit is None for call in self.calls)


class Greedy:
    """A plan that grows by one visit at a time."""

    def __init__(
        self,
        problem: Problem,
        *,
        by: Order = "detour",
        routes: Sequence[Route] = (),
        paying: bool = True,
    ) -> None:
        self.problem = problem
        self.by = by
        self.paying = paying
        self.rows = Rows.of(problem)
        self.open = np.ones(len(self.rows.calls), dtype=bool)
        begun = {route.crew: list(route.calls) for route in routes}
        self.days = [self._day(crew, begun.get(crew.id)) for crew in problem.crews]
        self.kinds = _kinds(problem)
        done = {call.visit.id for day in self.days for call in day.calls if call.visit}
        self.open &= np.array([c.visit is not None and c.visit.id not in done
                               for c in self.rows.calls], dtype=bool)  # fmt: skip
        self.table = np.full((len(self.days), len(self.rows.calls)), NEVER)
        self.looked_at = self.rows.required

    def _look_at(self, rows: NDArray[np.bool_]) -> None:
        """Score these rows from now on, and no others."""
        self.looked_at = rows
        for index in range(len(self.days)):
            self._score(index)

    def _day(self, crew: Crew, calls: list[Call] | None) -> Day:
        if calls is None:
            rest = crew.rest
            calls = [rest_call(rest, crew.start)] if rest and rest_is_due(crew) else []
            calls = calls if span_of(self.problem, crew, calls) else []
        can = np.array([crew.can(v) for v in self.problem.visits], dtype=bool)
        return Day(crew, calls, can[self.rows.visit] if len(can) else np.empty(0, dtype=bool))

    def grow(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Add visits until none fits or pays: first the promised ones, then by the order asked."""
        self._look_at(self.rows.required)
        while not stop() and self._add_required():
            pass
        self._look_at(~self.rows.required)
        while not stop() and self._add_best():
            pass

    def not_paying(self) -> list[Visit]:
        """The visits that could still be put somewhere, but cost more than they bring."""
        self._look_at(~self.rows.required)
        best = self.table.max(axis=0, initial=NEVER)
        rows = np.flatnonzero(np.isfinite(best) & (best <= 0))
        return [self.problem.visits[self.rows.visit[row]] for row in rows]

    def _add_required(self) -> bool:
        """The promised visit with most to lose by waiting goes where it costs least."""
        wanted = np.flatnonzero(self.open & self.rows.required)
        asked = self._asked()
        if not len(wanted):
            return False
        table = self.table[np.ix_(np.array(asked, dtype=np.int64), wanted)]
        best = table.max(axis=0)
        if not np.isfinite(best).any():
            return False
        padded = np.vstack([table, np.full_like(best, NEVER)])
        second = np.partition(padded, -2, axis=0)[-2]
        with np.errstate(invalid="ignore"):
            regret = np.where(np.isfinite(best), best - second, NEVER)
        row = int(np.argmax(regret))
        return self._insert(asked[int(np.argmax(table[:, row]))], int(wanted[row]))

    def _asked(self) -> list[int]:
        """The days that count: of empty days that differ in name only, the first does."""
        seen: set[int] = set()
        asked = []
        for index, day in enumerate(self.days):
            if not day.empty or self.kinds[index] not in seen:
                asked.append(index)
            if day.empty:
                seen.add(self.kinds[index])
        return asked

    def _add_best(self) -> bool:
        """The visit with the best score goes to its place; False when none is left."""
        optional = np.where(self.open & ~self.rows.required, self.table, NEVER)
        if not optional.size:
            return False
        at = int(np.argmax(optional))
        day, row = divmod(at, optional.shape[1])
        return bool(np.isfinite(optional[day, row])) and self._insert(day, row)

    def _insert(self, index: int, row: int) -> bool:
        """Put the row into the crew's day; where the crew's rest forbids it, never ask again."""
        day = self.days[index]
        gap = int(day.gap[row])
        calls = [*day.calls[:gap], self.rows.calls[row], *day.calls[gap:]]
        was_empty = day.empty
        settled = self._settled(day.crew, calls)
        if settled is None:
            day.may[row] = False
        else:
            day.calls = settled
            self.open[self.rows.visit == self.rows.visit[row]] = False
        self._score(index)
        if was_empty and settled is not None:
            self._score_next_empty(index)
        return True

    def _score_next_empty(self, index: int) -> None:
        """The next empty day of the same kind begins to count."""
        kind = self.kinds[index]
        twins = (i for i, day in enumerate(self.days) if self.kinds[i] == kind and day.empty)
        for twin in islice(twins, 1):
            self._score(twin)

    def _settled(self, crew: Crew, calls: list[Call]) -> list[Call] | None:
        """The calls with the rest moved to where it costs least time."""
        if len(visits_of(calls)) == len(calls):
            return calls if span_of(self.problem, crew, calls) else None
        route = rested(self.problem, crew, calls)
        if route is None:
            return None
        if route.rest is not None:
            return list(route.calls)
        return calls if span_of(self.problem, crew, calls) else list(route.calls)

    def _first_twin(self, index: int) -> int:
        """The first empty day that differs from this empty one in name only."""
        kind = self.kinds[index]
        return next(i for i, day in enumerate(self.days) if self.kinds[i] == kind and day.empty)

    def _score(self, index: int) -> None:
        """Work out where each open row fits best into this day, and what it is worth there."""
        day = self.days[index]
        self.table[index] = NEVER
        day.gap = np.zeros(len(self.rows.calls), dtype=np.int64)
        if day.empty and self._first_twin(index) != index:
            return
        rows = np.flatnonzero(self.looked_at & self.open & day.may & self._has_room(day))
        if len(rows):
            scores = self._scores(day, rows)
            gaps = scores.argmax(axis=0)
            day.gap[rows] = gaps
            self.table[index, rows] = scores[gaps, np.arange(len(rows))]

    def _has_room(self, day: Day) -> NDArray[np.bool_]:
        visits = [call.visit for call in day.calls if call.visit]
        room = np.ones(len(self.rows.calls), dtype=bool)
        if self.problem.capacity is not None:
            room &= self.rows.load <= self.problem.capacity - sum(v.load for v in visits)
        if day.crew.max_visits is not None:
            room &= len(visits) < day.crew.max_visits
        return room

    def _scores(self, day: Day, rows: NDArray[np.int64]) -> Floats:
        """Score of each row (columns) in each gap of the day (lines); minus infinity where it does
        not fit or does not pay. The arithmetic is that of `segments.joined`, on whole tables."""
        before, after, before_at, after_at = stretches(self.problem, day.crew, day.calls)
        seconds, costs, r = self.problem.travel.seconds, self.problem.cost, self.rows
        place, service = r.place[rows], r.service[rows]
        there, back = np.ix_(before_at, place), (place[None, :], after_at[:, None])
        taken = before[0][:, None] + seconds[there]
        first, last = before[1][:, None], before[2][:, None]
        fits = first + taken <= r.end[rows]
        waited = np.maximum(0, r.start[rows] - taken - last)
        earliest = np.maximum(r.start[rows] - taken, first) - waited
        latest = np.minimum(r.end[rows] - taken, last)
        taken = taken + service + waited + seconds[back]
        fits &= earliest + taken <= after[2][:, None]
        duration = taken + after[0][:, None] + np.maximum(0, after[1][:, None] - taken - latest)
        if day.crew.max_seconds is not None:
            fits &= duration <= day.crew.max_seconds
        direct = (before_at, after_at)
        detour = seconds[there] + seconds[back] - seconds[direct][:, None]
        extra = costs[there] + costs[back] - costs[direct][:, None]
        gain = r.value[rows] - extra
        required = r.required[rows]
        time = service + (np.maximum(detour, 0) if self.by == "detour" else 0) + 1
        score = np.where(required, -extra, gain / time)
        if self.by == "service":
            score = np.where(required, score, gain / time - 1e-9 * extra)
        return np.where(fits & (required | (gain > 0) | (not self.paying)), score, NEVER)

    def plan(self) -> Plan:
        """The days as routes; a crew whose day costs more than it brings stays at home, unless it
        has promised visits."""
        routes = []
        for day in self.days:
            if not day.empty and (route := rested(self.problem, day.crew, day.calls)):
                promised = any(call.visit and call.visit.required for call in day.calls)
                if promised or route.worth > 0:
                    routes.append(route)
        return Plan(routes=tuple(routes))


def stretches(
    problem: Problem, crew: Crew, calls: Sequence[Call]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For every gap of a route: the stretch before and the one after it (duration, earliest,
    latest as lines), and the places on both sides. The route must be possible."""
    shift = Segment(0, crew.shift.start, crew.shift.end)
    places = [crew.start, *(call.place for call in calls), crew.end]
    nodes = [shift, *(call.segment for call in calls), shift]
    seconds = problem.travel.seconds
    ways = [int(seconds[a, b]) for a, b in pairwise(places)]
    before, after = [nodes[0]], [nodes[-1]]
    for way, node in zip(ways[:-1], nodes[1:-1], strict=True):
        before.append(_possible(joined(before[-1], way, node)))
    for way, node in zip(reversed(ways[1:]), reversed(nodes[1:-1]), strict=True):
        after.append(_possible(joined(node, way, after[-1])))
    lines: Any = np.array(before, dtype=np.int64).T, np.array(after[::-1], dtype=np.int64).T
    return *lines, np.array(places[:-1]), np.array(places[1:])


def _possible(segment: Segment | None) -> Segment:
    if segment is None:
        raise ValueError("the route cannot be done")
    return segment


def _kinds(problem: Problem) -> list[int]:
    """A number for every crew, the same for crews that differ in name and people only."""
    named = {crew for visit in problem.visits for crew in visit.crews}
    numbers: dict[tuple[object, ...], int] = {}
    return [
        numbers.setdefault(
            (
                crew.id if crew.id in named else "", crew.start, crew.end, crew.shift,
                crew.max_seconds, crew.rest, crew.skills, crew.fixed_cost, crew.max_visits,
            ),
            len(numbers),
        )
        for crew in problem.crews
    ]  # fmt: skip


def greedy_plan(
    problem: Problem, *, by: Order = "detour", stop: Callable[[], bool] = lambda: False
) -> Plan:
    """The greedy plan by one order, reasons for what is not planned left out."""
    greedy = Greedy(problem, by=by)
    greedy.grow(stop)
    return greedy.plan()
