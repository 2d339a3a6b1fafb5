"""Bringing a book in a real browser: every page of the way, in each look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from doorstep.portfolio.models import Book, BookState
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS
from tests.factories import (
    make_borrower,
    make_case,
    make_contact_point,
    make_staff,
    make_verification_task,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOANS = (
    "loan_id,borrower_id,product,currency,principal,balance,opened_on,annual_rate_ppm\n"
    "L1,C1,consumer,CNY,1200000,1000000,2026-01-02,120000\n"
    "L2,C9,consumer,CNY,1200000,12a,2026-01-02,120000\n"
)


@pytest.fixture(autouse=True)
def at_once(settings: Any, home: Path) -> None:
    """Background tasks run on the spot, in a state directory of this test."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def delivery(tmp_path: Path) -> list[Path]:
    """Files with a row that cannot be used."""
    files = {"loans.csv": LOANS, "borrowers.csv": "borrower_id,name\nC1,欧阳小明\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    return [tmp_path / name for name in files]


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_the_way_of_a_book_from_the_empty_list_to_loaded(
    open_desk: Any, delivery: list[Path], locale: str, size: Any, theme: str
) -> None:
    look = {"locale": locale, "size": size, "theme": theme}
    desk = open_desk(staff=make_staff(Role.ANALYST), **look)
    for path in ("/books/", "/books/layout/", "/books/bring/"):
        desk.go(path)
        desk.check()
    desk.page.fill("input[name=business_date]", "2026-11-19")
    desk.page.set_input_files("input[name=delivered]", [str(path) for path in delivery])
    desk.page.click("main form[enctype] button[type=submit]")
    desk.settle()
    desk.check()
    desk.page.click("button[value=bring]")
    desk.settle()
    desk.check()
    book = Book.objects.get()
    assert book.state == BookState.AWAITING_RELEASE
    desk.page.click("[data-rows] [data-opens]")
    desk.settle()
    desk.check()

    other = open_desk(staff=make_staff(Role.APPROVER), **look)
    other.go(f"/books/{book.pk}/")
    if other.page.query_selector("#seen"):
        other.page.check("#seen")
    other.page.click("form[action*=release] button")
    other.settle()
    other.check()
    book.refresh_from_db()
    assert book.state == BookState.LOADED


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_a_number_is_confirmed_at_the_keyboard(
    open_desk: Any, locale: str, size: Any, theme: str
) -> None:
    staff = make_staff(Role.COLLECTIONS_MANAGER)
    borrower = make_borrower()
    make_case(borrower=borrower)
    point = make_contact_point(borrower=borrower, state="unverified")
    make_verification_task(borrower=borrower, contact_point=point)
    desk = open_desk(staff=staff, locale=locale, size=size, theme=theme)
    desk.go("/verification/")
    desk.check()
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector("#finding-spoke")
    desk.check()
    desk.page.check("#finding-spoke")
    desk.page.click("main form button[type=submit]")
    desk.settle()
    desk.check()
    point.refresh_from_db()
    assert point.state == "verified"
