"""The rest of a day under way, planned anew from where the crews are.

What changes most is what people were told, so a new plan keeps to the old one: visits stay with
their crew, promised ones before all, and only a promise that its own crew cannot keep any more goes
to another (a swap; a third only to keep a promise), and at the times they had where their routes
allow it. Visits that a crew is at, or on its way to, are
pinned. Nobody is dropped in silence: `changes` names every visit that is added, lost or moved, and
whether its borrower was promised a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from doorstep.visits.greedy import Greedy
from doorstep.visits.plan import (
    Call,
    Plan,
    Route,
    Stop,
    Unvisited,
    best_of,
    calls_of,
    rested,
    visits_of,
)
from doorstep.visits.problem import Crew, Problem, Visit, Window
from doorstep.visits.solve import Budget, Limits, ranked, searched, told_whole, without_hopeless
from doorstep.visits.steady import times_kept

MOST_SWAPS = 2
MOST_TIMES = 4.0
"""How many times the time asked for may be spent on keeping promises."""


@dataclass(frozen=True)
class Position:
    """Where a crew is, or will be, when it is free to go on."""

    place: int
    free_at: int


@dataclass(frozen=True)
class Now:
    """What has happened by `at`. `done`: visits made or refused at the door; `cancelled`: not to be
    made any more; `out`: crews that can go nowhere (ill, vehicle down); `positions`: where crews
    are, when that is not where the plan says (an overrun is a later `free_at`); `promised`: visits
    whose borrowers were told a time, besides those required."""

    at: int
    done: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()
    positions: Mapping[str, Position] = field(default_factory=dict)
    promised: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """What is different for one visit: `what` is added, lost, crew or time; times are starts of
    service in the old and in the new plan. `promised`: its borrower has to be told."""

    visit: str
    what: str
    promised: bool
    crew_before: str | None = None
    crew_after: str | None = None
    start_before: int | None = None
    start_after: int | None = None


@dataclass(frozen=True)
class Replanned:
    """The rest of the day: its problem, its plan, and what is different for whom. `pinned` are
    visits under way, which stay as they were. `swaps`: visits that change between working crews."""

    problem: Problem
    plan: Plan
    pinned: tuple[str, ...]
    changes: tuple[Change, ...]
    swaps: int


def replan(
    problem: Problem, plan: Plan, now: Now, *, limits: Limits, seed: int = 0
) -> Replanned:  # fmt: skip
    """The rest of the day from `now`; `problem` holds the day as it is known now, new visits too.

    Keeps every promise that any crew can still keep; `plan.missed` names the others.
    """
    budget = Budget(limits, lambda: False)
    heading = {route.crew: _under_way(route, now) for route in plan.routes}
    pinned = {stop.visit for stop in heading.values() if stop} - now.cancelled
    rest = remaining(problem, plan, now, heading)
    owner = {
        stop.visit: route.crew
        for route in plan.routes
        for stop in route.stops
        if route.crew in rest.crew_by_id
    }
    bound, possible, hopeless, floor = _kept_promises(rest, plan, owner, budget)
    if possible.visits and not budget.over(0.9):
        floor = searched(possible, floor, budget, seed, lambda news: None)
    before = {visit: stop.start for visit, (_, stop) in _starts(plan).items()}
    kept = times_kept(possible, floor, before)
    new = told_whole(bound, possible, kept, hopeless, budget)
    return Replanned(
        problem=rest,
        plan=new,
        pinned=tuple(sorted(pinned)),
        changes=tuple(_changes(rest, plan, new, now, pinned)),
        swaps=sum(
            owner.get(stop.visit, route.crew) != route.crew
            for route in new.routes
            for stop in route.stops
        ),
    )


def _under_way(route: Route, now: Now) -> Stop | None:
    """The visit that a crew is at or driving to; None before it set out and after its last one."""
    if route.start > now.at:
        return None
    return next((s for s in route.stops if s.leave > now.at and s.visit not in now.done), None)


def remaining(
    problem: Problem, plan: Plan, now: Now, heading: Mapping[str, Stop | None]
) -> Problem:
    """The problem of the rest of the day: crews from where they will be free, visits still open."""
    routes = {route.crew: route for route in plan.routes}
    crews = tuple(
        _from_here(problem, crew, routes.get(crew.id), heading.get(crew.id), now)
        for crew in problem.crews
        if crew.id not in now.out
    )
    busy = {
        stop.visit
        for crew, stop in heading.items()
        if stop and crew not in now.out and stop.visit not in now.cancelled
    }
    past = {s.visit for r in plan.routes for s in r.stops if s.leave <= now.at}
    gone = now.done | now.cancelled | busy | past
    visits = tuple(
        replace(visit, required=visit.required or visit.id in now.promised)
        for visit in problem.visits
        if visit.id not in gone
    )
    kept = {crew.id for crew in crews if crew.shift.start <= crew.shift.end}
    visits = tuple(replace(v, crews=v.crews & kept) if v.crews else v for v in visits)
    return replace(
        problem, crews=tuple(crew for crew in crews if crew.id in kept), visits=visits
    )  # fmt: skip


def _from_here(
    problem: Problem, crew: Crew, route: Route | None, stop: Stop | None, now: Now
) -> Crew:
    """The crew for the rest of its day. On duty, it goes on until its shift or its longest duty is
    over, whichever is first, and has its rest unless it had it."""
    if route is None or route.start > now.at:
        begin = max(now.at, crew.shift.start)
        end = max(begin - 1, crew.shift.end)
        return replace(crew, shift=Window(begin, end))
    made = [each for each in route.stops if each.leave <= now.at]
    last = problem.visit_by_id.get(made[-1].visit) if made else None
    here = Position(last.place if last else crew.start, now.at)
    if stop is not None and stop.visit in problem.visit_by_id:
        going = problem.visit_by_id[stop.visit]
        cancelled = stop.visit in now.cancelled
        here = Position(going.place, max(now.at, stop.arrive if cancelled else stop.leave))
    here = now.positions.get(crew.id, here)
    end = crew.shift.end
    if crew.max_seconds is not None:
        end = min(end, route.start + crew.max_seconds)
    had = route.rest is not None and route.rest.start < here.free_at
    return replace(
        crew,
        start=here.place,
        shift=Window(here.free_at, max(here.free_at - 1, end)),
        max_seconds=None,
        fixed_cost=0.0,
        rest=None if had else crew.rest,
        max_visits=None if crew.max_visits is None else max(0, crew.max_visits - len(made) - 1),
    )


def _kept_promises(
    rest: Problem, plan: Plan, owner: Mapping[str, str], budget: Budget
) -> tuple[Problem, Problem, list[Unvisited], Plan]:
    """The rest of the day with planned visits bound to their crews, and its first plan. Promised
    visits that their own crews cannot keep are set free, two at a time, until all are kept."""
    free: set[str] = set()
    while True:
        bound = _bound(rest, {visit: c for visit, c in owner.items() if visit not in free})
        possible, hopeless = without_hopeless(bound)
        floor = _kept(possible, plan, budget)
        lost = {*floor.missed, *(one.visit for one in hopeless)}
        swaps = [v.id for v in rest.visits if v.required and v.id in lost & set(owner) - free]
        if not swaps or budget.over(MOST_TIMES):
            return bound, possible, hopeless, floor
        free |= set(swaps[:MOST_SWAPS])


def _bound(rest: Problem, owner: Mapping[str, str]) -> Problem:
    """The problem in which each of these visits is its crew's alone."""
    visits = tuple(
        replace(visit, crews=frozenset({owner[visit.id]})) if visit.id in owner else visit
        for visit in rest.visits
    )
    return replace(rest, visits=visits)


