"""What is allowed now, in every look; and from the worklist to a proposal that a colleague sees."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from doorstep.cases.models import Case
from doorstep.dispatch.models import ActState, Incident, Proposal
from doorstep.kernel import clock
from doorstep.workforce.roles import Role
from tests.browser.kit import LOOKS, PHONE
from tests.dispatch.outbox import make_act, make_incident, make_owing_case
from tests.factories import make_address, make_hold, make_instalments, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOON = clock.now().replace(hour=4, minute=0, second=0, microsecond=0)  # in China
NIGHT = NOON.replace(hour=15)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """It is noon, whatever the machine's clock says."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def owing(**fields: Any) -> Case:
    case = make_owing_case(business_date=NOON.date(), **fields)
    make_instalments(loan=case.borrower.loans.get())
    make_address(borrower=case.borrower, state="verified")
    return case


@pytest.mark.parametrize(("locale", "size", "theme"), LOOKS)
def test_every_page_that_says_what_is_allowed_is_clean_in_each_look(
    open_desk: Any, monkeypatch: pytest.MonkeyPatch, locale: str, size: Any, theme: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    case = owing(step="call")
    owing(step="remind", reason="friendly_first", screened="forbid",
          screened_rules=["HOUSE-PROMISE"])  # fmt: skip
    blocked = make_act(
        case=case,
        state=ActState.BLOCKED,
        planned_from=NOON,
        planned_until=NOON + timedelta(hours=1),
    )
    incident = make_incident(case=case, by=make_staff(Role.DESK_AGENT))
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale=locale, size=size, theme=theme)
    for path in (
        f"/cases/{case.pk}/", f"/calls/cases/{case.pk}/", f"/messages/{blocked.pk}/", "/messages/",
        "/", "/messages/propose/?row=friendly_first", "/incidents/", f"/incidents/{incident.pk}/",
        "/rules/CN-GBT-VOICE-3/",
    ):  # fmt: skip
        desk.go(path)
        for summary in desk.page.query_selector_all("main details"):
            summary.evaluate("part => { part.open = true }")
        desk.check()


def test_the_week_can_be_read_as_a_table_and_a_reason_leads_to_its_rule(
    open_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    case = owing()
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB", size=PHONE)
    desk.go(f"/cases/{case.pk}/")
    part = desk.page.get_by_role("region", name="What is allowed now")
    assert "The next contact may be" in part.inner_text()
    part.get_by_text("As a table").first.click()
    assert "–24:00" in part.inner_text() or "–21:00" in part.inner_text()
    part.get_by_text("Why?").first.click()
    part.get_by_role("link", name="CN-CBA-QUIET").first.click()
    desk.settle()
    assert "No collection at night" in desk.page.inner_text("h1")


def test_from_ticked_rows_to_a_preview_that_says_who_is_held_back_and_why(open_desk: Any) -> None:
    for _ in range(2):
        owing(step="remind")
    make_hold(borrower=owing(step="remind").borrower, kind="complaint", starts_on=NOON.date())
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB")
    desk.go("/cases/?step=remind")
    desk.page.get_by_label("Select every row of this page").check()
    desk.page.get_by_role("button", name="Write to these").click()
    desk.settle()
    assert "3 open cases match." in desk.page.inner_text("main")
    desk.page.get_by_role("button", name="See what would happen").click()
    desk.settle()
    text = desk.page.inner_text("main")
    assert "2 may go out" in text
    assert "1 is held back" in text
    desk.page.get_by_role("link", name="Show them").click()
    desk.settle()
    assert desk.page.locator("[data-rows] tr").count() == 1
    assert Proposal.objects.get().proposed_by_id


def test_a_contact_past_the_door_is_recorded_on_the_case_and_closed_by_compliance(
    open_desk: Any,
) -> None:
    case = owing()
    desk = open_desk(Role.COLLECTIONS_MANAGER, locale="en-GB", size=PHONE)
    desk.go(f"/cases/{case.pk}/")
    desk.page.get_by_text("Record a contact made outside the platform").click()
    desk.page.get_by_label("How it happened").select_option("call")
    desk.page.get_by_label("When", exact=True).fill(f"{NOON:%Y-%m-%dT%H:%M}")
    desk.page.locator("#past-note").fill("Rang from the bus.")
    desk.page.get_by_role("button", name="Record the contact").click()
    desk.settle()
    assert "counts under every limit" in desk.page.inner_text("main")
    officer = open_desk(Role.COMPLIANCE_OFFICER, locale="en-GB")
    officer.go("/incidents/")
    officer.page.locator("[data-rows] a").first.click()
    officer.settle()
    officer.page.get_by_label("What was found").fill("The desk is used from now on.")
    officer.page.get_by_role("button", name="Close the incident").click()
    officer.settle()
    assert Incident.objects.get().closed_how == "The desk is used from now on."
