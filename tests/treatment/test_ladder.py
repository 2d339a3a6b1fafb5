"""The first ladder: each rung is reached, and only when the one before was tried."""

# ruff: noqa: E501 (a table reads as a table)

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from doorstep.cases.steps import Step
from doorstep.kernel.errors import InputError, NotFound
from doorstep.treatment.facts import CATALOGUE, Facts
from doorstep.treatment.ladder import decide
from doorstep.treatment.shelf import SHIPPED, ladder_of, ladder_on
from doorstep.treatment.table import LANGUAGES, ladder_from_mapping
from doorstep.treatment.texts import amount_in_words, check_texts
from doorstep.treatment.wording import language_code, reason_in_words, step_in_words

ON = date(2026, 3, 31)
LADDER = ladder_on(ON)
FRESH = Facts(
    dpd=5, bucket=1, currency="CNY", due_total=123_456, due_principal=120_000, due_interest=3_000,
    due_fee=0, due_penalty=456, loans_overdue=1, loans_held=0, currencies=1,
    instalments_overdue=1, oldest_due_on=date(2026, 3, 26), late_12m=1, paid_late_12m=0,
    material=True, in_grace=False, hold_kind=None, hold_until=None, promises_broken_12m=0,
    usable_points=1, usable_phones=1, usable_addresses=1, messages=0, calls=0, calls_answered=0,
    letters=0, visits=0, visits_answered=0, inbound=0, days_since_contact=None,
)  # fmt: skip
LATE = {"dpd": 70, "messages": 2, "days_since_contact": 8}

# Row, what makes it match, and the one change after which it no longer does.
RUNGS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("held", {"hold_kind": "promise", "hold_until": ON}, {"hold_kind": None, "hold_until": None}),
    ("held_open", {"hold_kind": "deceased"}, {"hold_until": ON}),
    ("below_materiality", {"material": False}, {"material": True}),
    ("in_grace", {"in_grace": True}, {"in_grace": False}),
    ("no_way_to_reach", {"usable_points": 0, "usable_phones": 0, "usable_addresses": 0}, {"usable_addresses": 1}),
    ("review_after_visits", LATE | {"dpd": 90, "visits": 2}, {"dpd": 89}),
    ("visit_after_letter", LATE | {"letters": 1}, {"days_since_contact": 6}),
    ("visit_after_calls", LATE | {"calls": 5}, {"dpd": 59}),
    ("friendly_first", {}, {"paid_late_12m": 1}),
    ("remind", {"paid_late_12m": 1}, {"messages": 1, "days_since_contact": 3}),
    ("let_it_work", {"messages": 1, "days_since_contact": 2}, {"days_since_contact": 3}),
    ("call_after_broken_promise", {"messages": 1, "days_since_contact": 3, "promises_broken_12m": 1}, {"promises_broken_12m": 0}),
    ("remind_again", {"messages": 1, "days_since_contact": 3}, {"messages": 2}),
    ("call", {"messages": 2, "days_since_contact": 3}, {"calls": 3}),
    ("letter", {"messages": 2, "calls": 3, "days_since_contact": 3}, {"letters": 1}),
    ("review_nothing_left", {"dpd": 90, "messages": 2, "calls": 3, "letters": 1, "usable_addresses": 0, "days_since_contact": 7}, {"dpd": 89}),
    ("wait_for_effect", {"messages": 2, "calls": 3, "letters": 1, "days_since_contact": 5}, {"calls": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "facts", "away"), RUNGS, ids=[row for row, *_ in RUNGS])
def test_each_row_is_reached_and_left(
    row: str, facts: dict[str, Any], away: dict[str, Any]
) -> None:
    good = replace(FRESH, **facts)
    assert decide(good, ladder=LADDER).reason == row
    assert decide(replace(good, **away), ladder=LADDER).reason != row


def test_every_row_has_an_example() -> None:
    assert [row for row, *_ in RUNGS] == [row.key for row in LADDER.rows]


def test_the_rungs_rise_only_when_the_one_before_did_not_work() -> None:
    tried: dict[str, Any] = {"dpd": 95, "paid_late_12m": 1, "days_since_contact": 9}
    steps = []
    for done in (
        {}, {"messages": 1}, {"messages": 2}, {"calls": 3}, {"letters": 1}, {"visits": 1},
        {"visits": 2},
    ):  # fmt: skip
        tried |= done
        steps.append(decide(replace(FRESH, **tried), ladder=LADDER).step)
    assert steps == [
        Step.REMIND, Step.REMIND_AGAIN, Step.CALL, Step.LETTER, Step.PROPOSE_VISIT,
        Step.PROPOSE_VISIT, Step.REVIEW,
    ]  # fmt: skip


def test_a_hold_keeps_out_whatever_else_is_true() -> None:
    facts = replace(FRESH, **LATE, letters=3, visits=5, hold_kind="complaint")
    assert decide(facts, ladder=LADDER).step is Step.NONE


def test_the_trace_names_the_condition_that_failed() -> None:
    decision = decide(FRESH, ladder=LADDER)
    assert decision.trace[0].key == "held"
    assert decision.trace[0].failed is not None
    assert decision.trace[0].failed.fact == "hold_kind"
    assert decision.trace[-1].failed is None


def test_more_days_and_more_money_come_first_up_to_a_bound() -> None:
    def urgency(**facts: Any) -> int:
        return decide(replace(FRESH, **facts), ladder=LADDER).priority

    assert urgency(due_total=10**6) > urgency(due_total=10**5)
    assert urgency(dpd=20) > urgency(dpd=10)
    assert urgency(due_total=10**12) == urgency(due_total=10**13)