def _kept(problem: Problem, plan: Plan, budget: Budget) -> Plan:
    """The old orders, made possible again by leaving out what is worth least for its time, with
    promised visits put back in and then whatever fits."""
    routes = []
    for route in plan.routes:
        crew = problem.crew_by_id.get(route.crew)
        order = [_again(problem, stop) for stop in route.stops]
        calls = [call for call in order if call is not None and call.visit is not None]
        if crew is not None and (made := _thinned(problem, crew, calls)):
            routes.append(made)
    greedy = Greedy(problem, routes=routes)
    greedy.grow()
    grown = ranked(problem, replace(greedy.plan(), engine="greedy"))
    return best_of([ranked(problem, Plan(routes=())), _with_promises(problem, grown, budget)])


def _again(problem: Problem, stop: Stop) -> Call | None:
    """The call of a stop in the window it was planned in, or in the next one still open."""
    visit = problem.visit_by_id.get(stop.visit)
    calls = calls_of(problem, visit) if visit else []
    same = [call for call in calls if call.window.start <= stop.start <= call.window.end]
    return next(iter([*same, *calls]), None)


def _thinned(problem: Problem, crew: Crew, calls: Sequence[Call], keep: str = "") -> Route | None:
    """The calls as a route, optional ones left out, least value for the time first, until it can be
    done; then promised ones, except `keep`, only when nothing else is left."""
    order = [call for call in calls if call.visit and crew.can(call.visit)]
    while order:
        route = rested(problem, crew, order)
        if route is not None and _has_room(problem, crew, order):
            return route
        droppable = [call for call in order if call.visit and call.visit.id != keep]
        if not droppable:
            return None
        order.remove(min(droppable, key=_density))
    return None


