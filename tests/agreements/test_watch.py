"""Promises and plans watched to the day: what a part is, and when a plan is at risk or broken."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.agreements.watch import (
    Health,
    Outcome,
    Part,
    Standing,
    Terms,
    is_young,
    part_standing,
    plan_standing,
    promise_outcome,
)

DUE = date(2026, 12, 10)
TERMS = Terms(grace_days=5, missed_to_break=2, days_to_break=30)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def monthly(*paid: int) -> list[Part]:
    """Parts of 100 each, 30 days apart, with what was paid of each."""
    return [
        Part(number=n + 1, due_on=after(30 * n), due=100, paid=money,
             settled_on=after(30 * n) if money == 100 else None)
        for n, money in enumerate(paid)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paid", "settled", "on", "expected"),
    [
        (0, None, after(-1), Standing.WAITING),
        (0, None, after(0), Standing.DUE),
        (0, None, after(5), Standing.DUE),
        (0, None, after(6), Standing.MISSED),
        (40, None, after(-1), Standing.PART_PAID),
        (40, None, after(5), Standing.PART_PAID),
        (40, None, after(6), Standing.MISSED),
        (100, after(-3), after(20), Standing.EARLY),
        (100, after(0), after(20), Standing.PAID),
        (100, after(1), after(20), Standing.LATE),
    ],
)
def test_a_part_is_what_the_day_and_the_money_make_it(paid, settled, on, expected):
    part = Part(1, DUE, 100, paid=paid, settled_on=settled)

    assert part_standing(part, on=on, grace_days=5) is expected


def test_a_part_that_was_wholly_waived_is_as_good_as_paid():
    part = Part(1, DUE, 100, waived=100)

    assert part_standing(part, on=after(40), grace_days=5) is Standing.PAID


@pytest.mark.parametrize(
    ("paid", "on", "expected"),
    [
        (100, after(-2), Outcome.KEPT),
        (120, after(3), Outcome.KEPT),
        (99, after(2), Outcome.RUNNING),
        (99, after(3), Outcome.BROKEN),
        (0, after(-9), Outcome.RUNNING),
    ],
)
def test_a_promise_is_kept_by_its_amount_and_broken_the_day_after_its_grace(paid, on, expected):
    assert promise_outcome(amount=100, paid=paid, due_on=DUE, grace_days=2, on=on) is expected


def test_a_plan_is_on_track_until_a_day_passes_without_its_money():
    plan = monthly(100, 0, 0)

    assert plan_standing(plan, on=after(30), terms=TERMS).health is Health.ON_TRACK
    assert plan_standing(plan, on=after(31), terms=TERMS).health is Health.AT_RISK


def test_one_missed_instalment_is_a_risk_and_the_second_breaks_the_plan():
    plan = monthly(100, 40, 0, 0)

    first = plan_standing(plan, on=after(36), terms=TERMS)
    assert (first.health, first.missed, first.behind) == (Health.AT_RISK, (2,), 60)
    assert plan_standing(plan, on=after(60), terms=TERMS).health is Health.AT_RISK
    assert plan_standing(plan, on=after(61), terms=TERMS).health is Health.BROKEN


def test_the_last_instalment_breaks_a_plan_alone_after_its_days():
    plan = monthly(100, 0)

    assert plan_standing(plan, on=after(60), terms=TERMS).health is Health.AT_RISK
    assert plan_standing(plan, on=after(61), terms=TERMS).health is Health.BROKEN


def test_a_plan_with_nothing_outstanding_is_kept():
    assert plan_standing(monthly(100, 100), on=after(0), terms=TERMS).health is Health.KEPT


def test_a_promise_is_young_for_its_days_only():
    assert is_young(made_on=DUE, on=after(4), young_days=5)
    assert not is_young(made_on=DUE, on=after(5), young_days=5)


@given(
    paid=st.lists(st.integers(0, 100), min_size=1, max_size=12),
    day=st.integers(-40, 500),
    missed_to_break=st.integers(1, 4),
)
def test_a_plan_breaks_on_the_day_it_says_and_stays_broken(paid, day, missed_to_break):
    terms = Terms(5, missed_to_break, 30)
    plan = plan_standing(monthly(*paid), on=after(day), terms=terms)

    if plan.breaks_on is None:
        assert plan.health is Health.KEPT
    else:
        assert (plan.health is Health.BROKEN) == (after(day) >= plan.breaks_on)
        if plan.health is Health.BROKEN:
            late = plan_standing(monthly(*paid), on=after(day + 1), terms=terms)
            assert late.health is Health.BROKEN
            assert plan.missed
