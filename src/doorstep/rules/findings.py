"""What the rules of one day say to the facts of one act, exceptions applied.

Nothing is combined here: that is the guard's part. A rule either speaks, cannot be decided for want
of facts, or is silent and does not appear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from doorstep.rules.bound import Bound
from doorstep.rules.pack import Edition
from doorstep.rules.rule import Effect, Severity
from doorstep.rules.tree import Known


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is not silent. `missing` is empty where it speaks, else why nobody can tell."""

    bound: Bound
    missing: frozenset[str] = frozenset()

    @property
    def sure(self) -> bool:
        """Whether the rule speaks, not only cannot be decided."""
        return not self.missing

    @property
    def warns(self) -> bool:
        """Whether the rule only ever warns."""
        return self.bound.rule.severity is Severity.WARN


def restrictions(edition: Edition, known: Known) -> Iterator[Finding]:
    """Every rule but permissions that speaks, or cannot be decided, and that nothing lifts."""
    for bound in edition.restricting_about(known):
        held = bound.test(known)
        if held is False or (edition.exceptions and lifted(edition, bound.rule.id, known)):
            continue
        if held and bound.conditions:
            yield from _conditions(bound, known)
        elif held:
            yield Finding(bound)
        else:
            yield Finding(bound, bound.unknown(known))


def waits(edition: Edition, known: Known) -> Iterator[Finding]:
    """Of these only the rules that say until when, and do so by clock and calendar alone."""
    for bound in edition.waiting_about(known):
        if bound.test(known) and not (edition.exceptions and lifted(edition, bound.rule.id, known)):
            yield Finding(bound)


def permissions(edition: Edition, known: Known) -> Iterator[Finding]:
    """Every permission that holds, and those that cannot be decided."""
    for bound in edition.permitting:
        held = bound.holds(known)
        if held:
            yield Finding(bound)
        elif held is None:
            yield Finding(bound, bound.unknown(known) | screens_unknown(bound, known))


def lifted(edition: Edition, rule: str, known: Known) -> bool:
    """Whether an exception that holds, and is not lifted itself, takes the rule away."""
    return any(
        bound.holds(known) is True and not lifted(edition, bound.rule.id, known)
        for bound in edition.exceptions.get(rule, ())
    )


def conditions_open(bound: Bound, known: Known) -> tuple[str, ...]:
    """The conditions of a `permit_if` rule that are not known to be met."""
    return tuple(name for name in bound.conditions if known.get(name) is None)


def conditions_broken(bound: Bound, known: Known) -> tuple[str, ...]:
    """The conditions of a `permit_if` rule that are known not to be met."""
    return tuple(name for name in bound.conditions if known.get(name) is False)


def _conditions(bound: Bound, known: Known) -> Iterator[Finding]:
    if conditions_open(bound, known) or conditions_broken(bound, known):
        yield Finding(bound)


def screens_unknown(bound: Bound, known: Known) -> frozenset[str]:
    """The facts a permission's screens look at and nobody gave."""
    return frozenset(fact for fact, _ in bound.screens if known.get(fact) is None)


def effect_of(finding: Finding, known: Known) -> Effect:
    """What a finding means for the act. An open `permit_if` stays one; a broken one forbids."""
    effect = finding.bound.rule.effect
    if effect is Effect.PERMIT_IF and conditions_broken(finding.bound, known):
        return Effect.FORBID
    return effect