def _density(call: Call) -> tuple[bool, float]:
    visit = call.visit
    return (visit.required, visit.value / (visit.seconds + 1)) if visit else (False, 0.0)


def _has_room(problem: Problem, crew: Crew, calls: Sequence[Call]) -> bool:
    load = sum(call.visit.load for call in calls if call.visit)
    few = crew.max_visits is None or len(calls) <= crew.max_visits
    return few and (problem.capacity is None or load <= problem.capacity)


def _with_promises(problem: Problem, plan: Plan, budget: Budget) -> Plan:
    """Each promise not kept is put where it costs least, optional visits making room for it."""
    for missed in plan.missed:
        if budget.over(MOST_TIMES):
            break
        options = [_squeezed(problem, plan, crew, problem.visit_by_id[missed])
                   for crew in problem.crews]  # fmt: skip
        plan = best_of([plan, *(option for option in options if option)])
    return plan


def _squeezed(problem: Problem, plan: Plan, crew: Crew, visit: Visit) -> Plan | None:
    """The plan with this visit on this crew's route, at the best place for it."""
    if not crew.can(visit):
        return None
    routes = {route.crew: route for route in plan.routes}
    calls = visits_of(routes[crew.id].calls) if crew.id in routes else []
    tried = [
        made
        for call in calls_of(problem, visit)
        for gap in range(len(calls) + 1)
        if (made := _thinned(problem, crew, [*calls[:gap], call, *calls[gap:]], keep=visit.id))
    ]
    plans = [
        ranked(problem, replace(plan, routes=tuple({**routes, crew.id: made}.values())))
        for made in tried
    ]
    return best_of(plans) if plans else None


def _changes(
    rest: Problem, old: Plan, new: Plan, now: Now, pinned: set[str]
) -> list[Change]:  # fmt: skip
    """What is different, visit by visit, in the order of the new times."""
    before = _starts(old)
    after = _starts(new)
    changes = []
    gone = {v for v, (_, stop) in before.items() if stop.leave <= now.at} | now.done | pinned
    for visit in sorted({*before, *after} - gone):
        was, is_ = before.get(visit), after.get(visit)
        known = rest.visit_by_id.get(visit)
        what = _what(was, is_)
        if what:
            promised = (known is not None and known.required) or visit in now.promised
            changes.append(
                Change(
                    visit, what, promised,
                    was and was[0], is_ and is_[0],
                    was and was[1].start, is_ and is_[1].start,
                )
            )  # fmt: skip
    return sorted(changes, key=lambda c: (c.start_after or c.start_before or 0, c.visit))


def _starts(plan: Plan) -> dict[str, tuple[str, Stop]]:
    return {stop.visit: (route.crew, stop) for route in plan.routes for stop in route.stops}


def _what(was: tuple[str, Stop] | None, is_: tuple[str, Stop] | None) -> str:
    if was is None:
        return "added"
    if is_ is None:
        return "lost"
    if was[0] != is_[0]:
        return "crew"
    return "time" if was[1].start != is_[1].start else ""
