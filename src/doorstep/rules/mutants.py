"""Rules spoilt on purpose, one small change each, to see whether examples and cases notice.

A mutant that nothing notices is a boundary that nobody has written down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from doorstep.rules.condition import ConditionError
from doorstep.rules.lint import (
    example_expected,
    example_holds,
    example_says,
    example_waits,
)
from doorstep.rules.pack import Rulebook
from doorstep.rules.rule import Effect, Row, Rule, Severity, Test
from doorstep.rules.values import Value


class Spoil(StrEnum):
    """What was done to the rule."""

    HOUR = "hour moved by a minute"
    CAP = "number changed by one"
    VALUE = "value changed"
    COMPARISON = "comparison flipped"
    OPERATOR = "and, or exchanged"
    CONDITION = "condition dropped"
    EXCEPTION = "exception dropped"
    OUTCOME = "outcome changed"
    SCREEN = "screen changed"
    SILENCE = "silence changed"
    RULE = "rule dropped"


@dataclass(frozen=True)
class Mutant:
    """A rule with one change in it."""

    rule: Rule
    spoil: Spoil
    what: str


_STOPS = ("/stops/", "/stop/", "/recipients/no_contact_order", "/plans/stop")


def mutant_is_vital(mutant: Mutant) -> bool:
    """Whether the change is to an hour, to a cap or to any part of a rule that stops contact."""
    stops = any(folder in mutant.rule.file for folder in _STOPS)
    return stops or mutant.spoil in (Spoil.HOUR, Spoil.CAP)


def mutants_of(rule: Rule) -> Iterator[Mutant]:
    """Every mutant of a rule that has a condition."""
    if rule.test is None:
        return
    yield _tested(rule, Spoil.RULE, "never speaks", when="false")
    yield from _values(rule)
    yield from _conditions(rule, rule.test)
    yield from _screens(rule)
    yield from _silences(rule, rule.test)
    yield from _outcomes(rule)


def mutant_noticed(mutant: Mutant, book: Rulebook) -> bool:
    """Whether an example of the rule comes out otherwise than it should."""
    rule = mutant.rule
    try:
        return any(
            example_holds(rule, book, example) is not example_expected(rule, kind)
            or not example_waits(rule, book, example)
            or not example_says(rule, example)
            for kind, examples in (("good", rule.good), ("bad", rule.bad))
            for example in examples
        )
    except (ConditionError, ValueError, TypeError):
        return True  # a mutant that cannot be read stops the packs from loading


def _values(rule: Rule) -> Iterator[Mutant]:
    for number, row in enumerate(rule.rows):
        for name, value in row.values.items():
            for spoil, other in _others(value):
                rows = list(rule.rows)
                rows[number] = Row(row.since, {**row.values, name: other})
                what = f"{name} = {_shown(other)} (was {_shown(value)}) from {row.since}"
                yield Mutant(replace(rule, rows=tuple(rows)), spoil, what)


def _others(value: Value) -> Iterator[tuple[Spoil, Value]]:
    if isinstance(value, bool):
        yield Spoil.VALUE, not value
    elif isinstance(value, int):
        yield from ((Spoil.CAP, value + 1), (Spoil.CAP, value - 1))
    elif isinstance(value, time):
        for minutes in (1, -1):
            moved = datetime.combine(date(2000, 1, 2), value) + timedelta(minutes=minutes)
            yield Spoil.HOUR, moved.time()
    elif isinstance(value, tuple):
        for place in range(len(value)):
            yield Spoil.VALUE, value[:place] + value[place + 1 :]
    elif isinstance(value, date):
        yield from ((Spoil.CAP, value + timedelta(days=n)) for n in (1, -1))


def _conditions(rule: Rule, test: Test) -> Iterator[Mutant]:
    for field in ("when", "unless", "not_before"):
        text = getattr(test, field)
        if not text:
            continue
        for spoil, changed in _texts(text):
            yield _tested(rule, spoil, f"{field}: {changed}", **{field: changed})
    if test.unless:
        yield _tested(rule, Spoil.EXCEPTION, "unless dropped", unless="")
    for name in test.conditions:
        kept = tuple(one for one in test.conditions if one != name)
        yield _tested(rule, Spoil.CONDITION, f"condition {name} dropped", conditions=kept)


def _tested(rule: Rule, spoil: Spoil, what: str, **changed: Any) -> Mutant:
    assert rule.test is not None
    return Mutant(replace(rule, test=replace(rule.test, **changed)), spoil, what)


def _texts(text: str) -> Iterator[tuple[Spoil, str]]:
    """Every text one change away from a condition's."""
    tree = ast.parse(text.strip(), mode="eval")
    for number, node in enumerate(ast.walk(tree)):
        for place in range(_places(node)):
            spoilt = deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(spoilt)) if i == number)
            spoil = _spoil(spoilt, target, place)
            if spoil is not None:
                yield spoil, ast.unparse(ast.fix_missing_locations(spoilt))


