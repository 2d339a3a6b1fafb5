"""A whole edition of the rules over a table at once: what may be proposed for whom, and why not.

`screen` reads a table, `screen_one` one act; they say the same of the same facts. Advice for the
night, never a permission: nothing is sent on it, and the guard decides every act again on fresh
facts. The outcome is the guard's (`tests/guard/test_screening.py` compares them), without the
moment named by a rule that makes wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir

from doorstep.rules.bound import Bound
from doorstep.rules.findings import conditions_broken, conditions_open, lifted
from doorstep.rules.folding import edition_folded
from doorstep.rules.pack import Edition
from doorstep.rules.rule import Effect
from doorstep.rules.tables import NO_FACTS, rule_speaks
from doorstep.rules.tree import Known
from doorstep.rules.values import NOTHING, Value

# The guard's outcomes by weight (doorstep.guard.verdict.Outcome, which stands a storey above).
OUTCOMES = ("permit", "permit_if", "not_before", "ask", "forbid")
PERMIT, PERMIT_IF, NOT_BEFORE, ASK, FORBID = range(5)
_WEIGHTS = {
    Effect.FORBID: FORBID, Effect.END_CONTACT: FORBID, Effect.ASK: ASK,
    Effect.NOT_BEFORE: NOT_BEFORE, Effect.PERMIT_IF: PERMIT_IF,
}  # fmt: skip
Expr = Any


def screen(edition: Edition, table: ir.Table, given: Mapping[str, Value] = NO_FACTS) -> ir.Table:
    """The table with two more columns: `outcome` (one of OUTCOMES) and `rules`, those against it.

    Columns are facts by catalogue name, as `tables.as_cell` writes them; `given` are the facts that
    are the same in every row. A fact in neither is not known. Whether a pack is past its review is
    not asked here.
    """
    edition = edition_folded(edition, given)
    restricting, permitting = edition.restricting, edition.permitting
    every = {b.rule.id: b for b in (*restricting, *permitting, *_lifting(edition, restricting))}
    said = table.mutate(
        **{_column(name): rule_speaks(bound, table, given) for name, bound in every.items()}
    )
    weighed = said.mutate(
        **{_weight(b.rule.id): _against(edition, b, said, given) for b in restricting}
    )
    weights = [weighed[_weight(b.rule.id)] for b in restricting]
    against = ibis.greatest(*weights, ibis.literal(PERMIT))
    worst = ibis.greatest(against, _unpermitted(edition, permitting, weighed))
    cases = [(worst == number, ibis.literal(word)) for number, word in enumerate(OUTCOMES)]
    named = [
        ibis.ifelse(weight > PERMIT, ibis.literal(b.rule.id), None)
        for b, weight in zip(restricting, weights, strict=True)
    ]
    rules = ibis.array(named).filter(lambda name: name.notnull()) if named else _no_rules()
    return weighed.select(
        *table.columns,
        outcome=ibis.cases(*cases),
        rules=ibis.ifelse(against > PERMIT, rules, _no_rules()),
    )


def screen_one(folded: Edition, known: Known) -> tuple[str, tuple[str, ...]]:
    """What `screen` says of one act: its outcome and the rules against it.

    The edition is `edition_folded` by what is given for every act; `known` names that too.
    """
    weights = [(b.rule.id, _weight_of(folded, b, known)) for b in folded.restricting]
    against = max((weight for _, weight in weights), default=PERMIT)
    named = tuple(rule for rule, weight in weights if weight > PERMIT)
    return OUTCOMES[max(against, _unpermitted_one(folded, known))], named


def _weight_of(folded: Edition, bound: Bound, known: Known) -> int:
    speaks = bound.holds(known)
    if speaks is False or lifted(folded, bound.rule.id, known):
        return PERMIT
    if speaks is None:
        return _for_want_of(folded, [bound])
    if not bound.conditions:
        return _WEIGHTS[bound.rule.effect]
    if conditions_broken(bound, known):
        return FORBID
    return PERMIT_IF if conditions_open(bound, known) else PERMIT


def _unpermitted_one(folded: Edition, known: Known) -> int:
    found = [bound.holds(known) for bound in folded.permitting]
    if True in found:
        return PERMIT
    return _for_want_of(folded, folded.permitting) if None in found else FORBID


def facts_read(edition: Edition, given: Mapping[str, Value]) -> frozenset[str]:
    """The facts that decide an act of which `given` is known, and how long it waits; without
    these. Each has to be gathered."""
    left = edition_folded(edition, given)
    return _read((*left.restricting, *left.permitting, *_lifting(left, left.restricting)), given)


def waits_read(edition: Edition, given: Mapping[str, Value]) -> frozenset[str]:
    """Of these the facts on which it depends until when the act has to wait."""
    left = edition_folded(edition, given)
    waiting = [b for b in left.restricting if b.rule.effect is Effect.NOT_BEFORE]
    return _read((*waiting, *_lifting(left, waiting)), given)


def _read(bounds: Iterable[Bound], given: Mapping[str, Value]) -> frozenset[str]:
    found: set[str] = set()
    for bound in bounds:
        found |= bound.needs | set(bound.conditions) | {fact for fact, _ in bound.screens}
        found |= bound.not_before.needs() if bound.not_before else set()
    return frozenset(found - given.keys())


def _lifting(edition: Edition, restricting: Iterable[Bound]) -> list[Bound]:
    """The exceptions to these rules, and those to the exceptions."""
    found: dict[str, Bound] = {}
    reached = [bound.rule.id for bound in restricting]
    while reached:
        for bound in edition.exceptions.get(reached.pop(), ()):
            if bound.rule.id not in found:
                found[bound.rule.id] = bound
                reached.append(bound.rule.id)
    return list(found.values())


def _column(rule: str) -> str:
    return f"speaks {rule}"


def _weight(rule: str) -> str:
    return f"weighs {rule}"


def _against(edition: Edition, bound: Bound, said: ir.Table, given: Mapping[str, Value]) -> Expr:
    """How much the rule weighs against the act in each row."""
    rule = bound.rule
    speaks = said[_column(rule.id)]
    weight: Expr = ibis.literal(_WEIGHTS[rule.effect])
    if bound.conditions:
        weight = _conditions(bound, said, given)
    unknown = ibis.literal(_for_want_of(edition, [bound]))
    against = ibis.ifelse(
        speaks.isnull(), unknown, ibis.ifelse(speaks, weight, ibis.literal(PERMIT))
    )
    lifted = _lifted(edition, rule.id, said)
    return against if lifted is None else ibis.ifelse(lifted, ibis.literal(PERMIT), against)


def _for_want_of(edition: Edition, bounds: Iterable[Bound]) -> int:
    """What comes of rules of which nobody can tell whether they speak."""
    needed = {name for bound in bounds for name in bound.needs}
    asks = {edition.catalogue[name].if_unknown for name in needed}
    return ASK if asks == {"ask"} else FORBID


def _conditions(bound: Bound, said: ir.Table, given: Mapping[str, Value]) -> Expr:
    """Forbid where a condition is broken, open where one is not known, else nothing."""
    known = [_fact(name, said, given) for name in bound.conditions]
    broken = reduce(or_, [(one == ibis.literal(False)).fill_null(False) for one in known])
    open_ = reduce(or_, [one.isnull() for one in known])
    inner = ibis.ifelse(open_, ibis.literal(PERMIT_IF), ibis.literal(PERMIT))
    return ibis.ifelse(broken, ibis.literal(FORBID), inner)


def _fact(name: str, said: ir.Table, given: Mapping[str, Value]) -> Expr:
    if name in given and given[name] is not NOTHING:
        return ibis.literal(given[name])
    return said[name] if name in said.columns else ibis.null("boolean")


def _lifted(edition: Edition, rule: str, said: ir.Table) -> Expr | None:
    """Whether an exception that holds, and is not lifted itself, takes the rule away."""
    found = []
    for bound in edition.exceptions.get(rule, ()):
        holds = said[_column(bound.rule.id)].fill_null(False)
        itself = _lifted(edition, bound.rule.id, said)
        found.append(holds if itself is None else holds & ~itself)
    return reduce(or_, found) if found else None


def _unpermitted(edition: Edition, permitting: Sequence[Bound], said: ir.Table) -> Expr:
    """Forbid where no permission holds."""
    if not permitting:
        return ibis.literal(FORBID)
    holds = reduce(or_, [said[_column(b.rule.id)].fill_null(False) for b in permitting])
    unknown = reduce(or_, [said[_column(b.rule.id)].isnull() for b in permitting])
    wanting = ibis.literal(_for_want_of(edition, permitting))
    instead = ibis.ifelse(unknown, wanting, ibis.literal(FORBID))
    return ibis.ifelse(holds, ibis.literal(PERMIT), instead)


def _no_rules() -> Expr:
    return ibis.literal([], type="array<string>")
