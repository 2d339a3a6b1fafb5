"""Over any day: the plan breaks no rule, tells about every visit, and never falls below greedy."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from doorstep.visits.checker import faults_of
from doorstep.visits.problem_file import problem_of
from doorstep.visits.solve import Budget, Limits, floor_of, solve
from tests.visits.days import days


def never() -> bool:
    return False


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=days())
def test_every_plan_keeps_every_rule_and_tells_about_every_visit(tree: dict[str, Any]) -> None:
    problem = problem_of(tree)
    plan = solve(problem, limits=Limits(iterations=40), seed=1)
    assert faults_of(problem, plan) == []
    made = [stop.visit for route in plan.routes for stop in route.stops]
    left = [one.visit for one in plan.unvisited]
    assert sorted(made + left) == sorted(visit.id for visit in problem.visits)
    floor = floor_of(problem, Budget(Limits(), never))
    assert plan.rank >= floor.rank


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=days())
def test_the_same_seed_and_steps_give_the_same_plan(tree: dict[str, Any]) -> None:
    problem = problem_of(tree)
    first, second = (solve(problem, limits=Limits(iterations=60), seed=7) for _ in range(2))
    assert first.as_dict(problem) == second.as_dict(problem)
