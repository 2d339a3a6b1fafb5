"""Times kept where they can be: a route that goes on as before begins its visits when it was to.

`route_timed` begins everything as early as the shortest day allows; after a change that would move
visits by some minutes for nothing. Here each visit begins at the time it had, or as soon after it
as the route still allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from doorstep.visits.plan import Plan, Rest, Route, Stop, rest_is_due, rest_is_free
from doorstep.visits.problem import Crew, Problem


def times_kept(problem: Problem, plan: Plan, before: Mapping[str, int]) -> Plan:
    """The plan with its visits at the times they had (`before`, starts of service) where their
    routes allow it; routes that would be worth less for it stay as they are."""
    return replace(plan, routes=tuple(_kept(problem, route, before) for route in plan.routes))


def _kept(problem: Problem, route: Route, before: Mapping[str, int]) -> Route:
    crew = problem.crew_by_id[route.crew]
    begins = _begins(problem, crew, route, before)
    made = _at(problem, crew, route, begins)
    long = crew.max_seconds is not None and made.end - made.start > crew.max_seconds
    worse = _value(problem, made) < route.value or _over(problem, made) > _over(problem, route)
    return route if long or worse or _lacks_rest(crew, made) else made


def _begins(
    problem: Problem, crew: Crew, route: Route, before: Mapping[str, int]
) -> list[int]:  # fmt: skip
    """When each call begins: at its time of before, moved into what the route allows."""
    latest = _latest(problem, crew, route)
    here, now, begins = crew.start, crew.shift.start, list[int]()
    for call, last in zip(route.calls, latest, strict=True):
        soonest = max(now + int(problem.travel.seconds[here, call.place]), call.window.start)
        wished = before.get(call.visit.id, soonest) if call.visit else soonest
        begins.append(max(soonest, min(wished, last)))
        here, now = call.place, begins[-1] + call.seconds
    return begins


def _latest(problem: Problem, crew: Crew, route: Route) -> list[int]:
    """The last moment at which each call can begin so that all after it, and the way home, can."""
    there, then, found = crew.end, crew.shift.end, list[int]()
    for call in reversed(route.calls):
        away = then - int(problem.travel.seconds[call.place, there]) - call.seconds
        found.append(min(call.window.end, away))
        there, then = call.place, found[-1]
    return found[::-1]


def _at(problem: Problem, crew: Crew, route: Route, begins: list[int]) -> Route:
    seconds = problem.travel.seconds
    if not begins:
        return route
    first = begins[0] - int(seconds[crew.start, route.calls[0].place])
    here, now, stops, rest = crew.start, first, list[Stop](), route.rest
    for call, begin in zip(route.calls, begins, strict=True):
        arrive = now + int(seconds[here, call.place])
        here, now = call.place, begin + call.seconds
        if call.visit is None:
            rest = Rest(call.place, begin, now)
        else:
            stops.append(Stop(call.visit.id, arrive, begin, now))
    end = now + int(seconds[here, crew.end])
    return replace(route, stops=tuple(stops), start=first, end=end, rest=rest)


def _lacks_rest(crew: Crew, route: Route) -> bool:
    rest = crew.rest
    owed = route.rest is None and rest is not None and rest_is_due(crew)
    return owed and rest is not None and not rest_is_free(route, rest)


def _value(problem: Problem, route: Route) -> float:
    return sum(problem.visit_by_id[stop.visit].value_at(stop.start) for stop in route.stops)


def _over(problem: Problem, route: Route) -> int:
    """Seconds beyond the crew's fair share, which cost more."""
    fair = problem.objective.fair_seconds
    return 0 if fair is None else max(0, route.end - route.start - fair)
