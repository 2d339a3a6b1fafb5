"""The checker, rule by rule: a plan that keeps all passes; one that breaks just one is told so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from doorstep.visits.checker import BrokenPlan, faults_of, plan_pass
from doorstep.visits.plan import Plan, Rest, Route, Stop, Unvisited
from doorstep.visits.problem import Problem
from doorstep.visits.problem_file import problem_of
from doorstep.visits.solve import Limits, solve
from tests.visits.days import HOUR, crew, day, visit

LUNCH = {"window": [12 * HOUR, 14 * HOUR], "seconds": HOUR // 2}


def problem(**changes: Any) -> Problem:
    """Two crews; visit 1 wants a skill of crew 1, visit 2 is promised at ten, visit 3 is risky."""
    return problem_of(
        day(
            [crew(1, skills=["yue"], max_seconds=8 * HOUR, **{"break": LUNCH}), crew(2)],
            [
                visit(1, skills=["yue"], load=2, windows=[[14 * HOUR, 15 * HOUR]]),
                visit(2, required=True, windows=[[10 * HOUR, 11 * HOUR]]),
                visit(3, risk="high", crews=["crew1"], load=1),
            ],
            capacity=5,
            day={"dark_from": 17 * HOUR},
            **changes,
        )
    )


def good() -> Plan:
    """A plan that keeps every rule, made by hand: 2 at ten, lunch there, 3, then 1."""
    route = Route(
        crew="crew1",
        stops=(
            Stop("v2", 36_000, 36_000, 37_200),
            Stop("v3", 45_600, 45_600, 46_800),
            Stop("v1", 48_000, 50_400, 51_600),
        ),
        calls=(), start=34_800, end=52_200, value=150, cost=0, travel_seconds=4_200,
        rest=Rest(2, 43_200, 45_000),
    )  # fmt: skip
    return Plan(routes=(route,))


def with_route(**changes: Any) -> Plan:
    plan = good()
    return replace(plan, routes=(replace(plan.routes[0], **changes),))


def with_stop(index: int, **changes: Any) -> Plan:
    stops = list(good().routes[0].stops)
    stops[index] = replace(stops[index], **changes)
    return with_route(stops=tuple(stops))


def without(index: int) -> Plan:
    stops = good().routes[0].stops
    return with_route(stops=stops[:index] + stops[index + 1 :])


def changed(**changes: Any) -> Problem:
    """The problem with its first crew's fields changed."""
    made = problem()
    return replace(made, crews=(replace(made.crews[0], **changes), *made.crews[1:]))


def test_a_plan_that_keeps_every_rule_passes() -> None:
    assert faults_of(problem(), good()) == []
    assert plan_pass(problem(), good()) == good()


# The rule, what a plan says instead, and of what problem: each breaks this rule and no other.
BROKEN: list[tuple[str, Callable[[], Plan], Callable[[], Problem]]] = [
    ("window", lambda: with_stop(2, start=54_001, leave=55_201), lambda: late_end()),
    ("shift", lambda: with_route(start=32_399), lambda: problem()),
    ("shift", lambda: with_route(end=64_801), lambda: changed(max_seconds=None)),
    ("max_seconds", lambda: with_route(end=63_601), lambda: problem()),
    ("travel", lambda: with_stop(1, arrive=45_599), lambda: problem()),
    ("travel", lambda: with_route(start=34_801), lambda: problem()),
    ("travel", lambda: with_route(end=52_199), lambda: problem()),
    ("travel", lambda: with_route(rest=Rest(0, 43_200, 45_000)), lambda: problem()),
    ("service", lambda: with_stop(0, leave=37_199), lambda: problem()),
    ("service", lambda: with_stop(2, arrive=50_401), lambda: problem()),
    ("rest", lambda: with_route(rest=None), lambda: problem()),
    ("rest", lambda: with_route(rest=Rest(2, 43_199, 45_000)), lambda: problem()),
    ("rest", lambda: with_route(rest=Rest(2, 43_200, 44_999)), lambda: problem()),
    ("skills", good, lambda: changed(skills=frozenset())),
    ("crews", good, lambda: only_crew_two()),
    ("dark", good, lambda: replace(problem(), dark_from=46_799)),
    ("capacity", good, lambda: replace(problem(), capacity=2)),
    ("max_visits", good, lambda: changed(max_visits=2)),
    ("pair", good, lambda: changed(agents=("a1", "a1"))),
    ("unknown_crew", lambda: with_route(crew="crew9"), lambda: problem()),
    ("lost", lambda: without(1), lambda: problem()),
    ("lost", lambda: replace(good(), unvisited=(told("v1"),)), lambda: problem()),
    ("required", lambda: replace(without(0), unvisited=(told("v2"),)), lambda: problem()),
    ("unknown_visit", lambda: replace(good(), unvisited=(told("v9"),)), lambda: problem()),
    ("twice", lambda: good_twice(), lambda: problem()),
]


def told(visit: str) -> Unvisited:
    return Unvisited(visit, "NO_TIME_LEFT", "")


def late_end() -> Problem:
    """The last visit may take its time, so that only its window is broken."""
    return changed(max_seconds=None)


def only_crew_two() -> Problem:
    made = problem()
    asked = replace(made.visits[2], crews=frozenset({"crew2"}))
    return replace(made, visits=(*made.visits[:2], asked))


def good_twice() -> Plan:
    """The second crew makes the first crew's last visit again."""
    plan = good()
    again = replace(plan.routes[0].stops[1], visit="v2", arrive=36_000, start=36_000, leave=37_200)
    second = replace(plan.routes[0], crew="crew2", stops=(again,), rest=None)
    return replace(plan, routes=(*plan.routes, second))


@pytest.mark.parametrize(("rule", "plan", "of"), BROKEN)
def test_a_plan_that_breaks_one_rule_is_told_that_rule(
    rule: str, plan: Callable[[], Plan], of: Callable[[], Problem]
) -> None:
    found = {fault.rule for fault in faults_of(of(), plan())}
    # A late last visit also makes the way home short; nothing else may ring along.
    assert rule in found
    assert found - {rule} <= ({"travel"} if rule == "window" else set())
    with pytest.raises(BrokenPlan, match=rule):
        plan_pass(of(), plan())


def test_every_rule_of_the_checker_has_a_plan_that_breaks_it(repository: Any) -> None:
    import re

    text = (repository / "src/doorstep/visits/checker.py").read_text("utf-8")
    assert set(re.findall(r'Fault\(\s*"(\w+)"', text)) | {"unknown_crew"} == {
        rule for rule, _, _ in BROKEN
    }


def test_the_planner_finds_a_plan_for_the_day_of_this_page() -> None:
    plan = solve(problem(), limits=Limits(iterations=50), seed=1)
    assert plan.missed == ()
    assert sum(len(route.stops) for route in plan.routes) == 3
