"""A field day in a real browser: planned, looked at, moved, refused, published, changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, ViewportSize
from pytest_django import Settings

from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.visits.models import FieldPlan, PlannedVisit
from doorstep.workforce.models import Tie
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS, Desk
from tests.browser.map_file import a_map_file
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
from tests.factories import AT, make_staff
from tests.visits.boards import make_board, make_located_branch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = tuple[str, ViewportSize, str]


@pytest.fixture(autouse=True)
def own_keys(settings: Settings, home: Path) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"


def a_plan() -> FieldPlan:
    """A draft for tomorrow as the planner makes it: two crews, five visits, one promised."""
    branch, manager = make_field_branch(name="望澜支行"), make_staff(Role.COLLECTIONS_MANAGER)
    make_crew(branch=branch)
    make_crew(branch=branch)
    cases = [make_visit_case(branch=branch, north=n, east=n % 3) for n in range(1, 6)]
    make_appointment(case=cases[0], by=manager)
    return plan_work(plan=make_open_plan(branch=branch, by=manager), clock=Clock(AT))


def one(plan: FieldPlan) -> PlannedVisit:
    found = PlannedVisit.objects.filter(plan=plan, state="planned", required=False)
    return found.select_related("crew", "case").order_by("begins_at")[0]


def lane_of(desk: Desk, crew_id: int) -> Locator:
    return desk.page.locator(f'[data-lane="{crew_id}"]')


def drag(desk: Desk, visit: PlannedVisit, lane: Locator) -> None:
    """Take a visit's bar with the mouse and drop it in the middle of a lane."""
    bar = desk.page.locator(f'[data-visit="{visit.pk}"] rect')
    bar.scroll_into_view_if_needed()
    here, there = bar.bounding_box(), lane.bounding_box()
    assert here is not None
    assert there is not None
    mouse = desk.page.mouse
    mouse.move(here["x"] + here["width"] / 2, here["y"] + 15)
    mouse.down()
    mouse.move(here["x"] + here["width"] / 2 + 20, there["y"] + there["height"] / 2, steps=5)
    mouse.up()
    desk.settle()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    board = make_board(on=TOMORROW, crews=3, visits=4, left_out=5)
    published = make_board(
        on=TOMORROW, state="published", branch=make_located_branch(name="青禾支行")
    )
    plan = f"/visits/plans/{board.plan.pk}/"
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=size, theme=theme)
    for path in (
        "/visits/plans/", plan, f"{plan}visits/?why=NO_TIME_LEFT", f"{plan}print/",
        f"{plan}visits/{board.visits[2].pk}/", f"{plan}visits/{board.left_out[0].pk}/",
        f"/visits/crews/{board.crews[0].pk}/", f"/visits/plans/{published.plan.pk}/change/",
    ):  # fmt: skip
        desk.go(path)
        desk.check()
    agent = open_desk(staff=published.agents[0], locale=locale, size=size, theme=theme)
    agent.go("/visits/mine/")
    agent.check()


def test_the_map_draws_what_the_list_holds(open_desk: OpenDesk) -> None:
    board = make_board(on=TOMORROW, crews=2, visits=3, left_out=2)
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    desk.go(f"/visits/plans/{board.plan.pk}/")
    desk.page.locator("canvas.maplibregl-canvas").wait_for()
    marks = desk.page.locator(".map-stop").all_text_contents()
    listed = desk.page.locator(".stop-mark").all_text_contents()
    assert sorted(marks) == sorted(listed) == ["A1", "A2", "A3", "B1", "B2", "B3"]
    desk.page.locator(".map-stop", has_text="B2").dispatch_event("click")
    pointed = desk.page.locator(".stop-pointed .stop-mark")
    assert pointed.text_content() == "B2"


def test_the_operators_own_map_file_lies_below_the_visits(
    open_desk: OpenDesk, settings: Settings, tmp_path: Path
) -> None:
    settings.MAP_FILE = tmp_path / "town.pmtiles"
    settings.MAP_FILE.write_bytes(a_map_file())
    board = make_board(on=TOMORROW, crews=1, visits=3)
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    with desk.page.expect_response(lambda answer: answer.url.endswith("/visits/map/tiles")):
        desk.go(f"/visits/plans/{board.plan.pk}/")
    desk.page.locator(".map-stop").first.wait_for()
    assert "示意街道网格" not in (desk.page.locator(".map").text_content() or "")


def test_arrow_keys_walk_the_gantt(open_desk: OpenDesk) -> None:
    board = make_board(on=TOMORROW, crews=2, visits=3)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go(f"/visits/plans/{board.plan.pk}/")
    desk.page.locator(f'[data-visit="{board.visits[0].pk}"]').focus()
    for key in ("ArrowRight", "ArrowDown"):
        desk.page.keyboard.press(key)
    focused = desk.page.evaluate("document.activeElement.dataset.visit")
    assert focused == str(board.visits[4].pk)
    desk.page.keyboard.press("Enter")
    desk.settle()
    assert desk.page.url.endswith(f"/visits/{board.visits[4].pk}/")


