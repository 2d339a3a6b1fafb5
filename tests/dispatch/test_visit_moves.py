"""Moving visits by hand: what is lawful happens, what is not is refused with every reason."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_moves import Against, MoveRefused, visit_move
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.kernel.errors import Refused
from doorstep.visits.models import CrewDay, FieldPlan, PlannedVisit
from doorstep.workforce.models import Leave, Tie
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
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT, make_hold, make_staff

pytestmark = pytest.mark.django_db


def a_plan(**fields: object) -> FieldPlan:
    """Two crews, six visits, one of them promised from 14:00 to 15:00."""
    branch, manager = make_field_branch(), make_manager()
    make_crew(branch=branch)
    make_crew(branch=branch)
    cases = [make_visit_case(branch=branch, north=n, east=n % 3) for n in range(1, 7)]
    make_appointment(case=cases[0], by=manager)
    plan = plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))
    assert plan.state == "draft", plan.figures
    return plan


def one(plan: FieldPlan, **where: object) -> PlannedVisit:
    return PlannedVisit.objects.filter(plan=plan, state="planned", **where).order_by("pk")[0]


def other_crew(visit: PlannedVisit) -> CrewDay:
    return CrewDay.objects.filter(plan=visit.plan_id).exclude(pk=crew_of(visit).pk)[0]


def refused(**move: object) -> list[Against]:
    with pytest.raises(MoveRefused) as caught:
        visit_move(**{"at": AT, **move})  # type: ignore[arg-type]
    return list(caught.value.reasons)


def test_a_visit_goes_to_another_crew_and_both_days_close_up() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    crew = other_crew(visit)
    before = PlannedVisit.objects.filter(plan=plan, state="planned").count()
    draft = visit_move(visit=visit, crew=crew, by=plan.made_by, at=AT)
    visit.refresh_from_db()
    assert draft.pk == plan.pk
    assert visit.crew_id == crew.pk
    assert PlannedVisit.objects.filter(plan=plan, state="planned").count() == before
    crew.refresh_from_db()
    assert crew.leaves_at is not None
    assert crew.leaves_at <= begins(visit)


def test_it_can_be_given_an_hour_or_a_place_in_the_row() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    at_ten = datetime.combine(TOMORROW, datetime.min.time(), AT.tzinfo) + timedelta(hours=2)
    visit_move(visit=visit, crew=other_crew(visit), begins_at=at_ten, by=plan.made_by, at=AT)
    visit.refresh_from_db()
    assert visit.begins_at == at_ten
    visit_move(visit=visit, crew=visit.crew, position=1, by=plan.made_by, at=AT)
    visit.refresh_from_db()
    assert visit.place == 1


def test_an_hour_that_the_law_closes_is_refused_with_the_hours_that_are_open() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    night = datetime.combine(TOMORROW, datetime.min.time(), AT.tzinfo) + timedelta(hours=14)
    off, law = refused(visit=visit, crew=visit.crew, begins_at=night, by=plan.made_by)
    assert (off.code, law.code) == ("CREW_OFF_DUTY", "GUARD")
    assert "CN-CBA-QUIET" in {reason["rule"] for reason in law.more["verdict"]["reasons"]}
    assert law.more["open"]


def test_an_hour_other_than_the_agreed_one_is_refused_as_that_and_nothing_else() -> None:
    plan = a_plan()
    visit = one(plan, required=True)
    assert visit.appointment is not None
    assert visit.appointment.until_at is not None
    later = visit.appointment.until_at + timedelta(minutes=30)
    (reason,) = refused(visit=visit, crew=visit.crew, begins_at=later, by=plan.made_by)
    assert reason.code == "OTHER_TIME_AGREED"
    assert reason.more["open"]


def test_somebody_who_knows_the_borrower_is_refused_and_named() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    crew = other_crew(visit)
    agent = crew.members.order_by("pk")[0].staff
    Tie.objects.create(
        staff=agent, borrower_id=visit.case.borrower_id, kind="relative",
        stated_by=agent, stated_at=AT,
    )  # fmt: skip
    (reason,) = refused(visit=visit, crew=crew, by=plan.made_by)
    assert reason.code == "NO_PAIR"
    assert reason.more["crews"][crew.key][0] == {"why": "tied", "agents": [agent.pk], "skills": []}


def test_a_complaint_that_came_since_is_refused_with_the_guards_verdict() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    make_hold(borrower=visit.case.borrower, kind="complaint")
    (reason,) = refused(visit=visit, crew=other_crew(visit), by=plan.made_by)
    assert reason.code == "GUARD"
    assert reason.more["verdict"]["outcome"] == "forbid"


def test_every_reason_is_told_not_only_the_first() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    crew = other_crew(visit)
    member = crew.members.order_by("pk")[0].staff
    Leave.objects.create(
        staff=member, first=TOMORROW, last=TOMORROW, kind="sick", written_by=plan.made_by
    )
    make_hold(borrower=visit.case.borrower, kind="complaint")
    assert [r.code for r in refused(visit=visit, crew=crew, by=plan.made_by)] == [
        "NO_PAIR", "GUARD"
    ]  # fmt: skip


def test_a_promised_visit_is_not_taken_out_and_another_one_is() -> None:
    plan = a_plan()
    (reason,) = refused(visit=one(plan, required=True), crew=None, by=plan.made_by)
    assert reason.code == "PROMISED"
    visit = one(plan, required=False)
    visit_move(visit=visit, crew=None, by=plan.made_by, at=AT)
    visit.refresh_from_db()
    assert (visit.state, visit.why, visit.crew_id) == ("left_out", "TAKEN_OUT", None)
    crew = CrewDay.objects.filter(plan=plan)[0]
    visit_move(visit=visit, crew=crew, by=plan.made_by, at=AT)
    visit.refresh_from_db()
    assert (visit.state, visit.why, visit.crew_id) == ("planned", "", crew.pk)


def test_a_published_plan_stays_and_a_draft_that_follows_it_has_the_move() -> None:
    plan = a_plan()
    plan_publish(plan=plan, by=plan.made_by, at=AT)
    visit = one(plan, required=False)
    draft = visit_move(visit=visit, crew=other_crew(visit), by=plan.made_by, at=AT)
    assert draft.follows_id == plan.pk
    assert draft.state == "draft"
    visit.refresh_from_db()
    assert crew_of(one(draft, case=visit.case)).key != crew_of(visit).key
    assert one(draft, case=visit.case).act == visit.act != ""


def test_nobody_without_the_permission_moves_anything() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    stranger = make_staff(Role.TEAM_LEADER, branch=make_field_branch())
    for by in (stranger, make_staff(Role.DESK_AGENT)):
        with pytest.raises(Refused) as caught:
            visit_move(visit=visit, crew=visit.crew, by=by, at=AT)
        assert caught.value.code == "NOT_PERMITTED"
