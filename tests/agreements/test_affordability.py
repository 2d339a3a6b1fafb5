"""What is left a month: every answer is counted by a rule that can be said in a sentence."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.agreements.affordability import (
    GUIDELINE,
    Household,
    How,
    Line,
    affordability_of,
    guideline_read,
    most_for_plan,
    valid_until,
)
from doorstep.kernel.errors import InputError
from doorstep.protections.models import HardshipCause
from doorstep.sites.office.affordability_words import HOW, LINES

ONE = Household(1, 0)
FOOD = GUIDELINE.spending["food"]
TOML = """
edition = "t"
currency = "CNY"
valid_days = 90
reserve_percent = {reserve}
most_share_percent = 80
adult_percent = 50
child_percent = 30
[income.wage]
counted_percent = 100
[spending.food]
low = {low}
high = 200
[debt.card]
"""


def food(minor: int, why: str = "", *, household: Household = ONE) -> tuple[int, How]:
    result = affordability_of(household=household, lines=[Line("spending", "food", minor, why)])
    finding = next(each for each in result.findings if each.code == "food")
    return finding.counted, finding.how


@pytest.mark.parametrize(
    ("said", "why", "counted", "how"),
    [
        (FOOD.low, "", FOOD.low, How.AS_SAID),
        (FOOD.high, "", FOOD.high, How.AS_SAID),
        (FOOD.low - 1, "", FOOD.low, How.RAISED),
        (FOOD.low - 1, "与父母同住", FOOD.low - 1, How.EXPLAINED),
        (FOOD.high + 1, "", FOOD.high, How.LOWERED),
        (FOOD.high + 1, "糖尿病饮食", FOOD.high + 1, How.EXPLAINED),
        (FOOD.high + 1, "  ", FOOD.high, How.LOWERED),
    ],
)
def test_outside_the_usual_a_reason_decides(said: int, why: str, counted: int, how: How) -> None:
    assert food(said, why) == (counted, how)


def test_a_household_of_three_needs_more_than_one_person() -> None:
    three = Household(2, 1)
    assert food(0, household=three)[0] == FOOD.low * 180 // 100


def test_what_comes_and_goes_counts_in_part_and_debts_in_full() -> None:
    lines = [Line("income", "casual", 100_001), Line("debt", "card", 30_000)]
    result = affordability_of(household=ONE, lines=lines)
    assert (result.income, result.debts) == (70_000, 30_000)


def test_nothing_said_still_costs_a_life() -> None:
    result = affordability_of(household=ONE, lines=[])
    assert result.disposable < 0
    assert most_for_plan(result.disposable) == 0


@pytest.mark.parametrize(
    "lines",
    [
        [Line("income", "lottery", 1)],
        [Line("gifts", "wage", 1)],
        [Line("income", "wage", -1)],
        [Line("income", "wage", 10**12 + 1)],
        [Line("income", "wage", 1), Line("income", "wage", 2)],
    ],
)
def test_a_line_that_cannot_be_is_refused_by_name(lines: list[Line]) -> None:
    with pytest.raises(InputError) as caught:
        affordability_of(household=ONE, lines=lines)
    assert caught.value.where.field == f"{lines[-1].group}.{lines[-1].code}"


@pytest.mark.parametrize("household", [Household(0, 0), Household(31, 0), Household(1, -1)])
def test_a_household_has_somebody_in_it(household: Household) -> None:
    with pytest.raises(InputError):
        affordability_of(household=household, lines=[])


every_line = st.builds(
    lambda kind, minor, why: Line(group=kind[0], code=kind[1], minor=minor, why=why),
    st.sampled_from([(g, c) for g in ("income", "spending", "debt") for c in GUIDELINE.codes(g)]),
    st.integers(0, 10**9),
    st.sampled_from(["", "因为"]),
)
any_lines = st.lists(every_line, unique_by=lambda line: (line.group, line.code))


@given(any_lines, st.integers(1, 6), st.integers(0, 5))
def test_it_always_adds_up_and_findings_say_all_of_it(
    lines: list[Line], adults: int, children: int
) -> None:
    result = affordability_of(household=Household(adults, children), lines=lines)
    by = {
        group: sum(each.counted for each in result.findings if each.group == group)
        for group in ("income", "spending", "debt")
    }
    assert (by["income"], by["spending"], by["debt"]) == (
        result.income, result.spending, result.debts,
    )  # fmt: skip
    assert result.disposable == result.income - result.spending - result.debts - result.reserve
    assert 0 <= most_for_plan(result.disposable) <= max(result.disposable, 0)


@given(any_lines)
def test_another_child_never_leaves_more(lines: list[Line]) -> None:
    explained = [Line(each.group, each.code, each.minor, "") for each in lines]
    one = affordability_of(household=Household(1, 0), lines=explained)
    more = affordability_of(household=Household(1, 1), lines=explained)
    assert more.disposable <= one.disposable


def test_the_guideline_that_ships_is_whole_and_has_words_for_every_line() -> None:
    for group, table in LINES.items():
        assert set(GUIDELINE.codes(group)) == set(table)
    assert {how.value for how in How} == set(HOW)
    assert valid_until(on=date(2026, 11, 22)) == date(2027, 2, 19)


@pytest.mark.parametrize(("low", "reserve"), [(201, 10), (-1, 10), (1, 101)])
def test_a_guideline_that_contradicts_itself_is_refused(low: int, reserve: int) -> None:
    with pytest.raises(ValueError, match=r"range|percentage"):
        guideline_read(TOML.format(low=low, reserve=reserve))


def test_hardships_are_those_of_the_protections() -> None:
    from doorstep.agreements.reasons import HARDSHIPS

    assert set(HARDSHIPS) == set(HardshipCause.values)
