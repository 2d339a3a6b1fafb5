"""The parts a condition is made of, and what each yields for one case.

Three-valued (Kleene): a value that is not known is `None`; `and`, `or`, `not` decide as far as what
is known decides. Reading a tree returns a plain function, made once, that takes the facts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from doorstep.rules.functions import Function
from doorstep.rules.values import NOTHING, Value

Known = Mapping[str, Value | None]
Reading = Callable[[Known], Any]


class Type(StrEnum):
    """What an expression yields. A code is a text out of a list; hours are windows of the week."""

    BOOL = "bool"
    INT = "int"
    MONEY = "money"
    TEXT = "text"
    CODE = "code"
    TIME = "time"
    DAY = "day"
    INSTANT = "instant"
    HOURS = "hours"
    LIST = "list"


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip


@dataclass(frozen=True)
class Constant:
    """A value written in the condition, or a dated value of the rule put in its place."""

    value: Value
    type: Type
    name: str = ""


@dataclass(frozen=True)
class Fact:
    """A fact of the catalogue. `silence` is what the rule says its absence means, if it says so."""

    name: str
    type: Type
    silence: Value | None = None


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]
    type: Type = Type.BOOL


@dataclass(frozen=True)
class Either:
    """At least one part holds."""

    parts: tuple[Node, ...]
    type: Type = Type.BOOL


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Node
    type: Type = Type.BOOL


@dataclass(frozen=True)
class Compare:
    """`left operator right`; false where either is NOTHING, except `!=`."""

    operator: str
    left: Node
    right: Node
    type: Type = Type.BOOL


@dataclass(frozen=True)
class Member:
    """`item in list` (or `not in`)."""

    item: Node
    list: Node
    negated: bool
    type: Type = Type.BOOL


@dataclass(frozen=True)
class Arithmetic:
    """Whole numbers added, taken away, multiplied."""

    operator: str
    left: Node
    right: Node
    type: Type = Type.INT


@dataclass(frozen=True)
class Call:
    """One of the functions of the language."""

    function: Function
    arguments: tuple[Node, ...]
    type: Type


Node = Constant | Fact | All | Either | Not | Compare | Member | Arithmetic | Call


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly under a node."""
    match node:
        case All(parts) | Either(parts):
            return parts
        case Not(part):
            return (part,)
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Member(item, members):
            return (item, members)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def facts_of(node: Node) -> frozenset[str]:
    """The names of all facts under a node."""
    if isinstance(node, Fact):
        return frozenset({node.name})
    return frozenset().union(*(facts_of(child) for child in children(node)))


def reading(node: Node) -> Reading:
    """The node as a function of the facts: its value, NOTHING, or None where it is not known."""
    match node:
        case Constant(value):
            return lambda known: value
        case Fact(name, _, None):
            return lambda known: known.get(name)
        case Fact(name, _, silence):
            return lambda known: known.get(name, silence)
        case All(parts):
            return _all(tuple(reading(part) for part in parts))
        case Either(parts):
            return _any(tuple(reading(part) for part in parts))
        case Not(part):
            return _not(reading(part))
        case Compare(sign, left, Constant(value)) if value is not NOTHING:
            return _compare_to(COMPARISONS[sign], reading(left), value, empty=sign == "!=")
        case Compare(sign, left, right):
            return _compare(COMPARISONS[sign], reading(left), reading(right), empty=sign == "!=")
        case Member(item, members, negated):
            return _member(reading(item), reading(members), negated)
        case Arithmetic(sign, left, right):
            return _arithmetic(ARITHMETIC[sign], reading(left), reading(right))
        case Call(function, arguments):
            return _call(function, tuple(reading(argument) for argument in arguments))


def _all(parts: tuple[Reading, ...]) -> Reading:
    def read(known: Known) -> bool | None:
        result: bool | None = True
        for part in parts:
            value = part(known)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return read


def _any(parts: tuple[Reading, ...]) -> Reading:
    def read(known: Known) -> bool | None:
        result: bool | None = False
        for part in parts:
            value = part(known)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return read


def _not(part: Reading) -> Reading:
    def read(known: Known) -> bool | None:
        value = part(known)
        return None if value is None else not value

    return read


def _compare(
    holds: Callable[[Any, Any], bool], left: Reading, right: Reading, *, empty: bool
) -> Reading:
    def read(known: Known) -> bool | None:
        first, second = left(known), right(known)
        if first is None or second is None:
            return None
        if first is NOTHING or second is NOTHING:
            return empty
        return holds(first, second)

    return read


def _member(item: Reading, members: Reading, negated: bool) -> Reading:
    def read(known: Known) -> bool | None:
        value, those = item(known), members(known)
        if value is None or those is None:
            return None
        if those is NOTHING:
            return negated
        return (value in those) != negated

    return read


def _arithmetic(compute: Callable[[Any, Any], Any], left: Reading, right: Reading) -> Reading:
    def read(known: Known) -> Any:
        first, second = left(known), right(known)
        if first is None or second is None:
            return None
        return NOTHING if first is NOTHING or second is NOTHING else compute(first, second)

    return read


def _call(function: Function, arguments: tuple[Reading, ...]) -> Reading:
    compute, on_nothing = function.compute, function.on_nothing
    if function.takes_nothing:
        (argument,) = arguments

        def read_given(known: Known) -> Any:
            value = argument(known)
            return None if value is None else compute(value)

        return read_given

    def read(known: Known) -> Any:
        values = []
        nothing = False
        for argument in arguments:
            value = argument(known)
            if value is None:
                return None
            nothing = nothing or value is NOTHING
            values.append(value)
        return on_nothing if nothing else compute(*values)

    return read


def _compare_to(
    holds: Callable[[Any, Any], bool], left: Reading, right: Value, *, empty: bool
) -> Reading:
    """A comparison with a written value, which is what most comparisons are."""

    def read(known: Known) -> bool | None:
        value = left(known)
        if value is None:
            return None
        return empty if value is NOTHING else holds(value, right)

    return read
