"""Rules made smaller by what is known beforehand: what is settled for every act falls away.

What is left says of an act the same as the whole, as long as these facts are its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from doorstep.rules.bound import Bound
from doorstep.rules.condition import Condition
from doorstep.rules.pack import Edition
from doorstep.rules.rule import Effect, Severity
from doorstep.rules.tree import All, Constant, Either, Node, Not, Type, facts_of, reading
from doorstep.rules.values import Value

Given = Mapping[str, Value]


def node_folded(node: Node, given: Given) -> Node:
    """The condition without the parts that these facts settle; a constant where they settle it."""
    match node:
        case All(parts):
            return _joined(All, (node_folded(part, given) for part in parts), settles=False)
        case Either(parts):
            return _joined(Either, (node_folded(part, given) for part in parts), settles=True)
        case Not(part):
            inner = node_folded(part, given)
            return _truth(inner.value is False) if isinstance(inner, Constant) else Not(inner)
        case Constant():
            return node
        case _ if facts_of(node) <= given.keys():
            value = reading(node)(given)
            return _truth(value) if isinstance(value, bool) else node
        case _:
            return node


def _joined(kind: type[All | Either], parts: Iterable[Node], *, settles: bool) -> Node:
    left = []
    for part in parts:
        if not isinstance(part, Constant):
            left.append(part)
        elif part.value is settles:
            return part
    if not left:
        return _truth(not settles)
    return left[0] if len(left) == 1 else kind(tuple(left))


def _truth(value: bool) -> Constant:
    return Constant(value, Type.BOOL)


def bound_folded(bound: Bound, given: Given) -> Bound | None:
    """The rule for acts of which these facts are known; None where it is silent about them all."""
    if bound.screened_out(given) is True:
        return None
    when = node_folded(bound.when.node, given)
    unless = node_folded(bound.unless.node, given) if bound.unless else _truth(False)
    if _is(when, False) or _is(unless, True):
        return None
    whole = when if _is(unless, False) else All((when, Not(unless)))
    return replace(
        bound,
        when=Condition(bound.when.text, when, reading(when)),
        unless=None if _is(unless, False) or bound.unless is None
        else Condition(bound.unless.text, unless, reading(unless)),
        test=reading(whole),
    )  # fmt: skip


def _is(node: Node, value: bool) -> bool:
    return isinstance(node, Constant) and node.value is value


def edition_folded(edition: Edition, given: Given) -> Edition:
    """The edition for such acts alone, without the rules that only warn or name a duty."""
    stops = [
        bound
        for bound in edition.restricting
        if bound.rule.severity is not Severity.WARN and bound.rule.effect is not Effect.REQUIRE
    ]
    return replace(
        edition,
        restricting=_folded(stops, given),
        permitting=_folded(edition.permitting, given),
        exceptions={rule: _folded(some, given) for rule, some in edition.exceptions.items()},
        _about={},
        _waiting={},
    )


def _folded(bounds: Iterable[Bound], given: Given) -> tuple[Bound, ...]:
    found = (bound_folded(bound, given) for bound in bounds)
    return tuple(bound for bound in found if bound is not None)
