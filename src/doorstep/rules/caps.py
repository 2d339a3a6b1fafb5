"""Caps: how often the rules of a day let something be done, read out of their conditions.

A cap is a rule that stops or makes wait when a counter has reached a number (`counter >= most`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from doorstep.rules.catalogue import Supplier
from doorstep.rules.pack import Edition
from doorstep.rules.rule import Effect, Severity
from doorstep.rules.tree import All, Compare, Constant, Fact, Known, Node, reading

STOPS = (Effect.FORBID, Effect.NOT_BEFORE, Effect.ASK)


@dataclass(frozen=True, order=True)
class Cap:
    """The act is stopped by `rule` once `counter` has reached `most`."""

    counter: str
    most: int
    rule: str


def caps_of(edition: Edition, given: Known) -> tuple[Cap, ...]:
    """The caps on acts of which these facts are known (kind, channel, recipient, purpose ...)."""
    found = set()
    for bound in edition.restricting:
        stops = bound.rule.effect in STOPS and bound.rule.severity is not Severity.WARN
        if stops and bound.screened_out(given) is not True:
            found |= {
                Cap(counter, most, bound.rule.id)
                for counter, most in _reached(bound.when.node, given)
                if edition.catalogue[counter].supplied_by is Supplier.COUNTERS
            }
    return tuple(sorted(found))


def _reached(node: Node, given: Known) -> Iterator[tuple[str, int]]:
    match node:
        case Compare(">=", Fact(name), Constant(int() as most)):
            yield name, most
        case All(parts) if not any(reading(part)(given) is False for part in parts):
            for part in parts:
                yield from _reached(part, given)
