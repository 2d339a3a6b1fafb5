"""A plan: who goes where, when, and what it is worth; routes are put on the clock here.

A route is a list of `Call`s in order; `route_timed` starts it as early as its shortest duration
allows and says when everything happens, or None where it cannot be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

from doorstep.visits.problem import Break, Crew, Problem, Visit, Window
from doorstep.visits.segments import Segment, joined


class Call(NamedTuple):
    """Something to be done at a place, begun inside one window; the crew's rest has no visit."""

    visit: Visit | None
    place: int
    window: Window
    seconds: int

    @property
    def segment(self) -> Segment:
        """The call alone, as a stretch of a route."""
        return Segment(self.seconds, self.window.start, self.window.end)


@dataclass(frozen=True)
class Stop:
    """One visit on the clock: `leave` is when service ends."""

    visit: str
    arrive: int
    start: int
    leave: int


@dataclass(frozen=True)
class Rest:
    """Where and when a crew rests; it stays at that place."""

    place: int
    start: int
    end: int


@dataclass(frozen=True)
class Route:
    """One crew's day. `value`, `cost` in the currency of the values, crew-day included."""

    crew: str
    stops: tuple[Stop, ...]
    calls: tuple[Call, ...]
    start: int
    end: int
    value: float
    cost: float
    travel_seconds: int
    rest: Rest | None = None

    @property
    def worth(self) -> float:
        """What the route adds to the plan."""
        return self.value - self.cost


@dataclass(frozen=True)
class Unvisited:
    """A visit that is not planned: a stable code, and the same in a sentence."""

    visit: str
    why: str
    detail: str


@dataclass(frozen=True)
class Plan:
    """The answer to a problem. `missed`: required visits that no crew makes."""

    routes: tuple[Route, ...]
    unvisited: tuple[Unvisited, ...] = ()
    missed: tuple[str, ...] = ()
    engine: str = ""
    seconds_used: float = 0.0
    estimated: bool = False
    buffer: float = 0.0
    notices: tuple[str, ...] = field(default=())

    @property
    def value(self) -> float:
        """The value of the visits made."""
        return sum(route.value for route in self.routes)

    @property
    def travel_seconds(self) -> int:
        """Seconds on the road, all crews together."""
        return sum(route.travel_seconds for route in self.routes)

    @property
    def objective(self) -> float:
        """Value less the cost of travel and crews."""
        return sum(route.worth for route in self.routes)

    @property
    def rank(self) -> tuple[int, float]:
        """Plans compare by promises kept first, then by worth; greater is better."""
        return -len(self.missed), self.objective

    def as_dict(self, problem: Problem) -> dict[str, Any]:
        """PLAN.json."""
        return {
            "routes": [_route_dict(route, problem) for route in self.routes],
            "unvisited": [
                {"visit": one.visit, "why": one.why, "detail": one.detail} for one in self.unvisited
            ],
            "missed": list(self.missed),
            "value": round(self.value, 6),
            "travel_seconds": self.travel_seconds,
            "objective": round(self.objective, 6),
            "seconds_used": round(self.seconds_used, 3),
            "engine": self.engine,
            "estimated": self.estimated,
            "buffer": self.buffer,
            "notices": list(self.notices),
        }


def _route_dict(route: Route, problem: Problem) -> dict[str, Any]:
    rest = route.rest
    return {
        "crew": route.crew,
        "start": route.start,
        "stops": [
            {"visit": s.visit, "arrive": s.arrive, "start": s.start, "leave": s.leave}
            for s in route.stops
        ],
        "end": route.end,
        "break": rest
        and {"location": problem.places[rest.place], "start": rest.start, "end": rest.end},
    }


def calls_of(problem: Problem, visit: Visit) -> list[Call]:
    """The visit in each of its windows, daylight seen to; exactly one of them can be made."""
    return [Call(visit, visit.place, each, visit.seconds) for each in problem.windows_of(visit)]


def rest_call(rest: Break, place: int) -> Call:
    """The rest of a crew, taken at a place."""
    return Call(None, place, Window(rest.start, rest.latest), rest.seconds)


