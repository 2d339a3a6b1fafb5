"""Where money goes: by row and by part, past due, due and in advance, to the next or the last."""

from __future__ import annotations

from datetime import date

import pytest

from doorstep.delinquency.accounts.allocation import (
    PENALTY_FEE_INTEREST_PRINCIPAL,
    DueFrom,
    Future,
    Order,
    Walk,
    When,
    allocate,
    order_of,
)
from doorstep.delinquency.accounts.rows import Charge, Kind, Part, Row

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
PARTS = (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)


def rows() -> list[Row]:
    """Three rows of 100 principal, 10 interest, 5 fee, 2 penalty, due on the first of a month."""
    made = [Row(JANUARY, FEBRUARY), Row(FEBRUARY, MARCH), Row(MARCH, APRIL)]
    for row in made:
        for part, amount in zip(PARTS, (2, 5, 10, 100), strict=True):
            row.charge(part, amount)
    return made


def left(made: list[Row]) -> list[int]:
    return [row.open for row in made]


def test_the_oldest_row_first_and_on_it_penalty_fee_interest_principal() -> None:
    made = rows()
    done = allocate(130, rows=made, on=MARCH, order=PENALTY_FEE_INTEREST_PRINCIPAL)
    assert left(made) == [0, 104, 117]
    assert made[1].paid == {
        Part.PENALTY: 2, Part.FEE: 5, Part.INTEREST: 6, Part.PRINCIPAL: 0
    }  # fmt: skip
    assert (done.left, sum(done.parts.values())) == (0, 130)


def test_by_part_all_penalties_come_before_any_fee() -> None:
    made = rows()
    order = order_of(*PARTS, walk=Walk.BY_PART)
    allocate(18, rows=made, on=date(2026, 3, 2), order=order)
    # past due: two penalties, two fees, and four of the first interest
    assert [row.paid[Part.PENALTY] for row in made] == [2, 2, 0]
    assert [row.paid[Part.FEE] for row in made] == [5, 5, 0]
    assert [row.paid[Part.INTEREST] for row in made] == [4, 0, 0]


@pytest.mark.parametrize(
    ("future", "expected"),
    [
        (Future.NEXT, [67, 117, 117]),
        (Future.LAST, [117, 117, 67]),
        (Future.ALL_ALIKE, [100, 100, 101]),  # the last row has what rounding leaves of every part
    ],
)
def test_money_in_advance_goes_where_it_is_told(future: Future, expected: list[int]) -> None:
    made = rows()
    order = order_of(*PARTS, future=future)
    assert allocate(50, rows=made, on=JANUARY, order=order).left == 0
    assert left(made) == expected


def test_in_equal_shares_what_one_row_cannot_take_goes_to_the_others() -> None:
    made = rows()
    made[0].pay(Part.PRINCIPAL, 99, on=JANUARY)
    order = order_of(Part.PRINCIPAL, future=Future.ALL_ALIKE)
    assert allocate(201, rows=made, on=JANUARY, order=order).left == 0
    assert [row.outstanding(Part.PRINCIPAL) for row in made] == [0, 0, 0]


def test_equal_shares_are_rounded_half_to_even_and_the_last_takes_the_rest() -> None:
    made = [Row(JANUARY, date(2026, month, 1)) for month in (2, 3, 4)]
    for row in made:
        row.charge(Part.PRINCIPAL, 12_500)
    order = order_of(Part.PRINCIPAL, future=Future.ALL_ALIKE)
    assert allocate(27_500, rows=made, on=JANUARY, order=order).left == 0
    assert [row.paid[Part.PRINCIPAL] for row in made] == [9_167, 9_167, 9_166]


def test_a_row_may_be_due_as_soon_as_its_period_begins() -> None:
    made = rows()
    steps = ((When.DUE, Part.PRINCIPAL), (When.IN_ADVANCE, Part.INTEREST))
    order = Order(steps, due_from=DueFrom.PERIOD)
    allocate(120, rows=made, on=date(2026, 2, 15), order=order)
    assert [row.paid[Part.PRINCIPAL] for row in made] == [0, 100, 0], "past due is not in the order"
    assert [row.paid[Part.INTEREST] for row in made] == [0, 0, 10]


def test_a_down_payment_is_never_due_before_its_day() -> None:
    down = Row(JANUARY, FEBRUARY, Kind.DOWN_PAYMENT)
    down.charge(Part.PRINCIPAL, 10)
    order = Order(((When.DUE, Part.PRINCIPAL),), due_from=DueFrom.PERIOD)
    assert allocate(10, rows=[down], on=date(2026, 1, 15), order=order).left == 10
    assert allocate(10, rows=[down], on=FEBRUARY, order=order).left == 0


def test_a_charge_due_before_its_row_is_paid_before_principal_in_advance() -> None:
    (row, *_) = rows()
    charge = Charge("late", Part.PENALTY, 2, due_on=date(2026, 1, 10), row=row)
    order = order_of(*PARTS, charges_apart=True, in_advance=(Part.PRINCIPAL, Part.PENALTY))
    early = allocate(50, rows=[row], on=date(2026, 1, 9), order=order, charges=[charge])
    assert early.parts[Part.PRINCIPAL] == 50
    then = allocate(3, rows=[row], on=date(2026, 1, 10), order=order, charges=[charge])
    assert (then.parts[Part.PENALTY], then.parts[Part.PRINCIPAL]) == (2, 1)
    assert charge.outstanding == 0


def test_what_nobody_owes_is_handed_back() -> None:
    made = rows()
    done = allocate(400, rows=made, on=APRIL, order=PENALTY_FEE_INTEREST_PRINCIPAL)
    assert (left(made), done.left) == ([0, 0, 0], 49)
    assert (made[0].late, made[1].late, made[2].late) == (117, 117, 0)
    assert [row.settled_on for row in made] == [APRIL] * 3


def test_a_step_comes_once_and_a_payment_is_not_negative() -> None:
    with pytest.raises(ValueError, match="twice"):
        Order(((When.DUE, Part.FEE), (When.DUE, Part.FEE)))
    with pytest.raises(ValueError, match="negative"):
        allocate(-1, rows=[], on=MARCH, order=PENALTY_FEE_INTEREST_PRINCIPAL)
