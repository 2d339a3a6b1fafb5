"""The annual percentage rate: known cases, its law, files that cannot be used."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delinquency.apr import Flow, annual_percentage_rate
from doorstep.delinquency.apr_file import aprs
from doorstep.kernel.errors import InputError

F = Fraction


def rate(advance: int, payments: list[Flow], per_year: int = 12) -> Decimal:
    return annual_percentage_rate(
        advances=[Flow(F(advance), 0)], payments=payments, periods_per_year=F(per_year)
    )


def test_one_payment_after_a_year() -> None:
    assert round(rate(1000, [Flow(F(1100), 1)], per_year=1), 6) == Decimal("10.000000")


def test_paid_back_without_interest_is_nothing() -> None:
    assert round(rate(1000, [Flow(F(500), 1), Flow(F(500), 2)]), 9) == 0


def test_an_odd_first_period_counts_in_simple_interest() -> None:
    # 1 + i/2 = 1.05 for half a period: i = 10 %
    assert round(rate(1000, [Flow(F(1050), 0, F(1, 2))], per_year=1), 6) == Decimal("10.000000")


def test_less_paid_than_lent_has_no_rate() -> None:
    with pytest.raises(InputError, match="less is paid"):
        rate(1000, [Flow(F(999), 1)])


def test_paid_on_the_same_day_there_is_no_rate_to_find() -> None:
    with pytest.raises(InputError, match="highest"):
        rate(1000, [Flow(F(1001), 0)])


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 48), st.integers(10_000, 10**7))
def test_the_rate_a_loan_was_made_with_is_found_again(
    hundredths: int, payments: int, advance: int
) -> None:
    monthly = F(hundredths, 10_000 * 12)
    growth = (1 + monthly) ** payments
    each = advance * monthly * growth / (growth - 1)
    found = rate(advance, [Flow(each, place + 1) for place in range(payments)])
    assert abs(found - Decimal(hundredths) / 100) < Decimal("0.000001")


EXAMPLE = {
    "id": "a", "advance": 1000, "w": 12, "first_whole": 1, "first_frac": 0, "stream": [[1010, 1]],
}  # fmt: skip


def answers(tmp_path: Path, *changes: dict[str, Any]) -> list[dict[str, Any]]:
    path = tmp_path / "examples.json"
    path.write_text(json.dumps({"examples": [{**EXAMPLE, **change} for change in changes]}))
    return list(aprs(path))


def test_payments_are_read_in_both_forms(tmp_path: Path) -> None:
    one, other, single = answers(
        tmp_path,
        {"stream": [[100, 2], [850, 1]]},
        {"stream": [[0, 100, 2, 1], [2, 850, 1, 1]]},
        {"w": "365/255", "stream": [["1080.00", 1]]},
    )
    assert one == other
    assert single["apr"] == 11.4510  # 8 % in 255 days


@pytest.mark.parametrize(
    "change",
    [
        {"w": 0}, {"w": "soon"}, {"first_frac": "3/2"}, {"first_frac": "1/0"}, {"advance": None},
        {"stream": 5}, {"stream": [[1, 10**9]]}, {"stream": [[1]]}, {"advance": True},
    ],
)  # fmt: skip
def test_examples_that_cannot_be_used_are_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        answers(tmp_path, change)
    assert caught.value.where.field == "a"


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    path = tmp_path / "examples.json"
    path.write_text(json.dumps([{"id": "a", "advance": 5}]))
    with pytest.raises(InputError, match="missing") as caught:
        list(aprs(path))
    assert caught.value.where.field == "a.first_whole"


@pytest.mark.outside
def test_the_worked_examples_of_the_regulation_to_a_hundredth_of_a_percent(outside: Path) -> None:
    path = outside / "data" / "apr_examples" / "examples.json"
    expected = {one["id"]: one["apr"] for one in json.loads(path.read_text("utf-8"))["examples"]}
    found = {one["id"]: round(one["apr"], 2) for one in aprs(path)}
    assert expected
    assert found == expected
