"""One condition: a short expression, parsed once, read for one case, in words, for its facts.

The table reading is `doorstep.rules.tables`, because it needs Ibis and nothing here may.

    clock_between(local_time, quiet_from, quiet_to) and channel in ["phone", "sms"]

Names are facts of the catalogue or dated values of the rule. The grammar is Python's, cut down to
and/or/not, comparisons, `in`, whole numbers, texts, lists and the functions of `functions.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from doorstep.rules.functions import FUNCTIONS, SAME
from doorstep.rules.hours import hours_canonical
from doorstep.rules.tree import (
    All,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Either,
    Fact,
    Known,
    Member,
    Node,
    Not,
    Reading,
    Type,
    children,
    facts_of,
    reading,
)
from doorstep.rules.values import Value

_SIGNS: dict[type[ast.AST], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
}  # fmt: skip
_FAMILIES = {
    Type.MONEY: Type.INT, Type.CODE: Type.TEXT, Type.HOURS: Type.LIST,
}  # fmt: skip
_ORDERED = (Type.INT, Type.TIME, Type.DAY, Type.INSTANT)


class ConditionError(ValueError):
    """A condition that cannot be read; `hint` says what would be."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class FactType:
    """What a condition must know of a fact: its type, the codes it may take, its list's type."""

    type: Type
    codes: tuple[str, ...] = ()
    of: Type = Type.TEXT


@dataclass(frozen=True)
class Names:
    """What the names in a condition mean: facts, the rule's values of a day, its silences."""

    facts: Mapping[str, FactType]
    values: Mapping[str, Value] = field(default_factory=dict)
    silence: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One comparison of a condition and what it came to (None: not known)."""

    node: Node
    value: Any


@dataclass(frozen=True)
class Condition:
    """A parsed condition. `one` is the fast reading; the others are for people and tables."""

    text: str
    node: Node
    one: Reading

    @property
    def type(self) -> Type:
        """What the condition yields."""
        return self.node.type

    def needs(self) -> frozenset[str]:
        """Every fact the condition reads."""
        return facts_of(self.node)

    def unknown(self, known: Known) -> frozenset[str]:
        """The facts that nobody gave and for which the condition cannot be decided."""
        return frozenset(_unknown(self._branch, known))

    @cached_property
    def _branch(self) -> _Branch:
        return _branch(self.node, self.one)

    def trace(self, known: Known) -> tuple[Step, ...]:
        """Each single comparison with what it came to, in the order they are written."""
        return tuple(Step(leaf, reading(leaf)(known)) for leaf in _leaves(self.node))


def condition_parse(text: str, names: Names, *, yields: Type = Type.BOOL) -> Condition:
    """The condition of a text. Raises ConditionError: not in the language, a name or type wrong."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ConditionError(f"Not readable as a condition: {reason}.") from None
    node = _Reader(names).node(tree)
    if _family(node.type) != _family(yields):
        raise ConditionError(f"This yields a {node.type}, where a {yields} is needed.")
    return Condition(text.strip(), node, reading(node))


@dataclass(frozen=True, slots=True)
class _Branch:
    """A node with its reading, to find out which facts leave it undecided."""

    one: Reading
    fact: str
    under: tuple[_Branch, ...]


def _branch(node: Node, one: Reading) -> _Branch:
    name = node.name if isinstance(node, Fact) else ""
    return _Branch(one, name, tuple(_branch(child, reading(child)) for child in children(node)))


def _unknown(branch: _Branch, known: Known) -> list[str]:
    if branch.one(known) is not None:
        return []
    if branch.fact:
        return [branch.fact]
    return [name for under in branch.under for name in _unknown(under, known)]


def _leaves(node: Node) -> tuple[Node, ...]:
    if isinstance(node, (All, Either, Not)):
        return tuple(leaf for child in children(node) for leaf in _leaves(child))
    return (node,)


def _family(kind: Type) -> Type:
    return _FAMILIES.get(kind, kind)


