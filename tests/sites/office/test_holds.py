"""Placing and ending a hold by day: the next step stops at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from doorstep.cases.models import Case, WorkItem
from doorstep.kernel import clock
from doorstep.protections.models import Hold
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_borrower,
    make_case,
    make_contact_point,
    make_hold,
    make_instalments,
    make_loan,
    make_staff,
    make_work_item,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    return client


@pytest.fixture
def case() -> Case:
    """One instalment 12 days past due, a reminder waiting."""
    borrower = make_borrower()
    make_contact_point(borrower=borrower)
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=1, paid=0, first_due_on=ON - timedelta(days=12))
    case = make_case(borrower=borrower, step="remind", reason="friendly_first")
    make_work_item(case=case)
    return case


def place(client: Client, case: Case, **form: str) -> str:
    form = {"kind": "complaint", "note": "Called the hotline.", **form}
    address = reverse("office:case_hold", args=[case.pk])
    return client.post(address, form, follow=True).content.decode()


def test_a_complaint_stops_the_next_step_at_once(manager: Client, case: Case) -> None:
    text = place(manager, case)
    case.refresh_from_db()
    assert (case.step, case.reason, case.hold_kind) == ("none", "held_open", "complaint")
    assert WorkItem.objects.get().status == "withdrawn"
    assert "No contact until it is lifted." in text
    listed = manager.get(reverse("office:worklist"), {"hold": "complaint"}).content.decode()
    assert case.borrower_id in listed


def test_a_hold_with_a_last_day_names_it(manager: Client, case: Case) -> None:
    last = clock.today(settings.TIME_ZONE) + timedelta(days=9)
    place(manager, case, ends_on=last.isoformat())
    case.refresh_from_db()
    assert (case.reason, case.hold_until) == ("held", last)


def test_ending_the_hold_decides_again_and_opens_the_step(manager: Client, case: Case) -> None:
    place(manager, case)
    hold = Hold.objects.get()
    address = reverse("office:case_hold_end", args=[case.pk, hold.pk])
    manager.post(address)
    case.refresh_from_db()
    hold.refresh_from_db()
    assert hold.ended_at is not None
    assert (case.step, case.hold_kind, case.hold_until) == ("remind", "", None)
    assert WorkItem.objects.filter(status="open").count() == 1
    again = manager.post(address, follow=True).content.decode()
    assert "This hold has been ended already." in again


def test_while_another_hold_runs_the_borrower_stays_held(manager: Client, case: Case) -> None:
    make_hold(borrower=case.borrower, kind="deceased")
    place(manager, case)
    staff_hold = Hold.objects.get(source="staff")
    manager.post(reverse("office:case_hold_end", args=[case.pk, staff_hold.pk]))
    case.refresh_from_db()
    assert (case.step, case.hold_kind) == ("none", "deceased")


def test_a_hold_of_the_lenders_book_is_not_ended_here(manager: Client, case: Case) -> None:
    hold = make_hold(borrower=case.borrower)
    address = reverse("office:case_hold_end", args=[case.pk, hold.pk])
    assert "This hold comes from the lender" in manager.post(address, follow=True).content.decode()
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_a_hold_of_another_borrower_is_out_of_reach(manager: Client, case: Case) -> None:
    other = make_hold(borrower=make_borrower(), source="staff")
    address = reverse("office:case_hold_end", args=[case.pk, other.pk])
    assert manager.post(address).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "bad_mood"},
        {"kind": ""},
        {"note": "   "},
        {"note": "x" * 501},
        {"starts_on": "2026-02-30"},
        {"starts_on": "1900-01-01"},
        {"starts_on": "9999-12-31"},
        {"ends_on": "yesterday"},
        {"ends_on": "2000-01-01"},
        {"ends_on": "9999-12-31"},
    ],
)
def test_a_hold_that_makes_no_sense_is_refused_with_its_reason(
    manager: Client, case: Case, form: dict[str, str]
) -> None:
    assert "message-error" in place(manager, case, **form)
    assert not Hold.objects.exists()
    case.refresh_from_db()
    assert case.step == "remind"
    assert WorkItem.objects.get().status == "open"


def test_a_hold_that_begins_later_does_not_stop_today(manager: Client, case: Case) -> None:
    later = clock.today(settings.TIME_ZONE) + timedelta(days=5)
    place(manager, case, starts_on=later.isoformat())
    case.refresh_from_db()
    assert (case.step, case.hold_kind) == ("remind", "")


@pytest.mark.parametrize("role", [Role.FIELD_AGENT, Role.ANALYST, Role.AUDITOR])
def test_roles_without_the_permission_cannot_place_holds(role: Role, case: Case) -> None:
    staff = make_staff(role)
    Case.objects.update(assignee=staff)
    client = Client()
    client.force_login(staff)
    assert client.post(reverse("office:case_hold", args=[case.pk])).status_code == 403
