"""From the night or the worklist to a proposal: whom, which text, the guard, two people."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.dispatch.models import Act, Proposal
from doorstep.kernel import clock
from doorstep.sites.office import messages_propose
from doorstep.sites.office.propose_task import prepare_proposal
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, make_incident, make_owing_case
from tests.factories import make_hold, make_instalments, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ten_in_the_morning(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


def client_of(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


def owing(**fields: Any) -> Case:
    case = make_owing_case(**({"reason": "friendly_first", "step": "remind"} | fields))
    make_instalments(loan=case.borrower.loans.get())
    return case


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def local(moment: datetime) -> str:
    return f"{moment + timedelta(hours=8):%Y-%m-%dT%H:%M}"


def form(query: str, **fields: str) -> dict[str, str]:
    return {
        "query": query, "template": "reminder_friendly_sms", "note": "",
        "planned_from": local(AT), "planned_until": local(AT + timedelta(hours=2)), **fields,
    }  # fmt: skip


def test_the_ticked_cases_go_from_the_worklist_to_the_form_and_to_the_preview(
    manager: Staff,
) -> None:
    chosen, held, other = owing(), owing(), owing()
    make_hold(borrower=held.borrower, kind="complaint")
    client = client_of(manager)
    answer = client.post(
        reverse("office:propose_to"), {"case": [chosen.pk, held.pk], "query": "step=remind"}
    )
    assert answer.headers["Location"].endswith(f"?cases={chosen.pk}%2C{held.pk}") or answer.headers[
        "Location"
    ].endswith(f"?cases={chosen.pk},{held.pk}")
    page = text_of(client.get(answer.headers["Location"]))
    assert "<strong>2</strong> open cases match." in page
    assert re.search(r'value="reminder_friendly_sms" selected', page)
    made = client.post(reverse("office:propose"), form(f"cases={chosen.pk},{held.pk}"))
    shown = text_of(client.get(made.headers["Location"]))
    assert "<strong>1</strong> may go out." in shown
    assert "<strong>1</strong> is held back." in shown
    assert not Act.objects.filter(case=other).exists()


def test_all_that_match_go_with_their_filter_and_nothing_ticked_goes_nowhere(
    manager: Staff,
) -> None:
    owing()
    client = client_of(manager)
    everything = client.post(reverse("office:propose_to"), {"all": "1", "query": "step=remind"})
    assert everything.headers["Location"].endswith("/messages/propose/?step=remind")
    nothing = client.post(reverse("office:propose_to"), {"query": "step=remind"})
    assert nothing.headers["Location"] == reverse("office:worklist")


def test_a_case_out_of_sight_cannot_be_written_to_by_its_number() -> None:
    case = owing()
    client = client_of(make_staff(Role.TEAM_LEADER))
    answer = client.post(reverse("office:propose"), form(f"cases={case.pk}"))
    assert answer.status_code == 400
    assert not Proposal.objects.exists()


def test_a_group_of_the_preview_opens_its_rows(manager: Staff) -> None:
    owing()
    held = owing()
    make_hold(borrower=held.borrower, kind="complaint")
    client = client_of(manager)
    address = client.post(reverse("office:propose"), form("row=friendly_first")).headers["Location"]
    why = Act.objects.get(case=held).why
    assert f"?why={why}#one-by-one" in text_of(client.get(address))
    assert held.borrower_id in text_of(client.get(f"{address}?why={why}"))
    assert held.borrower_id not in text_of(client.get(f"{address}?why=OTHER"))


def test_a_large_proposal_is_prepared_in_the_background_once(
    manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages_propose, "AT_ONCE", 1)
    owing()
    owing()
    client = client_of(manager)
    wait = client.post(reverse("office:propose"), form("step=remind")).headers["Location"]
    assert "Waits for the worker: 2 customers." in text_of(client.get(wait))
    assert client_of(make_staff(Role.COLLECTIONS_MANAGER)).get(wait).status_code == 404
    asked = prepare_proposal.get_result(wait.rstrip("/").rsplit("/", 1)[1])
    made = prepare_proposal.func(**asked.kwargs)
    assert prepare_proposal.func(**asked.kwargs) == made
    assert Proposal.objects.get().pk == made["proposal"]


def test_what_stands_against_a_large_proposal_is_said_on_the_form(
    manager: Staff, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    monkeypatch.setattr(messages_propose, "AT_ONCE", 0)
    owing()
    client = client_of(manager)
    answer = client.post(
        reverse("office:propose"), form("step=remind", template="no_such"), follow=True
    )
    assert "Choose a text that is in force." in text_of(answer)
    done = client.post(reverse("office:propose"), form("step=remind"))
    assert done.headers["Location"] == reverse("office:proposal", args=[Proposal.objects.get().pk])


@pytest.mark.parametrize("page", ["office:messages", "office:today"])
def test_what_the_night_made_ready_stands_by_row_with_who_is_held_back(
    manager: Staff, page: str
) -> None:
    owing(screened="permit")
    owing(screened="not_before", screened_from=AT + timedelta(hours=2))
    owing(screened="not_before", screened_from=AT + timedelta(days=4))
    owing(screened="forbid", screened_rules=["HOUSE-PROMISE"])
    owing(reason="letter", step="letter", screened="permit")
    text = text_of(client_of(manager).get(reverse(page)))
    assert "Send a friendly reminder." in text
    assert "<strong>2</strong> ready · 2 held back" in text
    assert reverse("office:rule", args=["HOUSE-PROMISE"]) in text
    assert f"{reverse('office:propose')}?row=friendly_first" in text
    assert text.index("Send a friendly reminder.") < text.index("Send a letter")


def test_whoever_may_not_propose_sees_what_is_ready_without_the_button() -> None:
    owing(screened="permit")
    text = text_of(client_of(make_staff(Role.AUDITOR)).get(reverse("office:messages")))
    assert "Send a friendly reminder." in text
    assert "row=friendly_first" not in text


def test_the_form_of_a_row_chooses_its_text(manager: Staff) -> None:
    owing(reason="remind_again", step="remind_again")
    text = text_of(client_of(manager).get(f"{reverse('office:propose')}?row=remind_again"))
    assert 'value="reminder_second_sms" selected' in text
    assert "Remind again and say that an arrangement is possible." in text


@pytest.mark.parametrize(
    ("name", "most"),
    [("messages", 17), ("propose", 13), ("proposal", 18), ("calls", 13), ("call_desk", 42),
     ("incidents", 13)],
)  # fmt: skip
def test_pages_take_the_same_queries_for_few_and_many_rows(
    manager: Staff, name: str, most: int
) -> None:
    first = owing(step="call")
    owing()
    make_hold(borrower=owing().borrower, kind="complaint")
    client = client_of(manager)
    keys: dict[str, Any] = {"case_id": first.pk} if name == "call_desk" else {}

    def queries() -> int:
        if name == "proposal":
            made = client.post(reverse("office:propose"), form("row=friendly_first"))
            keys["proposal_id"] = made.headers["Location"].rstrip("/").rsplit("/", 1)[1]
        address = reverse(f"office:{name}", kwargs=keys)
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    make_incident(case=first, by=manager)
    few = queries()
    for _ in range(4):
        case = owing(screened="forbid", screened_rules=["HOUSE-PROMISE"])
        make_hold(borrower=case.borrower, kind="complaint")
        make_incident(case=owing(step="call"), by=make_staff())
    assert queries() == few <= most