def test_days_are_asked_for_watched_and_stopped(open_desk: OpenDesk) -> None:
    branch = make_field_branch(name="望澜支行")
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    desk.go("/visits/plans/")
    desk.page.get_by_label("望澜支行").check()
    desk.page.get_by_text("无人排班").first.wait_for()
    day = TOMORROW + timedelta(days=3)
    make_crew(branch=branch, day=day)
    desk.page.get_by_label("第一天").fill(day.isoformat())
    desk.page.get_by_label("第一天").dispatch_event("change")
    desk.page.get_by_text("排班 2 人").wait_for()
    desk.check()
    assert desk.page.get_by_label("望澜支行").is_checked()
    desk.page.get_by_label("每个网点的规划秒数").fill("30")
    desk.page.get_by_role("button", name="开始规划").click()
    desk.page.get_by_text("等待处理").first.wait_for()
    desk.check()
    plan = FieldPlan.objects.get(branch=branch)
    progress = {"step": "search", "seconds": 7.0, "objective": 9_000, "floor": 8_000}
    FieldPlan.objects.filter(pk=plan.pk).update(progress=progress)
    desk.page.get_by_text("比简单排法多").wait_for()
    desk.page.get_by_role("button", name="停止并采用目前最好的结果").click()
    desk.page.get_by_role("button", name="正在以目前最好的结果收尾").wait_for()
    plan.refresh_from_db()
    assert plan.stop_asked
    FieldPlan.objects.filter(pk=plan.pk).update(state="failed", figures={"failed": {"code": "X"}})
    desk.page.get_by_text("这份计划未能生成").wait_for()


def test_a_visit_is_dragged_to_another_crew_and_a_forbidden_drag_says_why(
    open_desk: OpenDesk,
) -> None:
    plan = a_plan()
    visit = one(plan)
    source = crew_of(visit)
    target = plan.crews.exclude(pk=source.pk).get()
    desk = open_desk(staff=plan.made_by)
    desk.go(f"/visits/plans/{plan.pk}/")
    drag(desk, visit, lane_of(desk, target.pk))
    desk.page.get_by_text("已调整。").wait_for()
    visit.refresh_from_db()
    assert visit.crew_id == target.pk
    agent = source.members.order_by("pk")[0].staff
    Tie.objects.create(
        staff=agent, borrower_id=visit.case.borrower_id, kind="relative", stated_by=agent,
        stated_at=AT,
    )  # fmt: skip
    drag(desk, visit, lane_of(desk, source.pk))
    alert = desk.page.locator("#refusal")
    alert.wait_for()
    assert f"{agent}：与客户私下相识" in (alert.text_content() or "")
    desk.check()
    visit.refresh_from_db()
    assert visit.crew_id == target.pk


def test_a_draft_is_published_and_a_cancellation_planned_anew_is_accepted(
    open_desk: OpenDesk,
) -> None:
    plan = a_plan()
    desk = open_desk(staff=plan.made_by)
    desk.go(f"/visits/plans/{plan.pk}/")
    desk.page.get_by_role("button", name="发布").click()
    desk.page.get_by_text("已发布：各小组按此计划行动。").wait_for()
    desk.page.get_by_role("link", name="情况有变").click()
    desk.settle()
    visit = one(plan)
    desk.page.get_by_label("上门", exact=True).select_option(str(visit.pk))
    desk.page.get_by_role("button", name="查看后续变化").first.click()
    desk.settle()
    desk.page.get_by_role("heading", name="谁有什么变化").wait_for()
    desk.check()
    desk.page.get_by_role("button", name="接受变更").click()
    desk.page.get_by_text("已接受：各小组按此计划行动。").wait_for()
    plan.refresh_from_db()
    assert plan.state == "superseded"
    changed = FieldPlan.objects.get(follows=plan)
    assert changed.visits.get(case=visit.case).state == "cancelled"


def test_a_published_day_prints_and_exports(open_desk: OpenDesk) -> None:
    plan = plan_publish(plan=a_plan(), by=make_staff(Role.COLLECTIONS_MANAGER), at=AT)
    desk = open_desk(staff=plan.made_by)
    desk.go(f"/visits/plans/{plan.pk}/")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="Excel").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
    desk.page.get_by_role("link", name="打印").click()
    desk.settle()
    desk.page.emulate_media(media="print")
    assert not desk.page.get_by_role("button", name="打印").is_visible()
    assert plan.first_day == AT.date() + timedelta(days=1)
