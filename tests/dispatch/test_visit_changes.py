"""A day under way changes: what follows is shown, no promise is dropped, everybody is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from doorstep.dispatch.models import Act
from doorstep.dispatch.visit_accepting import plan_change_accept
from doorstep.dispatch.visit_changes import Event, Proposed, What, plan_change
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_moves import MoveRefused
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.kernel.errors import Refused
from doorstep.visits.models import Appointment, CrewDay, CrewTold, FieldPlan, PlannedVisit
from tests.dispatch.field_world import (
    begins,
    crew_of,
    make_appointment,
    make_crew,
    make_field_branch,
    make_manager,
    make_open_plan,
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT, make_hold

pytestmark = pytest.mark.django_db
QUARTER_PAST_TEN = datetime(2026, 11, 21, 2, 15, tzinfo=AT.tzinfo)


def a_day(*, crews: int = 2, visits: int = 10) -> FieldPlan:
    """A published day: two appointments (14:00 and 15:30) among its visits."""
    branch, manager = make_field_branch(), make_manager()
    for _ in range(crews):
        make_crew(branch=branch)
    cases = [make_visit_case(branch=branch, north=n / 2, east=n % 4) for n in range(1, visits + 1)]
    make_appointment(case=cases[0], by=manager)
    later = AT + timedelta(hours=23, minutes=30)
    make_appointment(
        case=cases[1], by=manager, from_at=later, until_at=later + timedelta(hours=1), code="222222"
    )
    plan = plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))
    return plan_publish(plan=plan, by=manager, at=AT)


def changed(plan: FieldPlan, event: Event, at: datetime = QUARTER_PAST_TEN) -> Proposed:
    return plan_change(plan=plan, event=event, by=plan.made_by, at=at, iterations=60, seconds=5)


def visits(plan: FieldPlan, **where: Any) -> list[PlannedVisit]:
    rows = PlannedVisit.objects.filter(plan=plan, **where).select_related("crew", "case")
    return list(rows.order_by("begins_at"))


def coming(plan: FieldPlan) -> PlannedVisit:
    """A planned visit of the afternoon that nobody was promised."""
    return visits(plan, state="planned", required=False, begins_at__gt=QUARTER_PAST_TEN)[-1]


def test_a_visit_cancelled_at_a_quarter_past_ten_leaves_the_plan_and_promises_stay() -> None:
    plan = a_day()
    visit = coming(plan)
    proposed = changed(plan, Event(What.CANCELLED, visit=visit, why="rang up"))
    assert proposed.changes[0]["what"] == "cancelled"
    assert proposed.changes[0]["start_before"] == begins(visit).isoformat()
    assert proposed.missed == []
    plan.refresh_from_db()
    assert plan.state == "published"
    accepted = plan_change_accept(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    plan.refresh_from_db()
    assert (plan.state, accepted.plan.state) == ("superseded", "published")
    (gone,) = visits(accepted.plan, case=visit.case)
    assert gone.state == "cancelled"
    assert Act.objects.get(reference=visit.act).state == "withdrawn"
    kept = visits(accepted.plan, state="planned", required=True)
    assert len(kept) == 2
    assert all(Act.objects.get(reference=row.act).state == "queued" for row in kept)


def test_visits_under_way_and_made_stay_as_they_were() -> None:
    plan = a_day()
    third = visits(plan, state="planned")[2].begins_at
    assert third is not None
    early = visits(plan, state="planned", begins_at__lte=third)
    proposed = changed(plan, Event(What.CANCELLED, visit=coming(plan)), at=third)
    after = {row.case_id: row for row in visits(proposed.plan)}
    for row in early:
        now = after[row.case_id]
        assert (begins(now), crew_of(now).key) == (begins(row), crew_of(row).key)  # fmt: skip


def test_a_crew_that_falls_ill_loses_no_promise_to_anybody() -> None:
    plan = a_day()
    promised = visits(plan, required=True)[0]
    crew = promised.crew
    assert crew is not None
    proposed = changed(plan, Event(What.CREW_ILL, crew=crew))
    assert proposed.missed == []
    (moved,) = visits(proposed.plan, case=promised.case)
    assert moved.state == "planned"
    assert moved.crew is not None
    assert moved.crew.key != crew.key
    assert CrewDay.objects.get(plan=proposed.plan, key=crew.key).off_why == "crew_ill"
    accepted = plan_change_accept(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    now = visits(accepted.plan, case=promised.case)[0]
    act = Act.objects.get(reference=now.act)
    members = set(crew_of(now).members.values_list("staff_id", flat=True))
    assert set(act.agents.values_list("pk", flat=True)) == members
    told = set(CrewTold.objects.filter(visit=now, what="given").values_list("staff_id", flat=True))
    assert told == members


def test_an_overrun_moves_what_follows_and_tells_who_was_promised_another_hour() -> None:
    plan = a_day(crews=1)
    crew = CrewDay.objects.get(plan=plan)
    until = datetime(2026, 11, 21, 3, 30, tzinfo=AT.tzinfo)
    proposed = changed(plan, Event(What.OVERRUN, crew=crew, until=until))
    later = visits(proposed.plan, state="planned", begins_at__gt=QUARTER_PAST_TEN)
    assert all(begins(row) >= until for row in later)
    assert proposed.missed == []


def test_an_urgent_appointment_is_taken_in_and_others_make_room() -> None:
    plan = a_day()
    case = make_visit_case(branch=plan.branch, north=2, east=-2, step="call")
    start = datetime(2026, 11, 21, 7, 0, tzinfo=AT.tzinfo)
    appointment = make_appointment(
        case=case,
        by=plan.made_by,
        from_at=start,
        until_at=start + timedelta(hours=1),
        code="333333",
    )
    proposed = changed(plan, Event(What.URGENT, appointment=appointment))
    (row,) = visits(proposed.plan, case=case)
    assert row.state == "planned"
    assert start <= begins(row) <= start + timedelta(hours=1)
    assert proposed.missed == []
    accepted = plan_change_accept(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    assert Act.objects.get(reference=visits(accepted.plan, case=case)[0].act).state == "queued"


def test_an_urgent_appointment_that_the_guard_forbids_is_refused_with_its_verdict() -> None:
    plan = a_day()
    case = make_visit_case(branch=plan.branch)
    make_hold(borrower=case.borrower, kind="complaint")
    appointment = make_appointment(case=case, by=plan.made_by)
    with pytest.raises(MoveRefused) as caught:
        changed(plan, Event(What.URGENT, appointment=appointment))
    assert caught.value.reasons[0].code == "GUARD"
    assert FieldPlan.objects.filter(follows=plan).count() == 0


def test_with_nobody_left_promises_are_missed_named_and_their_borrowers_told() -> None:
    plan = a_day(crews=1)
    crew = CrewDay.objects.get(plan=plan)
    proposed = changed(plan, Event(What.VEHICLE_DOWN, crew=crew))
    assert len(proposed.missed) == 2
    lost = [change for change in proposed.changes if change["promised"]]
    assert {change["what"] for change in lost} == {"lost"}
    accepted = plan_change_accept(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    assert accepted.withdrawn == 2
    assert set(Appointment.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_came_up_since_the_morning_is_left_out_of_the_new_plan() -> None:
    plan = a_day()
    other = visits(plan, state="planned", required=False, begins_at__gt=QUARTER_PAST_TEN)[0]
    make_hold(borrower=other.case.borrower, kind="complaint")
    proposed = changed(plan, Event(What.CANCELLED, visit=coming(plan)))
    (row,) = visits(proposed.plan, case=other.case)
    assert row.state in ("left_out", "cancelled")


def test_a_change_that_the_day_overtook_is_not_accepted() -> None:
    plan = a_day()
    visit = coming(plan)
    proposed = changed(plan, Event(What.CANCELLED, visit=visit))
    started = visits(plan, state="planned")[0]
    PlannedVisit.objects.filter(pk=started.pk).update(state="under_way")
    with pytest.raises(Refused) as caught:
        plan_change_accept(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    assert caught.value.code == "STALE"


def test_a_draft_that_changes_a_plan_is_accepted_not_published() -> None:
    plan = a_day()
    proposed = changed(plan, Event(What.CANCELLED, visit=coming(plan)))
    with pytest.raises(Refused) as caught:
        plan_publish(plan=proposed.plan, by=plan.made_by, at=QUARTER_PAST_TEN)
    assert caught.value.code == "FOLLOWS"
