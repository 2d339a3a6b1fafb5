"""The worklist, the case file, the bill and the why page in a real browser, in each look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.cases.models import Case
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS, PHONE
from tests.factories import (
    ON,
    make_address,
    make_borrower,
    make_case,
    make_cases,
    make_contact,
    make_contact_point,
    make_hold,
    make_instalments,
    make_loan,
    make_note,
    make_payment,
    make_promise,
    make_run,
    make_saved_view,
    make_staff,
    make_third_party_number,
    make_work_item,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_full_case() -> Case:
    borrower = make_borrower(name="欧阳小明")
    case = make_case(borrower=borrower, priority=999)
    make_contact_point(borrower=borrower)
    make_address(borrower=borrower)
    make_third_party_number(borrower=borrower)
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=3, paid=1, first_due_on=ON - timedelta(days=72))
    make_payment(loan=loan)
    make_note(case=case, by=make_staff())
    make_contact(borrower=borrower)
    make_promise(borrower=borrower)
    make_hold(
        borrower=borrower, source="staff", placed_by=make_staff(), ends_on=ON - timedelta(days=1)
    )
    make_work_item(case=case)
    make_run()
    return case


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_every_page_of_a_case_is_clean_in_each_look(
    open_desk: Any, locale: str, size: Any, theme: str
) -> None:
    case = a_full_case()
    make_cases(count=55)
    make_case(step="none", hold_kind="dispute", reason="held_open", facts={})
    Case.objects.filter(hold_kind="dispute").update(facts=case.facts | {"hold_kind": "dispute"})
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    make_saved_view(staff=manager)
    desk = open_desk(staff=manager, locale=locale, size=size, theme=theme)
    for path in (
        "/cases/",
        "/cases/?bucket=1&dpd_min=2&sort=-due",
        "/cases/?step=call",
        "/cases/?dpd_min=x",
        "/cases/?columns=why,branch,team,opened,loans,movement,due",
        f"/cases/{case.pk}/",
        f"/cases/{case.pk}/?kind=note",
        f"/cases/{case.pk}/bill/",
        f"/why/?borrower={case.borrower_id}",
        "/why/?borrower=nobody",
    ):
        desk.go(path)
        desk.check()


def test_the_keyboard_walks_the_list_opens_a_case_and_finds_the_filter(open_desk: Any) -> None:
    case = a_full_case()
    make_cases(count=3)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/cases/")
    desk.page.keyboard.press("/")
    assert desk.page.evaluate("document.activeElement.name") == "q"
    desk.page.keyboard.press("Tab")
    desk.page.evaluate("document.activeElement.blur()")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("Enter")
    desk.settle()
    assert desk.page.url.endswith(f"/cases/{case.pk}/")


def test_selecting_all_that_match_assigns_them_after_a_look(open_desk: Any) -> None:
    make_cases(count=52, step="call")
    agent = make_staff(Role.DESK_AGENT, display_name="李雪")
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/cases/?step=call")
    bar = desk.page.locator("[data-selection-bar]")
    assert not bar.is_visible()
    desk.page.locator("[data-rows] input[name=case]").first.check()
    assert "1 selected" in bar.inner_text()
    desk.page.locator("[data-select-page]").check()
    assert "50 selected" in bar.inner_text()
    desk.page.locator("input[name=all]").check()
    assert "all 52 selected" in bar.inner_text()
    desk.check()
    desk.page.select_option("#assign-to", str(agent.pk))
    bar.get_by_role("button", name="See what would happen").click()
    desk.settle()
    desk.check()
    assert "52 cases can be assigned." in desk.page.inner_text("main")
    assert not Case.objects.filter(assignee=agent).exists()
    desk.page.get_by_role("button", name="Assign 52 cases").click()
    desk.settle()
    assert Case.objects.filter(assignee=agent).count() == 52


def test_a_filter_leaves_a_short_address(open_desk: Any) -> None:
    make_cases(count=2)
    desk = open_desk(Role.COLLECTIONS_MANAGER, size=PHONE)
    desk.go("/cases/")
    desk.page.locator(".filter-more summary").click()
    desk.page.select_option("#filter-bucket", "1")
    desk.page.locator(".filter-deeds button").click()
    desk.settle()
    assert desk.page.url.endswith("/cases/?bucket=1")


def test_a_hold_and_a_look_from_the_case_file(open_desk: Any) -> None:
    case = a_full_case()
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go(f"/cases/{case.pk}/")
    assert "欧阳小明" not in desk.page.content()
    desk.page.get_by_text("See in full").click()
    desk.page.fill("#look-purpose", "Call back on the complaint")
    desk.page.get_by_role("button", name="See it").click()
    desk.settle()
    desk.check()
    assert "欧阳小明" in desk.page.inner_text("main")
    desk.go(f"/cases/{case.pk}/")
    desk.page.get_by_text("Place a hold").click()
    desk.page.select_option("#hold-kind", "complaint")
    desk.page.fill("#hold-note", "Called the hotline.")
    desk.page.get_by_role("button", name="Place the hold").click()
    desk.settle()
    desk.check()
    assert "No contact until it is lifted." in desk.page.inner_text("main")