@pytest.mark.parametrize("row", [row for row, *_ in RUNGS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_speaks_every_language(row: str, language: str) -> None:
    facts = next(facts for key, facts, _away in RUNGS if key == row)
    known = replace(FRESH, **facts).as_json()
    for tell in (reason_in_words, step_in_words):
        text = tell(ladder_version=LADDER.version, reason=row, facts=known, language=language)
        assert text.strip()
        assert "{" not in text
        assert "None" not in text


def test_a_reason_in_words() -> None:
    def words(language: str, **facts: Any) -> str:
        own = replace(FRESH, **facts)
        key = decide(own, ladder=LADDER).reason
        return reason_in_words(
            ladder_version=LADDER.version, reason=key, facts=own.as_json(), language=language
        )

    held = {"hold_kind": "promise", "hold_until": ON}
    assert words("en", **held) == (
        "Left alone: promise to pay running, until 2026-03-31. 5 days past due, CNY 1,234.56."
    )
    assert (
        words("zh-hans", **held)
        == "暂停联系：承诺还款期内，至 2026-03-31。逾期 5 天，1,234.56 元。"
    )
    assert words("zh-hant", **held).startswith("暫停聯繫：承諾還款期內")


def test_one_of_a_kind_is_named_as_one() -> None:
    tried = {"messages": 1, "calls": 1, "letters": 2, "dpd": 1}
    words = {
        language: reason_in_words(
            ladder_version=LADDER.version, reason="visit_after_letter",
            facts=replace(FRESH, **tried).as_json(), language=language,
        )
        for language in ("en", "zh-hans")
    }  # fmt: skip
    assert words["en"].startswith("1 day past due, ")
    assert words["en"].endswith("; 1 message, 1 call and 2 letters did not help.")
    assert "致电 1 次、寄信 2 封" in words["zh-hans"]


def test_unknown_ladder_or_row_is_not_found() -> None:
    with pytest.raises(NotFound):
        ladder_of("first-0")
    with pytest.raises(NotFound):
        reason_in_words(ladder_version=LADDER.version, reason="?", facts={}, language="en")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (5, "CNY", "zh-Hans", "0.05 元"),
        (123_456_789, "TWD", "zh-Hant", "1,234,567.89 TWD"),
        (1_234, "JPY", "en", "JPY 1,234"),
        (2**60, "CNY", "en", "CNY 11,529,215,046,068,469.76"),
    ],
)
def test_amounts_in_words(minor: int, currency: str, language: str, text: str) -> None:
    assert amount_in_words(minor, currency, language) == text


@pytest.mark.parametrize(
    ("given", "code"),
    [("zh-hans", "zh-Hans"), ("zh_Hant_TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("en-gb", "en")],
)
def test_language_codes(given: str, code: str) -> None:
    assert language_code(given) == code


def test_a_fact_is_what_the_catalogue_says() -> None:
    assert set(CATALOGUE) == set(FRESH.as_json())


def raw() -> dict[str, Any]:
    return copy.deepcopy(tomllib.loads((SHIPPED / "first.toml").read_text("utf-8")))


def spoilt(change: Any) -> InputError:
    values = raw()
    change(values)
    with pytest.raises(InputError) as error:
        check_texts(ladder_from_mapping(values, file="spoilt.toml"))
    assert error.value.code == "BAD_LADDER"
    return error.value


FAULTS: list[tuple[Any, str, str]] = [
    (lambda v: v["rows"][0]["when"].update(colour=1), "row held.when.colour", "Unknown fact"),
    (lambda v: v["rows"].pop(), "rows", "no decision"),
    (lambda v: v["rows"].insert(1, v["rows"][0]), "row held", "twice"),
    (
        lambda v: v["rows"].insert(0, v["rows"].pop(1)),
        "row held",
        "No borrower can reach it: row held_open above",
    ),
    (lambda v: v["rows"][5].update(step="shout"), "row review_after_visits.step", "Unknown step"),
    (lambda v: v["rows"][5]["when"].update(dpd={"from": 9, "to": 8}), "row review_after_visits.when.dpd", "Nothing lies"),
    (lambda v: v["rows"][5]["when"].update(material=1), "row review_after_visits.when.material", "not a yes_no"),
    (lambda v: v["rows"][2]["reason"].pop("en"), "row below_materiality.reason", "Texts are needed"),
    (lambda v: v["rows"][2]["reason"].update(en="{colour}"), "row below_materiality, text en", "Unknown fact"),
    (lambda v: v["rows"][2]["reason"].update(en="{hold_until}"), "row below_materiality, text en", "may be absent"),
    (lambda v: v["rows"][2]["reason"].update(en="{dpd:day}"), "row below_materiality, text en", "no such noun"),
    (lambda v: v["rows"][2]["reason"].update(en="{due_total:yuan|yuan}"), "row below_materiality, text en", "no such noun"),
    (lambda v: v["rows"][2]["reason"].update(en="{dpd"), "row below_materiality, text en", "alone"),
    (lambda v: v["hold_words"].pop("minor"), "hold_words.minor", "No words"),
    (lambda v: v["rows"][5]["priority"]["terms"][0].update(fact="currency"), "row review_after_visits.priority", "no fact that counts"),
    (lambda v: v.pop("effective_from"), "effective_from", "Missing"),
    (lambda v: v.update(color=1), "color", "Unknown name"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place", "message"), FAULTS)
def test_a_spoilt_ladder_is_refused_with_its_place(change: Any, place: str, message: str) -> None:
    error = spoilt(change)
    assert error.where.field == place
    assert message in str(error)
