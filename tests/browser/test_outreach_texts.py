"""The texts we send in a real browser: every page of the way, in each look."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.outreach.models import TemplateVersion, VersionState
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS
from tests.factories import make_borrower, make_case, make_instalments, make_loan, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY = "reminder_friendly_email"


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_a_text_from_the_list_to_force(
    open_desk: Any, home: Any, locale: str, size: Any, theme: str
) -> None:
    borrower = make_borrower()
    make_instalments(loan=make_loan(borrower=borrower))
    make_case(borrower=borrower)
    look = {"locale": locale, "size": size, "theme": theme}
    desk = open_desk(staff=make_staff(Role.COLLECTIONS_MANAGER), **look)
    for path in ("", f"{KEY}/", f"{KEY}/preview/", "collection_letter_plain/preview/"):
        desk.go(f"/outreach/texts/{path}")
        desk.check()

    desk.go(f"/outreach/texts/{KEY}/edit/")
    desk.check()
    body = desk.page.locator("#body-zh-Hans")
    whole = body.input_value()
    body.fill(whole + "\n不还就等着坐牢")
    desk.page.wait_for_selector("#findings-zh-Hans mark")
    assert desk.page.inner_text("#findings-zh-Hans mark") == "坐牢"
    desk.check()
    body.fill(whole + "\n祝您生活愉快。")
    desk.page.wait_for_selector("#findings-zh-Hans mark", state="detached")
    desk.page.click("button[value=submit]")
    desk.settle()
    desk.check()
    version = TemplateVersion.objects.get()
    assert version.state == VersionState.SUBMITTED

    other = open_desk(staff=make_staff(Role.APPROVER), **look)
    other.go(f"/outreach/texts/{KEY}/versions/{version.number}/")
    assert "祝您生活愉快" in other.page.inner_text("ins")
    other.check()
    other.page.click("button[value=approve]")
    other.settle()
    other.check()
    version.refresh_from_db()
    assert version.state == VersionState.APPROVED