def visits_of(calls: Iterable[Call]) -> list[Call]:
    """The calls without the crew's rest."""
    return [call for call in calls if call.visit is not None]


def rest_is_due(crew: Crew) -> bool:
    """Whether the shift covers the last moment at which the rest may begin, and has room for it."""
    rest, shift = crew.rest, crew.shift
    return (
        rest is not None
        and shift.start <= rest.latest < shift.end
        and max(rest.start, shift.start) + rest.seconds <= shift.end
    )


def span_of(problem: Problem, crew: Crew, calls: Sequence[Call]) -> Segment | None:
    """The whole route from start to end place; None where it cannot be done in the shift."""
    seconds = problem.travel.seconds
    shift = Segment(0, crew.shift.start, crew.shift.end)
    here, so_far = crew.start, shift
    for call in calls:
        further = joined(so_far, int(seconds[here, call.place]), call.segment)
        if further is None:
            return None
        here, so_far = call.place, further
    whole = joined(so_far, int(seconds[here, crew.end]), shift)
    longest = crew.max_seconds
    return None if whole is None or (longest is not None and whole.duration > longest) else whole


def route_timed(problem: Problem, crew: Crew, calls: Sequence[Call]) -> Route | None:
    """The calls in this order, on the clock; None where they cannot be done."""
    span = span_of(problem, crew, calls)
    if span is None:
        return None
    seconds, costs = problem.travel.seconds, problem.cost
    here, now, on_road, cost = crew.start, span.earliest, 0, 0.0
    stops: list[Stop] = []
    rest = None
    for call in calls:
        on_road += int(seconds[here, call.place])
        cost += float(costs[here, call.place])
        arrive = now + int(seconds[here, call.place])
        begin = max(arrive, call.window.start)
        here, now = call.place, begin + call.seconds
        if call.visit is None:
            rest = Rest(call.place, begin, now)
        else:
            stops.append(Stop(call.visit.id, arrive, begin, now))
    end = now + int(seconds[here, crew.end])
    return Route(
        crew=crew.id,
        stops=tuple(stops),
        calls=tuple(calls),
        start=span.earliest,
        end=end,
        value=sum(problem.visit_by_id[stop.visit].value_at(stop.start) for stop in stops),
        cost=cost + float(costs[here, crew.end]) + _crew_cost(problem, crew, end - span.earliest),
        travel_seconds=on_road + int(seconds[here, crew.end]),
        rest=rest,
    )


def _crew_cost(problem: Problem, crew: Crew, duration: int) -> float:
    goal = problem.objective
    fair = goal.fair_seconds
    over = 0.0 if fair is None else goal.per_second_over * max(0, duration - fair)
    return crew.fixed_cost + goal.crew_day + over


def rested(problem: Problem, crew: Crew, calls: Sequence[Call]) -> Route | None:
    """The visits in this order, with the crew's rest where it makes the day shortest: at a place
    where the crew is anyway, before or after a visit. None where it cannot be done."""
    visits = visits_of(calls)
    plain = route_timed(problem, crew, visits)
    rest = crew.rest
    if plain is None or rest is None or not rest_is_due(crew) or rest_is_free(plain, rest):
        return plain
    places = [crew.start, *(call.place for call in visits), crew.end]
    tried = (
        [*visits[:gap], rest_call(rest, place), *visits[gap:]]
        for gap in range(len(visits) + 1)
        for place in dict.fromkeys((places[gap], places[gap + 1]))
    )
    possible = [(span.duration, t) for t in tried if (span := span_of(problem, crew, t))]
    if not possible:
        return None
    return route_timed(problem, crew, min(possible, key=lambda each: each[0])[1])


def rest_is_free(route: Route, rest: Break) -> bool:
    """Whether the crew is not on duty at any moment at which its rest could begin."""
    return route.end <= rest.start or route.start > rest.latest


def best_of(plans: Iterable[Plan]) -> Plan:
    """The plan that keeps most promises and then is worth most; the first of equals."""
    return reduce(lambda best, other: other if other.rank > best.rank else best, plans)
