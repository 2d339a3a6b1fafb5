"""Visit records and the live board in a real browser, clean in a wide and in a narrow look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import ViewportSize, expect

from doorstep.cases.models import Case
from doorstep.dispatch.visit_landing import report_land
from doorstep.kernel import clock
from doorstep.visits.models import Alarm, CrewDay, Position, SafetyTimer, VisitRecord
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.agreements.offers import Desk
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, WIDE
from tests.factories import make_staff
from tests.visits.doors import cleared, report, steps, told
from tests.visits.fieldwork import make_crew, make_field_plan, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO_LOOKS = [("zh-CN", WIDE, "light"), ("en-US", PHONE, "dark")]
Look = tuple[str, ViewportSize, str]


@dataclass
class Scene:
    """A crew on its day with a record filed, a door it is at, an alarm; and one day over."""

    manager: Staff
    crew: CrewDay
    case: Case
    record: VisitRecord


def a_scene() -> Scene:
    desk, now = Desk(), clock.now()
    plan = make_field_plan(branch=desk.branch, at=now, first_day=clock.today())
    agents = [
        make_staff(Role.FIELD_AGENT, branch=desk.branch, display_name=name)
        for name in ("高立诚", "石若兰")
    ]
    crew = make_crew(plan=plan, members=agents, at=now)
    made = cleared(make_visit(crew=crew, case=desk.case, at=now - timedelta(hours=1)))
    promise = {"loan": desk.loan.pk, "amount": 120_000, "currency": "CNY",
               "due_on": (clock.today() + timedelta(days=5)).isoformat()}  # fmt: skip
    record = report_land(
        visit=made, event=report(crew, at=now, outcome="promised", promise=promise), by=agents[0],
        at=now, events=steps(at=now, skipped="options"),
    )  # fmt: skip
    here = make_visit(
        crew=crew, case=Desk(branch=desk.branch).case, at=now, state="under_way",
        latitude=30.02, longitude=104.03,
    )  # fmt: skip
    told(here, "step", {"step": "listen", "how": "done"}, topic="step:listen")
    SafetyTimer.objects.create(
        visit=here, crew=crew, began_at=now - timedelta(minutes=50),
        due_at=now - timedelta(minutes=2), alarm_at=now + timedelta(minutes=8),
    )  # fmt: skip
    Position.objects.create(crew=crew, latitude=30.02, longitude=104.03, at=now, by=agents[0])
    Alarm.objects.create(
        kind="sos", crew=crew, visit=here, branch=desk.branch, key="k", raised_at=now,
        taken_by=desk.leader, taken_at=now,
        steps_done={"crew_well": {"by": desk.leader.pk, "at": now.isoformat()}},
    )  # fmt: skip
    over = make_crew(plan=plan, at=now - timedelta(hours=8))
    make_visit(crew=over, case=Desk(branch=desk.branch).case, at=now - timedelta(hours=8),
               state="done")  # fmt: skip
    return Scene(make_staff(Role.COLLECTIONS_MANAGER), crew, desk.case, record)


@pytest.mark.parametrize("look", TWO_LOOKS, ids=lambda look: look[0])
def test_every_page_is_clean(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    scene = a_scene()
    desk = open_desk(staff=scene.manager, locale=locale, size=size, theme=theme)
    for path in (
        reverse("office:records"),
        f"{reverse('office:records')}?view=missing",
        reverse("office:record", args=[scene.record.pk]),
        reverse("office:visits_live"),
        reverse("office:uncleared_visit", args=[scene.case.pk]),
    ):
        desk.go(path)
        desk.check()


def test_the_board_follows_by_itself_and_the_desk_tells_a_crew(open_desk: OpenDesk) -> None:
    scene = a_scene()
    desk = open_desk(staff=scene.manager)
    desk.go(reverse("office:visits_live"))
    board = desk.page.locator("#live-board")
    expect(board).to_contain_text("倾听原因与财务情况")
    here = scene.crew.visits.get(state="under_way")
    told(here, "step", {"step": "options", "how": "done"}, topic="step:options")
    expect(board).to_contain_text("介绍可选方案", timeout=30_000)
    desk.page.select_option("[name=to]", value=f"{scene.crew.pk}/{here.pk}")
    desk.page.fill("#tell-text", "客户已来电确认")
    desk.page.click("form[action$='tell/'] button")
    expect(desk.page.locator("#live-board")).to_contain_text("客户已来电确认")
    assert scene.crew.desk_notes.get().visit == here
