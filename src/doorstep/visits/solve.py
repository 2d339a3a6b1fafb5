"""From a problem to a plan that may be shown: greedy, engine, polish, reasons, checker.

Nothing worse than the greedy plan or than staying at home comes out. With `iterations` alone the
plan follows from problem and seed; with `seconds` it follows from the machine as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from doorstep.visits import engine
from doorstep.visits.checker import plan_pass
from doorstep.visits.engine import Settings
from doorstep.visits.greedy import Greedy, Order, greedy_plan
from doorstep.visits.plan import Call, Plan, Route, Unvisited, best_of, rest_is_due, rested
from doorstep.visits.problem import Problem
from doorstep.visits.reasons import left_out, never_possible

Never = Callable[[], bool]
GREEDY = "greedy"
MANY = 300
GREEDY_SHARE = 0.15
"""Of the time, at most, where most is promised: there the engine needs no greedy plan."""


@dataclass(frozen=True)
class Limits:
    """How long to search: by `watch` (any clock of seconds, or of processor seconds) until
    `seconds` have passed, by steps of the engine until `iterations`; whichever ends first."""

    seconds: float | None = None
    iterations: int | None = None
    watch: Callable[[], float] = lambda: 0.0


@dataclass(frozen=True)
class Progress:
    """How far the search is, and what the best plan so far is worth."""

    seconds: float
    iterations: int
    objective: float


class Budget:
    """Time and steps of one search, and whether somebody asked to stop."""

    def __init__(self, limits: Limits, cancelled: Never) -> None:
        self.limits = limits
        self.cancelled = cancelled
        self.began = limits.watch()
        self.steps = 0

    @property
    def used(self) -> float:
        """Seconds since the search began."""
        return self.limits.watch() - self.began

    def over(self, share: float = 1.0) -> bool:
        """Whether this share of the time or of the steps is used up."""
        limit = self.limits
        late = limit.seconds is not None and self.used >= share * limit.seconds
        long = limit.iterations is not None and self.steps >= share * limit.iterations
        return late or long or self.cancelled()

    def step(self, share: float) -> bool:
        """Count a step of the engine, and say whether it was the last of this share."""
        self.steps += 1
        return self.over(share)


def solve(
    problem: Problem,
    *,
    limits: Limits,
    seed: int = 0,
    progress: Callable[[Progress], None] = lambda news: None,
    cancelled: Never = lambda: False,
) -> Plan:
    """The best plan found within the limits, checked, with a reason for every visit left out.

    Raises BrokenPlan when the plan breaks a hard rule, which would be a fault of this program.
    """
    budget = Budget(limits, cancelled)
    possible, hopeless = without_hopeless(problem)
    best = floor_of(possible, budget)
    progress(Progress(budget.used, budget.steps, best.objective))
    if possible.visits and not budget.over():
        best = searched(possible, best, budget, seed, progress)
    return told_whole(problem, possible, best, hopeless, budget)


def without_hopeless(problem: Problem) -> tuple[Problem, list[Unvisited]]:
    """The problem without the visits that nobody could make on an empty day, and why not."""
    hopeless = [why for visit in problem.visits if (why := never_possible(problem, visit))]
    out = {why.visit for why in hopeless}
    possible = tuple(visit for visit in problem.visits if visit.id not in out)
    return replace(problem, visits=possible), hopeless


def told_whole(
    problem: Problem, possible: Problem, best: Plan, hopeless: list[Unvisited], budget: Budget
) -> Plan:
    """The plan with a reason for every visit it leaves out; checked. Raises BrokenPlan."""
    made = {stop.visit for route in best.routes for stop in route.stops}
    rest = left_out(possible, best, [v for v in possible.visits if v.id not in made])
    plan = replace(
        best,
        unvisited=(*hopeless, *rest),
        missed=tuple(v.id for v in problem.visits if v.required and v.id not in made),
        seconds_used=budget.used,
        estimated=problem.travel.estimated,
        buffer=problem.travel.buffer,
        notices=problem.notices,
    )
    return plan_pass(problem, plan)


def floor_of(problem: Problem, budget: Budget) -> Plan:
    """The better of the greedy plans and of the plan to stay at home."""
    stay = ranked(problem, Plan(routes=(), engine=GREEDY))
    orders: list[Order] = ["detour", "service"]
    share = 0.9
    if most_is_promised(problem):
        orders, share = orders[:1], GREEDY_SHARE
    plans = [greedy_plan(problem, by=by, stop=partial(budget.over, share)) for by in orders]
    return best_of([stay, *(ranked(problem, replace(plan, engine=GREEDY)) for plan in plans)])


def ranked(problem: Problem, plan: Plan) -> Plan:
    """The plan with the promises it does not keep, so that plans compare."""
    made = {stop.visit for route in plan.routes for stop in route.stops}
    missed = tuple(v.id for v in problem.visits if v.required and v.id not in made)
    return replace(plan, missed=missed)


def most_is_promised(problem: Problem) -> bool:
    """Whether the problem is one of visiting nearly everyone rather than of choosing."""
    return 2 * sum(visit.required for visit in problem.visits) >= len(problem.visits)


def settings_for(problem: Problem, floor: Plan) -> Settings:
    """How to search this class of problem: found by trying (docs/reference/planning.md).

    Days with more visits than time like small steps from the greedy plan. Where nearly everyone is
    visited, or the greedy plan could hardly begin, larger steps are better.
    """
    if most_is_promised(problem):
        return Settings(fresh=True)
    if 2 * len(floor.routes) < len(problem.crews):
        return Settings()
    return Settings(stirred=(1, 2), lawful_share=0.2)


def searched(
    problem: Problem,
    floor: Plan,
    budget: Budget,
    seed: int,
    progress: Callable[[Progress], None],
) -> Plan:
    """The floor, improved by the engine in rounds: rests move between them to where the crews
    really are."""
    prizes = _prizes(problem, floor)
    resting = any(rest_is_due(crew) for crew in problem.crews)
    shares = (0.4, 0.7, 0.97) if resting else (0.97,)
    best = floor
    settings = settings_for(problem, floor)
    for number, share in enumerate(shares):
        if budget.over(share):
            break
        model = engine.model_of(problem, rests=_rests(problem, best), prizes=prizes)
        told = _teller(model, budget, progress)
        found = engine.search(
            model, start=best.routes, settings=settings, seed=seed + number,
            stop=partial(budget.step, share), told=told,
        )  # fmt: skip
        if found is not None:
            best = best_of([best, polished(problem, model.orders(found))])
            settings = replace(settings, fresh=False)
    return best


def _teller(
    model: engine.Model, budget: Budget, progress: Callable[[Progress], None]
) -> Callable[[Any], None]:
    return lambda found: progress(Progress(budget.used, budget.steps, model.worth(found)))


def _prizes(problem: Problem, floor: Plan) -> dict[str, float]:
    """Where not all promises could be kept: what each is worth, more than everything else. The
    greedy plan of a day on which nearly all is promised may only have run out of time."""
    if not floor.missed or (most_is_promised(problem) and len(problem.visits) > MANY):
        return {}
    everything = 1 + sum(visit.value for visit in problem.visits) + float(problem.cost.max())
    return {visit.id: everything for visit in problem.visits if visit.required}


def _rests(problem: Problem, plan: Plan) -> dict[str, int]:
    """Where each crew rests in this plan; at its start where it has no day yet."""
    places = {route.crew: route.rest.place for route in plan.routes if route.rest is not None}
    return {crew.id: places.get(crew.id, crew.start) for crew in problem.crews if rest_is_due(crew)}


def polished(problem: Problem, orders: Mapping[str, Sequence[Call]]) -> Plan:
    """The engine's orders on our clock, with what still fits and pays put in."""
    routes: list[Route] = []
    for crew, calls in orders.items():
        route = rested(problem, problem.crew_by_id[crew], calls)
        if route is not None:
            routes.append(route)
    plan = ranked(problem, Plan(routes=tuple(routes), engine=engine.NAME))
    greedy = Greedy(problem, routes=routes)
    greedy.grow()
    more = ranked(problem, replace(greedy.plan(), engine=engine.NAME))
    return best_of([plan, more])
