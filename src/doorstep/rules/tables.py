"""The same condition over a table: the tree of `condition.py` as one Ibis expression.

A column stands for a fact; NULL is "not known". NOTHING ("known: there is none") is written in a
column as a value that its type never has otherwise (`as_cell`), because SQL has one NULL only.
A time of day is a whole number of microseconds since midnight, hours are arrays of canonical lines
(`hours.py`), instants are local wall clocks without a zone. Only the night uses this; the guard
reads one case in plain Python, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from doorstep.rules.bound import Bound
from doorstep.rules.hours import hours_canonical
from doorstep.rules.rule import Effect
from doorstep.rules.tree import (
    All,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Either,
    Fact,
    Member,
    Node,
    Not,
    Type,
    children,
)
from doorstep.rules.values import NOTHING, Value

_NOTHING: dict[Type, Any] = {
    Type.TEXT: "", Type.CODE: "", Type.TIME: -1, Type.DAY: date(1, 1, 1),
    Type.INSTANT: datetime(1, 1, 1),  # noqa: DTZ001 (a local wall clock)
}  # fmt: skip
_COLUMNS = {
    Type.BOOL: "boolean", Type.INT: "int64", Type.MONEY: "int64", Type.TEXT: "string",
    Type.CODE: "string", Type.TIME: "int64", Type.DAY: "date", Type.INSTANT: "timestamp(6)",
    Type.HOURS: "array<string>", Type.LIST: "array<string>",
}  # fmt: skip
_LISTS = {Type.INT: "array<int64>", Type.DAY: "array<date>"}
Expr = Any
NO_FACTS: Mapping[str, Value] = {}


def column_type(kind: Type, of: Type = Type.TEXT) -> str:
    """The Ibis type of the column that holds a fact of this type."""
    return _LISTS.get(of, "array<string>") if kind is Type.LIST else _COLUMNS[kind]


def as_cell(value: Value | None, kind: Type) -> Any:
    """A fact's value as its column holds it; None stays NULL."""
    if value is None:
        return None
    if value is NOTHING:
        return _NOTHING[kind]
    if isinstance(value, tuple):
        return list(hours_canonical(value) if kind is Type.HOURS else value)
    if isinstance(value, time):
        return _microseconds(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def cell_value(cell: Any, kind: Type) -> Value | None:
    """What a cell says of the fact: `as_cell` backwards. Instants are local wall clocks."""
    if cell is None:
        return None
    if kind in _NOTHING and cell == _NOTHING[kind]:
        return NOTHING
    if isinstance(cell, list):
        return tuple(cell)
    if kind is Type.TIME:
        return (datetime(1, 1, 1) + timedelta(microseconds=cell)).time()  # noqa: DTZ001
    return cell  # type: ignore[no-any-return]


def _microseconds(clock: time) -> int:
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * 1_000_000 + clock.microsecond


def rule_speaks(
    bound: Bound, table: ir.Table, given: Mapping[str, Value] = NO_FACTS
) -> ir.BooleanValue:
    """Whether the rule speaks, row by row: true, false, or NULL where that is not known.

    `given` are facts that are the same for every row (the act's own, mostly).
    """
    out, unknown = _screened(bound, table, given)
    test = condition_expression(bound.when.node, table, given)
    if bound.unless:
        test = test & ~condition_expression(bound.unless.node, table, given)
    if bound.rule.effect is Effect.PERMIT:
        test = ibis.ifelse(unknown & test.fill_null(False), ibis.null("boolean"), test)
    return ibis.ifelse(out, False, test)


def condition_expression(
    node: Node, table: ir.Table, given: Mapping[str, Value] = NO_FACTS
) -> Expr:
    """A condition's tree as an expression over the table. A fact without a column is not known."""
    return _Reader(table, given).read(node)


def _screened(bound: Bound, table: ir.Table, given: Mapping[str, Value]) -> tuple[Expr, Expr]:
    """(taken out by a screen, some screen's fact not known); neither is ever NULL."""
    out: Expr = ibis.literal(False)
    unknown: Expr = ibis.literal(False)
    for fact, wanted in bound.screens:
        if fact in given:
            value = given[fact]
            within = value if isinstance(value, tuple) else (value,)
            if wanted.isdisjoint(within):
                return ibis.literal(True), unknown
            continue
        if fact not in table.columns:
            unknown = ibis.literal(True)
            continue
        column = table[fact]
        out = out | ~column.isin(sorted(str(one) for one in wanted)).fill_null(True)
        unknown = unknown | column.isnull()
    return out, unknown


class _Reader:
    """Reads a tree into expressions; knows which of them may be NOTHING."""

    def __init__(self, table: ir.Table, given: Mapping[str, Value]) -> None:
        self.table, self.given = table, given

    def read(self, node: Node) -> Expr:
        match node:
            case Constant(value, kind):
                return _literal(value, kind)
            case Fact():
                return self._fact(node)
            case All(parts):
                return _joined(parts, self.read, lambda a, b: a & b)
            case Either(parts):
                return _joined(parts, self.read, lambda a, b: a | b)
            case Not(part):
                return ~self.read(part)
            case Compare(sign, left, right):
                return self._compare(sign, left, right)
            case Member(item, members, negated):
                return self._member(item, members, negated)
            case Arithmetic(sign, left, right):
                return _ARITHMETIC[sign](self.read(left), self.read(right))
            case Call(function, arguments):
                return self._call(function.name, arguments)

    def _fact(self, fact: Fact) -> Expr:
        kind = fact.type
        if fact.name in self.given:
            return _literal(as_cell(self.given[fact.name], kind), kind)
        silence = None if fact.silence is None else _literal(as_cell(fact.silence, kind), kind)
        if fact.name not in self.table.columns:
            return ibis.null(_COLUMNS[kind]) if silence is None else silence
        column = self.table[fact.name]
        return column if silence is None else column.fill_null(silence)

    def _absent(self, node: Node) -> bool:
        """Whether a node is a fact of which column, given and silence say nothing."""
        return (
            isinstance(node, Fact)
            and node.silence is None
            and node.name not in self.given
            and node.name not in self.table.columns
        )

    def _nothing(self, node: Node) -> Expr | None:
        """Whether a node is NOTHING, row by row (NULL where not known); None where it never is."""
        if isinstance(node, Fact) and node.name in self.given:
            return ibis.literal(True) if self.given[node.name] is NOTHING else None
        if isinstance(node, Fact) and node.type in _NOTHING:
            return self.read(node) == _literal(_NOTHING[node.type], node.type)
        if isinstance(node, Constant) and node.value is NOTHING:
            return ibis.literal(True)
        if isinstance(node, Arithmetic) or (
            isinstance(node, Call) and node.function.on_nothing is NOTHING
        ):
            found = [self._nothing(one) for one in children(node)]
            these = [one for one in found if one is not None]
            return _joined(tuple(these), lambda one: one, lambda a, b: a | b) if these else None
        return None

    def _compare(self, sign: str, left: Node, right: Node) -> Expr:
        if self._absent(left) or self._absent(right):  # Ibis reads `NULL == x` as `x IS NULL`
            return ibis.null("boolean")
        holds = _COMPARISONS[sign](self.read(left), self.read(right))
        return self._unless_nothing((left, right), sign == "!=", holds)

    def _unless_nothing(self, nodes: tuple[Node, ...], instead: bool, value: Expr) -> Expr:
        """The value, or `instead` where every node is known and one of them is NOTHING."""
        found = [one for one in map(self._nothing, nodes) if one is not None]
        if not found:
            return value
        nothing = _joined(tuple(found), lambda one: one, lambda a, b: a | b).fill_null(False)
        known: Expr = ibis.literal(True)
        for node in nodes:
            known = known & self.read(node).notnull()
        empty = ibis.ifelse(known, ibis.literal(instead), ibis.null("boolean"))
        return ibis.ifelse(nothing, empty, value)

    def _member(self, item: Node, members: Node, negated: bool) -> Expr:
        value = self.read(item)
        if isinstance(members, Constant):
            known = value.isin(list(members.value)) if members.value else ibis.literal(False)  # type: ignore[arg-type]
            found = ibis.ifelse(value.isnull(), ibis.null("boolean"), known)
        else:
            listed = self.read(members)
            either_unknown = value.isnull() | listed.isnull()
            found = ibis.ifelse(
                either_unknown, ibis.null("boolean"), listed.contains(value).fill_null(False)
            )
        return ~found if negated else found

    def _call(self, name: str, arguments: tuple[Node, ...]) -> Expr:
        make = _FUNCTIONS.get(name)
        if make is None:
            raise NotImplementedError(f"{name} has no table reading; it says when, not whether.")
        if name == "given":
            nothing = self._nothing(arguments[0])
            value = self.read(arguments[0])
            known = value.notnull() if nothing is None else ~nothing
            return ibis.ifelse(value.isnull(), ibis.null("boolean"), known)
        result = make(*(self.read(one) for one in arguments))
        if name not in _YIELD_BOOL:
            return result
        unknown = _joined(arguments, lambda one: self.read(one).isnull(), lambda a, b: a | b)
        result = ibis.ifelse(unknown, ibis.null("boolean"), result)
        return self._unless_nothing(arguments, False, result)


def _joined(parts: Any, read: Callable[[Any], Expr], joint: Callable[[Expr, Expr], Expr]) -> Expr:
    result: Expr = None
    for part in parts:
        result = read(part) if result is None else joint(result, read(part))
    return result


def _literal(value: Any, kind: Type) -> Expr:
    if isinstance(value, tuple):
        members = list(value)
        if kind is Type.HOURS:
            return ibis.literal(members, type="array<string>")
        sort = "int64" if members and isinstance(members[0], int) else "string"
        return ibis.literal(members, type=f"array<{sort}>")
    if isinstance(value, list):
        return ibis.literal(value, type="array<string>")
    if value is NOTHING:
        value = _NOTHING[kind]
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if isinstance(value, time):
        value = _microseconds(value)
    return ibis.literal(value, type=_COLUMNS[kind])


def _clock(moment: Expr) -> Expr:
    if not moment.type().is_timestamp():
        return moment
    seconds = (moment.hour() * 60 + moment.minute()) * 60 + moment.second()
    return seconds.cast("int64") * 1_000_000 + moment.microsecond()


def _day(moment: Expr) -> Expr:
    return moment.date() if moment.type().is_timestamp() else moment


def _clock_between(moment: Expr, first: Expr, end: Expr) -> Expr:
    clock = _clock(moment)
    inside = (clock >= first) & (clock < end)
    across = (clock >= first) | (clock < end)
    return ibis.ifelse(first <= end, inside, across)


def _within_hours(moment: Expr, windows: Expr) -> Expr:
    """A canonical line `7 09:00-12:00` holds a Sunday's 09:00 and not its 12:00."""
    minute = _clock(moment) // 60_000_000
    has_day = moment.type().is_timestamp()
    number = (moment.day_of_week.index() + 1).cast("string") if has_day else ibis.literal("?")

    def meets(line: Expr, day: Expr) -> Expr:
        return (_minute(line, 2) <= minute) & (minute < _minute(line, 8)) & day

    sure = windows.filter(
        lambda line: meets(line, (line.substr(0, 1) == "*") | (line.substr(0, 1) == number))
    ).length()
    if has_day:
        return sure > 0
    possible = windows.filter(lambda line: meets(line, line.substr(0, 1) != "*")).length()
    return ibis.ifelse(sure > 0, True, ibis.ifelse(possible > 0, ibis.null("boolean"), sure > 0))


def _minute(line: Expr, place: int) -> Expr:
    return line.substr(place, 2).cast("int64") * 60 + line.substr(place + 3, 2).cast("int64")


def _days_between(first: Expr, second: Expr) -> Expr:
    return _day(second).delta(_day(first), unit="day")


def _months_after(day: Expr, months: Expr) -> Expr:
    """DuckDB's own month arithmetic keeps to the month's last day, as `moments.months_after`."""
    return (_day(day).cast("timestamp") + months.cast("int64").as_interval("M")).date()


def _months_between(first: Expr, second: Expr) -> Expr:
    start, end = _day(first), _day(second)
    forward = _full_months(start, end)
    return ibis.ifelse(end >= start, forward, -_full_months(end, start))


def _full_months(start: Expr, end: Expr) -> Expr:
    months = (end.year() - start.year()) * 12 + end.month() - start.month()
    return ibis.ifelse(_months_after(start, months) <= end, months, months - 1)


def _days_after(moment: Expr, days: Expr) -> Expr:
    span = days.cast("int64").as_interval("D")
    if moment.type().is_timestamp():
        return moment + span
    return (moment.cast("timestamp") + span).date()


def _contains(text: Expr, words: Expr) -> Expr:
    lowered = text.lower()
    if words.type().is_array():
        return words.filter(lambda word: lowered.contains(word.lower())).length() > 0
    return lowered.contains(words.lower())


def _all_of(some: Expr, others: Expr) -> Expr:
    return some.filter(lambda one: ~others.contains(one)).length() == 0


def _any_of(some: Expr, others: Expr) -> Expr:
    return some.filter(lambda one: others.contains(one)).length() > 0


_FUNCTIONS: Mapping[str, Callable[..., Expr]] = {
    "clock_between": _clock_between,
    "within_hours": _within_hours,
    "days_between": _days_between,
    "months_between": _months_between,
    "days_after": _days_after,
    "months_after": _months_after,
    "weekday": lambda moment: _day(moment).day_of_week.index() + 1,
    "day_of": _day,
    "any_of": _any_of,
    "all_of": _all_of,
    "count": lambda listed: listed.length(),
    "contains": _contains,
    "given": lambda value: value,
    "highest": lambda a, b: ibis.ifelse(a.isnull() | b.isnull(), None, ibis.greatest(a, b)),
    "lowest": lambda a, b: ibis.ifelse(a.isnull() | b.isnull(), None, ibis.least(a, b)),
}
_YIELD_BOOL = ("clock_between", "within_hours", "any_of", "all_of", "contains")
_COMPARISONS: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_ARITHMETIC: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}
