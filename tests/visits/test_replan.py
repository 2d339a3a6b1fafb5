"""A day that changes under way: promises kept, crews left where they were told, changes named."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from doorstep.visits.checker import faults_of
from doorstep.visits.plan import Plan
from doorstep.visits.problem import Problem
from doorstep.visits.problem_file import problem_of, problem_read
from doorstep.visits.replan import Now, Position, Replanned, replan
from doorstep.visits.solve import Limits, solve
from tests.visits.days import HOUR, crew, day, days, visit

TEN = 10 * HOUR + 15 * 60


def busy_day() -> Problem:
    """Three crews and more visits than time; three are promised for the afternoon."""
    visits = [
        visit(n % 9 + 1, value=40 + n, service_seconds=45 * 60) | {"id": f"v{n}"}
        for n in range(36)
    ]  # fmt: skip
    promised = [[[14 * HOUR, 15 * HOUR]], [[15 * HOUR, 16 * HOUR]], [[16 * HOUR, 17 * HOUR]]]
    for number, windows in enumerate(promised):
        visits[number].update(required=True, windows=windows)
    return problem_of(day([crew(1), crew(2), crew(3)], visits))


def morning(problem: Problem) -> Plan:
    return solve(problem, limits=Limits(iterations=300), seed=1)


def again(problem: Problem, plan: Plan, now: Now) -> Replanned:
    return replan(problem, plan, now, limits=Limits(iterations=200), seed=1)


def crew_of(plan: Plan, visit: str) -> str:
    return next(r.crew for r in plan.routes for s in r.stops if s.visit == visit)


def test_nothing_has_happened_and_no_promised_visit_changes_its_crew() -> None:
    problem = busy_day()
    plan = morning(problem)
    new = again(problem, plan, Now(TEN))
    assert (new.swaps, new.plan.missed) == (0, ())
    assert faults_of(new.problem, new.plan) == []
    under_way = {s.visit for r in plan.routes for s in r.stops if s.arrive <= TEN < s.leave}
    assert under_way <= set(new.pinned)


def test_a_cancelled_visit_goes_and_the_rest_of_the_day_stays_as_good() -> None:
    problem = busy_day()
    plan = morning(problem)
    gone = plan.routes[0].stops[-1].visit
    new = again(problem, plan, Now(TEN, cancelled=frozenset({gone})))
    assert gone not in {stop.visit for route in new.plan.routes for stop in route.stops}
    assert any(change.what == "lost" and change.visit == gone for change in new.changes)
    kept = sum(r.value for r in plan.routes) - problem.visit_by_id[gone].value
    past = [s for r in plan.routes for s in r.stops if s.leave <= TEN or s.visit in new.pinned]
    assert new.plan.value >= kept - sum(problem.visit_by_id[s.visit].value for s in past)


def test_a_visit_cancelled_moves_no_other_that_can_be_made_at_its_time() -> None:
    problem = busy_day()
    plan = morning(problem)
    route = next(r for r in plan.routes if len(r.stops) > 4)
    gone = route.stops[-2].visit
    new = again(problem, plan, Now(TEN, cancelled=frozenset({gone})))
    moved = [c for c in new.changes if c.what == "time" and c.crew_after != route.crew]
    assert not moved
    before = {stop.visit: stop.start for stop in route.stops}
    after = {s.visit: s.start for r in new.plan.routes if r.crew == route.crew for s in r.stops}
    same = [visit for visit in after if visit in before]
    assert same
    assert all(after[visit] >= before[visit] for visit in same)


def test_a_crew_is_ill_and_every_promise_of_its_is_kept_by_others() -> None:
    problem = busy_day()
    plan = morning(problem)
    ill = crew_of(plan, "v0")
    new = again(problem, plan, Now(TEN, out=frozenset({ill})))
    assert new.plan.missed == ()
    assert ill not in {route.crew for route in new.plan.routes}
    moved = next(change for change in new.changes if change.visit == "v0")
    assert (moved.what, moved.promised, moved.crew_before) == ("crew", True, ill)
    assert new.swaps == 0


def test_an_overrun_too_long_for_a_promise_swaps_it_to_another_crew() -> None:
    problem = busy_day()
    plan = morning(problem)
    late = crew_of(plan, "v0")
    position = Position(problem.visit_by_id["v20"].place, 15 * HOUR + 1)
    new = again(problem, plan, Now(TEN, positions={late: position}))
    assert new.plan.missed == ()
    assert crew_of(new.plan, "v0") != late
    assert 1 <= new.swaps <= 2


def test_a_new_urgent_appointment_finds_its_place() -> None:
    problem = busy_day()
    plan = morning(problem)
    urgent = replace(problem.visits[0], id="urgent", place=5)
    fuller = replace(problem, visits=(*problem.visits, urgent))
    new = again(fuller, plan, Now(TEN))
    assert new.plan.missed == ()
    change = next(change for change in new.changes if change.visit == "urgent")
    assert (change.what, change.promised, change.crew_before) == ("added", True, None)


def test_what_nobody_can_keep_any_more_is_named_with_its_reason() -> None:
    problem = busy_day()
    plan = morning(problem)
    everyone = frozenset({"crew1", "crew2", "crew3"})
    with_nobody = again(problem, plan, Now(TEN, out=everyone - {"crew1"}))
    assert with_nobody.plan.missed == ()
    alone = again(problem, plan, Now(16 * HOUR, out=everyone))
    assert set(alone.plan.missed) <= {"v0", "v1", "v2"}
    why = {one.visit: one.why for one in alone.plan.unvisited}
    assert all(why[visit] == "NO_QUALIFIED_CREW" for visit in alone.plan.missed)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=days(), at=st.integers(6 * HOUR, 20 * HOUR), picks=st.data())
def test_any_day_replanned_at_any_time_keeps_every_rule(
    tree: dict[str, Any], at: int, picks: st.DataObject
) -> None:
    problem = problem_of(tree)
    plan = solve(problem, limits=Limits(iterations=20), seed=1)
    planned = [stop.visit for route in plan.routes for stop in route.stops]
    assume(planned)
    out = picks.draw(st.sets(st.sampled_from([c.id for c in problem.crews]), max_size=1))
    gone = picks.draw(st.sets(st.sampled_from(planned), max_size=2))
    promised = picks.draw(st.sets(st.sampled_from(planned), max_size=2))
    now = Now(at, cancelled=frozenset(gone), out=frozenset(out), promised=frozenset(promised))
    new = replan(problem, plan, now, limits=Limits(iterations=20), seed=1)
    assert faults_of(new.problem, new.plan) == []
    told = {change.visit for change in new.changes}
    after = {stop.visit for route in new.plan.routes for stop in route.stops}
    past = {s.visit for r in plan.routes for s in r.stops if s.leave <= at}
    assert set(planned) - past - set(new.pinned) - after <= told


@pytest.mark.outside
def test_within_a_second_no_promise_is_dropped(outside: Path) -> None:
    problem = problem_read(outside / "data/visit_planning/field_day.json")
    plan = solve(problem, limits=Limits(iterations=200), seed=1)
    limits = Limits(seconds=0.5, watch=time.process_time)
    ill = plan.routes[0].crew
    began = time.process_time()
    new = replan(problem, plan, Now(TEN, out=frozenset({ill})), limits=limits, seed=1)
    assert time.process_time() - began < 1.5
    closed = {visit.id for visit in problem.visits if visit.windows[-1].end < TEN}
    assert (set(new.plan.missed) - closed, new.swaps) == (set(), 0)
