"""Protections in a real browser: a complaint, a late flag, deadlines and forms, in each look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.protections.models import Complaint, LateNews
from doorstep.protections.services import (
    News,
    complaint_open,
    dispute_open,
    hardship_record,
    legal_stop_record,
    preference_record,
    representative_record,
    vulnerability_record,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS, PHONE
from tests.factories import (
    make_borrower,
    make_case,
    make_contact,
    make_contact_point,
    make_hold,
    make_instalments,
    make_loan,
    make_run,
    make_staff,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def officer() -> Staff:
    return make_staff(Role.COMPLIANCE_OFFICER, display_name="周合规")


def a_protected_case() -> Case:
    """A case under every kind of protection, one of them recorded three weeks late."""
    borrower = make_borrower(name="欧阳小明")
    case = make_case(borrower=borrower, reason="friendly_first")
    make_contact_point(borrower=borrower)
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=1, paid=0)
    make_hold(borrower=borrower)
    make_run()
    now = clock.now()
    for days, channel in ((15, "sms"), (9, "call"), (2, "sms")):
        make_contact(borrower=borrower, at=now - days * DAY, channel=channel, result="reached")

    def news(name: str, **fields: Any) -> News:
        return News(borrower=borrower, reference=name, at=now - HOUR, **fields)

    complaint_open(news=news("c"), words="我要投诉,你们一天打了八次。", topic="frequency")
    dispute_open(news=news("d"), loan=loan, component="fee", amount=3050)
    hardship_record(news=news("h", received_at=now - 40 * DAY), cause="job_loss")
    vulnerability_record(news=news("v"), cause="age", handling=["no_visits", "large_print"])
    representative_record(
        news=news("r"),
        role="lawyer",
        name="吴律师",
        document="委托书 12",
        powers=("may_know_debt",),
    )
    preference_record(news=news("p"), stance="prefers", subject="language", language="zh-Hant")
    legal_stop_record(
        news=news("l", starts_at=now - 21 * DAY, received_at=now - 20 * DAY, told_by="authority"),
        bar="deceased",
        document="死亡证明 8812",
    )
    return case


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_every_page_of_protections_is_clean_in_each_look(
    open_desk: Any, locale: str, size: Any, theme: str
) -> None:
    staff, case = officer(), a_protected_case()
    complaint = Complaint.objects.get()
    late = LateNews.objects.get(kind="deceased")
    desk = open_desk(staff=staff, locale=locale, size=size, theme=theme)
    for path in (
        f"/cases/{case.pk}/",
        f"/cases/{case.pk}/protections/",
        f"/cases/{case.pk}/protections/vulnerability/",
        f"/cases/{case.pk}/protections/preference/",
        "/complaints/",
        f"/complaints/{complaint.pk}/",
        "/disputes/",
        "/protections/",
        f"/protections/late/{late.pk}/",
    ):
        desk.go(path)
        desk.check()
    desk.go(f"/complaints/{complaint.pk}/")
    for summary in desk.page.locator("details.deed > summary").all():
        summary.click()
    desk.check()


def test_a_complaint_is_recorded_answered_and_contact_goes_on(open_desk: Any) -> None:
    staff = officer()
    borrower = make_borrower(name="欧阳小明")
    make_instalments(loan=make_loan(borrower=borrower), count=1, paid=0)
    make_contact_point(borrower=borrower)
    case = make_case(borrower=borrower, step="call", reason="friendly_first")
    desk = open_desk(staff=staff)
    page = desk.page
    desk.go(f"/cases/{case.pk}/protections/")
    page.get_by_role("link", name="投诉", exact=True).last.click()
    page.get_by_label("关于什么事").select_option("conduct")
    page.get_by_label("客户的说法").fill("有人上门大声喊叫。")
    page.get_by_label("由谁告知").select_option("borrower")
    page.get_by_label("消息的方式").select_option("phone")
    page.get_by_role("button", name="记下").click()
    desk.settle()
    case.refresh_from_db()
    assert case.hold_kind == "complaint"
    assert "周合规" in page.inner_text("main")
    desk.go("/complaints/")
    page.get_by_role("link", name="欧***").click()
    page.locator("summary", has_text="答复").click()
    form = page.locator("details[open] form")
    form.get_by_label("处理结论").select_option("upheld")
    form.get_by_label("给客户的答复").fill("我们查实并道歉,今后不再如此。")
    form.get_by_role("button").click()
    desk.settle()
    assert "已答复，联系暂停" in page.inner_text("main")
    page.locator("summary", has_text="恢复联系").click()
    page.locator("details[open] form").get_by_label("原因").fill("客户同意按计划还款。")
    page.locator("details[open] form").get_by_role("button").click()
    desk.settle()
    case.refresh_from_db()
    assert case.hold_kind == ""


def test_the_late_flag_on_a_phone(open_desk: Any) -> None:
    case = a_protected_case()
    desk = open_desk(staff=officer(), size=PHONE)
    page = desk.page
    desk.go(f"/cases/{case.pk}/protections/")
    page.locator("section", has=page.get_by_role("heading", name="不应发生的联系")).get_by_role(
        "link", name="已故"
    ).click()
    desk.settle()
    text = page.inner_text("main")
    assert "3 次联系" in text
    assert "登记到本系统之前" in text
    assert "致家属" in page.get_by_label("致歉").input_value()
    page.get_by_label("如何补救").fill("已寄出致歉信。")
    page.get_by_role("button", name="已补救").click()
    desk.settle()
    assert LateNews.objects.get(kind="deceased").state == "settled"
    desk.check()
