"""Arrears move as the calibration says, and histories drawn backwards keep to it."""

from __future__ import annotations

import numpy as np
import pytest

from doorstep.simulator.bank import Bank
from doorstep.simulator.behaviour import (
    NAMES,
    TYPES,
    base_chain,
    draw_history,
    long_run,
    type_chain,
)


def test_the_base_chain_has_the_measured_card_figures() -> None:
    chain = base_chain()
    assert chain[0, 1] == pytest.approx(0.061)
    assert chain[1, 2] == pytest.approx(0.339)
    assert chain[2, [0, 1, 2, 3]] == pytest.approx([0.253, 0.103, 0.581, 0.063])
    assert chain[3, [0, 4]] == pytest.approx([0.159, 0.257])


@pytest.mark.parametrize("name", NAMES)
def test_a_tilted_chain_is_still_one_and_falls_one_month_at_most(name: str) -> None:
    chain = type_chain(TYPES[name])
    assert chain.sum(axis=1) == pytest.approx(np.ones(len(chain)))
    assert not np.triu(chain, 2).any()
    assert long_run(chain) @ chain == pytest.approx(long_run(chain), abs=1e-9)


def test_the_forgetful_come_back_sooner_than_the_evasive() -> None:
    forgetful, evasive = type_chain(TYPES["forgetful"]), type_chain(TYPES["evasive"])
    assert forgetful[1, 0] > evasive[1, 0] + 0.1
    assert forgetful[1, 2] < evasive[1, 2]


def test_histories_drawn_backwards_roll_forward_at_the_rates_of_their_type() -> None:
    rng = np.random.default_rng(5)
    chain = type_chain(TYPES["hardship"])
    size = 250_000
    kinds = np.full(size, NAMES.index("hardship"))
    now = rng.choice(len(chain), size, p=long_run(chain))
    history = draw_history(rng, now=now, kinds=kinds, age=np.full(size, 99), months=6)
    for late in range(4):
        here = history[:, 2] == late
        rates = np.bincount(history[here, 3], minlength=len(chain)) / here.sum()
        assert rates == pytest.approx(chain[late], abs=0.025)


def test_no_loan_is_later_than_it_is_old_or_falls_two_months_in_one(bank: Bank) -> None:
    arrears, age = bank.arrears, bank.loans.age
    months = arrears.shape[1] - 1
    for column in range(months + 1):
        assert (arrears[:, column] <= np.maximum(age - (months - column), 0)).all()
    assert (np.diff(arrears, axis=1) <= 1).all()


def test_deeper_buckets_are_smaller_and_every_hidden_type_is_there(bank: Bank) -> None:
    shares = np.bincount(np.searchsorted([1, 31, 61, 91], bank.overdue.dpd, side="right"))
    assert shares[0] == 0
    assert shares[1] > shares[2] > shares[3] > 0
    assert set(bank.overdue.kind) == {NAMES.index(name) for name in NAMES if TYPES[name].share}
