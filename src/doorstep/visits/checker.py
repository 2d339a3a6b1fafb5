"""The last look at every plan: each hard rule, checked again in plain Python, trusting nobody.

It reads the problem and the times of the plan, and nothing of how the plan was made: it shares no
arithmetic with the planner on purpose. `faults_of` returns what is wrong; an empty list is a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from doorstep.kernel.errors import DoorstepError
from doorstep.visits.plan import Plan, Route, Stop
from doorstep.visits.problem import Crew, Problem

DAY = 86_400


@dataclass(frozen=True)
class Fault:
    """A hard rule that a plan breaks: the rule's code, who, and what was found."""

    rule: str
    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.who}: {self.what}"


class BrokenPlan(DoorstepError):  # noqa: N818
    """A plan breaks a hard rule and must not be shown."""


def plan_pass(problem: Problem, plan: Plan) -> Plan:
    """The plan, when it breaks no rule. Raises BrokenPlan with every fault otherwise."""
    faults = faults_of(problem, plan)
    if faults:
        raise BrokenPlan(
            "The plan breaks hard rules: " + "; ".join(map(str, faults[:10])),
            code="BROKEN_PLAN", hint="This is a fault of the program: keep the problem file.",
        )  # fmt: skip
    return plan


def faults_of(problem: Problem, plan: Plan) -> list[Fault]:
    """Every hard rule the plan breaks."""
    return [*_whole(problem, plan), *(f for route in plan.routes for f in _route(problem, route))]


def _whole(problem: Problem, plan: Plan) -> Iterator[Fault]:
    """Rules about the plan as a whole: nobody twice, nobody lost, every promise kept or named."""
    made = Counter(stop.visit for route in plan.routes for stop in route.stops)
    told = Counter(one.visit for one in plan.unvisited)
    known = {visit.id for visit in problem.visits}
    for visit, times in made.items():
        if times > 1:
            yield Fault("twice", visit, f"visited {times} times")
    for visit in sorted((set(made) | set(told)) - known):
        yield Fault("unknown_visit", visit, "is in no problem")
    for visit in sorted(known):
        if not made[visit] and told[visit] != 1:
            yield Fault("lost", visit, "neither planned nor told why not")
        if made[visit] and told[visit]:
            yield Fault("lost", visit, "planned and told unplanned")
    for promised in problem.visits:
        if promised.required and not made[promised.id] and promised.id not in plan.missed:
            yield Fault("required", promised.id, "promised, not planned, and not named as missed")
    for crew, times in Counter(route.crew for route in plan.routes).items():
        if times > 1:
            yield Fault("twice", crew, f"has {times} routes")


def _route(problem: Problem, route: Route) -> Iterator[Fault]:
    """Rules about one crew's day."""
    crews = {crew.id: crew for crew in problem.crews}
    crew = crews.get(route.crew)
    visits = {visit.id: visit for visit in problem.visits}
    if crew is None or any(stop.visit not in visits for stop in route.stops):
        yield Fault("unknown_crew" if crew is None else "unknown_visit", route.crew, "not known")
        return
    if len(set(crew.agents)) < 2:
        yield Fault("pair", crew.id, "fewer than two people")
    yield from _duty(crew, route)
    yield from _travel(problem, crew, route)
    yield from _rest(crew, route)
    for stop in route.stops:
        yield from _stop(problem, crew, stop)
    load = sum(visits[stop.visit].load for stop in route.stops)
    if problem.capacity is not None and load > problem.capacity:
        yield Fault("capacity", crew.id, f"load {load} of {problem.capacity}")
    if crew.max_visits is not None and len(route.stops) > crew.max_visits:
        yield Fault("max_visits", crew.id, f"{len(route.stops)} visits of {crew.max_visits}")


def _duty(crew: Crew, route: Route) -> Iterator[Fault]:
    if route.start < crew.shift.start or route.end > crew.shift.end:
        yield Fault("shift", crew.id, f"on duty {route.start} to {route.end}")
    if crew.max_seconds is not None and route.end - route.start > crew.max_seconds:
        yield Fault("max_seconds", crew.id, f"on duty for {route.end - route.start} s")


def _stop(problem: Problem, crew: Crew, stop: Stop) -> Iterator[Fault]:
    """Rules about one visit: its hours, daylight, skills, and enough time for it."""
    visit = next(each for each in problem.visits if each.id == stop.visit)
    if not any(window.start <= stop.start <= window.end for window in visit.windows):
        yield Fault("window", visit.id, f"begins at {stop.start}")
    if visit.risk == "high" and problem.dark_from is not None:
        day = stop.start // DAY
        if stop.leave > day * DAY + problem.dark_from:
            yield Fault("dark", visit.id, f"high risk, ends at {stop.leave}")
    if not visit.skills <= crew.skills:
        lacking = ", ".join(sorted(visit.skills - crew.skills))
        yield Fault("skills", visit.id, f"{crew.id} lacks {lacking}")
    if visit.crews and crew.id not in visit.crews:
        yield Fault("crews", visit.id, f"{crew.id} may not go")
    if stop.start < stop.arrive or stop.leave - stop.start < visit.seconds:
        yield Fault("service", visit.id, f"from {stop.start} to {stop.leave}")


def _travel(problem: Problem, crew: Crew, route: Route) -> Iterator[Fault]:
    """Nobody is anywhere sooner than the road allows, and every place is a real one."""
    visits = {visit.id: visit for visit in problem.visits}
    known = [(s.arrive, s.start, s.leave, visits[s.visit].place, s.visit) for s in route.stops]
    if route.rest is not None:
        place, begin, over = route.rest.place, route.rest.start, route.rest.end
        index = sum(start < begin for _, start, _, _, _ in known)
        known.insert(index, (begin, begin, over, place, "rest"))
    here, now = crew.start, route.start
    for arrive, _, leave, place, who in known:
        if arrive < now + int(problem.travel.seconds[here][place]):
            yield Fault("travel", f"{crew.id} to {who}", f"there at {arrive}, left at {now}")
        here, now = place, leave
    if route.end < now + int(problem.travel.seconds[here][crew.end]):
        yield Fault("travel", f"{crew.id} back", f"there at {route.end}, left at {now}")


def _rest(crew: Crew, route: Route) -> Iterator[Fault]:
    """A crew on duty when its rest could begin has the whole of it, in its window. A shift that is
    over before the last moment to begin, or begins after it, has none."""
    due, rest = crew.rest, route.rest
    if due is None:
        return
    fits = due.end - due.start >= due.seconds
    latest = due.end - due.seconds if fits else due.end
    begin, end = crew.shift.start, crew.shift.end
    none_due = begin > latest or end <= latest or max(begin, due.start) + due.seconds > end
    off_duty = route.end <= due.start or route.start > latest
    if rest is None and not (none_due or off_duty):
        yield Fault("rest", crew.id, "no rest in its window")
    if rest is not None and not (
        due.start <= rest.start <= latest and rest.end - rest.start >= due.seconds
    ):
        yield Fault("rest", crew.id, f"from {rest.start} to {rest.end}")
