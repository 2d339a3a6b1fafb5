"""Complaints, disputes and deadlines as lists and pages: whose turn, by when, what was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.protections import services
from doorstep.protections.models import Complaint, Dispute
from doorstep.protections.services import News
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    make_borrower,
    make_case,
    make_contact,
    make_loan,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def signed_in(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


@pytest.fixture
def officer() -> Staff:
    return make_staff(Role.COMPLIANCE_OFFICER, display_name="Officer One")


def complained(*, case: Case | None = None, before: timedelta = HOUR, **fields: Any) -> Complaint:
    case = case or make_case()
    at = clock.now() - before
    news = News(borrower=case.borrower, reference=f"test:{case.pk}:{before}", at=at)
    return services.complaint_open(news=news, words="我要投诉", **fields)


def disputed(*, before: timedelta = HOUR) -> Dispute:
    case = make_case()
    at = clock.now() - before
    news = News(borrower=case.borrower, reference=f"test:{case.pk}", at=at, note="Paid in June")
    return services.dispute_open(news=news, loan=make_loan(borrower=case.borrower))


def listed(client: Client, name: str, **query: str) -> list[str]:
    page = client.get(reverse(f"office:{name}"), query)
    return [each["row"].borrower_id for each in page.context["rows"]]


def test_the_longest_overdue_complaint_comes_first(officer: Staff) -> None:
    fresh, old, older = complained(), complained(before=20 * DAY), complained(before=30 * DAY)
    client = signed_in(officer)
    assert listed(client, "complaints") == [r.borrower_id for r in (older, old, fresh)]
    text = client.get(reverse("office:complaints")).content.decode()
    assert text.count("Past its day") == 2
    assert "Officer One" in text
    assert "我要投诉" in text


def do(client: Client, row: Complaint | Dispute, deed: str, **form: str) -> str:
    name = row._meta.model_name
    named = {f"{deed}-{key}": value for key, value in form.items()}
    address = reverse(f"office:{name}", args=[row.pk])
    return client.post(address, {"deed": deed} | named, follow=True).content.decode()


def test_a_complaint_from_its_answer_to_the_decision_that_contact_goes_on(officer: Staff) -> None:
    complaint, client = complained(), signed_in(officer)
    assert "To answer" in client.get(reverse("office:complaints")).content.decode()
    text = do(client, complaint, "answer", outcome="upheld", answer="We are sorry.")
    assert "Answered, contact rests" in text
    assert "We are sorry." in text
    assert listed(client, "complaints") == []
    assert listed(client, "complaints", view="decide") == [complaint.borrower_id]
    assert "Done." in do(client, complaint, "resume", why="He wants the plan")
    assert listed(client, "complaints", view="over") == [complaint.borrower_id]
    text = do(client, complaint, "answer", outcome="upheld", answer="again")
    assert "This cannot be done any more." in text


def test_more_time_escalation_and_another_owner(officer: Staff) -> None:
    complaint, client = complained(), signed_in(officer)
    above = make_staff(Role.COMPLIANCE_OFFICER, display_name="Officer Two")
    assert "Done." in do(client, complaint, "extend", why="We ask the agency")
    text = do(client, complaint, "escalate", why="About me", to=str(above.pk))
    assert "1 time" in text
    assert "Officer Two" in text
    assert listed(client, "complaints", view="up") == [complaint.borrower_id]
    assert listed(client, "complaints", mine="1") == []
    assert "Done." in do(client, complaint, "assign", to=str(officer.pk))
    assert listed(client, "complaints", mine="1") == [complaint.borrower_id]


@pytest.mark.parametrize(
    ("deed", "form", "words"),
    [
        ("answer", {"outcome": "upheld"}, "This field is required"),
        ("answer", {"outcome": "maybe", "answer": "x"}, "Select a valid choice"),
        ("escalate", {"why": "x", "to": "999999"}, "Select a valid choice"),
        ("extend", {"why": " "}, "This field is required"),
        ("resume", {"why": "x"}, "cannot be done"),
        ("burn", {}, "cannot be done"),
    ],
)
def test_what_cannot_be_done_is_said(
    officer: Staff, deed: str, form: dict[str, str], words: str
) -> None:
    complaint = complained()
    assert words in do(signed_in(officer), complaint, deed, **form)
    assert Complaint.objects.count() == 1


def test_escalating_to_oneself_is_refused_at_the_field(officer: Staff) -> None:
    complaint = complained()
    text = do(signed_in(officer), complaint, "escalate", why="x", to=str(officer.pk))
    assert "Choose somebody else who may answer." in text


def test_a_desk_agent_sees_the_complaints_of_own_cases_and_answers_none() -> None:
    agent = make_staff(Role.DESK_AGENT)
    mine = complained(case=make_case(assignee=agent))
    other = complained()
    client = signed_in(agent)
    assert listed(client, "complaints") == [mine.borrower_id]
    assert client.get(reverse("office:complaint", args=[other.pk])).status_code == 404
    assert (
        "What can be done"
        not in client.get(reverse("office:complaint", args=[mine.pk])).content.decode()
    )
    assert "cannot be done" in do(client, mine, "answer", outcome="upheld", answer="x")


def test_a_dispute_shows_the_loan_and_is_answered(officer: Staff) -> None:
    dispute, client = disputed(), signed_in(officer)
    text = client.get(reverse("office:disputes")).content.decode()
    assert f"only loan {dispute.loan_id}" in text
    text = do(client, dispute, "answer", outcome="partly", answer="Half of the fee goes.")
    assert "Partly upheld" in text
    assert "Paid in June" in text
    assert listed(client, "disputes") == []
    assert listed(client, "disputes", view="over") == [dispute.borrower_id]


def test_deadlines_of_every_kind_stand_in_one_list_overdue_first(officer: Staff) -> None:
    case = make_case()
    now = clock.now()
    make_contact(borrower=case.borrower, at=now - 39 * DAY)

    def news(name: str, before: timedelta, **fields: Any) -> News:
        return News(borrower=case.borrower, reference=name, at=now - before, **fields)

    services.hardship_record(news=news("hardship", 40 * DAY))
    services.legal_stop_record(news=news("claim", HOUR, claimed=True), bar="deceased")
    services.stop_request_record(news=news("stop", 0 * DAY, starts_at=now - 40 * DAY))
    complained(case=case)
    client = signed_in(officer)
    rows = client.get(reverse("office:protections_due")).context["rows"]
    assert rows[0]["duty"].table == "hardship"
    assert {row["duty"].table for row in rows} == {"hardship", "legalstop", "late", "complaint"}
    days = [row["duty"].due_on for row in rows]
    assert days == sorted(days)
    assert [row["overdue"] for row in rows] == [True, False, False, False]
    for row in rows:
        assert client.get(row["address"]).status_code == 200
    only = client.get(reverse("office:protections_due"), {"kind": "late"}).context["rows"]
    assert [row["duty"].table for row in only] == ["late"]
    mine = client.get(reverse("office:protections_due"), {"mine": "1"}).context["rows"]
    assert [row["duty"].table for row in mine] == ["complaint"]


def test_todays_page_counts_what_is_due_for_whom(officer: Staff) -> None:
    team = make_team()
    agent = make_staff(Role.DESK_AGENT, team=team)
    case = make_case(assignee=agent, team=team)
    complained(case=case)
    news = News(borrower=case.borrower, reference="h", at=clock.now() - HOUR, by=agent)
    services.hardship_record(news=news)
    for staff, count in ((officer, 2), (agent, 1), (make_staff(Role.APPROVER), 0)):
        text = signed_in(staff).get("/").content.decode()
        assert ("Deadlines of protections" in text) is (count > 0)
        assert f"<strong>{count}</strong>" in text or not count


def test_a_deadline_over_a_year_without_a_calendar_says_so(officer: Staff) -> None:
    dispute = disputed()
    Dispute.objects.update(due_sure=False)
    client = signed_in(officer)
    text = client.get(reverse("office:dispute", args=[dispute.pk])).content.decode()
    assert "the days off of a year on the way are not published" in text
    assert "not sure yet" in client.get(reverse("office:protections_due")).content.decode()


@pytest.mark.parametrize("name", ["complaints", "disputes", "protections_due"])
def test_a_long_list_takes_as_many_queries_as_a_short_one(officer: Staff, name: str) -> None:
    client = signed_in(officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse(f"office:{name}")).status_code == 200
        return len(found)

    complained()
    disputed()
    few = queries()
    for number in range(2, 9):
        complained(before=number * HOUR)
        disputed(before=number * HOUR)
    assert queries() == few


def test_the_lists_say_what_appears_when_they_are_empty(officer: Staff) -> None:
    client = signed_in(officer)
    for name, words in (
        ("complaints", "No complaint here"),
        ("disputes", "No dispute here"),
        ("protections_due", "Nothing has a deadline"),
    ):
        assert words in client.get(reverse(f"office:{name}")).content.decode()


def test_a_name_is_masked_in_every_list(officer: Staff) -> None:
    complained(case=make_case(borrower=make_borrower(name="欧阳小明")))
    client = signed_in(officer)
    for name in ("complaints", "protections_due"):
        text = client.get(reverse(f"office:{name}")).content.decode()
        assert "欧***" in text
        assert "欧阳小明" not in text


def test_a_text_people_complain_about_shows_with_its_share(officer: Staff) -> None:
    for number in range(1, 4):
        complained(before=number * HOUR, about_act="a1", about_template="reminder-friendly")
    complained(before=200 * DAY, about_template="reminder-old")
    client = signed_in(officer)
    text = client.get(reverse("office:complaints")).content.decode()
    assert "Complaints by text, last 90 days" in text
    assert "reminder-friendly" in text
    assert "reminder-old" not in text
    rows = client.get(reverse("office:complaints")).context["texts"]
    assert [(row.template, row.complaints, row.sent, row.share) for row in rows] == [
        ("reminder-friendly", 3, 0, None)
    ]
    leader = signed_in(make_staff(Role.TEAM_LEADER, team=make_team()))
    assert "reminder-friendly" not in leader.get(reverse("office:complaints")).content.decode()
