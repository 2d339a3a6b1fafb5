"""The language of conditions: what it takes, what it refuses, and what it makes of not knowing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.rules.condition import Condition, ConditionError, FactType, Names, condition_parse
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING

SHANGHAI = timezone(timedelta(hours=8))
FACTS = {
    "a": FactType(Type.BOOL), "b": FactType(Type.BOOL), "n": FactType(Type.INT),
    "fee": FactType(Type.MONEY), "word": FactType(Type.TEXT),
    "channel": FactType(Type.CODE, ("phone", "sms")), "clock": FactType(Type.TIME),
    "day": FactType(Type.DAY), "at": FactType(Type.INSTANT), "hours": FactType(Type.HOURS),
    "tags": FactType(Type.LIST, ("x", "y")),
}  # fmt: skip
VALUES = {"cap": 3, "quiet_from": time(22), "quiet_to": time(8), "wanted": ("x", "y")}


def parse(text: str, **silence: Any) -> Condition:
    return condition_parse(text, Names(FACTS, VALUES, silence))


def says(text: str, /, **known: Any) -> Any:
    return parse(text).one(known)


@pytest.mark.parametrize(("a", "b"), list(product([True, False, None], repeat=2)))
def test_not_knowing_decides_as_far_as_the_known_does(a: bool | None, b: bool | None) -> None:
    known = {name: value for name, value in (("a", a), ("b", b)) if value is not None}
    both = False if False in (a, b) else None if None in (a, b) else True
    either = True if True in (a, b) else None if None in (a, b) else False
    assert parse("a and b").one(known) is both
    assert parse("a or b").one(known) is either
    assert parse("not a").one(known) is (None if a is None else not a)


@given(st.recursive(
    st.sampled_from(["a", "b"]),
    lambda part: st.builds("({} {} {})".format, part, st.sampled_from(["and", "or"]), part)
    | st.builds("not {}".format, part),
    max_leaves=8,
))  # fmt: skip
def test_what_is_decided_without_a_fact_is_decided_with_it(text: str) -> None:
    """An answer that does not wait for a fact is the answer whatever the fact turns out to be."""
    condition = parse(text)
    for a in (True, False, None):
        known = {} if a is None else {"a": a}
        said = condition.one(known)
        if said is not None:
            assert {condition.one({**known, "b": b}) for b in (True, False)} == {said}
        else:
            assert condition.unknown(known) <= condition.needs()
            assert condition.unknown(known)


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("n >= cap", {"n": 3}, True),
        ("n >= cap", {"n": 2}, False),
        ("1 < n <= 3", {"n": 3}, True),
        ("1 < n <= 3", {"n": 1}, False),
        ("n + 1 >= cap", {"n": 2}, True),
        ("n * 2 - 1 == cap", {"n": 2}, True),
        ("fee > -5", {"fee": 0}, True),
        ("channel in ['phone']", {"channel": "phone"}, True),
        ("channel not in ['phone']", {"channel": NOTHING}, True),
        ("'x' in tags", {"tags": ("x",)}, True),
        ("any_of(tags, wanted)", {"tags": ()}, False),
        ("all_of(tags, wanted)", {"tags": ()}, True),
        ("count(tags) == 2", {"tags": ("x", "y")}, True),
        ("contains(word, ['AB', 'cd'])", {"word": "xxabxx"}, True),
        ("contains(word, 'ab')", {"word": NOTHING}, False),
        ("clock_between(clock, quiet_from, quiet_to)", {"clock": time(22)}, True),
        ("clock_between(clock, quiet_from, quiet_to)", {"clock": time(8)}, False),
        ("clock_between(clock, quiet_to, quiet_to)", {"clock": time(8)}, False),
        ("within_hours(at, hours)", {"at": datetime(2026, 5, 10, 9, tzinfo=SHANGHAI),
                                     "hours": ("sun 9-12",)}, True),
        ("within_hours(clock, hours)", {"clock": time(9), "hours": ("sun 9-12",)}, None),
        ("within_hours(clock, hours)", {"clock": time(12), "hours": ("sun 9-12",)}, False),
        ("weekday(day) == 7", {"day": date(2026, 5, 10)}, True),
        ("days_between(day, at) == 2", {"day": date(2026, 5, 10),
                                        "at": datetime(2026, 5, 12, tzinfo=SHANGHAI)}, True),
        ("months_between(day, at) == 1", {"day": date(2026, 1, 31),
                                          "at": datetime(2026, 2, 28, tzinfo=SHANGHAI)}, True),
        ("given(day)", {"day": NOTHING}, False),
        ("given(day)", {}, None),
        ("day <= days_after(day, 1)", {"day": NOTHING}, False),
        ("day != days_after(day, 1)", {"day": NOTHING}, True),
        ("days_between(day, at) + 1 > 0", {"day": NOTHING,
                                           "at": datetime(2026, 5, 12, tzinfo=SHANGHAI)}, False),
        ("highest(n, cap) == 3", {"n": 1}, True),
        ("true or a", {}, True),
        ("True and not false", {}, True),
    ],
)  # fmt: skip
def test_what_expressions_come_to(text: str, known: dict[str, Any], value: bool | None) -> None:
    assert parse(text).one(known) is value


def test_silence_means_what_the_rule_says_but_not_against_what_is_said_to_be_unknown() -> None:
    condition = parse("n >= cap", n=0)
    assert condition.one({}) is False
    assert condition.one({"n": 3}) is True
    assert condition.one({"n": None}) is None


def test_the_trace_tells_each_comparison() -> None:
    condition = parse("n >= cap and not (a or channel == 'sms')")
    assert [step.value for step in condition.trace({"n": 3, "channel": "sms"})] == [
        True, None, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Not readable as a condition"),
        ("a and", "Not readable as a condition"),
        ("a\x00b", "Not readable as a condition"),
        ("n", "This yields a int, where a bool is needed."),
        ("x == 1", "'x' is neither a fact of the catalogue nor a value of the rule."),
        ("n == 'x'", "'n' is a int and \"'x'\" a text."),
        ("channel == 'fax'", "channel is never 'fax'."),
        ("channel in ['phone', 'fax']", "channel is never 'fax'."),
        ("channel < 'sms'", "A code has no more or less"),
        ("a < b", "A bool has no more or less"),
        ("n is 3", "`is` is not in the language."),
        ("n and a", "'n' is a int, not a yes or no."),
        ("not n", "'n' is a int, not a yes or no."),
        ("n in 3", "'3' is a int, not a list."),
        ("n > 1.5", "1.5 is not a value of the language."),
        ("n / 2 > 1", "n and 2 cannot be put together so."),
        ("day + 1 > day", "day and 1 cannot be put together so."),
        ("weekday(n) == 1", "weekday: 'n' is a int."),
        ("weekday() == 1", "weekday takes 1, not 0."),
        ("within_hours(at, ['whenever'])", "The hours 'whenever' are not understood."),
        ("[n] == [1]", "A list holds written values only."),
        ("next_clock(at, quiet_to)", "This yields a instant, where a bool is needed."),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(text)
    assert message in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "a.__class__", "(lambda: a)()", "[a for a in tags]",
        "a if b else a", "n ** 9999999999 > 1", "f'{n}' == 'x'", "open('x')", "a := b",
        "*tags", "tags[0] == 'x'", "{1: 2} == n", "{'x'} == tags", "n << 3 > 1", "await a",
        "print(n)", "getattr(n, 'x')", "n.bit_length() > 1", "b'x' == word", "... == a", "1j == n",
        "clock_between(clock, quiet_from, end=quiet_to)", "a & b", "~n > 1", "n @ n", "yield",
    ],
)  # fmt: skip
def test_nothing_of_python_but_the_list_gets_in(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


@given(st.text(max_size=40))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        parse(text)
    except ConditionError:
        return


def test_a_condition_too_deep_is_refused_and_does_not_crash() -> None:
    with pytest.raises(ConditionError, match="Not readable"):
        parse("not " * 100_000 + "a")
    with pytest.raises(ConditionError, match="Not readable"):
        parse("(" * 1_000 + "a" + ")" * 1_000)
