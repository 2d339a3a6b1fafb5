"""The phone app around a visit, in a browser: binding, PIN, the day, lock, SOS, being shut off."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as doorstep
from playwright.sync_api import expect
from pytest_django import Settings

from doorstep.kernel import clock
from doorstep.visits.models import Alarm, CrewDay
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services.devices import device_revoke
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, Desk
from tests.factories import (
    make_borrower,
    make_branch,
    make_case,
    make_instalments,
    make_loan,
    make_staff,
)
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.workforce.people import make_particulars

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (Path(doorstep.PHONE) / "index.html").exists(),
        reason="the phone app is not built: npm --prefix field run build",
    ),
]
PIN, DURESS = "402713", "958204"
SHOTS = os.environ.get("SHOTS", "")
expect.set_options(timeout=40_000)
WORDS = {
    "zh-CN": {
        "bind": "绑定这部手机", "keep": "保存", "today": "今天的上门", "lock": "现在锁定",
        "locked": "已锁定", "open": "打开", "map": "地图", "help": "帮助", "settings": "设置",
        "sync": "同步", "send": "立即发出", "sent": "办公室已收到", "kept": "求助已记下",
        "close": "关闭", "leave": "退出并删除资料", "confirm": "确认", "out": "手机上的资料已删除",
        "offline": "没有网络",
    },
    "en-GB": {
        "bind": "Bind this phone", "keep": "Keep", "today": "Today's visits", "lock": "Lock now",
        "locked": "Locked", "open": "Open", "map": "Map", "help": "Help", "settings": "Settings",
        "sync": "Sync", "send": "Send now", "sent": "The office has it", "kept": "Kept, and sent",
        "close": "Close", "leave": "Sign out and delete", "confirm": "Confirm", "out": "deleted",
        "offline": "Offline",
    },
}  # fmt: skip
LOOKS = [("zh-CN", "dark"), ("en-GB", "light")]


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    settings.MEDIA_ROOT = str(home)  # else the live server hands out the working directory
    (home / "sos").mkdir(exist_ok=True)


@pytest.fixture
def crew() -> CrewDay:
    """Two agents with two stops today."""
    now, branch = clock.now(), make_branch(name="望澜支行")
    leader = make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    make_particulars(staff=leader, phone="13900000009", work_id="W0009")
    agents = [
        make_staff(Role.FIELD_AGENT, branch=branch, display_name=name)
        for name in ("高立诚", "石若兰")
    ]
    for number, agent in enumerate(agents):
        make_particulars(staff=agent, phone=f"1390000000{number}", work_id=f"W000{number}")
    plan = make_field_plan(branch=branch, at=now, first_day=clock.today())
    crew = make_crew(plan=plan, members=agents, at=now)
    for number, name in enumerate(("欧阳小明", "陈立")):
        case = make_case(borrower=make_borrower(name=name, branch=branch), branch=branch)
        make_instalments(loan=make_loan(borrower=case.borrower))
        at = now + timedelta(hours=number)
        make_visit(crew=crew, case=case, at=at, latitude=30.0 + number / 50, place=number + 1)
    return crew


def shot(desk: Desk, name: str) -> None:
    """Axe, and a picture for whoever wants to look."""
    desk.check()
    if SHOTS:
        desk.page.screenshot(path=f"{SHOTS}/{name}.png")


def press(desk: Desk, name: str) -> None:
    desk.page.get_by_role("button", name=name).click()


def bound(desk: Desk, words: dict[str, str], *, look: str = "") -> None:
    """From the first opening to the day's list."""
    desk.go("/field/sign-in")
    expect(desk.page.get_by_role("button", name=words["bind"])).to_be_visible()
    if look:
        shot(desk, f"{look}-sign-in")
    press(desk, words["bind"])
    desk.page.fill("#pin", PIN)
    desk.page.fill("#pin-again", PIN)
    desk.page.fill("#pin-duress", DURESS)
    if look:
        shot(desk, f"{look}-pin")
    press(desk, words["keep"])
    expect(desk.page.get_by_text("欧阳小明").first).to_be_visible()


def unlock(desk: Desk, words: dict[str, str], pin: str) -> None:
    desk.page.fill("#unlock", pin)
    desk.page.get_by_role("button", name=words["open"], exact=True).click()


@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_a_phone_is_bound_and_shows_its_day_also_without_a_network(
    crew: CrewDay, open_desk: OpenDesk, locale: str, theme: str
) -> None:
    words, look = WORDS[locale], f"{locale}-{theme}"
    desk = open_desk(staff=agents_of(crew)[0], size=PHONE, locale=locale, theme=theme)
    bound(desk, words, look=look)
    assert desk.page.title() == "Doorstep"
    shot(desk, f"{look}-today")
    desk.page.fill("#search", "陈立")
    expect(desk.page.get_by_text("欧阳小明")).to_have_count(0)
    desk.page.get_by_text("陈立").first.click()
    expect(desk.page.get_by_role("heading", name="陈立")).to_be_visible()
    shot(desk, f"{look}-stop")
    for tab in ("map", "help", "settings"):
        desk.page.get_by_role("link", name=words[tab], exact=True).click()
        shot(desk, f"{look}-{tab}")
    desk.page.locator("main").get_by_role("link", name=words["sync"]).click()
    shot(desk, f"{look}-sync")

    desk.page.wait_for_function("navigator.serviceWorker.controller !== null")
    desk.forgive("ERR_INTERNET_DISCONNECTED")
    desk.page.context.set_offline(True)
    desk.page.reload()
    expect(desk.page.get_by_role("heading", name=words["locked"])).to_be_visible()
    expect(desk.page.get_by_text("欧阳小明")).to_have_count(0)
    shot(desk, f"{look}-locked")
    unlock(desk, words, PIN)
    desk.page.get_by_role("link", name=words["today"][:2], exact=False).first.click()
    expect(desk.page.get_by_text("欧阳小明").first).to_be_visible()
    expect(desk.page.locator("header").get_by_text(words["offline"])).to_be_visible()


