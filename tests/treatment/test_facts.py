"""Holds and facts of one borrower: who is left alone, until when, and what counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from doorstep.delinquency.dues import LoanDues, Parts
from doorstep.delinquency.policy import DEFAULT
from doorstep.treatment.circumstances import Contact, Point, Promise, Protection
from doorstep.treatment.facts import Facts, borrower_facts
from doorstep.treatment.holds import SEVERITY, holdings, severest

ON = date(2026, 3, 31)
DAY = timedelta(days=1)


def dues(
    loan_id: str, *, dpd: int = 10, principal: int = 100_000, currency: str = "CNY"
) -> LoanDues:
    return LoanDues(
        loan_id, currency, dpd, Parts(principal), ON - dpd * DAY if dpd else None, (), 0
    )


def facts(*loans: LoanDues, **more: Any) -> Facts:
    found = borrower_facts(loans=loans, on=ON, policy=DEFAULT, time_zone="Asia/Shanghai", **more)
    assert found is not None
    return found


def promise(**fields: Any) -> Promise:
    own: dict[str, Any] = {"kind": "promise", "made_on": ON - 10 * DAY, "due_on": ON, "amount": 100}
    return Promise(**own | fields)


def named(
    *, protections: Any = (), promises: Any = (), on: date = ON
) -> tuple[str, date | None] | None:
    hold = severest(holdings(protections=protections, promises=promises, on=on))
    return (hold.kind, hold.until) if hold else None


def test_nothing_overdue_has_no_facts() -> None:
    assert borrower_facts(loans=[dues("A", dpd=0)], on=ON, policy=DEFAULT, time_zone="UTC") is None


def test_a_promise_holds_to_its_last_day_of_grace_and_no_longer() -> None:
    kept = promise(grace_days=2)
    assert named(promises=[kept], on=ON + 2 * DAY) == ("promise", ON + 2 * DAY)
    assert named(promises=[kept], on=ON + 3 * DAY) is None
    assert kept.is_broken(on=ON + 3 * DAY)
    assert not promise(grace_days=2, paid_amount=100).is_broken(on=ON + 3 * DAY)


def test_an_agreement_holds_while_none_of_its_instalments_is_broken() -> None:
    first = promise(kind="agreement", due_on=ON - DAY, state="kept")
    second = promise(kind="agreement", due_on=ON + 29 * DAY)
    assert named(promises=[first, second]) == ("agreement", ON + 29 * DAY)
    broken = promise(kind="agreement", due_on=ON - DAY, state="broken")
    assert named(promises=[broken, second]) is None
    another = promise(kind="agreement", made_on=ON - DAY, due_on=ON + 29 * DAY)
    assert named(promises=[broken, another]) == ("agreement", ON + 29 * DAY)


@pytest.mark.parametrize(
    ("start", "end", "holds"), [(0, 0, True), (1, None, False), (-5, -1, False), (-5, None, True)]
)
def test_a_protection_holds_from_its_first_to_its_last_day(
    start: int, end: int | None, holds: bool
) -> None:
    last = None if end is None else ON + end * DAY
    found = named(protections=[Protection("dispute", ON + start * DAY, last)])
    assert found == (("dispute", last) if holds else None)


def test_the_severest_is_named_with_the_latest_end_of_its_kind() -> None:
    held = [
        Protection("hardship", ON, None),
        Protection("dispute", ON, ON + DAY),
        Protection("dispute", ON - DAY, ON + 9 * DAY),
    ]
    assert named(protections=held, promises=[promise()]) == ("dispute", ON + 9 * DAY)
    assert named(protections=[*held, Protection("dispute", ON - 2 * DAY)]) == ("dispute", None)
    assert SEVERITY[0] == "deceased"
    assert SEVERITY[-1] == "promise"


def test_a_hold_on_one_loan_takes_out_its_days_and_amounts() -> None:
    disputed = Protection("dispute", ON, loan_id="A")
    found = facts(dues("A", dpd=90), dues("B", dpd=5, principal=7_000), protections=[disputed])
    assert (found.dpd, found.due_total, found.loans_overdue, found.loans_held) == (5, 7_000, 1, 1)
    assert found.hold_kind is None


def test_when_every_overdue_loan_is_held_the_borrower_is() -> None:
    held = [Protection("hardship", ON, loan_id="A"), Protection("dispute", ON, ON, loan_id="B")]
    found = facts(dues("A"), dues("B"), dues("C", dpd=0), protections=held)
    assert (found.hold_kind, found.hold_until) == ("dispute", ON)
    assert (found.due_total, found.loans_held) == (200_000, 2)


def test_amounts_are_of_the_currency_longest_past_due() -> None:
    found = facts(dues("A", dpd=9, principal=10**9), dues("B", dpd=10, principal=1, currency="TWD"))
    assert (found.currency, found.due_total, found.currencies, found.dpd) == ("TWD", 1, 2, 10)
    assert found.material, "the other currency may be large"


def test_only_the_borrowers_own_usable_points_count() -> None:
    points = [
        Point("mobile"), Point("email", state="stale"), Point("mobile", owner="reference"),
        Point("landline", state="wrong"), Point("mobile", state="third_party"),
    ]  # fmt: skip
    found = facts(dues("A"), points=points)
    assert (found.usable_points, found.usable_phones) == (2, 1)


def test_contacts_count_from_the_day_after_it_fell_due_in_the_lenders_time_zone() -> None:
    due = ON - 10 * DAY  # 21 March; the 22nd begins at 16:00 UTC in Shanghai
    before = datetime(2026, 3, 21, 15, 59, tzinfo=UTC)
    assert due == date(2026, 3, 21)
    sms = [
        Contact(before, "sms", "delivered"),
        Contact(before + timedelta(minutes=1), "sms", "sent"),
    ]
    found = facts(dues("A"), contacts=sms)
    assert (found.messages, found.days_since_contact) == (1, 9)


def test_what_failed_was_not_tried_and_who_calls_us_was_not_called() -> None:
    at = datetime(2026, 3, 30, 8, tzinfo=UTC)
    found = facts(
        dues("A"),
        contacts=[
            Contact(at, "sms", "failed"),
            Contact(at, "call", "right_party"),
            Contact(at, "call", "no_answer"),
            Contact(at + DAY, "call", "reached", direction="in"),
            Contact(at + 2 * DAY, "sms", "sent"),
        ],
    )
    assert (found.messages, found.calls, found.calls_answered, found.inbound) == (0, 2, 1, 1)
    assert found.days_since_contact == 1
