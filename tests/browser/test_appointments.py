"""Appointments, risks and the proposal of a visit in a real browser, clean in every look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import ViewportSize

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.protections.services import News, complaint_open
from doorstep.visits.models import Appointment, CrewDay, PlannedVisit, RiskAssessment
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS
from tests.dispatch.field_world import make_field_branch, make_visit_case
from tests.dispatch.outbox import make_inbound
from tests.factories import make_staff
from tests.visits.appointments import make_appointment, make_risk
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHINA = ZoneInfo("Asia/Shanghai")
Look = tuple[str, ViewportSize, str]


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten in the morning: at night no invitation could reach the customer in time."""
    began = monotonic()
    ten = clock.now().astimezone(CHINA).replace(hour=10, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: ten + timedelta(seconds=monotonic() - began))


@dataclass
class Scene:
    """A branch with a case to propose a visit to, one agreed and planned, one to be withdrawn, and
    a high risk that waits."""

    open_case: Case
    agreed: Appointment
    visit: PlannedVisit
    withdrawn: PlannedVisit
    risk: RiskAssessment
    manager: Staff
    agent: Staff


def a_scene() -> Scene:
    branch = make_field_branch(name="望澜支行")
    manager = make_staff(Role.COLLECTIONS_MANAGER, display_name="沈静")
    tomorrow = clock.now().astimezone(CHINA) + timedelta(days=1)
    two = tomorrow.replace(hour=14, minute=0, second=0, microsecond=0)
    plan = make_field_plan(branch=branch, at=two, by=manager)
    agents = [
        make_staff(Role.FIELD_AGENT, branch=branch, display_name=name)
        for name in ("罗明远", "石若兰")
    ]
    crew = make_crew(plan=plan, at=two, members=agents)
    first, second = planned(crew, manager, two), planned(crew, manager, two + timedelta(hours=2))
    complained = second.case.borrower
    complaint_open(news=News(borrower=complained, reference="c", at=clock.now()), words="打得太多")
    assert first.appointment is not None
    make_inbound(text="Y", borrower=first.case.borrower, case=first.case, at=clock.now())
    high = make_visit_case(branch=branch)
    risk = make_risk(
        case=high, assessed_at=clock.now(), valid_until=clock.today() + timedelta(days=6),
        note="邻居说家里有刀。",
    )  # fmt: skip
    return Scene(
        make_visit_case(branch=branch), first.appointment, first, second, risk, manager,
        agents_of(crew)[0],
    )  # fmt: skip


def planned(crew: CrewDay, manager: Staff, begins: datetime) -> PlannedVisit:
    """A visit of the crew that keeps an appointment."""
    case = make_visit_case(branch=crew.plan.branch)
    appointment = make_appointment(
        case=case, by=manager, from_at=begins, until_at=begins + timedelta(hours=1),
        proposed_at=clock.now() - timedelta(hours=3), wishes={"woman": True},
        offered=[[begins.isoformat(), (begins + timedelta(hours=1)).isoformat()]],
    )  # fmt: skip
    return make_visit(crew=crew, case=case, at=begins, appointment=appointment)


def paths_of(scene: Scene) -> dict[str, str]:
    return {
        "propose": f"/cases/{scene.open_case.pk}/visit/",
        "appointment": f"/visits/appointments/{scene.agreed.pk}/",
        "withdrawn": f"/visits/appointments/{scene.withdrawn.appointment_id}/",
        "appointments": "/visits/appointments/?view=agreed",
        "over": "/visits/appointments/?view=over",
        "case-risk": f"/cases/{scene.risk.case_id}/risk/",
        "risks": "/visits/risks/",
        "risk": f"/visits/risks/{scene.risk.pk}/",
        "case": f"/cases/{scene.agreed.case_id}/",
    }


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    scene = a_scene()
    desk = open_desk(staff=scene.manager, locale=locale, size=size, theme=theme)
    for path in paths_of(scene).values():
        desk.go(path)
        desk.check()
    own = open_desk(staff=scene.agent, locale=locale, size=size, theme=theme)
    own.go("/")
    own.check()


def test_a_visit_is_proposed_agreed_and_taken_back_by_hand(open_desk: OpenDesk) -> None:
    scene = a_scene()
    desk = open_desk(staff=scene.manager)
    desk.go(f"/cases/{scene.open_case.pk}/")
    desk.page.get_by_role("link", name="建议上门").click()
    desk.page.get_by_label("周", exact=False).first.check()
    desk.page.get_by_role("button", name="提出上门建议").click()
    desk.settle()
    desk.page.get_by_text("邀请等待发送").wait_for()
    desk.page.locator("#slot-1").check()
    desk.page.get_by_label("如何得知").fill("短信回复 Y")
    desk.page.get_by_role("button", name="已约定").click()
    desk.settle()
    desk.page.get_by_text("已约定上门时间").wait_for()
    made = Appointment.objects.get(case=scene.open_case)
    assert made.state == "agreed"
    desk.page.get_by_label("原因").fill("同事生病")
    desk.page.get_by_role("button", name="由我方撤回").click()
    desk.settle()
    desk.page.get_by_text("上门已撤回").wait_for()
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_an_agent_reads_that_a_visit_is_withdrawn_and_says_so(open_desk: OpenDesk) -> None:
    scene = a_scene()
    desk = open_desk(staff=scene.agent)
    desk.go("/")
    desk.page.get_by_text("已撤回：请勿前往").wait_for()
    desk.page.get_by_role("button", name="我已阅").click()
    desk.settle()
    assert not desk.page.get_by_text("已撤回：请勿前往").is_visible()
