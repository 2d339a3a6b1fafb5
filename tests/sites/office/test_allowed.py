"""What is allowed now, on the case file, at the desk, beside a message, and as JSON."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.dispatch.models import ActState
from doorstep.kernel import clock
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, make_act, make_owing_case
from tests.factories import make_address, make_case, make_hold, make_instalments, make_staff

pytestmark = pytest.mark.django_db
DESK = "office:call_desk"


@pytest.fixture(autouse=True)
def ten_in_the_morning(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    stand_at(monkeypatch, AT)


def stand_at(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)


def owing(**fields: Any) -> Case:
    case = make_owing_case(**fields)
    make_instalments(loan=case.borrower.loans.get())
    return case


def shown(case: Case, name: str = "office:case", language: str = "en", **keys: Any) -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    answer = client.get(reverse(name, kwargs=keys or {"case_id": case.pk}))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def test_by_day_the_case_file_says_that_contact_may_be_made_and_under_which_conditions() -> None:
    text = shown(owing())
    assert "Contact may be made now: <strong>Text message, Call</strong>" in text
    assert "Only if: the contact is recorded throughout" in text
    assert "No number or address that may be used for: E-mail, Messenger, Visit, Letter" in text


def test_by_night_it_says_when_the_next_contact_may_be_and_by_which_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_at(monkeypatch, AT.replace(hour=15))
    text = shown(owing())
    assert "The next contact may be: <strong>Call</strong>" in text
    assert "21 Nov 2026 08:30" in text
    assert reverse("office:rule", args=["CN-CBA-QUIET"]) in text
    assert "Quoted by a named third party · not yet signed by a lawyer" in text


def test_a_complaint_shuts_every_way_and_says_that_waiting_does_not_help() -> None:
    case = owing()
    make_hold(borrower=case.borrower, kind="complaint")
    text = shown(case)
    assert "No contact within the next week by waiting alone" in text
    assert "week-drawing" not in text


def test_the_week_is_drawn_and_stands_in_a_table_in_the_pages_language() -> None:
    text = shown(owing(), language="zh-hans")
    assert 'role="img" aria-labelledby="week-0-title"' in text
    assert "<td>09:00–21:00</td>" in text
    assert "现在可以联系:" in text


def test_a_closed_case_says_nothing_of_it() -> None:
    closed = make_case(status="closed", closed_on=AT.date())
    assert "What is allowed now" not in shown(closed)


def test_the_desk_asks_about_calls_alone() -> None:
    text = shown(owing(step="call"), DESK)
    assert "Contact may be made now: <strong>Call</strong>" in text
    assert "Text message" not in text.split('id="allowed-title"')[1].split("</section>")[0]


def test_beside_a_message_held_back_stands_when_the_next_may_be() -> None:
    case = owing()
    act = make_act(case=case, state=ActState.BLOCKED, why="CN-CC-67")
    assert "What is allowed now" in shown(case, "office:message", act_id=act.pk)
    sent = make_act(case=case, state=ActState.FAILED)
    assert "What is allowed now" in shown(case, "office:message", act_id=sent.pk)


def test_the_same_answer_as_json() -> None:
    case = owing()
    make_address(borrower=case.borrower, state="verified")
    client = Client()
    client.force_login(make_staff(Role.AUDITOR))
    answer = client.get(f"/api/cases/{case.pk}/allowed")
    assert answer.headers["Content-Type"] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers[
        "Cache-Control"
    ]  # fmt: skip
    found = answer.json()
    assert (found["case"], found["zone"]) == (case.pk, "Asia/Shanghai")
    call = next(way for way in found["ways"] if way["kind"] == "call")
    assert call["verdict"]["outcome"] == "permit_if"
    assert call["verdict"]["conditions"] == ["recorded"]
    assert call["week"][0]["state"] == "open"


def test_nobody_asks_about_a_case_out_of_sight() -> None:
    client = Client()
    client.force_login(make_staff(Role.DESK_AGENT))
    assert client.get(f"/api/cases/{owing().pk}/allowed").status_code == 404
    assert client.get("/api/cases/987654/allowed").status_code == 404
