"""Plans side by side: what is open to whom, and never one beyond somebody's means unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.agreements.authority import TABLE as AUTHORITY
from doorstep.agreements.authority import Ask, authority_read, level_for, place_for
from doorstep.agreements.models import OfferKind
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.options import (
    Fit,
    Means,
    Option,
    Shut,
    closed_for,
    contract_total,
    options_for,
)
from doorstep.agreements.proposal import Proposal, proposal_least, proposal_terms
from doorstep.agreements.terms import BorrowerLoan
from doorstep.delinquency.dues import Parts
from doorstep.kernel.errors import InputError, Refused
from doorstep.sites.office import options_words as spoken
from doorstep.workforce.roles import Permission, Role, role_may

ON = date(2026, 11, 22)
LATER = date(2027, 1, 31)
HOME = BorrowerLoan(
    "a", "consumer", "CNY", 120_000, Parts(6_000_000, 60_000, 0, 3_000),
    Parts(500_000, 60_000, 0, 3_000), overdue_count=2, dpd=45, months_left=20, usual=330_000,
)  # fmt: skip
CARD = BorrowerLoan(
    "b", "credit_card", "CNY", 182_500, Parts(2_000_000, 50_000, 3_000, 1_200), dpd=95,
    usual=100_000,
)  # fmt: skip
POOR = Means(300_000, "CNY", LATER, willing=True, causes=frozenset({"job_loss"}))


def found(*loans: BorrowerLoan, means: Means | None = POOR) -> dict[str, Option]:
    made = options_for(borrower_loans=loans, affordability=means, on=ON)
    return {option.key: option for option in made}


def shut(*loans: BorrowerLoan, means: Means | None = POOR) -> dict[str, Shut]:
    closed = closed_for(borrower_loans=loans, affordability=means)
    return {each.key: each.why for each in closed}


def test_every_way_is_open_or_says_why_not() -> None:
    for loans in ((HOME,), (CARD,), (HOME, CARD)):
        for means in (POOR, None, replace(POOR, causes=frozenset(), willing=False)):
            open_now, closed = found(*loans, means=means), shut(*loans, means=means)
            assert set(open_now) | set(closed) == {way.key for way in TABLE.ways}
            assert not set(open_now) & set(closed)


def test_the_shortest_term_that_fits_is_offered() -> None:
    option = found(HOME)["lower_instalment"]
    assert option.affordable
    assert option.plan.most <= 240_000
    shorter = [months for months in (24, 36, 48) if months < len(option.plan.rows)]
    roomy = replace(POOR, disposable=10**7)
    assert len(found(HOME, means=roomy)["lower_instalment"].plan.rows) == 24
    assert shorter


def test_what_fits_comes_first_and_what_does_not_says_so() -> None:
    made = options_for(borrower_loans=(HOME, CARD), affordability=POOR, on=ON)
    fits = [option.affordable for option in made]
    assert fits == sorted(fits, reverse=True)
    assert all(option.fit is not Fit.FITS or option.share_ppm for option in made)
    assert all(
        option.affordable == (option.plan.most + option.beside <= 240_000) for option in made
    )


@pytest.mark.parametrize(
    ("means", "fit"),
    [
        (None, Fit.NOT_KNOWN),
        (Means(None, "", date.min), Fit.NOT_KNOWN),
        (replace(POOR, valid_until=date(2026, 11, 21)), Fit.OUT_OF_DATE),
        (replace(POOR, currency="HKD"), Fit.OTHER_CURRENCY),
        (replace(POOR, disposable=0), Fit.NOTHING_LEFT),
        (replace(POOR, disposable=1_000), Fit.ABOVE_SHARE),
        (replace(POOR, disposable=10**8), Fit.FITS),
    ],
)
def test_whether_it_fits_is_known_or_said_to_be_unknown(means: Means | None, fit: Fit) -> None:
    assert found(HOME, means=means)["extension"].fit is fit


def test_the_extension_moves_the_arrears_to_the_end() -> None:
    option = found(HOME)["extension"]
    assert len(option.plan.rows) == 20 + 2
    assert option.beside == 0


def test_a_term_longer_than_any_plan_is_not_offered_and_says_so() -> None:
    house = replace(HOME, product="mortgage", months_left=358)
    assert len(found(house)["extension"].plan.rows) == 360
    assert shut(replace(house, months_left=359))["extension"] is Shut.NO_TERM
    assert shut(replace(house, months_left=361))["deferral"] is Shut.NO_TERM


def test_a_card_plan_lasts_five_years_at_most_and_takes_no_interest() -> None:
    option = found(replace(CARD, owed=Parts(60_000_000)))["instalments"]
    assert len(option.plan.rows) == 60
    assert option.plan.total == 60_000_000


def test_a_card_plan_is_for_who_cannot_pay_at_once_and_wants_to() -> None:
    rich = replace(POOR, disposable=10**8)
    assert shut(CARD, means=rich)["instalments"] is Shut.CAN_PAY_AT_ONCE
    unsaid = replace(POOR, willing=False)
    assert shut(CARD, means=unsaid)["instalments"] is Shut.WILLINGNESS_NOT_STATED


def test_hardship_opens_what_it_opens() -> None:
    nothing = replace(POOR, causes=frozenset())
    assert shut(HOME, means=nothing)["deferral"] is Shut.NO_HARDSHIP
    less = replace(POOR, causes=frozenset({"less_income"}))
    assert "temporary_reduction" in found(HOME, means=less)
    assert shut(HOME, means=less)["deferral"] is Shut.NO_HARDSHIP


def test_a_settlement_is_not_for_the_first_weeks() -> None:
    assert shut(replace(CARD, dpd=89))["settlement"] is Shut.NOT_LATE_ENOUGH
    assert found(replace(CARD, dpd=90))["settlement"].plan.waived_parts.total > 0


def test_loans_that_a_plan_leaves_out_go_on_beside_it() -> None:
    assert found(HOME, CARD)["lower_instalment"].beside == CARD.usual
    assert found(HOME, CARD)["catch_up"].beside == HOME.usual + CARD.usual


def test_a_card_is_in_no_plan_that_the_law_would_not_let_it_last() -> None:
    house = replace(HOME, loan_id="m", product="mortgage", months_left=240)
    for key in ("deferral", "temporary_reduction", "waiver"):
        assert found(house, CARD)[key].loans == ("m",)
        assert found(house, CARD)[key].beside == CARD.usual
        assert found(HOME, CARD)[key].loans == ("a", "b")
        cards = found(CARD)[key]
        assert cards.terms.all_months <= 60


def test_two_currencies_are_two_plans() -> None:
    with pytest.raises(InputError) as caught:
        found(HOME, replace(CARD, currency="HKD"))
    assert caught.value.code == "SEVERAL_CURRENCIES"


def test_a_loan_of_which_all_is_disputed_has_no_plan() -> None:
    assert shut(replace(HOME, owed=Parts(), overdue=Parts()))["extension"] is Shut.NOTHING_OWED


def test_what_would_be_waived_whole_is_no_plan() -> None:
    only_penalty = replace(HOME, owed=Parts(0, 0, 0, 3_000), overdue=Parts(0, 0, 0, 3_000))
    closed = shut(only_penalty)
    waives = {way.key for way in TABLE.ways if way.waive.get("penalty") == 100}
    assert waives
    assert {closed[key] for key in waives} == {Shut.NOTHING_OWED}
    assert not waives & set(found(only_penalty))
    assert waives <= set(found(replace(HOME, owed=Parts(6_000_000, 0, 0, 3_000))))


def test_the_contract_is_what_a_plan_is_compared_with() -> None:
    at_once = replace(CARD, overdue=CARD.owed)
    assert contract_total([at_once], on=ON) == CARD.owed.total
    assert contract_total([HOME], on=ON) > HOME.owed.total
    option = found(HOME)["lower_instalment"]
    assert option.difference == option.plan.total - contract_total([HOME], on=ON)


@settings(max_examples=60, deadline=None)
@given(st.integers(30_000, 3_000_000), st.sampled_from([0, 1, 3]))
def test_a_proposal_is_kept_to_or_refused_with_the_least(monthly: int, pause: int) -> None:
    proposal = Proposal(monthly, date(2026, 12, 22), pause=pause)
    least = proposal_least(loans=[HOME], proposal=proposal, on=ON)
    if monthly < least:
        with pytest.raises(Refused):
            proposal_terms(loans=[HOME], proposal=proposal, on=ON)
        return
    terms, plan = proposal_terms(loans=[HOME], proposal=proposal, on=ON)
    assert plan.most <= monthly
    assert terms.all_months <= 60
    assert terms.kind == ("deferral" if pause else "lower_instalment")


def test_a_proposal_for_a_card_and_one_that_asks_to_waive() -> None:
    card = proposal_terms(loans=[CARD], proposal=Proposal(50_000, LATER), on=ON)[0]
    assert (card.kind, card.rate_ppm) == ("instalments", 0)
    asks = Proposal(50_000, LATER, waive={"penalty": 100})
    assert proposal_terms(loans=[CARD], proposal=asks, on=ON)[0].kind == "waiver"


ask = st.builds(
    Ask,
    kind=st.sampled_from(sorted(OfferKind.values)),
    currency=st.just("CNY"),
    owed=st.integers(1, 2 * 10**9),
    waived=st.integers(0, 10**8),
    months=st.integers(1, 360),
    rate_cut_percent=st.integers(0, 100),
    light_months=st.integers(0, 12),
    affordable=st.booleans(),
    easing=st.booleans(),
)


@given(ask, st.integers(0, 10**8), st.integers(0, 60), st.integers(0, 6))
def test_more_is_never_easier(one: Ask, waived: int, months: int, light: int) -> None:
    more = replace(
        one, waived=one.waived + waived, months=one.months + months,
        light_months=one.light_months + light, affordable=False,
    )  # fmt: skip
    codes = [level.code for level in AUTHORITY.levels]
    first, second = level_for(one), level_for(more)
    assert second is None or (
        first is not None
        and codes.index(first.code) <= codes.index(second.code)
        and len(first.approvals) <= len(second.approvals)
    )


def test_a_level_ends_where_it_says() -> None:
    base = Ask("extension", "CNY", 10_000_000, 0, 36, affordable=True)
    levels = [
        level.code if (level := level_for(each)) else None
        for each in (
            base, replace(base, owed=10_000_001), replace(base, months=37),
            replace(base, owed=10**9 + 1), replace(base, currency="XAF"),
            replace(base, kind="settlement"), replace(base, affordable=False),
        )
    ]  # fmt: skip
    assert levels == [
        "standard", "larger", "larger", None, None, "exceptional", "larger",
    ]  # fmt: skip


def test_approvals_are_given_by_those_who_may() -> None:
    needed = [["approver", "collections_manager"], ["collections_manager"]]
    assert place_for(role="collections_manager", approvals=needed, given=[]) == 1
    assert place_for(role="approver", approvals=needed, given=[1]) == 0
    assert place_for(role="desk_agent", approvals=needed, given=[]) is None
    for level in AUTHORITY.levels:
        for roles in level.approvals:
            assert all(role_may(role, Permission.APPROVE_OFFERS) for role in roles)
            assert {Role(role) for role in roles}


def test_an_approval_that_nobody_may_give_is_no_table() -> None:
    text = """
edition = "t"
[rates]
CNY = 100
[levels.one]
kinds = []
most_owed = 1
most_waived = 0
most_waived_percent = 0
most_rate_cut_percent = 0
most_months = 1
approvals = [[]]
"""
    with pytest.raises(ValueError, match="roles"):
        authority_read(text)


def test_every_code_has_words() -> None:
    assert {fit.value for fit in Fit} == set(spoken.FITS)
    assert {why.value for why in Shut} == set(spoken.SHUT)
    assert {way.key for way in TABLE.ways} == set(spoken.ABOUT)
    assert {way.key for way in TABLE.ways} <= set(spoken.KEYS)
    assert {way.kind for way in TABLE.ways} <= set(OfferKind.values)
    assert {way.arrears for way in TABLE.ways} <= set(spoken.ARREARS)
    assert {way.credit for way in TABLE.ways} <= set(spoken.CREDIT)
    assert {code for way in TABLE.ways for code in way.missed} <= set(spoken.MISSED)
    assert {level.code for level in AUTHORITY.levels} == set(spoken.LEVELS)
