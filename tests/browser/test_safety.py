"""Alarms, a crew's day and the trip pack in a real browser, clean in every look."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.visits.models import Alarm, CrewDay, SafetyTimer
from doorstep.visits.services.alarms import alarms_due
from doorstep.visits.services.safety import timer_start
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS
from tests.dispatch.field_world import begins, crew_of, make_visit_due
from tests.factories import make_branch, make_case, make_instalments, make_loan, make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.workforce.people import make_particulars

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = tuple[str, ViewportSize, str]
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.COUNSELLING_LINE = "400-000-0100"


def a_day() -> tuple[Staff, CrewDay]:
    """A leader and a crew with three stops today."""
    now, branch = clock.now(), make_branch(name="望澜支行")
    leader = make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    make_staff(Role.COLLECTIONS_MANAGER, display_name="沈若溪")
    agents = [
        make_staff(Role.FIELD_AGENT, branch=branch, display_name=name)
        for name in ("高立诚", "石若兰")
    ]
    for agent in agents:
        make_particulars(staff=agent, phone="13900000002")
    plan = make_field_plan(branch=branch, at=now, first_day=clock.today())
    crew = make_crew(plan=plan, members=agents, at=now)
    for number, state in enumerate(("done", "planned", "planned")):
        case = make_case(branch=branch)
        make_instalments(loan=make_loan(borrower=case.borrower))
        at = now + timedelta(hours=number - 1)
        make_visit(crew=crew, case=case, at=at, state=state, risk="high" if number else "low")
    return leader, crew


def an_alarm(crew: CrewDay) -> Alarm:
    at = clock.now()
    visit = crew.visits.filter(state="planned").first()
    assert visit is not None
    timer_start(visit=visit, by=agents_of(crew)[0], at=at - timedelta(hours=2))
    (alarm,) = alarms_due(at=at)
    return alarm


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    leader, crew = a_day()
    agent = agents_of(crew)[0]
    alarm = an_alarm(crew)
    Alarm.objects.update(taken_by=leader, taken_at=clock.now())
    pack = f"/visits/crews/{crew.pk}/pack/"
    for who, paths in {
        leader: ("/alarms/", f"/alarms/{alarm.pk}/", "/alarms/?view=over", pack),
        agent: ("/my-day/", pack),
    }.items():
        desk = open_desk(staff=who, locale=locale, size=size, theme=theme)
        for path in paths:
            desk.go(path)
            desk.check()


def test_a_missed_check_in_reaches_the_leader_on_any_page_and_is_seen_through(
    open_desk: OpenDesk,
) -> None:
    leader, crew = a_day()
    desk = open_desk(staff=leader)
    desk.go("/roster/")
    assert desk.page.locator(".alarm-line").count() == 0
    an_alarm(crew)
    desk.page.locator(".alarm-line").wait_for(timeout=20_000)
    assert desk.page.title().startswith("●")
    desk.check()
    desk.page.get_by_role("link", name="打开警报").click()
    desk.settle()
    desk.page.get_by_role("button", name="由我处理").click()
    desk.settle()
    desk.page.get_by_role("button", name="完成").first.click()
    desk.settle()
    desk.page.get_by_label("发生了什么").fill("电话接通，手机没电，平安")
    desk.page.get_by_role("button", name="结束警报").click()
    desk.settle()
    desk.page.get_by_text("电话接通，手机没电，平安").wait_for()
    desk.check()
    assert Alarm.objects.get().ended_by == leader


def test_a_crew_drives_its_day_on_a_phone_and_calls_for_help(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = make_visit_due()
    monkeypatch.setattr(clock, "now", lambda: begins(visit))
    crew = crew_of(visit)
    make_staff(Role.TEAM_LEADER, branch=crew.plan.branch, display_name="方念慈")
    desk = open_desk(staff=agents_of(crew)[0], size=PHONE)
    desk.go("/my-day/")
    desk.page.get_by_role("button", name="我们到门口了").first.click()
    desk.settle()
    desk.check()
    desk.page.get_by_role("button", name="平安，还要一会儿").click()
    desk.settle()
    desk.page.get_by_role("button", name="我们已离开").click()
    desk.settle()
    timer = SafetyTimer.objects.get()
    assert (timer.extended, timer.ended_how) == (1, "left")
    desk.page.get_by_role("button", name="SOS").click()
    desk.settle()
    desk.page.get_by_text("求助已发出").wait_for()
    desk.check()
    desk.page.get_by_role("link", name="回到我的今天").click()
    desk.settle()
    desk.page.get_by_text("方念慈").wait_for()
    desk.check()
    assert Alarm.objects.get().kind == "sos"
