"""Sign-in, home, nights, search and the frame around them, as people see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from playwright.sync_api import ViewportSize, expect

from doorstep.cases.steps import Step
from doorstep.cycle.models import BucketCount, Run, RunStage, TransitionCount
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS, PHONE
from tests.factories import (
    ON,
    make_book,
    make_borrower,
    make_case,
    make_cases,
    make_movement,
    make_run,
    make_staff,
    make_team,
)

looks = pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)


def a_night() -> Run:
    """A finished night with stages, buckets, transitions and a movement, and the one before."""
    before = make_run(business_date=ON - timedelta(days=1))
    run = make_run(business_date=ON, counts={"cases_open": 6, "held": 0})
    RunStage.objects.create(
        run=run, order=0, name="decisions", rows=6, seconds=0.4, peak_bytes=9**9
    )
    for each, customers in ((before, 5), (run, 6)):
        BucketCount.objects.create(
            run=each, currency="CNY", bucket=1, borrowers=customers, overdue=700, balance=900
        )
    for after, loans in ((0, 2), (1, 5), (2, 1), (-1, 1)):
        TransitionCount.objects.create(
            run=run, currency="CNY", before=1, after=after, loans=loans, balance=100 * loans
        )
    make_movement(borrower=make_borrower(), kind="entered")
    return run


@looks
def test_signing_in_with_a_password(
    open_desk: OpenDesk, locale: str, size: ViewportSize, theme: str
) -> None:
    make_staff(Role.DESK_AGENT, username="lin", password="a quiet morning 7")
    desk = open_desk(locale=locale, size=size, theme=theme)
    desk.go("/")
    desk.check()
    desk.page.fill("[name=login]", "lin")
    desk.page.fill("[name=password]", "wrong")
    desk.page.click("main [type=submit]")
    expect(desk.page.locator(".errorlist")).to_be_visible()
    desk.check()
    desk.page.fill("[name=password]", "a quiet morning 7")
    desk.page.click("main [type=submit]")
    expect(desk.page.locator("h1")).to_have_text("Today" if locale == "en-GB" else "今日")


@looks
def test_home_draws_the_book_and_is_fit_for_everybody(
    open_desk: OpenDesk, locale: str, size: ViewportSize, theme: str
) -> None:
    a_night()
    make_cases(count=3, step=Step.CALL)
    make_cases(count=2, step=Step.REVIEW, bucket=3)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=size, theme=theme)
    desk.go("/")
    assert desk.page.locator("[data-chart] svg").count() == 2
    desk.check()


@looks
def test_a_night_in_full_is_fit_for_everybody(
    open_desk: OpenDesk, locale: str, size: ViewportSize, theme: str
) -> None:
    run = a_night()
    desk = open_desk(Role.TEAM_LEADER, locale=locale, size=size, theme=theme)
    for path in ("/runs/", f"/runs/{run.pk}/", "/movements/?kind=entered", "/staff/"):
        desk.go(path)
        desk.check()


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/password/change/", "/nothing/"])
def test_pages_around_the_work_are_fit_for_everybody(open_desk: OpenDesk, path: str) -> None:
    for locale, size, theme in LOOKS:
        desk = open_desk(Role.DESK_AGENT, locale=locale, size=size, theme=theme)
        desk.forgive("404")
        desk.go(path)
        desk.check()


@looks
def test_accounts_are_managed_on_any_screen(
    open_desk: OpenDesk, locale: str, size: ViewportSize, theme: str
) -> None:
    make_staff(Role.DESK_AGENT, team=make_team())
    desk = open_desk(Role.ADMINISTRATOR, locale=locale, size=size, theme=theme)
    for path in ("/staff/", "/staff/new/"):
        desk.go(path)
        desk.check()
    desk.page.fill("[name=username]", "lin")
    desk.page.fill("[name=display_name]", "林晓")
    desk.page.select_option("[name=role]", "team_leader")
    desk.page.click("main [type=submit]")
    expect(desk.page.locator(".errorlist")).to_be_visible()
    desk.check()
    desk.page.select_option("[name=team]", index=1)
    desk.page.click("main [type=submit]")
    expect(desk.page.locator("dl code").first).to_have_text("lin")
    desk.check()


def test_a_night_is_started_and_watched_to_its_end(open_desk: OpenDesk) -> None:
    book = make_book(business_date=ON)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/runs/")
    desk.page.get_by_role("button", name="Run the night now").click()
    expect(desk.page.get_by_text("as soon as the worker is free")).to_be_visible()
    run = make_run(business_date=ON, book=book, state="running", finished_at=None)
    RunStage.objects.create(run=run, order=0, name="snapshot", rows=10, seconds=0.1)
    expect(desk.page.get_by_text("Running: 1 stage done")).to_be_visible()
    desk.check()
    Run.objects.update(state="done", finished_at=run.started_at + timedelta(seconds=5))
    DBTaskResult.objects.update(status=TaskResultStatus.SUCCESSFUL)
    expect(desk.page.locator("tbody")).to_contain_text("5.0 s")
    expect(desk.page.get_by_text("Running:")).to_have_count(0)


def test_every_count_of_home_opens_its_list(open_desk: OpenDesk) -> None:
    a_night()
    make_cases(count=3, step=Step.CALL)
    make_cases(count=2, step=Step.REMIND)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/")
    desk.page.get_by_role("link", name="3 Call", exact=True).click()
    expect(desk.page).to_have_url(f"{desk.address}/cases/?step=call")


def test_searching_with_the_keyboard_alone(open_desk: OpenDesk) -> None:
    case = make_case(borrower=make_borrower(borrower_id="C777", name="欧阳小明"))
    make_case(borrower=make_borrower(name="王静"))
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/")
    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type("欧阳")
    expect(desk.page.locator("#search-results a")).to_have_count(1)
    expect(desk.page.locator("#search-results")).to_contain_text("欧*** C777")
    desk.check()
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(f"{desk.address}/cases/{case.pk}/")


def test_escape_closes_the_search_and_gives_the_focus_back(open_desk: OpenDesk) -> None:
    desk = open_desk(Role.DESK_AGENT)
    desk.go("/")
    opener = desk.page.locator("[data-opens-search]")
    opener.click()
    expect(desk.page.locator("#search input")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#search")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_question_mark_shows_the_keys_but_not_while_typing(open_desk: OpenDesk) -> None:
    desk = open_desk(Role.DESK_AGENT)
    desk.go("/search/")
    desk.page.locator("#words").press("?")
    expect(desk.page.locator("#keys")).not_to_be_visible()
    desk.page.locator("h1").click()
    desk.page.keyboard.press("?")
    expect(desk.page.locator("#keys")).to_be_visible()
    desk.check()


def test_first_tab_skips_to_the_content(open_desk: OpenDesk) -> None:
    desk = open_desk(Role.DESK_AGENT)
    desk.go("/")
    desk.page.keyboard.press("Tab")
    expect(desk.page.locator(".skip-link")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#main")).to_be_focused()


def test_language_and_theme_are_chosen_and_kept(open_desk: OpenDesk) -> None:
    staff = make_staff(Role.DESK_AGENT)
    desk = open_desk(staff=staff, locale="en-GB", size=PHONE)
    desk.go("/")
    for choice in ("繁體中文", "深色"):
        desk.page.locator(".topbar-end .menu summary").first.click()
        desk.page.get_by_role("button", name=choice).click()
        desk.settle()
    expect(desk.page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(desk.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.check()
    staff.refresh_from_db()
    assert staff.language == "zh-hant"


def test_following_the_system_looks_as_the_chosen_dark(open_desk: OpenDesk) -> None:
    ink = "getComputedStyle(document.body).color"
    colours = set()
    for theme, chosen in (("dark", "auto"), ("light", "dark")):
        desk = open_desk(Role.DESK_AGENT, theme=theme)
        desk.go("/")
        desk.page.locator("html").evaluate(f"(html) => html.dataset.bsTheme = '{chosen}'")
        colours.add(desk.page.evaluate(ink))
    assert len(colours) == 1


@pytest.mark.parametrize("locale", ["zh-CN", "zh-HK", "en-GB"])
def test_every_place_is_seen_at_the_foot_of_a_phone(open_desk: OpenDesk, locale: str) -> None:
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=PHONE)
    desk.go("/")
    bar = desk.page.locator(".rail > ul")
    wide, shown = bar.evaluate("bar => [bar.scrollWidth, bar.clientWidth]")
    assert wide <= shown
