"""The one module that knows PyVRP (0.14.1, pinned): our problem in its words, and back.

A crew-day is a vehicle, a visit a client, a visit in several windows one client a window in a group
of which one is made. Values are prizes; travel cost is the distance; times are durations. What
either holds or does not (skills, crews asked for, capacity, number of visits) is a load with room
for all or none. A crew's rest is a client at a real place that only this crew can take.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks, IteratedLocalSearchParams
from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from doorstep.visits.plan import Call, Route, calls_of, rest_call
from doorstep.visits.problem import Crew, Matrix, Problem, Visit

NAME = f"PyVRP {version('pyvrp')}"
LARGEST_COST = 1e5
"""Costs are scaled by a power of ten so that the greatest comes near this; whole numbers follow."""
FREE_DUTY = 10**9


@dataclass(frozen=True)
class Settings:
    """How the engine searches.

    `stirred`: how many visits a step takes out and puts back. `neighbours`: how many others each is
    tried beside. `history`: how far back a step must have been better. `late_price`: the
    first price of a second too late, in the engine's unit of cost; prices then move so that
    `lawful_share` of the solutions break no rule. `fresh`: begin from a random solution instead of
    the plan at hand.
    """

    stirred: tuple[int, int] = (1, 25)
    neighbours: int = 50
    history: int = 300
    late_price: float = 20.0
    lawful_share: float = 0.65
    fresh: bool = False


@dataclass(eq=False)
class Model:
    """A problem as the engine sees it, and the way back from its numbers to our words."""

    problem: Problem
    data: Any
    calls: list[Call]
    crews: list[list[Crew]]
    scale: float
    client_of: dict[tuple[str, int], int] = field(default_factory=dict)
    rest_of: dict[str, int] = field(default_factory=dict)

    def solution(self, routes: Sequence[Route]) -> Any:
        """Our routes as the engine's solution; rests go where the model has them."""
        kinds = {crew.id: kind for kind, crews in enumerate(self.crews) for crew in crews}
        made = [pyvrp.Route(self.data, self._clients(route), kinds[route.crew]) for route in routes]
        busy = {route.crew for route in routes}
        made += [
            pyvrp.Route(self.data, [client], kinds[crew])
            for crew, client in self.rest_of.items()
            if crew not in busy
        ]
        return pyvrp.Solution(self.data, made)

    def _clients(self, route: Route) -> list[int]:
        clients = []
        rested = False
        for call in route.calls:
            if call.visit is not None:
                clients.append(self.client_of[call.visit.id, call.window.start])
            elif route.crew in self.rest_of:
                clients.append(self.rest_of[route.crew])
                rested = True
        if not rested and route.crew in self.rest_of:
            clients.append(self.rest_of[route.crew])
        return clients

    def worth(self, solution: Any) -> float:
        """Value less costs of the engine's solution, in our currency."""
        cost = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
        return float(solution.prizes() - cost) / self.scale

    def orders(self, solution: Any) -> dict[str, list[Call]]:
        """The engine's routes as calls in order, for every crew that makes a visit."""
        spare = [list(crews) for crews in self.crews]
        orders = {}
        for route in solution.routes():
            crew = spare[route.vehicle_type()].pop(0)
            calls = [self.calls[step.idx] for step in route.schedule() if step.is_client()]
            if any(call.visit for call in calls):
                orders[crew.id] = calls
        return orders


def model_of(
    problem: Problem,
    *,
    rests: Mapping[str, int],
    prizes: Mapping[str, float] | None = None,
    cost: Mapping[str, Matrix] | None = None,
) -> Model:
    """The problem in the engine's words.

    `rests`: the place of each resting crew's rest. `prizes`: visits that are promised and may still
    be left out, with what that costs. `cost`: own travel costs of some crews, scaled already.
    """
    prizes = prizes or {}
    calls = [call for visit in problem.visits for call in calls_of(problem, visit)]
    kinds = _kinds(problem, rests, set(cost or ()))
    loads = _Loads(problem, kinds, rests)
    scale = _scale(problem)
    used = sorted(
        {c.place for c in calls}
        | {place for crew in problem.crews for place in (crew.start, crew.end)}
        | set(rests.values())
    )
    row = {place: index for index, place in enumerate(used)}
    homes = sorted({place for crew in problem.crews for place in (crew.start, crew.end)})
    home = {place: index for index, place in enumerate(homes)}
    clients, groups, client_of = _clients(calls, problem, row, loads, scale, prizes)
    rest_of: dict[str, int] = {}
    for crew_id, place in rests.items():
        rest = problem.crew_by_id[crew_id].rest
        if rest is not None:
            call = rest_call(rest, place)
            rest_of[crew_id] = len(clients)
            calls.append(call)
            clients.append(_client(call, row, loads.of_rest(crew_id), prize=0, required=True))
    costs: list[Any] = [np.rint(problem.cost * scale).astype(np.int64)[np.ix_(used, used)]]
    profile_of = {}
    for crew_id, own in (cost or {}).items():
        profile_of[crew_id] = len(costs)
        costs.append(own[np.ix_(used, used)])
    seconds: Any = problem.travel.seconds[np.ix_(used, used)]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in used],
        clients=clients,
        depots=[pyvrp.Depot(row[place]) for place in homes],
        vehicle_types=[
            _vehicle(problem, crews, home, loads.room(crews[0]), scale,
                     profile_of.get(crews[0].id, 0))
            for crews in kinds
        ],
        distance_matrices=costs,
        duration_matrices=[seconds] * len(costs),
        groups=groups,
    )  # fmt: skip
    return Model(problem, data, calls, kinds, scale, client_of, rest_of)


