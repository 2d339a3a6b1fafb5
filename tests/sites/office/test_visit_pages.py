"""Pages of field days: what a plan shows to whom, every refusal in words, fixed query counts."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from pytest_django import Settings

from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.visits.models import FieldPlan, PlannedVisit
from doorstep.workforce.models import Staff, Tie
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import (
    TOMORROW,
    crew_of,
    make_appointment,
    make_crew,
    make_field_branch,
    make_open_plan,
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT, ON, make_branch, make_hold, make_staff
from tests.visits.boards import make_board

pytestmark = pytest.mark.django_db


def at_desk(staff: Staff | Role) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff if isinstance(staff, Staff) else make_staff(staff))
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def a_plan(*, crews: int = 2, visits: int = 5) -> FieldPlan:
    """A draft for tomorrow as the planner makes it, with one appointment."""
    branch, manager = make_field_branch(), make_staff(Role.COLLECTIONS_MANAGER)
    for _ in range(crews):
        make_crew(branch=branch)
    cases = [make_visit_case(branch=branch, north=n, east=n % 3) for n in range(1, visits + 1)]
    make_appointment(case=cases[0], by=manager)
    return plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))


def one(plan: FieldPlan, **where: Any) -> PlannedVisit:
    found = PlannedVisit.objects.filter(plan=plan, state="planned", **where)
    return found.select_related("crew").order_by("begins_at")[0]


def move(client: Client, visit: PlannedVisit, **form: Any) -> str:
    path = f"/visits/plans/{visit.plan_id}/move/"
    answer = client.post(path, {"visit": visit.pk, **form}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_board_shows_figures_that_open_their_rows() -> None:
    board = make_board(on=TOMORROW, crews=2, visits=4, left_out=3)
    client = at_desk(Role.COLLECTIONS_MANAGER)
    text = text_of(client, f"/visits/plans/{board.plan.pk}/")
    assert "8 / 11" in text
    assert "2 / 2" in text
    assert "高立诚 · 罗明远" in text
    assert "欧***" in text
    assert "欧阳小明" not in text
    listed = text_of(client, f"/visits/plans/{board.plan.pk}/visits/?why=NO_TIME_LEFT")
    assert "2 of 11" in listed
    assert "no time left" in listed
    assert "8 of 11" in text_of(client, f"/visits/plans/{board.plan.pk}/visits/?state=planned")


def test_one_visit_says_when_it_may_be_and_how_its_worth_comes_about() -> None:
    board = make_board(on=TOMORROW)
    client = at_desk(Role.AUDITOR)
    text = text_of(client, f"/visits/plans/{board.plan.pk}/visits/{board.visits[2].pk}/")
    assert "09:00–17:00" in text
    assert "Promised to the customer" in text
    assert "8.0% of CN¥1,234.56" in text
    assert "Waits since 3 days" in text
    assert "Move to another crew" not in text  # an auditor reads
    out = text_of(client, f"/visits/plans/{board.plan.pk}/visits/{board.left_out[1].pk}/")
    assert "The way costs more than the visit is worth" in out


def test_the_form_says_how_many_are_on_the_roster_of_each_branch() -> None:
    branch, idle = make_field_branch(), make_branch()
    make_crew(branch=branch)
    client = at_desk(Role.COLLECTIONS_MANAGER)
    text = text_of(client, f"/visits/plans/branches/?first_day={TOMORROW}&branches={idle.pk}")
    assert "2 agents on the roster" in text
    assert "Nobody on the roster" in text
    assert text.count(" checked") == 1
    assert "on the roster" not in text_of(client, "/visits/plans/branches/?first_day=soon")
    assert "2 agents on the roster" in text_of(client, "/visits/plans/")


def test_a_discarded_draft_is_off_the_list_and_a_published_plan_stays() -> None:
    board = make_board(on=TOMORROW)
    client = at_desk(Role.COLLECTIONS_MANAGER)
    path = f"/visits/plans/{board.plan.pk}/"
    assert path in text_of(client, "/visits/plans/")
    client.post(f"{path}discard/")
    assert path not in text_of(client, "/visits/plans/")
    assert "nobody goes by it" in text_of(client, path)
    again = client.post(f"{path}discard/", follow=True).content.decode()
    assert "Only a draft can be discarded" in again


def test_the_board_says_when_no_road_times_were_to_be_had() -> None:
    board = make_board(on=TOMORROW)
    path = f"/visits/plans/{board.plan.pk}/"
    client = at_desk(Role.COLLECTIONS_MANAGER)
    assert "did not answer" not in text_of(client, path)
    FieldPlan.objects.update(figures={**board.plan.figures, "notices": ["NO_ROAD_TIMES"]})
    assert "The routing server did not answer" in text_of(client, path)


@pytest.mark.parametrize("path", ["", "visits/", "print/"])
def test_pages_take_the_same_queries_for_few_and_many_visits(
    path: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = at_desk(Role.COLLECTIONS_MANAGER)
    few = make_board(on=TOMORROW, crews=1, visits=2, left_out=1)
    many = make_board(
        on=TOMORROW + timedelta(days=1), branch=few.plan.branch, crews=4, visits=6, left_out=9
    )
    client.get("/visits/plans/")
    with django_assert_max_num_queries(14) as counted:
        client.get(f"/visits/plans/{few.plan.pk}/{path}")
    with django_assert_num_queries(len(counted)):
        client.get(f"/visits/plans/{many.plan.pk}/{path}")


def test_the_list_of_plans_takes_the_same_queries_for_few_and_many(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = at_desk(Role.COLLECTIONS_MANAGER)
    first = make_board(on=TOMORROW, crews=1, visits=2)
    client.get("/visits/plans/")
    with django_assert_max_num_queries(14) as few:
        assert str(first.plan.branch) in text_of(client, "/visits/plans/")
    for days in range(1, 5):
        make_board(on=TOMORROW + timedelta(days=days), branch=first.plan.branch, crews=1, visits=2)
    with django_assert_num_queries(len(few)):
        client.get("/visits/plans/")


def test_a_leader_sees_the_own_branch_and_an_agent_the_own_published_day() -> None:
    board = make_board(on=TOMORROW)
    leader = at_desk(make_staff(Role.TEAM_LEADER, branch=board.plan.branch))
    stranger = at_desk(make_staff(Role.TEAM_LEADER, branch=make_branch()))
    assert leader.get(f"/visits/plans/{board.plan.pk}/").status_code == 200
    assert stranger.get(f"/visits/plans/{board.plan.pk}/").status_code == 404
    agent = at_desk(board.agents[0])
    assert agent.get(f"/visits/plans/{board.plan.pk}/").status_code == 403
    assert agent.get(f"/visits/crews/{board.crews[0].pk}/").status_code == 404  # still a draft
    FieldPlan.objects.update(state="published", published_at=AT)
    assert "A1" in text_of(agent, f"/visits/crews/{board.crews[0].pk}/")
    assert agent.get(f"/visits/crews/{board.crews[1].pk}/").status_code == 404
    assert f"/visits/crews/{board.crews[0].pk}/" in text_of(agent, "/visits/mine/")


def test_a_form_that_cannot_be_says_so_at_the_field() -> None:
    client = at_desk(Role.COLLECTIONS_MANAGER)
    form = {"first_day": (ON - timedelta(days=1)).isoformat(), "days": 1, "seconds": 0}
    text = client.post("/visits/plans/begin/", form).content.decode()
    assert "Choose a branch at least." in text
    assert "Plan from today on" in text
    assert not FieldPlan.objects.exists()
    nowhere = make_branch(name="无图支行")
    form |= {"branches": nowhere.pk, "first_day": TOMORROW.isoformat(), "seconds": 5}
    text = client.post("/visits/plans/begin/", form, follow=True).content.decode()
    assert "无图支行" in text
    assert "not on the map" in text


def test_a_plan_under_way_shows_how_far_it_is_and_can_be_stopped() -> None:
    branch = make_field_branch()
    leader = make_staff(Role.TEAM_LEADER, branch=branch)
    client = at_desk(leader)
    form = {"branches": branch.pk, "first_day": TOMORROW.isoformat(), "days": 7, "seconds": 20}
    answer = client.post("/visits/plans/begin/", form)
    plan = FieldPlan.objects.get()
    assert answer.headers["Location"] == f"/visits/plans/{plan.pk}/"
    assert (plan.days, plan.seconds, plan.state) == (7, 20.0, "making")
    assert "Waits for the worker" in text_of(client, f"/visits/plans/{plan.pk}/")
    FieldPlan.objects.update(
        progress={"step": "search", "seconds": 4.5, "objective": 9_000, "floor": 8_000}
    )
    polled = client.get("/visits/plans/?making=1", headers={"HX-Request": "true"})
    assert "worth CN¥10.00 more than the simple one" in polled.content.decode()
    assert "HX-Refresh" not in polled.headers
    client.post(f"/visits/plans/{plan.pk}/stop/")
    plan.refresh_from_db()
    assert plan.stop_asked
    FieldPlan.objects.update(state="failed", figures={"failed": {"code": "NO_CREWS"}})
    done = client.get(f"/visits/plans/{plan.pk}/", headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "No crew can be formed" in text_of(client, f"/visits/plans/{plan.pk}/")


def test_a_visit_moves_to_another_crew_by_the_form() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    crew = plan.crews.exclude(pk=crew_of(visit).pk).get()
    client = at_desk(plan.made_by)
    assert "Moved." in move(client, visit, crew=crew.pk)
    visit.refresh_from_db()
    assert visit.crew_id == crew.pk
    assert "Moved." in move(client, visit, crew="")  # taken out
    visit.refresh_from_db()
    assert visit.state == "left_out"


def test_a_forbidden_move_is_refused_with_every_reason() -> None:
    plan = a_plan()
    visit = one(plan, required=False)
    crew = plan.crews.exclude(pk=crew_of(visit).pk).get()
    first, second = (member.staff for member in crew.members.order_by("pk"))
    for agent in (first, second):
        Tie.objects.create(
            staff=agent, borrower_id=visit.case.borrower_id, kind="relative", stated_by=agent,
            stated_at=AT,
        )  # fmt: skip
    client = at_desk(plan.made_by)
    text = move(client, visit, crew=crew.pk)
    for agent in (first, second):
        assert f"{agent}: knows the customer privately" in text
    assert "The plan stays as it was." in text
    night = move(client, visit, crew=crew_of(visit).pk, at="22:30", **{"from": "visit"})
    assert "It may begin: 11-21" in night
    make_hold(borrower=visit.case.borrower, kind="complaint")
    held = move(client, visit, crew=crew_of(visit).pk)
    assert 'role="alert"' in held
    visit.refresh_from_db()
    assert visit.crew_id != crew.pk


def test_a_promised_visit_is_not_taken_out_and_another_plans_visit_is_not_found() -> None:
    plan = a_plan()
    client = at_desk(plan.made_by)
    assert "The customer was promised this visit" in move(client, one(plan, required=True), crew="")
    foreign = make_board(on=TOMORROW).visits[0]
    answer = client.post(f"/visits/plans/{plan.pk}/move/", {"visit": foreign.pk, "crew": 1})
    assert answer.status_code == 404
    unreadable = client.post(f"/visits/plans/{plan.pk}/move/", {"visit": "x"}, follow=True)
    assert "Choose a visit and a crew" in unreadable.content.decode()


def test_a_cancellation_is_planned_anew_shown_and_accepted(settings: Settings, home: Path) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    plan = a_plan(visits=6)
    client = at_desk(plan.made_by)
    client.post(f"/visits/plans/{plan.pk}/publish/")
    plan.refresh_from_db()
    assert plan.state == "published"
    visit = one(plan, required=False)
    path = f"/visits/plans/{plan.pk}/change/"
    nobody = client.post(path, {"what": "vanished"})
    assert "Say what happened, and to whom." in nobody.content.decode()
    answer = client.post(path, {"what": "cancelled", "visit": visit.pk, "why": "rang up"})
    draft = FieldPlan.objects.get(follows=plan)
    assert answer.headers["Location"] == f"/visits/plans/{draft.pk}/"
    text = text_of(client, f"/visits/plans/{draft.pk}/")
    assert "What changes, and for whom" in text
    assert "Cancelled" in text
    assert "Accept the change" in text
    client.post(f"/visits/plans/{draft.pk}/accept/")
    plan.refresh_from_db()
    draft.refresh_from_db()
    assert (plan.state, draft.state) == ("superseded", "published")
    again = client.post(path, {"what": "cancelled", "visit": visit.pk}, follow=True)
    assert "Only the plan that crews go by can be changed." in again.content.decode()


def test_a_move_of_a_published_plan_is_a_proposal() -> None:
    plan = plan_publish(plan=a_plan(), by=make_staff(Role.COLLECTIONS_MANAGER), at=AT)
    visit = one(plan, required=False)
    crew = plan.crews.exclude(pk=crew_of(visit).pk).get()
    text = move(at_desk(plan.made_by), visit, crew=crew.pk)
    assert "Proposed. The published plan stands" in text
    assert "Another crew" in text
    plan.refresh_from_db()
    assert plan.state == "published"


def test_the_excel_file_holds_planned_and_left_out_with_masked_names() -> None:
    board = make_board(on=TOMORROW, crews=2, visits=3, left_out=2)
    answer = at_desk(Role.COLLECTIONS_MANAGER).get(f"/visits/plans/{board.plan.pk}/excel/")
    book = load_workbook(BytesIO(answer.content))
    planned, out = (list(sheet.values) for sheet in book.worksheets)
    assert len(planned) == 7
    assert planned[1][1:3] == ("A", "高立诚 · 罗明远")
    assert len(out) == 3
    cells = {str(cell) for row in (*planned, *out) for cell in row}
    assert "欧***" in cells
    assert not any("欧阳" in cell for cell in cells)


def test_the_operators_map_file_is_handed_out_in_ranges(settings: Settings, tmp_path: Path) -> None:
    client = at_desk(Role.COLLECTIONS_MANAGER)
    assert client.get("/visits/map/tiles").status_code == 404
    settings.MAP_FILE = tmp_path / "town.pmtiles"
    settings.MAP_FILE.write_bytes(b"PMTiles" + bytes(range(93)))
    part = client.get("/visits/map/tiles", headers={"range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"PMTiles")
    assert part.headers["Content-Range"] == "bytes 0-6/100"
    beyond = client.get("/visits/map/tiles", headers={"range": "bytes=100-200"})
    assert beyond.status_code == 416
    assert client.get("/visits/map/tiles").status_code == 416