def test_help_is_called_while_locked_and_again_once_there_is_a_network(
    crew: CrewDay, open_desk: OpenDesk
) -> None:
    words = WORDS["en-GB"]
    desk = open_desk(staff=agents_of(crew)[0], size=PHONE, locale="en-GB")
    desk.page.context.grant_permissions(["geolocation"])
    desk.page.context.set_geolocation({"latitude": 30.01, "longitude": 104.02})
    bound(desk, words)
    desk.page.get_by_role("link", name=words["settings"], exact=True).click()
    press(desk, words["lock"])
    desk.forgive("ERR_INTERNET_DISCONNECTED")
    desk.page.context.set_offline(True)
    press(desk, "SOS")
    press(desk, words["send"])
    expect(desk.page.get_by_text(words["kept"])).to_be_visible()
    expect(desk.page.locator("a[href^='tel:']").first).to_be_visible()
    expect(desk.page.locator("a[href^='sms:13900000009']")).to_be_visible()
    shot(desk, "en-GB-light-sos")
    assert not Alarm.objects.exists()
    desk.page.context.set_offline(False)
    expect_alarm(desk)
    alarm = Alarm.objects.get()
    assert (alarm.raised_by, round(alarm.latitude or 0, 2)) == (agents_of(crew)[0], 30.01)


def expect_alarm(desk: Desk) -> None:
    """Until the phone has sent what it kept."""
    for _ in range(40):
        if Alarm.objects.exists():
            return
        desk.page.wait_for_timeout(500)
    raise AssertionError("no alarm arrived")


def test_the_pin_for_duress_opens_as_usual_and_calls_for_help(
    crew: CrewDay, open_desk: OpenDesk
) -> None:
    words = WORDS["en-GB"]
    desk = open_desk(staff=agents_of(crew)[0], size=PHONE, locale="en-GB")
    bound(desk, words)
    desk.page.get_by_role("link", name=words["settings"], exact=True).click()
    press(desk, words["lock"])
    unlock(desk, words, "111222")
    expect(desk.page.get_by_role("alert")).to_contain_text("7 more tries")
    shot(desk, "en-GB-light-wrong-pin")
    unlock(desk, words, DURESS)
    expect(desk.page.get_by_role("button", name=words["lock"])).to_be_visible()
    expect_alarm(desk)
    assert "duress" in Alarm.objects.get().steps_done


def test_a_phone_that_is_shut_off_or_signed_out_holds_nothing(
    crew: CrewDay, open_desk: OpenDesk
) -> None:
    words, (first, second) = WORDS["en-GB"], agents_of(crew)
    leader = Staff.objects.get(role=Role.TEAM_LEADER)
    desk = open_desk(staff=first, size=PHONE, locale="en-GB")
    bound(desk, words)
    device = Device.objects.get(staff=first)
    device_revoke(device=device, why="Lost.", by=leader, at=clock.now())
    desk.forgive("401")
    desk.page.get_by_role("link", name=words["sync"]).or_(
        desk.page.locator("header a")
    ).first.click()
    press(desk, "Sync now")
    expect(desk.page.get_by_text("The office shut this phone off")).to_be_visible()
    assert rows_left(desk) == 0

    other = open_desk(staff=second, size=PHONE, locale="en-GB")
    bound(other, words)
    other.page.get_by_role("link", name=words["settings"], exact=True).click()
    press(other, words["leave"])
    shot(other, "en-GB-light-sign-out")
    press(other, words["confirm"])
    expect(other.page.get_by_role("status").get_by_text("Signed out")).to_be_visible()
    assert rows_left(other) == 0
    assert Device.objects.get(staff=second).revoked_at is not None


def rows_left(desk: Desk) -> int:
    """How many rows the browser's database holds for this app, but for a new key of its own."""
    found: int = desk.page.evaluate(
        """async () => {
          const open = await new Promise((done, fail) => {
            const ask = indexedDB.open("doorstep-field");
            ask.onsuccess = () => done(ask.result);
            ask.onerror = () => fail(ask.error);
          });
          let rows = 0;
          for (const name of open.objectStoreNames) {
            const store = open.transaction(name).objectStore(name);
            rows += await new Promise((done) => {
              const ask = store.count();
              ask.onsuccess = () => done(ask.result);
            });
          }
          open.close();
          return rows;
        }"""
    )
    return found
