"""OR-Tools and VROOM on the same problems, one thread, within the same processor seconds.

Only the benchmark needs them (requirements/bench.in). Their answers come back as our plans and go
through the same checker and the same evaluation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from doorstep.visits.checker import faults_of
from doorstep.visits.plan import Call, Plan, calls_of, rested
from doorstep.visits.problem import Problem, Visit
from doorstep.visits.reasons import told
from doorstep.visits.solve import ranked

SCALE = 100


def plan_from(problem: Problem, orders: dict[str, list[Visit]], engine: str) -> Plan:
    """The peer's orders on our clock, checked as our own plans are."""
    routes = []
    for crew, visits in orders.items():
        calls: list[Call] = [calls_of(problem, visit)[0] for visit in visits]
        route = rested(problem, problem.crew_by_id[crew], calls)
        if calls and route is not None:
            routes.append(route)
    plan = ranked(problem, Plan(routes=tuple(routes), engine=engine))
    made = {stop.visit for route in routes for stop in route.stops}
    left = tuple(told(v, "NO_TIME_LEFT") for v in problem.visits if v.id not in made)
    faults = faults_of(problem, Plan(routes=plan.routes, unvisited=left, missed=plan.missed))
    if faults:
        raise ValueError(f"{engine}: {faults[0]}")
    return plan


def ortools_plan(problem: Problem, seconds: float) -> Plan:
    """OR-Tools routing: parallel cheapest insertion, then guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    crews, visits = problem.crews, problem.visits
    places = [visit.place for visit in visits] + [
        place for crew in crews for place in (crew.start, crew.end)
    ]
    n = len(visits)
    starts = [n + 2 * k for k in range(len(crews))]
    manager = pywrapcp.RoutingIndexManager(
        len(places), len(crews), starts, [each + 1 for each in starts]
    )
    routing = pywrapcp.RoutingModel(manager)
    service = [visit.seconds for visit in visits] + [0] * (2 * len(crews))
    way = problem.travel.seconds[np.ix_(places, places)]
    cost = np.rint(problem.cost[np.ix_(places, places)] * SCALE).astype(int)
    timed = (way + np.array(service)[:, None]).tolist()
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(cost.tolist()))
    clock = routing.RegisterTransitMatrix(timed)
    latest = max(crew.shift.end for crew in crews)
    routing.AddDimension(clock, latest, latest, False, "time")
    dimension = routing.GetDimensionOrDie("time")
    solver = routing.solver()
    for index, visit in enumerate(visits):
        node = manager.NodeToIndex(index)
        window = visit.windows[0]
        dimension.CumulVar(node).SetRange(window.start, min(window.end, latest))
        able = [k for k, crew in enumerate(crews) if crew.can(visit)]
        if len(able) < len(crews):
            routing.VehicleVar(node).SetValues([-1, *able])
        if not visit.required:
            routing.AddDisjunction([node], round(visit.value * SCALE))
    for k, crew in enumerate(crews):
        for node in (routing.Start(k), routing.End(k)):
            dimension.CumulVar(node).SetRange(crew.shift.start, crew.shift.end)
        if crew.max_seconds is not None:
            dimension.SetSpanUpperBoundForVehicle(crew.max_seconds, k)
    if problem.capacity is not None:
        loads = [visit.load for visit in visits] + [0] * (2 * len(crews))
        load = routing.RegisterUnaryTransitVector(loads)
        routing.AddDimension(load, 0, problem.capacity, True, "load")
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.FromSeconds(int(20 * seconds) + 1)  # wall clock; the processor's clock rules
    began = time.process_time()
    routing.AddSearchMonitor(solver.CustomLimit(lambda: time.process_time() - began > seconds))
    answer = routing.SolveWithParameters(search)
    orders: dict[str, list[Visit]] = {}
    for k, crew in enumerate(crews):
        node = routing.Start(k)
        while answer and not routing.IsEnd(node):
            if manager.IndexToNode(node) < n:
                orders.setdefault(crew.id, []).append(visits[manager.IndexToNode(node)])
            node = answer.Value(routing.NextVar(node))
    return plan_from(problem, orders, "OR-Tools")


def vroom_plan(problem: Problem, seconds: float) -> Plan:
    """VROOM at its highest exploration level. It has no values; priorities of 0 to 100 stand in."""
    import vroom

    crews, visits = problem.crews, problem.visits
    given = vroom.Input()
    given.set_durations_matrix("car", problem.travel.seconds.astype(np.uint32))
    skills = sorted({skill for visit in visits for skill in visit.skills})
    number = {skill: index + 1 for index, skill in enumerate(skills)}
    loads = problem.capacity is not None
    for k, crew in enumerate(crews):
        given.add_vehicle(
            vroom.Vehicle(
                k, start=crew.start, end=crew.end,
                capacity=[problem.capacity] if loads else [],
                skills={number[s] for s in crew.skills if s in number},
                time_window=vroom.TimeWindow(crew.shift.start, _until(crew.shift, crew)),
            )
        )  # fmt: skip
    most = max((visit.value for visit in visits), default=0) or 1
    for index, visit in enumerate(visits):
        given.add_job(
            vroom.Job(
                index, location=visit.place, default_service=visit.seconds,
                delivery=vroom.Amount([visit.load] if loads else []),
                skills={number[s] for s in visit.skills},
                priority=100 if visit.required else int(99 * visit.value / most),
                time_windows=[vroom.TimeWindow(w.start, w.end) for w in visit.windows],
            )
        )  # fmt: skip
    answer = given.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    orders: dict[str, list[Visit]] = {}
    for step in answer.routes.itertuples():
        if step.type == "job":
            orders.setdefault(crews[step.vehicle_id].id, []).append(visits[step.id])
    return plan_from(problem, orders, "VROOM")


def _until(shift: object, crew: object) -> int:
    """VROOM knows no longest duty: the shift is cut to it from its beginning."""
    begin, end = shift.start, shift.end  # type: ignore[attr-defined]
    longest = crew.max_seconds  # type: ignore[attr-defined]
    return end if longest is None else min(end, begin + longest)


PEERS: dict[str, Callable[[Problem, float], Plan]] = {
    "OR-Tools": ortools_plan,
    "VROOM": vroom_plan,
}
