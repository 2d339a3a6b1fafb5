"""A contact past the door: recorded by whoever made it, looked into and closed by compliance."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from doorstep.cases.models import Case, Contact
from doorstep.dispatch.models import Incident
from doorstep.kernel import clock
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import make_incident, make_owing_case
from tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def state(home: Path) -> Path:
    return home


def client_of(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


def record(by: Staff, case: Case, **fields: str) -> Any:
    when = timezone.localtime(clock.now() - timedelta(hours=1))
    return client_of(by).post(
        reverse("office:incident_record", args=[case.pk]),
        {"channel": "call", "when": f"{when:%Y-%m-%dT%H:%M}", "result": "no_answer",
         "note": "Rang from the bus.", **fields},
        follow=True,
    )  # fmt: skip


def test_whoever_made_it_records_it_and_it_counts_and_opens_an_incident() -> None:
    by = make_staff(Role.DESK_AGENT)
    case = make_owing_case(assignee=by)
    text = record(by, case).content.decode()
    assert "counts under every limit" in text
    contact = Contact.objects.get(borrower=case.borrower)
    assert (contact.origin, contact.channel, contact.result) == ("uncleared", "call", "no_answer")
    assert Incident.objects.get().case == case


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"channel": "telepathy"}, "Choose how it happened."),
        ({"when": "yesterday"}, "Say when it happened."),
        ({"when": "2999-01-01T10:00"}, "Say when it happened."),
        ({"note": "  "}, "Say what happened."),
    ],
)
def test_a_record_that_cannot_be_is_refused_with_words(fields: dict[str, str], said: str) -> None:
    by = make_staff(Role.COLLECTIONS_MANAGER)
    assert said in unescape(record(by, make_owing_case(), **fields).content.decode())
    assert not Incident.objects.exists()


def test_compliance_lists_looks_into_and_closes_it() -> None:
    officer = make_staff(Role.COMPLIANCE_OFFICER)
    incident = make_incident(case=make_owing_case(), by=make_staff())
    client = client_of(officer)
    assert "Rang from the bus." in client.get(reverse("office:incidents")).content.decode()
    page = reverse("office:incident", args=[incident.pk])
    assert "Close the incident" in client.get(page).content.decode()
    how = "Spoken with the agent; the desk is used from now on."
    client.post(reverse("office:incident_closed", args=[incident.pk]), {"how": how})
    text = client.get(page).content.decode()
    assert how in text
    assert "Close the incident" not in text
    assert "No incident here" in client.get(reverse("office:incidents")).content.decode()
    over = client.get(reverse("office:incidents"), {"view": "over"}).content.decode()
    assert "Rang from the bus." in over


def test_an_incident_is_not_closed_without_saying_how_nor_by_who_may_not() -> None:
    incident = make_incident(case=make_owing_case(), by=make_staff())
    address = reverse("office:incident_closed", args=[incident.pk])
    client_of(make_staff(Role.COMPLIANCE_OFFICER)).post(address, {"how": " "})
    assert client_of(make_staff(Role.COLLECTIONS_MANAGER)).post(address).status_code == 403
    incident.refresh_from_db()
    assert incident.closed_at is None
