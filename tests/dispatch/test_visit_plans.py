"""A day is planned: from rosters, cases and the guard to crews with visits at lawful hours; what
cannot be planned says why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.dispatch.models import Act
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_notices import notices_send
from doorstep.dispatch.visit_plans import plan_begin, plan_publish, plan_stop
from doorstep.dispatch.visit_tasks import plans_give_up, work_plan
from doorstep.kernel.errors import InputError, Refused
from doorstep.portfolio.models import Address
from doorstep.visits.models import Appointment, CrewMember, FieldPlan, PlannedVisit
from doorstep.visits.problem_written import problem_unpacked
from doorstep.visits.services.plans import plan_discard
from doorstep.visits.services.risk import risk_assess
from doorstep.workforce.models import Branch, RosterDay, Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import (
    TOMORROW,
    begins,
    crew_of,
    make_appointment,
    make_crew,
    make_field_branch,
    make_manager,
    make_open_plan,
    make_rostered,
    make_vehicle,
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT, ON, make_hold, make_staff

pytestmark = pytest.mark.django_db


def a_branch(*, crews: int = 1, visits: int = 5, days: int = 1) -> tuple[Branch, Staff]:
    branch, manager = make_field_branch(), make_manager()
    for _ in range(crews):
        make_crew(branch=branch, days=days)
    for n in range(1, visits + 1):
        make_visit_case(branch=branch, north=n, east=n % 3)
    return branch, manager


def worked(branch: Branch, manager: Staff, at: datetime = AT, **fields: Any) -> FieldPlan:
    return plan_work(plan=make_open_plan(branch=branch, by=manager, **fields), clock=Clock(at))


def rows(plan: FieldPlan, **where: Any) -> list[PlannedVisit]:
    found = PlannedVisit.objects.filter(plan=plan, **where).select_related("crew", "case")
    return list(found.order_by("begins_at", "pk"))


def test_visits_are_given_to_a_crew_with_hours_reasons_and_figures() -> None:
    branch, manager = a_branch()
    vehicle = make_vehicle(branch=branch)
    plan = worked(branch, manager)
    made = rows(plan, state="planned")
    assert (plan.state, len(made)) == ("draft", 5)
    assert [row.place for row in made] == [1, 2, 3, 4, 5]
    crew = crew_of(made[0])
    assert crew.vehicle_id == vehicle.pk
    assert CrewMember.objects.filter(crew=crew, leads=True).count() == 1
    for row in made:
        assert row.arrives_at is not None
        assert row.ends_at is not None
        assert row.arrives_at <= begins(row) < row.ends_at
        assert row.because[0]["code"] == "benefit"
        assert row.windows
    assert plan.figures["planned"] == plan.figures["candidates"] == 5
    assert plan.figures["objective"] >= plan.figures["greedy"] > 0
    assert plan.estimated
    assert "PyVRP" in plan.engine or plan.engine == "greedy"


def test_the_problem_is_kept_and_solved_again_it_gives_the_same_plan() -> None:
    branch, manager = a_branch(visits=8, crews=2)
    plan = worked(branch, manager)
    problem, points = problem_unpacked(bytes(plan.problem))
    assert len(problem.visits) == 8
    assert points["branch"] == (branch.latitude, branch.longitude)
    again = worked(branch, manager)
    assert bytes(again.problem) == bytes(plan.problem)
    same = [(row.case_id, begins(row), crew_of(row).key) for row in rows(plan, state="planned")]
    assert same == [
        (row.case_id, begins(row), crew_of(row).key) for row in rows(again, state="planned")
    ]


def test_a_promised_visit_is_planned_within_its_hour() -> None:
    branch, manager = a_branch()
    case = make_visit_case(branch=branch, step="call")
    appointment = make_appointment(case=case, by=manager)
    (row,) = rows(worked(branch, manager), case=case)
    assert row.required
    assert appointment.from_at is not None
    assert appointment.until_at is not None
    assert appointment.from_at <= begins(row) <= appointment.until_at


def test_where_several_people_are_at_home_three_go_or_nobody() -> None:
    branch, manager = a_branch()
    crowded = make_visit_case(branch=branch)
    risk_assess(case=crowded, factors=["several_people"], by=manager, at=AT, on=ON)
    (alone,) = rows(worked(branch, manager), case=crowded)
    assert (alone.state, alone.why) == ("left_out", "THIRD_AGENT")
    make_rostered(branch=branch)
    (joined,) = rows(worked(branch, manager), case=crowded)
    assert joined.state == "planned"
    assert CrewMember.objects.filter(crew=crew_of(joined)).count() == 3


def test_a_plan_whose_workers_all_died_could_not_be_made() -> None:
    branch, manager = a_branch(visits=1)
    plan = plan_begin(branch=branch, first_day=TOMORROW, days=1, by=manager, at=AT, seconds=0.2)
    assert plans_give_up(at=AT + timedelta(seconds=30)) == 0
    assert plans_give_up(at=AT + timedelta(minutes=5)) == 1
    plan.refresh_from_db()
    assert (plan.state, plan.figures["failed"]["code"]) == ("failed", "WORKERS_DIED")
    waiting = plan_begin(branch=branch, first_day=TOMORROW, days=1, by=manager, at=AT, seconds=0.2)
    work_plan.enqueue(waiting.pk)
    assert plans_give_up(at=AT + timedelta(minutes=5)) == 0


def test_a_draft_can_be_discarded_and_a_published_plan_cannot() -> None:
    branch, manager = a_branch(visits=1)
    draft, other = worked(branch, manager), worked(branch, manager)
    plan_discard(plan=draft, by=manager)
    with pytest.raises(Refused) as unpublished:
        plan_publish(plan=draft, by=manager, at=AT)
    plan_publish(plan=other, by=manager, at=AT)
    with pytest.raises(Refused) as kept:
        plan_discard(plan=other, by=manager)
    assert unpublished.value.code == kept.value.code == "WRONG_STATE"


def test_what_cannot_be_planned_says_why() -> None:
    branch, manager = a_branch()
    complaint = make_visit_case(branch=branch)
    make_hold(borrower=complaint.borrower, kind="complaint")
    nowhere = make_visit_case(branch=branch, placed=False)
    homeless = make_visit_case(branch=branch)
    Address.objects.filter(borrower=homeless.borrower).delete()
    danger = make_visit_case(branch=branch)
    risk_assess(case=danger, factors=["threats"], by=manager, at=AT, on=ON)
    english = make_visit_case(branch=branch, borrower={"language": "en"})
    far = make_visit_case(branch=branch, north=900)
    trifle = make_visit_case(branch=branch, due_total=100)
    waiting = make_visit_case(branch=branch)
    make_appointment(case=waiting, by=manager, state="proposed", from_at=None, until_at=None)
    plan = worked(branch, manager)
    why = {row.case_id: row.why for row in rows(plan, state="left_out")}
    assert why == {
        complaint.pk: "GUARD", nowhere.pk: "NO_COORDINATES", homeless.pk: "NO_ADDRESS",
        danger.pk: "RISK_NOT_APPROVED", english.pk: "NO_PAIR", far.pk: "TOO_FAR",
        trifle.pk: "NOT_WORTH_IT", waiting.pk: "WAITS_FOR_ANSWER",
    }  # fmt: skip
    (held,) = rows(plan, case=complaint)
    assert held.why_more["verdict"]["reasons"][0]["rule"]
    (pair,) = rows(plan, case=english)
    assert next(iter(pair.why_more["crews"].values()))[0]["why"] == "skill"


def test_a_promise_that_cannot_be_kept_is_named() -> None:
    branch, manager = a_branch()
    case = make_visit_case(branch=branch, north=900)
    make_appointment(case=case, by=manager)
    plan = worked(branch, manager)
    assert (plan.figures["promised"], plan.figures["missed"]) == (1, 1)
    assert rows(plan, case=case)[0].why == "TOO_FAR"


def test_without_a_crew_there_is_no_plan_and_everybody_left_behind_is_named() -> None:
    branch, manager = a_branch(crews=0)
    alone = make_rostered(branch=branch)
    plan = worked(branch, manager)
    assert plan.state == "failed"
    assert plan.figures["failed"] == {
        "code": "NO_CREWS",
        "behind": [{"day": TOMORROW.isoformat(), "staff": alone.pk, "why": ["too_few"]}],
    }


def test_a_day_without_candidates_is_an_empty_plan() -> None:
    branch, manager = a_branch(visits=0)
    plan = worked(branch, manager)
    assert (plan.state, plan.figures["planned"], plan.figures["candidates"]) == ("draft", 0, 0)


def test_a_week_is_planned_with_everybody_visited_once() -> None:
    branch, manager = a_branch(visits=24, days=3)
    plan = worked(branch, manager, days=3)
    made = rows(plan, state="planned")
    assert len({crew_of(row).day for row in made}) > 1
    assert len({row.case_id for row in made}) == len(made)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"days": 0}, "BAD_DAYS"), ({"days": 8}, "BAD_DAYS"), ({"seconds": 0}, "BAD_TIME"),
        ({"seconds": 1e9}, "BAD_TIME"), ({"seed": -1}, "BAD_TIME"),
        ({"seconds": float("nan")}, "BAD_TIME"),
        ({"first_day": ON - timedelta(days=1)}, "DAY_OVER"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(fields: dict[str, Any], code: str) -> None:
    branch, manager = make_field_branch(), make_manager()
    with pytest.raises(InputError) as caught:
        make_open_plan(branch=branch, by=manager, **fields)
    assert caught.value.code == code


def test_a_branch_that_is_not_on_the_map_plans_nothing() -> None:
    branch, manager = a_branch()
    Branch.objects.filter(pk=branch.pk).update(latitude=None, longitude=None)
    branch.refresh_from_db()
    with pytest.raises(Refused) as caught:
        make_open_plan(branch=branch, by=manager)
    assert caught.value.code == "NO_BRANCH_PLACE"


def test_only_those_who_may_plan_do_and_a_leader_for_the_own_branch() -> None:
    branch = make_field_branch()
    make_open_plan(branch=branch, by=make_staff(Role.TEAM_LEADER, branch=branch))
    for by in (make_staff(Role.FIELD_AGENT, branch=branch), make_staff(Role.TEAM_LEADER,
               branch=make_field_branch())):  # fmt: skip
        with pytest.raises(Refused) as caught:
            make_open_plan(branch=branch, by=by)
        assert caught.value.code == "NOT_PERMITTED"


def test_it_is_worked_out_by_a_worker_and_done_twice_it_comes_to_the_same(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch, manager = a_branch()
    monkeypatch.setattr("doorstep.kernel.clock.now", Clock(AT))
    with django_capture_on_commit_callbacks(execute=True):
        plan = plan_begin(branch=branch, first_day=TOMORROW, days=1, by=manager, at=AT, seconds=0.2)
    assert plan.state == "making"
    FieldPlan.objects.filter(pk=plan.pk).update(iterations=20)
    work_plan.func(plan.pk)
    work_plan.func(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.progress) == ("draft", {})
    assert PlannedVisit.objects.filter(plan=plan).count() == 5


def test_a_search_that_is_stopped_keeps_the_best_it_found() -> None:
    branch, manager = a_branch()
    plan = make_open_plan(branch=branch, by=manager, iterations=None, seconds=600)
    plan_stop(plan=plan, by=manager)
    plan = plan_work(plan=plan, clock=Clock(AT))
    assert plan.state == "draft"
    assert plan.figures["planned"] > 0


def test_progress_tells_the_step_and_how_far_the_search_is() -> None:
    branch, manager = a_branch()
    plan = make_open_plan(branch=branch, by=manager)
    seen: list[dict[str, Any]] = []

    def clock() -> datetime:
        progress = FieldPlan.objects.values_list("progress", flat=True).get(pk=plan.pk)
        if progress not in seen:
            seen.append(progress)
        return AT + timedelta(seconds=len(seen))

    plan_work(plan=plan, clock=clock)
    steps = [each.get("step") for each in seen]
    assert "search" in steps
    told = next(each for each in seen if each.get("step") == "search")
    assert set(told) == {"step", "seconds", "of", "iterations", "objective", "floor"}


def test_publishing_lets_every_visit_wait_at_the_door_for_its_crew() -> None:
    branch, manager = a_branch()
    plan = plan_publish(plan=worked(branch, manager), by=manager, at=AT)
    assert plan.state == "published"
    for row in rows(plan, state="planned"):
        act = Act.objects.get(reference=row.act)
        assert (act.kind, act.state) == ("visit", "queued")
        assert act.planned_from <= begins(row) < act.planned_until
        crew = set(CrewMember.objects.filter(crew=row.crew_id).values_list("staff_id", flat=True))
        assert set(act.agents.values_list("pk", flat=True)) == crew


def test_what_the_guard_does_not_permit_any_more_is_not_published() -> None:
    branch, manager = a_branch()
    plan = worked(branch, manager)
    row = rows(plan, state="planned")[0]
    make_hold(borrower=row.case.borrower, kind="complaint")
    plan_publish(plan=plan, by=manager, at=AT)
    row.refresh_from_db()
    plan.refresh_from_db()
    assert (row.state, row.why, row.act) == ("cancelled", "GUARD", "")
    assert plan.figures["withdrawn"] == [row.pk]


def test_a_roster_day_taken_back_after_planning_is_seen_when_planning_again() -> None:
    branch, manager = a_branch()
    RosterDay.objects.update(withdrawn_at=AT, withdrawn_why="papers")
    assert worked(branch, manager).state == "failed"


def test_a_plan_in_force_is_replaced_and_who_was_told_another_hour_is_told_the_new_one() -> None:
    branch, manager = a_branch()
    first = plan_publish(plan=worked(branch, manager), by=manager, at=AT)
    told = rows(first, state="planned")[0]
    notices_send(visits=[told], by=manager, at=AT)
    told.refresh_from_db()
    assert told.appointment is not None
    second = worked(branch, manager, seed=5)
    again = rows(second, case=told.case)[0]
    assert again.appointment_id == told.appointment_id
    assert not again.required
    plan_publish(plan=second, by=manager, at=AT)
    first.refresh_from_db()
    assert first.state == "superseded"
    old = Act.objects.get(reference=told.act)
    again.refresh_from_db()
    assert (old.state == "withdrawn") == (again.act != told.act)
    assert Act.objects.get(reference=again.act).state == "queued"


def test_nobody_replaces_a_day_that_has_begun() -> None:
    branch, manager = a_branch()
    first = plan_publish(plan=worked(branch, manager), by=manager, at=AT)
    PlannedVisit.objects.filter(pk=rows(first, state="planned")[0].pk).update(state="under_way")
    with pytest.raises(Refused) as caught:
        plan_publish(plan=worked(branch, manager), by=manager, at=AT)
    assert caught.value.code == "UNDER_WAY"


def test_a_borrower_whom_another_day_visits_is_left_to_it() -> None:
    branch, manager = a_branch(days=2)
    plan_publish(plan=worked(branch, manager), by=manager, at=AT)
    later = worked(branch, manager, first_day=TOMORROW + timedelta(days=1))
    assert {row.why for row in rows(later)} == {"OTHER_PLAN"}
    assert Appointment.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_candidates() -> None:
    counts = []
    for visits in (4, 16):
        branch, manager = a_branch(visits=visits)
        plan = make_open_plan(branch=branch, by=manager, iterations=0)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            plan_work(plan=plan, clock=Clock(AT))
        counts.append(len(captured))
    assert counts[0] == counts[1], counts
    assert counts[0] < 90
