"""Agreements in a real browser: clean in every look; signed with the pen, and with the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize
from pytest_django import Settings

from doorstep.agreements.models import Agreement
from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.workforce.roles import Role
from tests.agreements.signing import NAME, draft, make_agreement_rows, make_offer
from tests.browser.conftest import OpenDesk
from tests.browser.kit import LOOKS
from tests.factories import make_case, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Look = tuple[str, ViewportSize, str]


@pytest.fixture(autouse=True)
def own_files(home: Path, settings: Settings) -> None:
    settings.SEAL = home / "seal.pem"
    settings.EVIDENCE_KEYS = home / "keys.toml"


def a_draft() -> Agreement:
    """An agreement to sign today."""
    now = clock.now()
    offer = make_offer(valid_until=now.date().replace(year=now.year + 1))
    return draft(offer, at=now, by=make_staff(Role.COLLECTIONS_MANAGER))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]['width']}-{look[2]}")
def test_every_page_is_clean_in_every_look(open_desk: OpenDesk, look: Look) -> None:
    locale, size, theme = look
    open_one, sealed = make_agreement_rows(case=make_case())
    make_offer()
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=size, theme=theme)
    for path in (
        "/agreements/documents/", "/agreements/documents/?view=to_draw_up",
        "/agreements/documents/?view=over", f"/agreements/documents/{open_one.pk}/",
        f"/agreements/documents/{sealed.pk}/",
        f"/agreements/documents/{open_one.pk}/sign/borrower/", "/copies/",
    ):  # fmt: skip
        desk.go(path)
        desk.check()


def test_signed_with_the_pen_sealed_and_in_force(open_desk: OpenDesk) -> None:
    agreement = a_draft()
    desk = open_desk(Role.COLLECTIONS_MANAGER)
    desk.go(f"/agreements/documents/{agreement.pk}/sign/borrower/")
    for box in desk.page.get_by_role("checkbox").all():
        box.check()
    desk.page.get_by_label("地点", exact=True).fill("云川市松林区")
    field = desk.page.locator("canvas[data-signature]")
    field.scroll_into_view_if_needed()
    box_of = field.bounding_box()
    assert box_of is not None
    mouse = desk.page.mouse
    mouse.move(box_of["x"] + 30, box_of["y"] + 100)
    mouse.down()
    for step in range(1, 12):
        mouse.move(box_of["x"] + 30 + 40 * step, box_of["y"] + 40 + 90 * (step % 2))
    mouse.up()
    desk.page.get_by_role("button", name="签署", exact=True).click()
    desk.settle()
    desk.page.get_by_text("等待我方签章").first.wait_for()
    assert agreement.signatures.get().way == "screen"
    desk.page.get_by_label("地点", exact=True).fill("云川市")
    desk.page.get_by_role("button", name="盖章生效").click()
    desk.settle()
    desk.page.get_by_text("正常履行").first.wait_for()
    desk.check()
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="已签署并盖章（PDF）").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_signed_with_the_keyboard_alone(open_desk: OpenDesk) -> None:
    agreement = a_draft()
    staff = make_staff(Role.DESK_AGENT)
    Case.objects.filter(pk=agreement.case_id).update(assignee=staff)
    desk = open_desk(staff=staff)
    desk.go(f"/agreements/documents/{agreement.pk}/sign/borrower/")
    assert desk.page.get_by_label("签署人姓名").is_hidden()
    for box in desk.page.get_by_role("checkbox").all():
        box.focus()
        desk.page.keyboard.press("Space")
    desk.page.get_by_label("在本屏幕上手写").focus()
    desk.page.keyboard.press("ArrowDown")
    assert desk.page.get_by_label("签署人姓名").input_value() == NAME
    desk.page.get_by_label("地点", exact=True).focus()
    desk.page.keyboard.type("云川市")
    desk.page.keyboard.press("Enter")
    desk.settle()
    desk.page.get_by_text("等待我方签章").first.wait_for()
    assert agreement.signatures.get().way == "typed"
