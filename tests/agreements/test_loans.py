"""What a customer owes, between two books: what came in since is taken off, and only that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from doorstep.agreements.matching import Incoming
from doorstep.agreements.models import PaymentIn
from doorstep.agreements.payment_file import Told
from doorstep.agreements.selectors.loans import borrower_loans, money_since_book
from doorstep.agreements.services.payments import payment_reverse, payments_take
from doorstep.agreements.terms import BorrowerLoan
from doorstep.cases.models import Case
from doorstep.delinquency.policy import DEFAULT
from doorstep.workforce.roles import Role
from tests.agreements.offers import Desk
from tests.factories import AT, ON, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]
DAY = timedelta(days=1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def owed(desk: Desk, *, on: date = ON + DAY) -> BorrowerLoan:
    (found,) = borrower_loans(
        borrower_id=desk.case.borrower_id, on=on, at=AT + DAY, policy=DEFAULT
    )  # fmt: skip
    return found


def pay(desk: Desk, amount: int, *, on: date = ON + DAY, reference: str = "R1") -> PaymentIn:
    row = Told(1, Incoming(reference, amount, "CNY", on, desk.loan.pk))
    payments_take(rows=[row], at=AT + DAY)
    return PaymentIn.objects.get(reference=reference)


def test_what_came_in_since_the_book_is_taken_off_penalty_first(desk: Desk) -> None:
    before = owed(desk)

    pay(desk, 100_000)

    after = owed(desk)
    assert before.owed.total - after.owed.total == 100_000
    assert before.overdue.total - after.overdue.total == 100_000
    assert (after.overdue.penalty, after.overdue.interest) == (0, 0)
    assert after.overdue_count == before.overdue_count


def test_what_the_book_may_know_of_is_not_taken_off_again(desk: Desk) -> None:
    before = owed(desk)

    pay(desk, 100_000, on=ON)

    assert owed(desk) == before
    pay(desk, 100_000, reference="R2")
    assert owed(desk) != before
    Case.objects.filter(pk=desk.case.pk).update(business_date=ON + DAY)
    assert owed(desk) == before


def test_what_is_ahead_of_time_lowers_what_is_not_due(desk: Desk) -> None:
    before = owed(desk)
    overdue = before.overdue.total

    pay(desk, overdue + 50_000)

    after = owed(desk)
    assert (after.overdue.total, after.overdue_count, after.dpd) == (0, 0, 0)
    assert before.owed.total - after.owed.total == overdue + 50_000


def test_one_cent_less_than_the_oldest_leaves_it_open(desk: Desk) -> None:
    before = owed(desk)
    oldest = desk.loan.instalments.filter(settled_on=None).order_by("due_on")[0]

    pay(desk, oldest.principal_due + oldest.interest_due - 1)

    assert (owed(desk).overdue_count, owed(desk).dpd) == (before.overdue_count, before.dpd)


def test_everything_paid_leaves_nothing_to_plan_for_and_money_taken_back_does(desk: Desk) -> None:
    whole = owed(desk).owed.total
    payment = pay(desk, whole)
    assert not borrower_loans(
        borrower_id=desk.case.borrower_id, on=ON + DAY, at=AT + DAY, policy=DEFAULT
    )

    payment_reverse(
        payment=payment, why="退票", by=make_staff(Role.COLLECTIONS_MANAGER), at=AT + DAY
    )

    assert owed(desk).owed.total == whole
    assert money_since_book(borrower_id=desk.case.borrower_id) == {desk.loan.pk: 0}
