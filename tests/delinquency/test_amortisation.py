"""Amortisation by periods: tables by hand, the two ways to keep a balance, changing rates."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.amortisation import (
    Line,
    QuotedRate,
    RateChange,
    Terms,
    amortise,
    period_rate,
)
from doorstep.delinquency.amortisation_file import terms_read
from doorstep.delinquency.daycount import DayCount
from doorstep.delinquency.rounding import Rounding
from doorstep.delinquency.unsupported import Unsupported
from doorstep.kernel.errors import InputError

SMALL = Terms(
    principal=100_000,
    percent=Fraction(12),
    payments=3,
    per_year=12,
    amortised_over=3,
    payment_rounding=Rounding.HALF_UP,
    interest_rounding=Rounding.HALF_UP,
)


def cells(lines: tuple[Line, ...]) -> list[tuple[int, int, int, int]]:
    return [(line.payment, line.principal, line.interest, line.balance) for line in lines]


def test_three_payments_by_hand() -> None:
    # 1,000.00 at 1 % a month: 340.02; the last takes the cent that rounding left.
    assert cells(amortise(SMALL)) == [
        (34_002, 33_002, 1_000, 66_998),
        (34_002, 33_332, 670, 33_666),
        (34_003, 33_666, 337, 0),
    ]


def test_a_carried_balance_shows_its_own_cents() -> None:
    # Carried: 340.0221...; balances 669.9779, 336.6555 are rounded only where they are shown.
    assert cells(amortise(replace(SMALL, carried=True))) == [
        (34_002, 33_002, 1_000, 66_998),
        (34_002, 33_332, 670, 33_666),
        (34_003, 33_666, 337, 0),
    ]
    five = replace(SMALL, principal=56_300, payments=5, amortised_over=5, carried=True)
    assert [line.balance for line in amortise(five)] == [45_263, 34_116, 22_857, 11_485, 0]


def test_a_pinned_payment_leaves_the_rest_to_the_last() -> None:
    lines = amortise(replace(SMALL, pinned=40_000))
    assert [line.payment for line in lines] == [40_000, 40_000, 21_826]
    assert lines[-1].balance == 0


def test_a_balloon_is_the_last_balance() -> None:
    lines = amortise(replace(SMALL, amortised_over=12))
    assert len(lines) == 3
    assert lines[-1].balance == 100_000 - sum(line.principal for line in lines) > 70_000


def test_interest_only_first_and_a_fee_on_top() -> None:
    terms = replace(SMALL, payments=4, amortised_over=4, interest_only=1, fee=150)
    lines = amortise(terms)
    assert (lines[0].payment, lines[0].principal, lines[0].balance) == (1_150, 0, 100_000)
    assert [line.payment for line in lines[1:]] == [34_152, 34_152, 34_153]


def test_a_capped_payment_lets_the_balance_grow() -> None:
    change = RateChange(number=2, percent=Fraction(60), cap=Fraction(101, 100))
    terms = replace(SMALL, payments=120, amortised_over=120, changes=(change,))
    first, second = amortise(terms)[:2]
    assert second.payment == 1_449  # 14.35 x 1.01
    assert second.interest > second.payment
    assert second.balance > first.balance


def test_quoted_rates_that_compound_otherwise_than_they_are_paid() -> None:
    half = period_rate(Fraction(5), quoted=QuotedRate.HALF_YEARLY, per_year=12)
    assert round(float(half), 10) == 0.0041239155
    assert (1 + half) ** 6 == pytest.approx(Fraction(41, 40), rel=1e-40)
    assert period_rate(Fraction(8), quoted=QuotedRate.YEARLY, per_year=1) == Fraction(2, 25)
    assert period_rate(Fraction(12), quoted=QuotedRate.PAYMENT, per_year=12) == Fraction(1, 100)


def test_interest_by_days_of_360_follows_the_calendar() -> None:
    terms = replace(SMALL, day_count=DayCount.ACTUAL_360, start_on=date(2027, 1, 1), carried=True)
    # January has 31 days: 1,000.00 x 12 % x 31 / 360 = 10.33
    assert [line.interest for line in amortise(terms)][:1] == [1_033]
    assert amortise(terms)[0].payment == 34_002, "the payment is worked out by twelfths"


@settings(deadline=None)
@given(
    st.integers(100, 10**9), st.fractions(0, 60, max_denominator=100), st.integers(1, 60),
    st.sampled_from(list(Rounding)), st.booleans(),
)  # fmt: skip
def test_the_balance_always_ends_at_nothing(
    principal: int, percent: Fraction, payments: int, rounding: Rounding, carried: bool
) -> None:
    terms = replace(
        SMALL, principal=principal, percent=percent, payments=payments, amortised_over=payments,
        payment_rounding=rounding, carried=carried,
    )  # fmt: skip
    lines = amortise(terms)
    assert lines[-1].balance == 0
    assert all(line.payment == line.principal + line.interest for line in lines)
    off = sum(line.principal for line in lines) - principal
    # a shown line is off by less than 1 in its payment and by half in its interest
    assert off == 0 if not carried else abs(off) <= 1.5 * len(lines)


LOAN = """
[loan]
principal = "1000.00"
annual_rate = "12"
term_months = 3
payment_rounding = "ROUND_HALF_UP"
interest_rounding = "ROUND_HALF_UP"
"""


def read(tmp_path: Path, more: str = "", loan: str = LOAN) -> tuple[Terms, Decimal]:
    path = tmp_path / "loan.toml"
    path.write_text(loan + more, "utf-8")
    return terms_read(path)


def test_a_file_is_read_in_the_unit_of_its_currency(tmp_path: Path) -> None:
    terms, unit = read(tmp_path)
    assert (terms, unit) == (SMALL, Decimal("0.01"))
    terms, unit = read(tmp_path, 'currency_unit = "1"')
    assert (terms.principal, unit) == (1000, Decimal("1"))


@pytest.mark.parametrize(
    "more",
    [
        'lump_sum = "5.00"',
        'day_count = "actual/364"',
        'day_count = "actual/360"',
        'payment_frequency = "daily"',
        'compounding = "daily"',
        'payment_override = "340.00"\namortization_period_months = 12',
        "interest_only_months = 1\namortization_period_months = 12",
    ],
)
def test_what_is_not_worked_out_is_said(tmp_path: Path, more: str) -> None:
    with pytest.raises(Unsupported):
        read(tmp_path, more)


def test_without_a_stated_rounding_there_are_no_cents(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="interest_rounding"):
        read(tmp_path, loan=LOAN.replace("interest_rounding", "# interest_rounding"))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('principal = "1000.00"', 'principal = "1000.005"', "principal"),
        ('principal = "1000.00"', 'principal = "-1"', "principal"),
        ('principal = "1000.00"', 'principal = "NaN"', "principal"),
        ('principal = "1000.00"', 'principal = "0.00"', "principal"),
        ('annual_rate = "12"', 'annual_rate = "much"', "annual_rate"),
        ("term_months = 3", "term_months = 0", "term_months"),
        ("term_months = 3", 'term_months = "3"', "term_months"),
        ("term_months = 3", "term_months = 10000", "term_months"),
        (
            "term_months = 3",
            "term_months = 3\nrate_schedule = [{effective_payment_number = 2, "
            'new_annual_rate = "9", recast = false, payment_cap_factor = "1.1"}]',
            "payment_cap_factor",
        ),
        ("term_months = 3", "term_months = 3\ninterest_only_months = 3", "interest_only_months"),
        ("term_months = 3", 'term_months = 4\npayment_frequency = "quarterly"', "term_months"),
        ("[loan]", "[lone]", "loan"),
    ],
)
def test_what_cannot_be_used_is_named_by_field(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, loan=LOAN.replace(old, new))
    assert caught.value.where.field == field
    assert caught.value.where.file == "loan.toml"


@pytest.mark.outside
def test_all_published_examples_to_the_cent(outside: Path) -> None:
    examples = sorted((outside / "data" / "amortisation_examples").glob("*.toml"))
    wrong = {path.stem: found for path in examples if (found := _faults(path))}
    assert examples
    assert wrong == {}


def _faults(path: Path) -> list[Any]:
    """What our table says otherwise than the published one."""
    expected = tomllib.loads(path.read_text("utf-8"))["expected"]
    terms, unit = terms_read(path)
    lines = amortise(terms)

    def money(amount: int) -> str:
        return f"{(amount * unit).quantize(unit):f}"

    ours = {
        str(line.number): (
            money(line.payment), money(line.principal), money(line.interest), money(line.balance)
        )
        for line in lines
    }  # fmt: skip
    with path.with_suffix(".csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ("payment_amount", "principal", "interest", "balance")
    faults: list[Any] = [
        row for row in rows if ours.get(row["payment"]) != tuple(row[name] for name in names)
    ]
    payment = expected.get("periodic_payment") or expected.get("monthly_payment")
    if payment != money(lines[0].payment):
        faults.append(payment)
    if expected.get("balloon_at_term", money(lines[-1].balance)) != money(lines[-1].balance):
        faults.append(expected["balloon_at_term"])
    return faults
