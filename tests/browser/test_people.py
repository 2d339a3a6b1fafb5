"""Colleagues' files, rosters, exams and pairs in a real browser, clean in every look."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.workforce.models import AuthorityLetter, Sitting, Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services import exam_begin
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS
from tests.factories import make_branch, make_case, make_staff
from tests.workforce.people import a_picture, make_agent, make_letter, make_roster_day

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = tuple[str, ViewportSize, str]


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    settings.SEAL = home / "seal.pem"
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.COUNSELLING_LINE = "400-000-0100"


def a_branch() -> tuple[Staff, Staff]:
    """A leader and an agent who is rostered today, beside two more; papers as of today."""
    branch = make_branch(name="望澜支行")
    on = clock.today("Asia/Shanghai")
    names = iter(("高立诚", "罗明远", "石若兰"))
    papers = {"valid_from": on, "valid_until": on.replace(year=on.year + 1)}
    agents = [make_agent(branch=branch, letter=False, display_name=next(names)) for _n in "123"]
    for agent in agents[:2]:
        make_roster_day(letter=make_letter(staff=agent, **papers), day=on)
    leader = make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    return leader, agents[0]


def pages(agent: Staff, sitting: Sitting) -> dict[str, tuple[str, ...]]:
    case = make_case(branch=agent.branch)
    return {
        "manager": (
            f"/staff/{agent.pk}/", f"/staff/{agent.pk}/particulars/", "/staff/endings/", "/roster/",
            f"/cases/{case.pk}/pairs/?skill=wu", "/letters/check/?number=AL-1&code=X",
        ),
        "agent": ("/training/", "/training/law/", f"/training/exams/{sitting.pk}/", "/roster/"),
    }  # fmt: skip


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    _leader, agent = a_branch()
    sitting = exam_begin(staff=agent, course="law", seed=1, at=clock.now())
    people = {"manager": make_staff(Role.COLLECTIONS_MANAGER), "agent": agent}
    for who, paths in pages(agent, sitting).items():
        desk = open_desk(staff=people[who], locale=locale, size=size, theme=theme)
        for path in paths:
            desk.go(path)
            desk.check()


def test_a_manager_issues_a_letter_and_a_leader_revokes_it(open_desk: OpenDesk) -> None:
    leader, agent = a_branch()
    AuthorityLetter.objects.all().update(valid_until="2020-01-01", valid_from="2020-01-01")
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    desk.go(f"/staff/{agent.pk}/")
    desk.page.get_by_text("今天不能排班").wait_for()
    desk.page.get_by_text("出具授权书").click()
    desk.page.get_by_role("button", name="签名并出具").click()
    desk.settle()
    desk.page.get_by_text("今天证件齐全有效").wait_for()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="PDF").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    desk.check()
    theirs = open_desk(staff=leader)
    theirs.go(f"/staff/{agent.pk}/")
    theirs.page.locator("summary", has_text="撤销").first.click()
    theirs.page.get_by_label("撤销原因").fill("证件遗失")
    theirs.page.get_by_role("button", name="立即撤销").click()
    theirs.settle()
    theirs.page.get_by_text("今天不能排班").wait_for()
    theirs.check()


def test_an_agent_sits_an_exam_and_reads_why(open_desk: OpenDesk) -> None:
    agent = make_agent(courses=("conduct", "safety", "objections"))
    desk = open_desk(staff=agent)
    desk.go("/training/")
    desk.page.get_by_role("link", name="法律与规则").click()
    desk.page.get_by_role("button", name="开始或继续").click()
    desk.settle()
    sitting = Sitting.objects.get(staff=agent, course="law")
    for question, order in sitting.questions:
        desk.page.locator(f"#{question}-{order.index(0)}").check()
    desk.page.get_by_role("button", name="交卷").click()
    desk.settle()
    desk.page.get_by_text("10 题答对 10 题").wait_for()
    desk.check()


def test_a_picture_is_taken_in_and_a_text_that_calls_itself_one_is_not(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    agent = make_agent()
    (tmp_path / "face.png").write_bytes(a_picture(form="PNG", colour="#aa3344"))
    (tmp_path / "fake.jpg").write_bytes(b"no picture")
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    desk.go(f"/staff/{agent.pk}/particulars/")
    desk.page.get_by_label("新照片").set_input_files(tmp_path / "fake.jpg")
    desk.page.get_by_role("button", name="保存照片").click()
    desk.settle()
    desk.page.get_by_text("文件不是 JPEG").wait_for()
    desk.page.get_by_label("新照片").set_input_files(tmp_path / "face.png")
    desk.page.get_by_role("button", name="保存照片").click()
    desk.settle()
    desk.page.get_by_text("照片已保存").wait_for()
    assert bytes(agent.photograph.jpeg).startswith(b"\xff\xd8\xff")
