"""One tree, two readings: the table says of every row what the guard says of every case."""

from __future__ import annotations

import string
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.catalogue import Meaning
from doorstep.rules.condition import FactType, Names, condition_parse
from doorstep.rules.lint import example_day
from doorstep.rules.pack import Rulebook, rulebook_load
from doorstep.rules.rule import Rule
from doorstep.rules.tables import as_cell, column_type, condition_expression, rule_speaks
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING

SHANGHAI = timezone(timedelta(hours=8))
FACTS = {
    "yes": FactType(Type.BOOL), "sure": FactType(Type.BOOL),
    "n": FactType(Type.INT), "m": FactType(Type.INT),
    "word": FactType(Type.TEXT), "code": FactType(Type.CODE, ("a", "b", "c")),
    "clock": FactType(Type.TIME), "day": FactType(Type.DAY), "since": FactType(Type.DAY),
    "moment": FactType(Type.INSTANT), "hours": FactType(Type.HOURS),
    "tags": FactType(Type.LIST, ("a", "b", "c")), "flags": FactType(Type.LIST, ("a", "b", "c")),
}  # fmt: skip
VALUES = {"morning": time(8), "night": time(22), "cap": 3, "list": ("a", "b"), "words": ("ab", "C")}
NAMES = Names(FACTS, VALUES, {"hours": (), "sure": False, "since": NOTHING})

CLOCKS = st.one_of(
    st.sampled_from([time(8), time(7, 59, 59), time(22), time(0), time(23, 59, 59)]),
    st.times().map(lambda t: t.replace(fold=0)),
)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
WINDOWS = ["22:00-23:00", "after 18:00", "sun", "mon-fri 09:00-12:00", "22:00-07:00", "8:00-8:00"]
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "yes": st.booleans(), "sure": st.booleans(),
    "n": st.integers(-2, 5), "m": st.integers(-2, 5),
    "word": st.text(string.ascii_letters, min_size=1, max_size=4),
    "code": st.sampled_from("abc"),
    "clock": CLOCKS, "day": DAYS, "since": DAYS,
    "moment": st.builds(lambda d, t: datetime.combine(d, t, SHANGHAI), DAYS, CLOCKS),
    "hours": st.lists(st.sampled_from(WINDOWS), max_size=2).map(tuple),
    "tags": st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
    "flags": st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
}  # fmt: skip
MAY_BE_NOTHING = ("word", "code", "clock", "day", "since", "moment")


def cell(name: str) -> st.SearchStrategy[Any]:
    """A value, sometimes unknown (left out), sometimes NOTHING."""
    values = CELLS[name]
    if name in MAY_BE_NOTHING:
        values = st.one_of(values, values, values, st.just(NOTHING))
    return st.one_of(values, values, values, st.none())


ROWS = st.lists(st.fixed_dictionaries({n: cell(n) for n in FACTS}), min_size=12, max_size=12)
NUMBERS = st.sampled_from(
    ["n", "m", "cap", "0", "-1", "n + m", "n * 2 - m", "count(tags)", "weekday(day)",
     "days_between(since, day)", "months_between(since, day)", "highest(n, m)", "lowest(n, 2)",
     "days_between(moment, day) + 1"]
)  # fmt: skip
DAYS_OF = st.sampled_from(
    ["day", "since", "day_of(moment)", "days_after(day, n)", "months_after(since, m)",
     "highest(day, since)"]
)  # fmt: skip
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
TIMES = st.sampled_from(["clock", "morning", "night"])
ATOMS = st.one_of(
    st.sampled_from(
        ["yes", "sure", "given(day)", "given(since)", "given(word)", "given(n)", "true",
         "code in ['a', 'b']", "code not in list", "code == 'a'", "code != word", "word == 'ab'",
         "'a' in tags", "code in tags", "code not in tags", "any_of(tags, flags)",
         "all_of(tags, list)", "all_of(flags, tags)", "any_of(tags, ['c'])", "n in [1, 2]",
         "clock_between(clock, night, morning)", "clock_between(moment, morning, night)",
         "clock_between(clock, morning, clock)", "within_hours(moment, hours)",
         "within_hours(clock, hours)", "contains(word, 'a')", "contains(word, words)",
         "moment >= days_after(moment, n)", "clock == morning"]
    ),
    st.builds(lambda a, s, b: f"{a} {s} {b}", NUMBERS, SIGNS, NUMBERS),
    st.builds(lambda a, s, b: f"{a} {s} {b}", DAYS_OF, SIGNS, DAYS_OF),
    st.builds(lambda a, s, b: f"{a} {s} {b}", TIMES, SIGNS, TIMES),
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda part: st.one_of(
        st.builds(lambda a, b: f"({a} and {b})", part, part),
        st.builds(lambda a, b: f"({a} or {b})", part, part),
        st.builds(lambda a: f"not ({a})", part),
    ),
    max_leaves=6,
)


