"""Whose money it is: by reference, else by amount and day; never by guessing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.agreements.matching import (
    Account,
    How,
    Incoming,
    Ledger,
    Match,
    Open,
    Unmatched,
    Why,
    shared_out,
    words_of,
)

DAY = date(2026, 12, 10)


def ledger(**changes):
    accounts = {
        "L1": Account("L1", "C1", "CNY"),
        "L2": Account("L2", "C1", "CNY"),
        "L3": Account("L3", "C3", "USD"),
        "L4": Account("L4", "C4", "CNY"),
    }
    given_ = {
        "accounts": accounts,
        "words": {
            "L1": frozenset({"L1"}), "HT-2025-001": frozenset({"L1"}),
            "C10001": frozenset({"L1", "L2"}), "L3X": frozenset({"L3"}),
            "XY-30": frozenset({"L4"}),
        },
        "names": {"L1": "欧阳小明", "L2": "欧阳小明", "L4": "李四"},
        "opens": [
            Open(("plan", 1), "L1", DAY, 86_000),
            Open(("plan", 2), "L1", date(2027, 1, 10), 86_000),
            Open(("promise", "P1"), "L2", DAY, 50_000),
        ],
    }  # fmt: skip
    return Ledger(**(given_ | changes))


def paid(amount=86_000, told="", **changes):
    values = {"reference": "R1", "amount": amount, "currency": "CNY", "paid_on": DAY, "told": told}
    return Incoming(**(values | changes))


def test_the_number_the_payer_wrote_says_whose_money_it_is():
    assert ledger().match(paid(1, "还款 HT-2025-001 谢谢")) == Match("L1", How.REFERENCE)


def test_a_plan_over_several_loans_is_paid_whatever_the_amount():
    over_both = [Open(("plan", 1), loan, DAY, 86_000) for loan in ("L1", "L2")]
    assert ledger(opens=over_both).match(paid(43_000, "C10001")) == Match("L1", How.REFERENCE)
    beside = [*over_both[:1], Open(("plan", 2), "L2", DAY, 86_000)]
    assert ledger(opens=beside).match(paid(43_000, "C10001")) == Unmatched(
        Why.WHICH_LOAN, ("L1", "L2")
    )


def test_a_customer_number_with_several_loans_needs_an_amount_that_falls_due_now():
    assert ledger().match(paid(50_000, "C10001")) == Match("L2", How.REFERENCE)
    assert ledger().match(paid(123, "C10001")) == Unmatched(Why.WHICH_LOAN, ("L1", "L2"))


def test_words_that_name_two_people_name_nobody():
    found = ledger().match(paid(1, "HT-2025-001 XY-30"))

    assert isinstance(found, Unmatched)
    assert found.why is Why.POINTS_TO_SEVERAL


def test_money_in_another_currency_waits_for_a_person():
    assert ledger().match(paid(1, "L3X")) == Unmatched(Why.OTHER_CURRENCY, ("L3",))


def test_without_a_number_amount_and_day_must_fit_one_loan_only():
    assert ledger().match(paid()) == Match("L1", How.AMOUNT_AND_DAY)
    assert ledger().match(paid(paid_on=date(2026, 12, 16))) == Unmatched(Why.NOTHING_FITS)
    twins = [Open(("plan", 1), "L1", DAY, 86_000), Open(("plan", 9), "L4", DAY, 86_000)]
    assert ledger(opens=twins).match(paid()) == Unmatched(Why.SEVERAL_FIT, ("L1", "L4"))


def test_the_name_of_the_account_decides_between_two_and_refuses_a_stranger():
    twins = [Open(("plan", 1), "L1", DAY, 86_000), Open(("plan", 9), "L4", DAY, 86_000)]

    assert ledger(opens=twins).match(paid(payer="李四")) == Match("L4", How.AMOUNT_AND_DAY)
    assert ledger().match(paid(payer="王五")) == Unmatched(Why.OTHER_NAME, ("L1",))


def test_what_one_payment_has_paid_is_not_matched_by_the_next():
    book = ledger()
    first = book.match(paid())
    book.take(paid(), first.loan_id)

    assert book.match(paid(reference="R2")) == Unmatched(Why.NOTHING_FITS)


def test_a_short_payment_leaves_the_rest_open_and_a_double_one_pays_ahead():
    book = ledger()

    short = book.take(paid(60_000), "L1")
    assert (short.shares, short.rest) == (((("plan", 1), 60_000),), 0)
    double = book.take(paid(86_000, reference="R2"), "L1")
    assert double.shares == ((("plan", 1), 26_000), (("plan", 2), 60_000))


def test_one_plan_over_two_loans_is_paid_once():
    both = [Open(("plan", 1), "L1", DAY, 100), Open(("plan", 1), "L2", DAY, 100)]
    book = ledger(opens=both)

    assert book.take(paid(70), "L1").rest == 0
    assert book.take(paid(70), "L2").rest == 40


@pytest.mark.parametrize(
    ("told", "found"),
    [("", []), ("  L1 ", ["L1"]), ("还款L100/2;李", ["还款L100/2;李", "L100/2"])],
)
def test_the_words_of_a_payer_are_taken_apart(told, found):
    assert words_of(told) == found


@given(
    amount=st.integers(0, 10**9),
    dues=st.lists(st.integers(0, 10**8), max_size=30),
)
def test_sharing_out_conserves_money(amount, dues):
    opens = [Open(("plan", n), "L1", DAY, due) for n, due in enumerate(dues)]
    left = {each.key: each.outstanding for each in opens}

    shares, rest = shared_out(amount, opens, left=left)

    assert sum(share for _key, share in shares) + rest == amount
    assert all(0 < share <= left[key] for key, share in shares)
    assert rest == 0 or sum(share for _key, share in shares) == sum(dues)