def _places(node: ast.AST) -> int:
    match node:
        case ast.BoolOp(values=parts):
            return len(parts) + 1
        case ast.Compare(ops=signs):
            return len(signs)
        case ast.UnaryOp(op=ast.Not()):
            return 1
        case ast.Constant(value=bool()):
            return 0
        case ast.Constant(value=int()):
            return 2
        case ast.List(elts=members):
            return len(members)
    return 0


_FLIPS: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def _spoil(tree: ast.Expression, node: ast.AST, place: int) -> Spoil | None:
    match node:
        case ast.BoolOp(values=parts):
            if place == len(parts):
                node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                return Spoil.OPERATOR
            del parts[place]
            if len(parts) == 1:
                _put(tree, node, parts[0])
            return Spoil.CONDITION
        case ast.Compare(ops=signs):
            signs[place] = _FLIPS[type(signs[place])]()
            return Spoil.COMPARISON
        case ast.UnaryOp(operand=inner):
            _put(tree, node, inner)
            return Spoil.CONDITION
        case ast.Constant(value=int() as number):
            node.value = number + (1 if place else -1)
            return Spoil.CAP
        case ast.List(elts=members):
            del members[place]
            return Spoil.VALUE
    return None


def _put(tree: ast.Expression, node: ast.AST, instead: ast.expr) -> None:
    class Put(ast.NodeTransformer):
        def visit(self, here: ast.AST) -> Any:
            return instead if here is node else self.generic_visit(here)

    tree.body = Put().visit(tree.body)


def _screens(rule: Rule) -> Iterator[Mutant]:
    for screen, codes in rule.applies_to.items():
        rest = {name: these for name, these in rule.applies_to.items() if name != screen}
        dropped = replace(rule, applies_to=rest)
        yield Mutant(dropped, Spoil.SCREEN, f"{screen}: any")
        for code in codes if len(codes) > 1 else ():
            kept = tuple(one for one in codes if one != code)
            narrowed = replace(rule, applies_to={**rest, screen: kept})
            yield Mutant(narrowed, Spoil.SCREEN, f"{screen}: without {code}")


def _silences(rule: Rule, test: Test) -> Iterator[Mutant]:
    for name, value in test.silence.items():
        kept = {other: v for other, v in test.silence.items() if other != name}
        yield _tested(rule, Spoil.SILENCE, f"silence about {name} means nothing", silence=kept)
        if isinstance(value, bool):
            turned = {**test.silence, name: not value}
            yield _tested(rule, Spoil.SILENCE, f"silence about {name} turned", silence=turned)


_OTHERWISE: Mapping[Effect, Effect] = {
    Effect.FORBID: Effect.ASK, Effect.ASK: Effect.FORBID, Effect.NOT_BEFORE: Effect.FORBID,
    Effect.PERMIT_IF: Effect.REQUIRE, Effect.REQUIRE: Effect.FORBID, Effect.END_CONTACT: Effect.ASK,
}  # fmt: skip


def _outcomes(rule: Rule) -> Iterator[Mutant]:
    """A rule that stops made to warn, one that warns made to stop, one outcome for another."""
    if rule.effect not in _OTHERWISE:
        return
    warns = rule.severity is Severity.WARN
    other = Severity.BLOCK if warns else Severity.WARN
    yield Mutant(replace(rule, severity=other), Spoil.OUTCOME, f"severity {other}")
    if not warns:
        effect = _OTHERWISE[rule.effect]
        yield Mutant(replace(rule, effect=effect), Spoil.OUTCOME, f"outcome {effect}")


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, (time, date)) else repr(value)
