"""A bill adds up, part by part and line by line, and names how each figure came about."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from doorstep.delinquency.bill import Bill, PaymentMade, bill_of
from doorstep.delinquency.dues import Instalment, Loan, Parts
from doorstep.delinquency.policy import DEFAULT, Compounding, PenaltyBase, Policy
from tests.delinquency.books import START, loans

ON = date(2026, 3, 30)
POLICIES = st.builds(
    Policy,
    penalty_day_count=st.sampled_from((360, 365)),
    penalty_base=st.sampled_from(PenaltyBase),
    penalty_compounding=st.sampled_from(Compounding),
    penalty_rate_cap_ppm=st.sampled_from((0, 150_000, 240_000)),
    penalty_cap_percent=st.sampled_from((0, 5, 100)),
)


def bill(*rows: Instalment, policy: Policy = DEFAULT, **loan: object) -> Bill:
    values = {"loan_id": "L1", "currency": "CNY", "annual_rate_ppm": 120_000}
    made = Loan(**(values | {"penalty_percent": None, "instalments": rows} | loan))  # type: ignore[arg-type]
    return bill_of(borrower_id="C", loans=[made], payments=[], on=ON, policy=policy)


def test_a_bill_worked_by_hand() -> None:
    rows = (
        Instalment(1, date(2026, 2, 28), Parts(100_000, 9_000), paid=Parts(40_000, 9_000)),
        Instalment(2, date(2026, 3, 28), Parts(100_000, 8_000, 500)),
        Instalment(3, date(2026, 4, 28), Parts(100_000, 7_000)),
    )
    made = bill(*rows)
    (account,) = made.accounts
    first, second = account.loans[0].lines
    # 60,000 x 18 % / 360 x 30 days = 900
    assert first.outstanding == Parts(60_000, 0, 0, 900)
    assert (first.dpd, first.penalty.base, first.penalty.days) == (30, 60_000, 30)
    # 100,000 x 18 % / 360 x 2 days = 100
    assert second.outstanding == Parts(100_000, 8_000, 500, 100)
    assert account.overdue == Parts(160_000, 8_000, 500, 1_000)
    assert (made.dpd, made.oldest_due_on) == (30, date(2026, 2, 28))
    assert [row.number for row in account.loans[0].upcoming] == [3]
    assert account.due_soon == 107_000


def test_the_ceiling_on_the_rate_is_named_with_what_the_contract_wanted() -> None:
    made = bill(Instalment(1, date(2026, 3, 10), Parts(100_000)), penalty_percent=300)
    count = made.accounts[0].loans[0].lines[0].penalty
    assert (count.rate_wanted_ppm, count.rate_ppm) == (360_000, 240_000)
    assert count.rate_was_lowered
    assert not count.amount_was_lowered


def test_the_ceiling_on_the_amount_is_named_with_what_it_would_have_been() -> None:
    policy = Policy(penalty_cap_percent=1)
    count = bill(Instalment(1, date(2026, 2, 28), Parts(60_000)), policy=policy)
    penalty = count.accounts[0].loans[0].lines[0].penalty
    assert (penalty.uncapped, penalty.ceiling, penalty.accrued) == (900, 600, 600)
    assert penalty.amount_was_lowered


def test_what_the_lender_charged_stands_apart_from_what_came_on_top() -> None:
    row = Instalment(1, date(2026, 2, 28), Parts(60_000, 0, 0, 300), penalty_from=date(2026, 3, 10))
    penalty = bill(row).accounts[0].loans[0].lines[0].penalty
    # 10 days charged by the lender (300); 20 more days on 60,000: 600
    assert (penalty.charged, penalty.charged_to) == (300, date(2026, 3, 10))
    assert (penalty.since, penalty.days, penalty.accrued) == (date(2026, 3, 10), 20, 600)


def test_due_today_is_upcoming_and_not_overdue() -> None:
    (account,) = bill(Instalment(1, ON, Parts(1000))).accounts
    assert account.loans[0].lines == ()
    assert [row.due_on for row in account.loans[0].upcoming] == [ON]
    assert bill(Instalment(1, ON + timedelta(days=36), Parts(1))).accounts[0].due_soon == 0
    assert bill(Instalment(1, ON + timedelta(days=35), Parts(1))).accounts[0].due_soon == 1


def test_payments_of_six_months_are_listed_newest_first_and_reversed_ones_not_counted() -> None:
    def paid(number: str, days: int, reversed_on: date | None = None) -> PaymentMade:
        return PaymentMade(number, "L1", ON - timedelta(days=days), 100, reversed_on)

    payments = [paid("old", 184), paid("a", 183), paid("b", 0), paid("c", 3, ON), paid("d", -1)]
    made = bill_of(
        borrower_id="C",
        loans=[Loan("L1", "CNY", 0, None, ())],
        payments=payments,
        on=ON,
        policy=DEFAULT,
    )
    (account,) = made.accounts
    assert [p.payment_id for p in account.loans[0].payments] == ["b", "c", "a"]
    assert account.paid_lately == 200


def test_a_borrower_without_loans_has_an_empty_bill() -> None:
    made = bill_of(borrower_id="C", loans=[], payments=[], on=ON, policy=DEFAULT)
    assert (made.dpd, made.oldest_due_on, made.accounts) == (0, None, ())


@given(
    book=st.lists(
        loans(currencies=("CNY", "HKD", "JPY")), max_size=5, unique_by=lambda x: x.loan_id
    ),
    days=st.integers(-300, 700),
    policy=POLICIES,
)
def test_every_total_is_the_sum_of_its_lines(book: list[Loan], days: int, policy: Policy) -> None:
    on = START + timedelta(days=days)
    made = bill_of(borrower_id="C", loans=book, payments=[], on=on, policy=policy)
    assert [account.currency for account in made.accounts] == sorted({x.currency for x in book})
    for account in made.accounts:
        assert account.overdue == sum((loan.overdue for loan in account.loans), Parts())
        assert {loan.currency for loan in account.loans} == {account.currency}
        for loan in account.loans:
            assert loan.overdue == sum((line.outstanding for line in loan.lines), Parts())
            for line in loan.lines:
                assert line.due == line.paid + line.waived + line.outstanding
                assert line.outstanding.penalty == line.penalty.charged + line.penalty.accrued
                assert line.penalty.accrued <= line.penalty.uncapped
                assert line.outstanding.total > 0
