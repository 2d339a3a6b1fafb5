"""Decisions for every overdue borrower as columns: the ladder's rows, priorities and sentences.

The rows are those that `treatment.ladder.decide` reads; both are tested equal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import ibis

from doorstep.cycle.engine import as_bigint, formatted, whole_part
from doorstep.kernel.money import minor_digits
from doorstep.treatment.facts import CATALOGUE, FactKind
from doorstep.treatment.table import Condition, Ladder, Row
from doorstep.treatment.texts import amount_frame, pieces

FACTS = list(CATALOGUE)
SENTENCES = {"reason_zh": "zh-Hans", "reason_en": "en"}


def decided(facts: Any, *, ladder: Ladder, on: date, currencies: list[str]) -> Any:
    """Adds to the facts: step, reason, due day, priority, and the reason in words."""
    table = facts.mutate(reason=_first_row(ladder, facts))
    names = _amounts(ladder)
    table = table.mutate(
        **{_figure(name): _written_amount(table, name, currencies) for name in names}
    )
    table = table.mutate(
        **{
            _framed_figure(name, language): _framed(table, name, language, currencies)
            for name in names
            for language in SENTENCES.values()
        }
    )

    def by_row(value: Callable[[Row], Any]) -> Any:
        return table.reason.cases(*[(row.key, value(row)) for row in ladder.rows])

    def sentence(language: str) -> Any:
        return by_row(lambda row: _sentence(row.reason[language], table, ladder, language))

    return table.select(
        "borrower_id",
        *FACTS,
        "reason",
        business_date=ibis.literal(on),
        step=by_row(lambda row: row.step.value),
        ladder_version=ibis.literal(ladder.version),
        due_in_days=as_bigint(by_row(lambda row: ibis.literal(row.due_in_days))),
        priority=as_bigint(by_row(lambda row: _priority(row, table))),
        **{name: sentence(language) for name, language in SENTENCES.items()},
    )


def _first_row(ladder: Ladder, table: Any) -> Any:
    """The key of the first row whose conditions all hold."""
    branches = [
        (reduce(and_, [_holds(c, table[c.fact]) for c in row.conditions]), ibis.literal(row.key))
        for row in ladder.rows
        if row.conditions
    ]
    last = ibis.literal(ladder.rows[-1].key)
    return ibis.cases(*branches, else_=last) if branches else last


def _holds(condition: Condition, column: Any) -> Any:
    if condition.absent is not None:
        return column.isnull() if condition.absent else column.notnull()
    if condition.members is not None:
        return column.isin(condition.members)
    tests = [column.notnull()]
    if condition.low is not None:
        tests.append(column >= condition.low)
    if condition.high is not None:
        tests.append(column <= condition.high)
    return reduce(and_, tests)


def _priority(row: Row, table: Any) -> Any:
    points = ibis.literal(row.base)
    for term in row.terms:
        gained = whole_part(table[term.fact], term.every) * term.points
        points = points + ibis.least(gained, term.most)
    return points


def _sentence(text: str, table: Any, ladder: Ladder, language: str) -> Any:
    parts = []
    for literal, name, noun in pieces(text):
        if literal:
            parts.append(ibis.literal(literal))
        if name:
            parts.append(_written(name, table, ladder, language))
        if name and noun:
            one, others = noun
            parts.append((table[name] == 1).ifelse(f" {one}", f" {others}"))
    return parts[0].concat(*parts[1:]) if len(parts) > 1 else parts[0]


def _written(name: str, table: Any, ladder: Ladder, language: str) -> Any:
    if name == "hold_kind":
        kinds = [(kind, words[language]) for kind, words in ladder.words.items()]
        return table[name].cases(*kinds)
    if CATALOGUE[name].kind is FactKind.MONEY:
        return table[_framed_figure(name, language)]
    return table[name].cast("string")


def _amounts(ladder: Ladder) -> list[str]:
    """The amounts that some sentence names."""
    texts = [row.reason[language] for row in ladder.rows for language in SENTENCES.values()]
    named = {name for text in texts for _literal, name, _noun in pieces(text) if name}
    return sorted(name for name in named if CATALOGUE[name].kind is FactKind.MONEY)


def _figure(name: str) -> str:
    return f"{name}_written"


def _written_amount(table: Any, name: str, currencies: list[str]) -> Any:
    """The figure of an amount, written once for all sentences and languages."""
    branches = []
    for code in currencies:
        digits, minor = minor_digits(code), table[name]
        whole, rest = whole_part(minor, 10**digits), minor % 10**digits
        pattern = f"{{:,}}.{{:0{digits}}}" if digits else "{:,}"
        branches.append((code, formatted(pattern, whole, rest)))
    return table.currency.cases(*branches) if branches else ibis.literal("")


def _framed_figure(name: str, language: str) -> str:
    return f"{name}_{language}"


def _framed(table: Any, name: str, language: str, currencies: list[str]) -> Any:
    """The amount with its currency's sign or word as a language sets it."""
    figure = table[_figure(name)]
    frames = [(code, *amount_frame(code, language)) for code in currencies]
    before = [(code, ibis.literal(text)) for code, text, _after in frames]
    after = [(code, ibis.literal(text)) for code, _before, text in frames]
    currency = table.currency
    return currency.cases(*before).concat(figure, currency.cases(*after)) if frames else figure
