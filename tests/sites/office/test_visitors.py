"""The hotline and the risk department: what the page shows, read aloud; reports until closed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.dispatch.models import Proposal
from doorstep.kernel import clock
from doorstep.visits.models import ImpostorReport
from doorstep.visits.selectors.visitor import visitor_secret
from doorstep.visits.visitor import number_of, slot_of
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_contact_point, make_loan, make_staff
from tests.visits.checks import CODE, Door, make_door, make_impostor_report

pytestmark = pytest.mark.django_db
HOTLINE = "/visitors/"


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(clock, "today", lambda zone="": ON)


@pytest.fixture
def door() -> Door:
    return make_door()


def signed_in(client: Client, role: Role) -> Staff:
    staff = make_staff(role)
    client.force_login(staff)
    return staff


def ask(client: Client, **fields: str) -> str:
    return client.post(HOTLINE, fields).content.decode()


def test_the_desk_reads_aloud_what_the_page_shows(client: Client, door: Door) -> None:
    signed_in(client, Role.DESK_AGENT)
    page = ask(client, code="kq4t9whm")
    number = number_of(secret=visitor_secret(), visit=door.visit.pk, slot=slot_of(AT))
    assert " ".join(number) in page
    for agent in door.agents:
        assert agent.display_name in page
    assert door.visit.case.borrower.name not in page
    door.show(door.ask())
    assert "alert-danger" not in ask(client, code=CODE, number=number)


def aloud(page: str) -> str:
    """What the desk is to read aloud."""
    return page.partition('id="answer"')[2].partition('id="tell"')[0]


def test_the_desk_does_not_learn_why_a_code_tells_nothing(client: Client, door: Door) -> None:
    signed_in(client, Role.DESK_AGENT)
    unknown = aloud(ask(client, code="AAAA-AAAA"))
    assert aloud(ask(client, code=CODE)) != unknown
    type(door.visit).objects.update(state="cancelled")
    assert aloud(ask(client, code=CODE)) == unknown


def test_a_work_id_is_somebodys_or_nobodys(client: Client, door: Door) -> None:
    signed_in(client, Role.TEAM_LEADER)
    agent = door.agents[0]
    assert agent.display_name in ask(client, work_id=agent.particulars.work_id)
    assert "image/jpeg" not in ask(client, work_id="W-nobody")


def test_the_desk_is_limited_too(client: Client) -> None:
    signed_in(client, Role.DESK_AGENT)
    answers = [client.post(HOTLINE, {"code": "AAAA-AAAA"}).status_code for _each in range(21)]
    assert answers == [200] * 20 + [409]


def test_a_report_taken_on_the_phone_goes_through_the_office(client: Client, door: Door) -> None:
    signed_in(client, Role.DESK_AGENT)
    values = {"happened": "phone", "day": ON.isoformat(), "words": "自称银行，要求转账"}
    answer = client.post(reverse("office:impostor_told"), values, follow=True)
    report = ImpostorReport.objects.get()
    assert report.number in answer.content.decode()
    assert client.get("/impostors/").status_code == 403
    client.post(reverse("office:impostor_told"), {"happened": "x"})
    assert ImpostorReport.objects.count() == 1


def send(client: Client, name: str, report: ImpostorReport, **fields: Any) -> HttpResponse:
    return client.post(reverse(f"office:{name}", args=[report.pk]), fields)


def test_from_today_to_closed(client: Client) -> None:
    report = make_impostor_report()
    officer = signed_in(client, Role.COMPLIANCE_OFFICER)
    assert "/impostors/" in client.get("/").content.decode()
    assert report.number in client.get("/impostors/").content.decode()
    send(client, "impostor_closed", report, finding="impostor", how="报警")
    report.refresh_from_db()
    assert report.closed_at is None
    send(client, "impostor_taken", report)
    send(client, "impostor_closed", report, finding="impostor", how="报警")
    report.refresh_from_db()
    assert (report.taken_by, report.closed_by) == (officer, officer)
    over = client.get("/impostors/", {"view": "over"}).content.decode()
    assert report.number in over
    assert report.number not in client.get("/impostors/").content.decode()


def test_a_manager_proposes_the_warning_and_a_field_agent_sees_nothing(
    client: Client, door: Door
) -> None:
    make_contact_point(borrower=door.visit.case.borrower)
    make_loan(borrower=door.visit.case.borrower)
    report = make_impostor_report()
    signed_in(client, Role.COLLECTIONS_MANAGER)
    send(client, "impostor_taken", report)
    send(client, "impostor_warned", report, whom="coming", branch="")
    proposal = Proposal.objects.get()
    page = client.get(reverse("office:impostor", args=[report.pk])).content.decode()
    assert reverse("office:proposal", args=[proposal.pk]) in page
    signed_in(client, Role.FIELD_AGENT)
    assert client.get("/impostors/").status_code == 403
    assert client.get(HOTLINE).status_code == 403


def test_the_list_asks_as_often_however_many_there_are(
    client: Client, django_assert_num_queries: Any
) -> None:
    signed_in(client, Role.AUDITOR)
    for number in range(3):
        make_impostor_report(number=f"A{number}")
    client.get("/impostors/")
    with CaptureQueriesContext(connection) as few:
        client.get("/impostors/")
    for number in range(30):
        make_impostor_report(number=f"B{number}")
    with django_assert_num_queries(len(few)):
        client.get("/impostors/")