def _scale(problem: Problem) -> float:
    """The power of ten that makes costs whole numbers without losing what matters."""
    greatest = max(float(problem.cost.max()), max((v.value for v in problem.visits), default=0), 1)
    return float(10 ** int(np.floor(np.log10(LARGEST_COST / greatest))))


def _clients(
    calls: Sequence[Call],
    problem: Problem,
    row: Mapping[int, int],
    loads: _Loads,
    scale: float,
    prizes: Mapping[str, float],
) -> tuple[list[Any], list[Any], dict[tuple[str, int], int]]:
    clients: list[Any] = []
    groups: list[Any] = []
    client_of: dict[tuple[str, int], int] = {}
    group_of = {}
    for visit in problem.visits:
        if len(problem.windows_of(visit)) > 1:
            group_of[visit.id] = len(groups)
            groups.append(pyvrp.ClientGroup(required=visit.required and visit.id not in prizes))
    for call in calls:
        visit = _visit(call)
        group = group_of.get(visit.id)
        worth = prizes.get(visit.id, 0.0) + visit.value_at(call.window.start)
        client_of[visit.id, call.window.start] = len(clients)
        if group is not None:
            groups[group].add_client(len(clients))
        required = visit.required and visit.id not in prizes and group is None
        prize = round(worth * scale)
        clients.append(_client(call, row, loads.of_visit(visit), prize, required, group))
    return clients, groups, client_of


def _visit(call: Call) -> Visit:
    if call.visit is None:
        raise ValueError("a rest is not a visit")
    return call.visit


def _client(
    call: Call,
    row: Mapping[int, int],
    load: list[int],
    prize: int,
    required: bool,
    group: int | None = None,
) -> Any:
    return pyvrp.Client(
        location=row[call.place], delivery=load, service_duration=call.seconds,
        tw_early=call.window.start, tw_late=call.window.end, prize=prize, required=required,
        group=group,
    )  # fmt: skip


def _vehicle(
    problem: Problem,
    crews: Sequence[Crew],
    home: Mapping[int, int],
    room: list[int],
    scale: float,
    profile: int,
) -> Any:
    crew, goal = crews[0], problem.objective
    longest = FREE_DUTY if crew.max_seconds is None else crew.max_seconds
    priced = goal.fair_seconds is not None and goal.per_second_over > 0
    fair = min(longest, goal.fair_seconds or 0) if priced else longest
    over = min(longest, crew.shift.end - crew.shift.start) - fair if priced else 0
    return pyvrp.VehicleType(
        num_available=len(crews),
        capacity=room,
        start_depot=home[crew.start],
        end_depot=home[crew.end],
        fixed_cost=round((crew.fixed_cost + goal.crew_day) * scale),
        tw_early=crew.shift.start,
        tw_late=crew.shift.end,
        shift_duration=fair,
        max_overtime=max(0, over),
        unit_overtime_cost=round(goal.per_second_over * scale) if priced else 0,
        profile=profile,
    )


def _kinds(
    problem: Problem, rests: Mapping[str, int], own_cost: set[str]
) -> list[list[Crew]]:  # fmt: skip
    """Crews that differ in name only are one kind, unless they rest or are asked for by name."""
    named = {crew for visit in problem.visits for crew in visit.crews} | set(rests) | own_cost
    wanted = {skill for visit in problem.visits for skill in visit.skills}
    kinds: dict[object, list[Crew]] = {}
    for crew in problem.crews:
        alike = (
            crew.id if crew.id in named else "", crew.start, crew.end, crew.shift,
            crew.max_seconds, crew.skills & wanted, crew.fixed_cost, crew.max_visits,
        )  # fmt: skip
        kinds.setdefault(alike, []).append(crew)
    return list(kinds.values())


