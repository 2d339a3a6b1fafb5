"""One plan at a time: what is chosen, what is left out and why, and that promises come first."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.visits.plan import Plan
from doorstep.visits.problem_file import problem_of
from doorstep.visits.solve import Limits, Progress, solve
from tests.visits.days import HOUR, crew, day, town, visit


def planned(tree: dict[str, Any], iterations: int = 60) -> Plan:
    return solve(problem_of(tree), limits=Limits(iterations=iterations), seed=1)


def why(plan: Plan) -> dict[str, str]:
    return {one.visit: one.why for one in plan.unvisited}


def made(plan: Plan) -> dict[str, str]:
    """Which crew makes which visit."""
    return {stop.visit: route.crew for route in plan.routes for stop in route.stops}


REASONS = [
    ("NO_QUALIFIED_CREW", visit(1, skills=["sign"]), {}),
    ("NO_QUALIFIED_CREW", visit(1, crews=["crew1"], skills=["sign"]), {}),
    ("OUTSIDE_HOURS", visit(1, windows=[]), {}),
    ("OUTSIDE_HOURS", visit(1, windows=[[0, 5 * HOUR]]), {}),
    ("AFTER_DARK", visit(1, risk="high", windows=[[17 * HOUR, 18 * HOUR]]), {"dark": 17 * HOUR}),
    ("CAPACITY", visit(1, load=9), {"capacity": 8}),
    ("TOO_FAR", visit(1), {"apart": 5 * HOUR}),
    ("NOT_WORTH_IT", visit(1, value=5), {}),
]


@pytest.mark.parametrize(("code", "asked", "setting"), REASONS)
@pytest.mark.parametrize("required", [False, True])
def test_a_visit_that_is_left_out_says_why(
    code: str, asked: dict[str, Any], setting: dict[str, int], required: bool
) -> None:
    tree = day(visits=[{**asked, "required": required}])
    tree["matrix"] = town(4, setting.get("apart", 600))
    tree["capacity"] = setting.get("capacity")
    tree["day"] = {"dark_from": setting.get("dark")}
    plan = planned(tree)
    if code == "NOT_WORTH_IT" and required:
        assert made(plan) == {"v1": "crew1"}
        return
    assert why(plan) == {"v1": code}
    assert plan.missed == (("v1",) if required else ())
    assert plan.unvisited[0].detail


def test_time_that_is_used_up_and_crews_that_are_full_are_told_apart() -> None:
    long = [visit(n, service_seconds=3 * HOUR) for n in (1, 2, 3)]
    assert sorted(why(planned(day(visits=long))).values()) == ["NO_TIME_LEFT"]
    full = planned(day([crew(max_visits=2)]))
    assert sorted(why(full).values()) == ["TOO_FULL"]


def test_a_promised_visit_is_made_even_where_another_is_worth_more() -> None:
    window = [[10 * HOUR, 10 * HOUR]]
    rivals = [visit(1, required=True, value=1, windows=window), visit(3, value=99, windows=window)]
    plan = planned(day(visits=rivals))
    assert made(plan) == {"v1": "crew1"}


def test_of_promises_that_exclude_each_other_one_is_kept_and_the_other_named() -> None:
    window = [[10 * HOUR, 10 * HOUR]]
    rivals = [visit(n, required=True, windows=window) for n in (1, 3)]
    plan = planned(day(visits=rivals))
    assert len(made(plan)) == 1
    assert list(plan.missed) == [one.visit for one in plan.unvisited]


def test_a_visit_goes_to_the_crew_with_the_skill_and_to_the_crew_asked_for() -> None:
    crews = [crew(1), crew(2, skills=["sign"]), crew(3)]
    visits = [visit(1, skills=["sign"]), visit(2, crews=["crew3"])]
    assert made(planned(day(crews, visits))) == {"v1": "crew2", "v2": "crew3"}


def test_of_several_windows_one_is_used() -> None:
    tree = day(visits=[visit(1, windows=[[8 * HOUR, 9 * HOUR], [16 * HOUR, 17 * HOUR]])])
    (stop,) = planned(tree).routes[0].stops
    assert 16 * HOUR <= stop.start <= 17 * HOUR


def test_over_a_week_the_earlier_day_is_taken_when_waiting_loses_value() -> None:
    day_after = [[10 * HOUR + 86_400 * n, 12 * HOUR + 86_400 * n] for n in (0, 1)]
    crews = [crew(n + 1, shift=[9 * HOUR + 86_400 * n, 18 * HOUR + 86_400 * n]) for n in (0, 1)]
    plan = planned(day(crews, [visit(1, windows=day_after, lost_per_day=10)]))
    assert made(plan) == {"v1": "crew1"}
    later = planned(day(crews, [visit(1, windows=day_after[1:], lost_per_day=10)]))
    assert (made(later), later.value) == ({"v1": "crew2"}, 40)


def test_a_crew_rests_where_it_is_and_nobody_else_takes_its_rest() -> None:
    rest = {"window": [12 * HOUR, 13 * HOUR], "seconds": HOUR}
    crews = [crew(1, **{"break": rest}), crew(2, **{"break": rest})]
    visits = [visit(n % 8 + 1) | {"id": f"v{n}"} for n in range(30)]
    plan = planned(day(crews, visits), iterations=300)
    for route in plan.routes:
        assert route.rest is not None
        assert (route.rest.start, route.rest.end) == (12 * HOUR, 13 * HOUR)
    assert len(plan.routes) == 2


def test_a_price_on_long_days_evens_them_out() -> None:
    crews = [crew(1), crew(2)]
    visits = [visit(n % 2 + 1, service_seconds=HOUR, value=500) | {"id": f"v{n}"} for n in range(6)]
    uneven = day(crews, visits, objective={"per_second": 0.1})
    even = day(
        crews,
        visits,
        objective={"per_second": 0.1, "fair_seconds": 4 * HOUR, "per_second_over": 0.2},
    )
    assert [len(r.stops) for r in planned(uneven, 300).routes] == [6]
    assert [len(r.stops) for r in planned(even, 300).routes] == [3, 3]


def test_stopped_at_once_it_keeps_what_it_has_and_tells_its_progress() -> None:
    news: list[Progress] = []
    plan = solve(
        problem_of(day()), limits=Limits(iterations=10**9), seed=1, progress=news.append,
        cancelled=lambda: len(news) > 0,
    )  # fmt: skip
    assert news
    assert plan.objective == news[-1].objective


def test_a_day_without_visits_is_a_plan_without_routes() -> None:
    plan = planned(day(visits=[]))
    assert (plan.routes, plan.unvisited, plan.objective) == ((), (), 0)
