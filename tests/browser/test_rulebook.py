"""The rulebook as people see it: the list, a rule, a change with its trial."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import ViewportSize, expect

from doorstep.dispatch.rule_changes import change_try
from doorstep.workforce.roles import Role
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS
from tests.factories import AT, make_borrower, make_contact, make_rule_change, make_staff

looks = pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)


@looks
def test_the_rulebook_is_fit_for_everybody(
    open_desk: OpenDesk, locale: str, size: ViewportSize, theme: str
) -> None:
    borrower = make_borrower(branch_code="B4")
    for hours in (4, 3, 2):
        make_contact(borrower=borrower, at=AT - timedelta(hours=hours), channel="call")
    change = make_rule_change(
        by=make_staff(Role.COMPLIANCE_OFFICER),
        values={"most": "2"}, values_before={"most": "3"},
    )  # fmt: skip
    desk = open_desk(Role.COMPLIANCE_OFFICER, locale=locale, size=size, theme=theme)
    desk.go("/rules/")
    desk.check()
    desk.go("/rules/CN-GBT-VOICE-3/")
    desk.check()
    desk.go("/rules/CN-GBT-VOICE-3/change/")
    desk.check()
    desk.go(f"/rules/changes/{change.pk}/")
    desk.check()
    change_try(change=change, at=AT)
    expect(desk.page.locator(".figures").first).to_be_visible(timeout=45_000)
    desk.check()