class _Reader:
    """Turns Python's tree into ours, refusing everything that is not on the list."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def node(self, tree: ast.AST) -> Node:
        match tree:
            case ast.BoolOp(op=ast.And(), values=parts):
                return All(tuple(self._bool(part) for part in parts))
            case ast.BoolOp(op=ast.Or(), values=parts):
                return Either(tuple(self._bool(part) for part in parts))
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return Not(self._bool(part))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                return Constant(-number, Type.INT)
            case ast.Compare(left=left, ops=signs, comparators=rights):
                return self._comparisons(left, signs, rights)
            case ast.BinOp(left=left, op=sign, right=right):
                return self._arithmetic(left, sign, right)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Constant(value=value):
                return _constant(value)
            case ast.List(elts=members) | ast.Tuple(elts=members):
                return self._list(members)
        written = ast.unparse(tree) if isinstance(tree, ast.expr) else type(tree).__name__
        raise ConditionError(
            f"{written!r} is not in the language.",
            "Use and, or, not, comparisons, in, whole numbers, texts, lists and the functions.",
        )

    def _bool(self, tree: ast.AST) -> Node:
        node = self.node(tree)
        if node.type is not Type.BOOL:
            raise ConditionError(f"{_written(tree)!r} is a {node.type}, not a yes or no.")
        return node

    def _comparisons(self, left: ast.expr, signs: list[ast.cmpop], rights: list[ast.expr]) -> Node:
        lefts = [left, *rights[:-1]]
        parts = tuple(self._comparison(*one) for one in zip(lefts, signs, rights, strict=True))
        return parts[0] if len(parts) == 1 else All(parts)

    def _comparison(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> Node:
        first, second = self.node(left), self.node(right)
        self._check_codes(first, second)
        if isinstance(sign, (ast.In, ast.NotIn)):
            if _family(second.type) is not Type.LIST:
                raise ConditionError(f"{_written(right)!r} is a {second.type}, not a list.")
            return Member(first, second, isinstance(sign, ast.NotIn))
        if type(sign) not in _SIGNS:
            raise ConditionError("`is` is not in the language.", "Use == or given(...).")
        text = _SIGNS[type(sign)]
        if _family(first.type) != _family(second.type):
            raise ConditionError(
                f"{_written(left)!r} is a {first.type} and {_written(right)!r} a {second.type}.",
                "Only like things can be compared.",
            )
        if text not in ("==", "!=") and _family(first.type) not in _ORDERED:
            raise ConditionError(f"A {first.type} has no more or less: {_written(left)!r} {text}.")
        return Compare(text, first, second)

    def _check_codes(self, first: Node, second: Node) -> None:
        for fact, other in ((first, second), (second, first)):
            if not isinstance(fact, Fact) or not isinstance(other, Constant):
                continue
            codes = self.names.facts[fact.name].codes
            written = other.value if isinstance(other.value, tuple) else (other.value,)
            for code in written:
                if codes and isinstance(code, str) and code not in codes:
                    raise ConditionError(
                        f"{fact.name} is never {code!r}.", f"Its codes: {', '.join(codes)}."
                    )

    def _arithmetic(self, left: ast.expr, sign: ast.operator, right: ast.expr) -> Node:
        first, second = self.node(left), self.node(right)
        if type(sign) not in _SIGNS or {_family(first.type), _family(second.type)} != {Type.INT}:
            raise ConditionError(
                f"{_written(left)} and {_written(right)} cannot be put together so.",
                "Whole numbers take + - *; days take days_after, days_between.",
            )
        return Arithmetic(_SIGNS[type(sign)], first, second)

    def _call(self, name: str, arguments: list[ast.expr]) -> Node:
        function = FUNCTIONS.get(name)
        if function is None:
            raise ConditionError(
                f"There is no function {name!r}.", f"There are: {', '.join(sorted(FUNCTIONS))}."
            )
        nodes = tuple(self.node(argument) for argument in arguments)
        if len(nodes) != len(function.takes):
            raise ConditionError(f"{name} takes {len(function.takes)}, not {len(nodes)}.")
        for node, argument, kinds in zip(nodes, arguments, function.takes, strict=True):
            if not _fits(node, kinds):
                raise ConditionError(
                    f"{name}: {_written(argument)!r} is a {node.type}.",
                    f"It takes {' or '.join(kinds)} there.",
                )
        if len(nodes) == 2:
            self._check_codes(*nodes)
        yields = nodes[0].type if function.yields == SAME else Type(function.yields)
        return Call(function, nodes, yields)

    def _name(self, name: str) -> Node:
        if name in ("true", "false"):
            return Constant(name == "true", Type.BOOL)
        if name in self.names.values:
            value = self.names.values[name]
            return Constant(value, type_of(value), name)
        if name in self.names.facts:
            return Fact(name, self.names.facts[name].type, self.names.silence.get(name))
        raise ConditionError(
            f"{name!r} is neither a fact of the catalogue nor a value of the rule.",
            f"Near: {', '.join(_near(name, self.names))}." if _near(name, self.names) else "",
        )

    def _list(self, members: list[ast.expr]) -> Node:
        nodes = [self.node(member) for member in members]
        if not all(
            isinstance(node, Constant) and not isinstance(node.value, tuple) for node in nodes
        ):
            raise ConditionError("A list holds written values only.")
        return Constant(tuple(node.value for node in nodes), Type.LIST)  # type: ignore[union-attr,misc]


def _fits(node: Node, kinds: tuple[str, ...]) -> bool:
    if node.type.value in kinds:
        return True
    if "hours" not in kinds or not isinstance(node, Constant) or node.type is not Type.LIST:
        return False
    try:
        hours_canonical(node.value)
    except (ValueError, AttributeError) as error:
        raise ConditionError(str(error)) from None
    return True


def _constant(value: object) -> Constant:
    if isinstance(value, (bool, int, str)):
        return Constant(value, type_of(value))
    raise ConditionError(
        f"{value!r} is not a value of the language.",
        "Use whole numbers (months, days, minor units), 'texts', true and false.",
    )


def type_of(value: Value) -> Type:
    """The type of a value as written in a rule file."""
    if isinstance(value, bool):
        return Type.BOOL
    kinds: tuple[tuple[type, Type], ...] = (
        (int, Type.INT), (str, Type.TEXT), (time, Type.TIME), (datetime, Type.INSTANT),
        (date, Type.DAY), (tuple, Type.LIST),
    )  # fmt: skip
    for kind, name in kinds:
        if isinstance(value, kind):
            return name
    raise ConditionError(f"{value!r} is no value a rule can hold.")


def _written(tree: ast.AST) -> str:
    return ast.unparse(tree)


def _near(name: str, names: Names) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, [*names.facts, *names.values], n=3)
