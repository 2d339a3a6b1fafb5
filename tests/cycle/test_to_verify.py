"""What is to be confirmed before the next step: only what the step would use, and in bounds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.cases.models import Case
from doorstep.cycle.to_verify import AGAIN_AFTER, verification_tasks_follow
from doorstep.portfolio.models import ContactPoint, VerificationTask
from doorstep.portfolio.services import verification_record
from tests.factories import (
    AT,
    make_address,
    make_case,
    make_contact_point,
    make_staff,
    make_verification_task,
)

pytestmark = pytest.mark.django_db


def open_tasks() -> list[tuple[str, str]]:
    """(why, what) of every open task."""
    tasks = VerificationTask.objects.filter(closed_at=None).order_by("pk")
    return [
        (task.reason, task.contact_point.value if task.contact_point else task.address.text)  # type: ignore[union-attr]
        for task in tasks
    ]


def test_the_unconfirmed_number_that_a_call_would_use_is_to_be_confirmed() -> None:
    case = make_case(step="call")
    make_contact_point(borrower=case.borrower, kind="landline", value="+861", state="unverified")
    make_contact_point(borrower=case.borrower, kind="mobile", value="+862", state="unverified")
    make_contact_point(borrower=case.borrower, kind="mobile", value="+863", state="wrong")
    make_address(borrower=case.borrower)
    assert verification_tasks_follow(at=AT) == 1
    assert open_tasks() == [("unverified", "+862")]
    assert verification_tasks_follow(at=AT) == 0, "once is enough"


def test_a_confirmed_number_is_used_instead() -> None:
    case = make_case(step="call")
    make_contact_point(borrower=case.borrower, state="unverified")
    make_contact_point(borrower=case.borrower, kind="landline", state="verified")
    assert verification_tasks_follow(at=AT) == 0


@pytest.mark.parametrize("step", ["letter", "propose_visit"])
def test_an_address_is_confirmed_before_a_letter_or_a_visit(step: str) -> None:
    case = make_case(step=step)
    make_contact_point(borrower=case.borrower, state="unverified")
    make_address(borrower=case.borrower, kind="work", text="work", state="unverified")
    make_address(borrower=case.borrower, kind="home", text="home", state="stale")
    verification_tasks_follow(at=AT)
    assert open_tasks() == [("unverified", "work")]


@pytest.mark.parametrize("step", ["none", "wait", "review"])
def test_who_is_left_alone_is_not_looked_up(step: str) -> None:
    case = make_case(step=step)
    make_contact_point(borrower=case.borrower, state="unverified")
    assert verification_tasks_follow(at=AT) == 0


def test_a_task_that_no_step_needs_any_more_goes() -> None:
    case = make_case(step="call")
    make_contact_point(borrower=case.borrower, state="unverified")
    other = make_verification_task(borrower=case.borrower, reason="third_party")
    verification_tasks_follow(at=AT)
    Case.objects.update(step="review")
    verification_tasks_follow(at=AT)
    assert list(VerificationTask.objects.filter(closed_at=None)) == [other]


def test_a_number_the_lender_confirmed_needs_nobody() -> None:
    case = make_case(step="remind")
    make_contact_point(borrower=case.borrower, state="unverified")
    verification_tasks_follow(at=AT)
    ContactPoint.objects.update(state="verified")
    verification_tasks_follow(at=AT)
    assert open_tasks() == []


def test_what_staff_looked_at_lately_does_not_come_back_the_next_morning() -> None:
    case = make_case(step="call")
    point = make_contact_point(borrower=case.borrower, state="unverified")
    verification_tasks_follow(at=AT)
    by = make_staff()
    verification_record(contact_point=point, state="stale", how="moved", by=by, at=AT)
    assert verification_tasks_follow(at=AT + timedelta(days=1)) == 0
    assert verification_tasks_follow(at=AT + AGAIN_AFTER) == 1


def test_the_most_urgent_come_first_and_never_more_than_people_can_do() -> None:
    for number, priority in enumerate((10, 30, 20)):
        case = make_case(step="call", priority=priority)
        make_contact_point(borrower=case.borrower, value=f"+86{number}", state="unverified")
    assert verification_tasks_follow(at=AT, most=2) == 2
    assert open_tasks() == [("unverified", "+861"), ("unverified", "+862")]
    assert verification_tasks_follow(at=AT, most=2) == 0
    first = ContactPoint.objects.get(value="+861")
    verification_record(contact_point=first, state="verified", how="spoke", by=make_staff(), at=AT)
    assert verification_tasks_follow(at=AT, most=2) == 1
    assert open_tasks() == [("unverified", "+862"), ("unverified", "+860")]
