"""The public pages on a phone: in Chinese and English, with and without JavaScript, and at the door
without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from doorstep.kernel import clock
from doorstep.visits.models import PlannedVisit
from tests.browser.conftest import OpenDesk
from tests.browser.kit import PHONE, Desk
from tests.visits.checks import CODE, Door, make_door

SHOTS = os.environ.get("DOORSTEP_TEST_SHOTS", "")
LOOKS = ["zh-CN", "en-US"]


@pytest.fixture
def door() -> Door:
    return make_door(at=clock.now() - timedelta(minutes=5))


def shot(page: Page, name: str) -> None:
    """Keep a picture where the run asked for them."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"portal-{name}.png", full_page=True)


def seen(desk: Desk, name: str) -> None:
    """Axe finds nothing on the page, and its picture is kept."""
    desk.check()
    shot(desk.page, name)


def go_on(page: Page) -> None:
    """Press the page's one button and be on the page it leads to."""
    with page.expect_navigation(wait_until="networkidle"):
        page.locator("main .go").click()


@pytest.mark.own_clock
@pytest.mark.parametrize("locale", LOOKS)
def test_from_the_code_to_the_faces_and_the_number(
    open_desk: OpenDesk, door: Door, locale: str, transactional_db: None
) -> None:
    desk = open_desk(locale=locale, size=PHONE)
    page = desk.page
    desk.go("/v/")
    seen(desk, f"{locale}-enter")
    page.locator("#code").fill("kq4t 9whm")
    go_on(page)
    expect(page.locator(".number-box .number").first).to_be_visible()
    assert page.locator(".faces img").count() == 2
    expect(page.locator(".warn")).to_be_visible()
    seen(desk, f"{locale}-visit")
    door.show(door.ask(clock.now()), at=clock.now())
    with page.expect_navigation(wait_until="networkidle"):
        page.locator(".number-box .go").first.click()
    expect(page.locator(".proved")).to_be_visible()
    number = page.locator(".number").first.inner_text()
    desk.go(f"/v/{CODE}/number/")
    page.locator("#number").fill(number)
    go_on(page)
    expect(page.locator(".answer.yes")).to_be_visible()
    seen(desk, f"{locale}-compared")


@pytest.mark.parametrize("locale", LOOKS)
def test_wrong_codes_questions_and_reports(
    open_desk: OpenDesk, locale: str, transactional_db: None
) -> None:
    desk = open_desk(locale=locale, size=PHONE)
    page = desk.page
    desk.forgive("404")
    desk.go("/v/AAAA-AAAA/")
    seen(desk, f"{locale}-not-known")
    desk.go("/v/who/")
    seen(desk, f"{locale}-who-how")
    page.locator("input[value=phone]").check()
    go_on(page)
    page.locator("#named").fill("W12345")
    seen(desk, f"{locale}-who-work-id")
    go_on(page)
    page.locator("#time").fill("10:00")
    seen(desk, f"{locale}-who-when")
    go_on(page)
    page.locator("#number").fill("13900001234")
    seen(desk, f"{locale}-who-number")
    go_on(page)
    expect(page.locator(".answer.no")).to_be_visible()
    seen(desk, f"{locale}-who-answer")
    desk.go("/v/report/")
    seen(desk, f"{locale}-report-how")
    page.locator("input[value=door]").check()
    go_on(page)
    seen(desk, f"{locale}-report-day")
    go_on(page)
    page.locator("#words").fill("Somebody asked for cash")
    seen(desk, f"{locale}-report-words")
    go_on(page)
    seen(desk, f"{locale}-report-more")
    go_on(page)
    expect(page.locator(".receipt")).to_be_visible()
    seen(desk, f"{locale}-report-receipt")


@pytest.mark.own_clock
def test_a_visitor_is_checked_at_the_door_without_a_network(
    open_desk: OpenDesk, door: Door, transactional_db: None
) -> None:
    desk = open_desk(size=PHONE)
    page, context = desk.page, desk.page.context
    desk.go("/v/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    desk.go(f"/v/{CODE}/")
    desk.forgive("ERR_INTERNET_DISCONNECTED")
    desk.forgive("net::ERR_FAILED")
    context.set_offline(True)

    def scan(token: str) -> None:
        page.goto("about:blank")
        page.goto(f"{desk.address}/v/#{token}")

    now = clock.now()
    scan(door.token(moment=now))
    expect(page.locator("[data-door=ours]")).to_be_visible()
    expect(page.locator("[data-door=ours]")).to_contain_text(door.agents[0].display_name)
    shot(page, "offline-ours")
    scan(door.token(moment=now - timedelta(seconds=90)))
    expect(page.locator("[data-door=old]")).to_be_visible()
    scan(door.token(moment=clock.now(), key=door.keys[1]))
    expect(page.locator("[data-door=not]")).to_be_visible()
    scan(door.token(moment=clock.now(), device="11111111-1111-4111-8111-111111111111"))
    expect(page.locator("[data-door=unknown]")).to_be_visible()
    scan(door.token(moment=clock.now(), visit=door.visit.pk + 1))
    expect(page.locator("[data-door=unknown]")).to_be_visible()
    scan("nonsense.nonsense")
    expect(page.locator("[data-door=not]")).to_be_visible()
    page.goto(f"{desk.address}/v/{CODE}/")
    expect(page.locator(".faces img").first).to_be_visible()

    context.set_offline(False)
    PlannedVisit.objects.filter(pk=door.visit.pk).update(state="cancelled")
    desk.forgive("404")
    scan(door.token(moment=clock.now()))
    expect(page.locator("[data-door=not]")).to_be_visible()
    shot(page, "online-cancelled")


@pytest.fixture
def plain_page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A phone that runs no JavaScript."""
    context = chromium.new_context(
        java_script_enabled=False, viewport=PHONE, locale="zh-CN", base_url=live_server.url
    )
    context.set_default_timeout(45_000)
    yield context.new_page()
    context.close()


def test_everything_works_without_javascript(
    plain_page: Page, door: Door, transactional_db: None
) -> None:
    page = plain_page
    page.goto("/v/")
    page.locator("button[lang=en]").click()
    expect(page.locator("main > h1")).to_have_text("Is this visitor real?")
    page.locator("#code").fill(CODE)
    page.locator("main .go").click()
    expect(page.locator(".number-box .number").first).to_be_visible()
    expect(page.locator("main > h1")).to_have_text("Yes, we know this visit.")
    shot(page, "plain-visit")
    page.goto("/v/report/")
    page.locator("input[value=message]").check()
    page.locator("main .go").click()
    page.locator("main .go").click()
    page.locator("#words").fill("A message asked for a password")
    page.locator("main .go").click()
    page.locator("main .go").click()
    expect(page.locator(".receipt")).to_be_visible()