def table_of(rows: list[dict[str, Any]], types: dict[str, FactType]) -> ibis.Table:
    cells = {
        name: [as_cell(row.get(name), kind.type) for row in rows] for name, kind in types.items()
    }
    schema = {name: column_type(kind.type, kind.of) for name, kind in types.items()}
    return ibis.memtable(cells, schema=ibis.schema(schema))


def answers(table: ibis.Table, expressions: list[Any]) -> list[tuple[Any, ...]]:
    named = {f"c{number}": expression for number, expression in enumerate(expressions)}
    found = table.select(**named).to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in found]


@settings(
    max_examples=50, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink would take hours
)  # fmt: skip
@given(st.lists(CONDITIONS, min_size=6, max_size=6), ROWS)
def test_generated_conditions_read_the_same_in_a_table(
    texts: list[str], rows: list[dict[str, Any]]
) -> None:
    conditions = [condition_parse(text, NAMES) for text in texts]
    table = table_of(rows, FACTS)
    found = answers(table, [condition_expression(c.node, table) for c in conditions])
    for row, said in zip(rows, found, strict=True):
        known = {name: value for name, value in row.items() if value is not None}
        for condition, value in zip(conditions, said, strict=True):
            assert (condition.one(known), condition.text) == (value, condition.text), known


def test_a_fact_without_a_column_is_not_known() -> None:
    condition = condition_parse("n >= 3 or yes", NAMES)
    table = table_of([{"yes": True}, {"yes": False}], {"yes": FACTS["yes"]})
    assert answers(table, [condition_expression(condition.node, table)]) == [(True,), (None,)]


@pytest.mark.parametrize(
    "text", ["code == 'a'", "code != 'a'", "word == code", "day <= since", "clock == morning"]
)
def test_comparing_with_a_fact_without_a_column_is_not_known(text: str) -> None:
    condition = condition_parse(text, NAMES)
    table = table_of([{"yes": True}], {"yes": FACTS["yes"]})
    assert answers(table, [condition_expression(condition.node, table)]) == [(None,)]


@pytest.fixture(scope="module")
def book(repository: Path) -> Rulebook:
    return rulebook_load(repository / "rulepacks")


def test_every_shipped_rule_reads_its_own_examples_the_same_in_a_table(book: Rulebook) -> None:
    asked = 0
    for rule in book.rules:
        for bound, rows in _examples(rule, book):
            types = {name: book.catalogue[name].fact_type() for name in _names(bound, rows)}
            table = table_of(rows, types)
            found = answers(table, [rule_speaks(bound, table)])
            assert [one for (one,) in found] == [bound.holds(row) for row in rows], rule.id
            asked += len(rows)
    assert asked > 300


def _examples(rule: Rule, book: Rulebook) -> list[tuple[Bound, list[dict[str, Any]]]]:
    by_day: dict[date | None, list[dict[str, Any]]] = {}
    for example in (*rule.good, *rule.bad):
        facts = dict(example.facts)
        by_day.setdefault(example_day(rule, example), []).append(facts)
        for name in facts:  # and with every single fact left out
            short = {n: v for n, v in facts.items() if n != name}
            by_day[example_day(rule, example)].append(short)
    bound = {day: rule_bind(rule, book.catalogue, day) for day in by_day}
    return [(b, by_day[day]) for day, b in bound.items() if b is not None]


def _names(bound: Bound, rows: list[dict[str, Any]]) -> set[str]:
    return bound.needs | {fact for fact, _ in bound.screens} | {n for row in rows for n in row}


def test_the_catalogue_has_a_column_for_every_fact(book: Rulebook) -> None:
    for meaning in book.catalogue.values():
        assert isinstance(meaning, Meaning)
        assert ibis.dtype(column_type(meaning.type, meaning.of)).nullable
