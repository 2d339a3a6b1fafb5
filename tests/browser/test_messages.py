"""A mass reminder in the browser: proposed, approved by a colleague, sent, answered; and a call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from doorstep.cases.models import Case
from doorstep.dispatch.gateways import channels_open, door_make
from doorstep.dispatch.leases import lease_take
from doorstep.dispatch.models import Act, ActState, Proposal
from doorstep.dispatch.proposals import acts_propose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.worker import Sender
from doorstep.kernel import clock
from doorstep.protections.models import Complaint
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS
from tests.dispatch.outbox import Clock, make_act, make_inbound, make_owing_case
from tests.factories import ON, make_hold, make_instalments, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOON = clock.now().replace(hour=4, minute=0, second=0, microsecond=0)  # in China


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    """It is noon, whatever the machine's clock says: at night nothing would be cleared."""
    settings.HOME = tmp_path
    monkeypatch.setattr(clock, "now", lambda: NOON)


def owing(**fields: Any) -> Case:
    case = make_owing_case(business_date=NOON.date(), **fields)
    make_instalments(loan=case.borrower.loans.get())
    return case


def sent(at: Clock) -> None:
    """A sender's round at an instant, in a thread: the browser's loop runs in this one."""

    def work() -> None:
        door = door_make(at)
        sender = Sender(
            worker=lease_take(at=at()).worker, door=door, rulebook=rulebook_current, clock=at,
            channels=channels_open(door=door, clock=at),
        )  # fmt: skip
        sender.round()
        sender.close()
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def proposed() -> Proposal:
    for _ in range(3):
        owing()
    make_hold(borrower=owing().borrower, kind="complaint", starts_on=ON)
    return acts_propose(
        cases=Case.objects.all(), template="reminder_friendly_sms",
        planned_from=NOON, planned_until=NOON + timedelta(hours=2),
        by=make_staff(Role.COLLECTIONS_MANAGER), at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_every_page_of_messages_and_calls_is_clean_in_each_look(
    open_desk: Any, locale: str, size: Any, theme: str
) -> None:
    proposal = proposed()
    case = owing(step="call")
    doubtful = make_act(case=case, planned_from=NOON, planned_until=NOON + timedelta(hours=1))
    sent(Clock(NOON))
    Act.objects.filter(pk=doubtful.pk).update(state=ActState.IN_DOUBT, worker="")
    make_inbound(at=NOON)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=size, theme=theme)
    held = proposal.acts.filter(verdict__isnull=False).first()
    assert held is not None
    for path in (
        "/messages/",
        "/messages/?state=in_doubt",
        f"/messages/{doubtful.pk}/",
        f"/messages/{held.pk}/",
        f"/messages/proposals/{proposal.pk}/",
        "/messages/propose/",
        "/messages/replies/",
        "/sandbox/",
        "/calls/",
        f"/calls/cases/{case.pk}/",
    ):
        desk.go(path)
        desk.check()


def test_a_reminder_is_proposed_approved_and_arrives_and_a_complaint_follows(
    open_desk: Any,
) -> None:
    for _ in range(2):
        owing()
    make_hold(borrower=owing().borrower, kind="deceased", starts_on=ON)
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/messages/propose/?step=remind")
    desk.page.select_option("#template", "reminder_friendly_sms")
    desk.page.fill("#planned_from", f"{NOON + timedelta(hours=8):%Y-%m-%dT%H:%M}")
    desk.page.fill("#planned_until", f"{NOON + timedelta(hours=10):%Y-%m-%dT%H:%M}")
    desk.page.get_by_role("button", name="See what would happen").click()
    desk.settle()
    assert "2 may go out" in desk.page.inner_text("main")
    assert "1 is held back" in desk.page.inner_text("main")
    assert desk.page.get_by_role("button", name="Approve").count() == 0
    address = desk.page.url.removeprefix(desk.address)

    colleague = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    colleague.go(address)
    colleague.page.get_by_role("button", name="Approve 2 messages").click()
    colleague.settle()
    sent(Clock(NOON + timedelta(hours=1, minutes=50)))
    desk.go("/sandbox/")
    assert desk.page.get_by_label("Answer as the customer").count() == 2
    desk.page.get_by_label("Answer as the customer").first.fill("我要投诉")
    desk.page.get_by_role("button", name="Send the answer").first.click()
    desk.settle()
    assert Complaint.objects.count() == 1
    assert "A complaint was opened." in desk.page.inner_text("main")


def test_a_call_is_cleared_checked_and_recorded(open_desk: Any) -> None:
    case = owing(step="call")
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/calls/")
    desk.page.get_by_role("link", name="欧***").first.click()
    desk.settle()
    desk.page.get_by_role("button", name="Ask the guard").click()
    desk.settle()
    text = desk.page.inner_text("main")
    assert "+86199" in text, text
    assert "1,234.56" not in text
    desk.page.get_by_label("How do you know").fill("last four digits")
    desk.page.get_by_role("button", name="It is the customer").click()
    desk.settle()
    assert "1,234.56" in desk.page.inner_text("main")
    desk.page.get_by_label("The customer promised to pay").check()
    desk.page.get_by_role("button", name="Record the call").click()
    desk.settle()
    act = Act.objects.get(case=case)
    assert (act.state, act.outcome) == (ActState.DELIVERED, "promised")