class _Loads:
    """Load dimensions: what clients ask for and crews have room for.

    Rests need two dimensions for any number of crews: rest i weighs i in one and (n - i) in the
    other, and crew i has room for just that, so that no other crew can take it.
    """

    def __init__(
        self, problem: Problem, kinds: Sequence[Sequence[Crew]], rests: Mapping[str, int]
    ) -> None:
        self.problem = problem
        self.many = len(problem.visits) + len(rests) + 1
        self.resting = {crew: index + 1 for index, crew in enumerate(rests)}
        self.counted = any(crew.max_visits is not None for crew in problem.crews)
        able = {
            visit.id: frozenset(i for i, crews in enumerate(kinds) if crews[0].can(visit))
            for visit in problem.visits
        }
        everyone = frozenset(range(len(kinds)))
        self.needs = {visit: crews for visit, crews in able.items() if crews != everyone}
        self.circles = sorted({*self.needs.values()}, key=sorted)
        self.kind_of = {crew.id: i for i, crews in enumerate(kinds) for crew in crews}

    def of_visit(self, visit: Visit) -> list[int]:
        """What a visit takes of each dimension."""
        circle = self.needs.get(visit.id)
        own = [int(each == circle) for each in self.circles]
        return [*self._load(visit.load), *self._count(1), *own, *self._rest(0, 0)]

    def of_rest(self, crew: str) -> list[int]:
        """What a crew's rest takes of each dimension."""
        index = self.resting[crew]
        own = [0] * len(self.circles)
        rest = self._rest(index, len(self.resting) - index)
        return [*self._load(0), *self._count(0), *own, *rest]

    def room(self, crew: Crew) -> list[int]:
        """What a crew has room for in each dimension."""
        kind, index = self.kind_of[crew.id], self.resting.get(crew.id)
        own = [self.many if kind in circle else 0 for circle in self.circles]
        count = self.many if crew.max_visits is None else crew.max_visits
        rest = self._rest(index, len(self.resting) - index) if index else self._rest(0, 0)
        return [*self._load(self.problem.capacity or 0), *self._count(count), *own, *rest]

    def _load(self, amount: int) -> list[int]:
        return [] if self.problem.capacity is None else [amount]

    def _count(self, amount: int) -> list[int]:
        return [amount] if self.counted else []

    def _rest(self, first: int, second: int) -> list[int]:
        return [first, second] if self.resting else []


class _Watching(IteratedLocalSearchCallbacks):
    def __init__(self, told: Callable[[Any], None]) -> None:
        self.told = told

    def on_best(self, best: Any) -> None:
        if best.is_feasible():
            self.told(best)


def search(
    model: Model,
    *,
    start: Sequence[Route],
    settings: Settings,
    seed: int,
    stop: Callable[[], bool],
    told: Callable[[Any], None] = lambda best: None,
) -> Any:
    """The best solution found from `start` until `stop` (asked once a step); None where even the
    best breaks a rule. `told` hears of every better one."""
    rng = pyvrp.RandomNumberGenerator(seed=seed)
    near = NeighbourhoodParams(num_neighbours=settings.neighbours)
    local = LocalSearch(
        model.data, rng, compute_neighbours(model.data, near),
        PerturbationManager(PerturbationParams(*settings.stirred)),
    )  # fmt: skip
    for operator in OPERATORS:
        if operator.supports(model.data):
            local.add_operator(operator(model.data))
    loads = [settings.late_price * 1000] * model.data.num_load_dimensions
    prices = PenaltyParams(target_feasible=settings.lawful_share)
    penalties = PenaltyManager((loads, settings.late_price, settings.late_price), prices)
    if settings.fresh:
        random = pyvrp.Solution.make_random(model.data, rng)
        first = local(random, penalties.max_cost_evaluator(), exhaustive=True)
    else:
        first = model.solution(start)
    watching = IteratedLocalSearchParams(history_length=settings.history, callbacks=_Watching(told))
    searching = pyvrp.IteratedLocalSearch(model.data, penalties, local, first, watching)
    with warnings.catch_warnings():  # prices at their bound: the checker decides, not the engine
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = searching.run(lambda cost: stop(), collect_stats=False).best
    return best if best.is_feasible() else None
