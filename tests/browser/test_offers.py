"""Means, plans and offers in a real browser: clean in every look, saved as they are filled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize
from pytest_django import Settings

from doorstep.agreements.models import Affordability, Offer
from doorstep.agreements.services.offers import offer_submit
from doorstep.agreements.terms import Terms
from doorstep.kernel import clock
from doorstep.portfolio.models import Instalment
from tests.agreements.offers import Desk, make_paper
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS, PHONE, WIDE
from tests.factories import make_loan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = tuple[str, ViewportSize, str]


@pytest.fixture(autouse=True)
def own_keys(home: Path, settings: Settings) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"


def a_desk() -> Desk:
    """A desk whose days are about today."""
    desk = Desk()
    card = make_loan(borrower=desk.case.borrower, product="credit_card", balance=2_345_600)
    Instalment.objects.create(
        loan=card, number=1, due_on=clock.today() - timedelta(days=100), principal_due=120_000
    )
    return desk


def waiting(desk: Desk) -> Offer:
    first = clock.today() + timedelta(days=25)
    terms = Terms("temporary_reduction", 12, first, smaller=6, smaller_percent=50)
    made = desk.offer(terms=terms, note="客户每月 10 号发工资。", on=clock.today())
    return offer_submit(offer=made, by=desk.agent, at=clock.now(), on=clock.today())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    desk = a_desk()
    empty = open_desk(staff=desk.agent, locale=locale, size=size, theme=theme)
    empty.go(f"/cases/{desk.case.pk}/affordability/")
    empty.check()
    empty.go(f"/cases/{desk.case.pk}/options/")
    empty.check()
    desk.finished(on=clock.today())
    offer = waiting(desk)
    make_paper(case=desk.case)
    page = open_desk(staff=desk.leader, locale=locale, size=size, theme=theme)
    for path in (
        f"/cases/{desk.case.pk}/affordability/", f"/cases/{desk.case.pk}/options/",
        f"/agreements/offers/{offer.pk}/", "/agreements/offers/", "/agreements/offers/?view=late",
        f"/cases/{desk.case.pk}/",
    ):  # fmt: skip
        page.go(path)
        for opened in page.page.locator("details:not([open]):not(.menu) > summary").all():
            if opened.is_visible():
                opened.click()
        page.check()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_from_the_form_to_the_answer_by_hand(open_desk: OpenDesk, size: ViewportSize) -> None:
    scene = a_desk()
    desk = open_desk(staff=scene.agent, size=size)
    desk.go(f"/cases/{scene.case.pk}/")
    desk.page.get_by_role("link", name="每月结余").click()
    desk.page.get_by_label("失业", exact=True).check()
    desk.page.get_by_label("税后工资").fill("8000")
    desk.page.get_by_label("吃饭和日用", exact=True).fill("1200")
    desk.page.get_by_label("吃饭和日用", exact=True).blur()
    desk.page.get_by_text("目前算出的每月结余").wait_for()
    assert Affordability.objects.get().state == "draft"
    desk.page.get_by_label("客户表示愿意还款", exact=False).check()
    desk.page.get_by_role("button", name="填完并计算结余").click()
    desk.settle()
    desk.page.get_by_role("link", name="方案对比").click()
    desk.settle()
    desk.page.get_by_label("每月最多", exact=False).fill("1500")
    desk.page.get_by_label("客户原话").fill("每月 10 号发工资")
    desk.page.get_by_role("button", name="收下并送审").click()
    desk.settle()
    offer = Offer.objects.get()
    assert (offer.proposed_by, offer.state) == ("borrower", "submitted")
    approving = open_desk(staff=scene.approver, size=size)
    approving.go("/agreements/offers/")
    approving.page.locator("[data-opens]").first.click()
    approving.settle()
    approving.page.get_by_role("button", name="同意", exact=True).click()
    approving.settle()
    offer.refresh_from_db()
    assert offer.state == "approved"
