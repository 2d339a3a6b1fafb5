"""Counters as data: what counts, on whose clock, for how long, and what ends a row of failures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.rules.counters import Contact, Counter, Proposed, counter_value, counters_read
from doorstep.rules.faults import Faults
from doorstep.rules.pack import packs_folder, rulebook_load
from doorstep.rules.values import NOTHING, Value

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 5, 12, 12, tzinfo=SHANGHAI)
SHIPPED = rulebook_load(packs_folder()).counters


def contact(at: datetime, result: str = "conversation", **parts: Any) -> Contact:
    return Contact(**{"at": at, "kind": "call", "result": result, "number": "n1", **parts})


def before(days: int, hour: int = 10) -> datetime:
    return datetime(2026, 5, 12, hour, tzinfo=SHANGHAI) - timedelta(days=days)


def value(name: str, contacts: Sequence[Contact], at: datetime = NOON, **act: Any) -> Value:
    proposed = Proposed(**{"at": at, "zone": SHANGHAI, "number": "n1", **act})
    return counter_value(SHIPPED[name], contacts, proposed)


def read(**tables: Any) -> tuple[dict[str, Counter], list[str]]:
    faults = Faults("counters.toml")
    return counters_read(tables, {"n": object()}, faults), [f.code for f in faults.found]


def test_a_conversation_counts_on_the_borrowers_own_day() -> None:
    late = datetime(2026, 5, 11, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    early = datetime(2026, 5, 11, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    assert value("calls_effective_today", [contact(late)]) == 0
    assert value("calls_effective_today", [contact(early)]) == 1
    honolulu = ZoneInfo("Pacific/Honolulu")
    assert value("calls_effective_today", [contact(late)], zone=honolulu) == 1


def test_an_automatic_voice_counts_an_inbound_call_and_another_person_do_not() -> None:
    def count(**parts: Any) -> Value:
        return value("calls_effective_today", [contact(before(0), **parts)])

    assert count(actor="ai_voice") == 1
    assert count(actor="agency", collector="agencyA") == 1
    assert count(direction="in") == 0
    assert count(result="wrong_party") == 0
    assert count(recipient="contact", person="aunt") == 0
    assert count(kind="message") == 0


@pytest.mark.parametrize(
    ("result", "effective", "unanswered"),
    [
        ("effective_conversation", 1, 0), ("refused", 1, 0), ("no_answer", 0, 1),
        ("busy", 0, 1), ("something_new", 1, 1), ("", 1, 1), ("wrong_party", 0, 0),
    ],
)  # fmt: skip
def test_what_is_not_known_counts_against_us(result: str, effective: int, unanswered: int) -> None:
    had = [contact(before(0), result)]
    assert value("calls_effective_today", had) == effective
    assert value("attempts_unanswered_today_number", had) == unanswered


def test_each_number_has_its_own_attempts() -> None:
    had = [contact(before(0, hour), "no_answer", number=n) for hour, n in ((8, "n1"), (9, "n2"))]
    assert value("attempts_unanswered_today_number", had) == 1
    assert value("attempts_unanswered_today_number", had, number="n3") == 0


def test_notice_calls_add_up_over_lender_and_agencies() -> None:
    had = [
        contact(before(0, 8), style="notice", actor="bank"),
        contact(before(0, 9), style="notice", actor="agency", collector="A"),
        contact(before(0, 10), style="notice", actor="agency", collector="B"),
        contact(before(0, 11), style="interactive"),
        contact(before(0, 11), "no_answer", style="notice"),
    ]
    assert value("calls_connected_today", had, collector="C") == 3


def test_seven_days_end_today() -> None:
    visits = [contact(before(days), "met", kind="visit", channel="visit") for days in (6, 7)]
    assert value("visits_7_days", visits) == 1
    assert value("visits_first_on", visits) == date(2026, 5, 6)
    assert value("visits_first_on", []) is NOTHING


def test_what_comes_later_is_not_counted_yet() -> None:
    assert value("calls_effective_today", [contact(NOON + timedelta(seconds=1))]) == 0
    assert value("calls_effective_today", [contact(NOON)]) == 1


def failed(*days: int, **parts: Any) -> list[Contact]:
    return [contact(before(day), "no_answer", registered=True, **parts) for day in days]


@pytest.mark.parametrize(
    ("days", "row"),
    [
        ((1, 2, 3), 3), ((1, 2), 2), ((0, 1, 2), 2), ((0,), 0), ((1, 3, 4), 1), ((2, 3, 4), 3),
        ((1, 1, 1), 1), ((31, 32, 33), 0), ((), 0),
    ],
)  # fmt: skip
def test_days_of_failure_stand_in_a_row_before_today(days: tuple[int, ...], row: int) -> None:
    assert value("failed_days_registered", failed(*days)) == row


def test_only_the_registered_number_proves_that_nobody_answers() -> None:
    other = [contact(before(day), "no_answer", registered=False) for day in (1, 2, 3)]
    unknown = [contact(before(day), "no_answer") for day in (1, 2, 3)]
    pending = [contact(before(day), "", registered=True) for day in (1, 2, 3)]
    for had in (other, unknown, pending):
        assert value("failed_days_registered", had) == 0


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("spoke_on", [0, 1])
def test_speaking_to_the_borrower_ends_the_row(direction: str, spoke_on: int) -> None:
    spoke = contact(before(spoke_on, 11), direction=direction)
    assert value("failed_days_registered", [*failed(1, 2, 3), spoke]) == 0
    assert value("failed_calls_registered", [*failed(1, 2, 3), spoke]) == 0


def test_speaking_to_somebody_else_does_not_end_it() -> None:
    aunt = contact(before(0, 11), recipient="contact", person="aunt")
    assert value("failed_days_registered", [*failed(1, 2, 3), aunt]) == 3


def test_first_contact_lasts_until_something_arrived() -> None:
    assert value("first_contact", []) is True
    assert value("first_contact", [contact(before(3), "no_answer")]) is True
    assert value("first_contact", [contact(before(3), "delivered", kind="message")]) is False


def test_the_strictest_of_several_debts_decides() -> None:
    found, _ = read(n={"key": "debt", "days": 7})
    had = [contact(before(day), debts=("A",)) for day in (1, 2)] + [
        contact(before(1), debts=("B",))
    ]
    act = Proposed(at=NOON, zone=SHANGHAI, debts=("A", "B"))
    assert counter_value(found["n"], had, act) == 2
    only_b = Proposed(at=NOON, zone=SHANGHAI, debts=("B",))
    assert counter_value(found["n"], had, only_b) == 1


def test_what_the_borrower_asked_for_can_be_left_out() -> None:
    found, _ = read(n={"key": "debt", "days": 7, "without_consented": True})
    act = Proposed(at=NOON, zone=SHANGHAI, debts=("A",), consented=lambda each, debt: debt == "A")
    assert counter_value(found["n"], [contact(before(1), debts=("A",))], act) == 0


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({}, "MISSING"), ({"key": "nobody"}, "BAD_VALUE"),
        ({"key": "number", "day": 1}, "UNKNOWN_KEY"),
        ({"key": "number", "days": "7"}, "BAD_VALUE"),
        ({"key": "number", "days": True}, "BAD_VALUE"),
        ({"key": "number", "kinds": "call"}, "BAD_VALUE"), (3, "BAD_COUNTER"),
        ({"key": "number", "results": ["a"], "results_not": ["b"]}, "BAD_COUNTER"),
    ],
)  # fmt: skip
def test_a_counter_nobody_can_use_is_named(table: Any, code: str) -> None:
    assert code in read(n=table)[1]


def test_a_counter_gives_a_fact_of_the_catalogue() -> None:
    assert read(other={"key": "borrower"})[1] == ["UNKNOWN_FACT"]


MINUTES = st.integers(min_value=0, max_value=60 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: datetime(2026, 4, 1, tzinfo=UTC) + timedelta(minutes=minutes))
CONTACTS = st.builds(
    contact,
    at=MOMENTS,
    result=st.sampled_from(["no_answer", "conversation", "wrong_party", "delivered", ""]),
    kind=st.sampled_from(["call", "message", "visit"]),
    direction=st.sampled_from(["out", "in"]),
    number=st.sampled_from(["n1", "n2"]),
    registered=st.sampled_from([True, False, None]),
)


@given(contacts=st.lists(CONTACTS, max_size=25), at=MOMENTS)
def test_counting_equals_counting_one_by_one(contacts: list[Contact], at: datetime) -> None:
    today = at.astimezone(SHANGHAI).date()
    answered = {"no_answer": False, "wrong_party": False}
    by_hand = sum(
        c.kind == "call" and c.direction == "out" and answered.get(c.result, True)
        and c.at <= at and c.at.astimezone(SHANGHAI).date() == today
        for c in contacts
    )  # fmt: skip
    assert value("calls_effective_today", contacts, at) == by_hand


@given(contacts=st.lists(CONTACTS, max_size=15), more=CONTACTS, at=MOMENTS)
def test_one_contact_more_never_empties_a_cap(
    contacts: list[Contact], more: Contact, at: datetime
) -> None:
    for name in ("calls_effective_today", "attempts_unanswered_today_number", "visits_7_days"):
        fewer, after = value(name, contacts, at), value(name, [*contacts, more], at)
        assert isinstance(fewer, int)
        assert isinstance(after, int)
        assert after >= fewer


@given(contacts=st.lists(CONTACTS, max_size=15), at=MOMENTS)
def test_the_order_of_the_record_does_not_matter(contacts: list[Contact], at: datetime) -> None:
    for name in SHIPPED:
        forwards, backwards = (value(name, each, at) for each in (contacts, contacts[::-1]))
        assert forwards == backwards, name


def test_of_two_at_one_moment_the_conversation_counts_as_the_later() -> None:
    tie = [contact(before(1), "conversation"), *failed(1)]
    assert value("failed_calls_registered", tie) == value("failed_calls_registered", tie[::-1]) == 0
