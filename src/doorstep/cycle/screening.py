"""Screening: what the rules of the planned day say of every step that was decided tonight.

For each act the outcome, the rules against it, the first moment at which none makes it wait, how
many messages, calls and visits are left, and whether the step is chosen for the planned day. Advice
only: the guard decides every act again on fresh facts (ADR 0019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import ibis

from doorstep.cycle.alike import alike_screened
from doorstep.cycle.asked import ACT_KINDS, Asked
from doorstep.cycle.book import Book
from doorstep.cycle.engine import Engine
from doorstep.cycle.planned import CAPPED, Plan
from doorstep.cycle.screening_facts import Wanted, planned_acts
from doorstep.cycle.screening_tables import table_screened
from doorstep.guard.decide import NO_PERMISSION
from doorstep.rules.caps import Cap, caps_of
from doorstep.rules.pack import Rulebook

FEW = 10_000
NO_FACT = ("borrower_id", "step")
Caps = Mapping[str, tuple[Cap, ...]]
Expr = Any


def screened(
    engine: Engine, book: Book, decided: Any, *, plan: Plan, rulebook: Rulebook, few: int = FEW
) -> Any:
    """A row for every decided step that has an effect on a person, in the order of the borrowers:
    borrower_id, step, kind, outcome, rules, open_from, chosen, message_left, call_left, visit_left.

    Up to `few` combinations of facts are decided one by one, more as a table; the rows are the
    same.
    """
    asked = Asked(engine, rulebook.edition(plan.day), plan)
    caps = {kind: caps_of(asked.edition, asked.given[kind]) for kind in CAPPED}
    wanted = _wanted(rulebook, asked, caps)
    planned = planned_acts(engine, book, decided, plan=plan, wanted=wanted)
    acts = planned.acts.drop(*plan.too_old(asked.edition.catalogue))
    acts = engine.kept(_narrowed(asked, acts, caps), "acts_to_screen")
    tells = [name for name in acts.columns if name not in NO_FACT and not name.endswith("_left")]
    alike = engine.fetched(acts.select(tells).distinct())
    asked = asked.in_zones(set(alike["zone"].to_pylist()))
    way = alike_screened if alike.num_rows <= few else table_screened
    return _told(asked, way(asked, acts, alike, planned.protections)).order_by("borrower_id")


def _wanted(rulebook: Rulebook, asked: Asked, caps: Caps) -> Wanted:
    names = {name for read in asked.reads.values() for name in read}
    names |= {cap.counter for some in caps.values() for cap in some}
    counters = tuple(c for name, c in rulebook.counters.items() if name in names)
    return Wanted(names, counters, asked.edition.catalogue)


def _narrowed(asked: Asked, acts: Any, caps: Caps) -> Any:
    """The acts with what the caps leave and the facts that decide them, each null where an act's
    kind does not ask for it: so that acts are alike wherever the rules see no difference."""
    narrowed = {}
    for name in sorted(frozenset().union(*asked.reads.values()) & set(acts.columns)):
        kinds = [kind for kind in ACT_KINDS if name in asked.reads[kind]]
        narrowed[name] = acts[name]
        if len(kinds) < len(ACT_KINDS):
            unasked = ibis.null(acts[name].type())
            narrowed[name] = ibis.ifelse(acts.kind.isin(kinds), acts[name], unasked)
    left = {f"{kind}_left": _left(acts, caps[kind]) for kind in CAPPED}
    return acts.select("borrower_id", "step", "kind", "zone", "protected", **left, **narrowed)


def _left(acts: Any, caps: Iterable[Cap]) -> Expr:
    """How many the strictest cap leaves; null where there is no cap."""
    left = [cap.most - acts[cap.counter] for cap in caps]
    if not left:
        return ibis.null("int64")
    return ibis.greatest(reduce(ibis.least, left), 0).cast("int64")


def _told(asked: Asked, said: Any) -> Any:
    """The screened acts with their moment and their choice. A pack past its review puts to a person
    whatever is not forbidden."""
    nameless = (said.rules.length() == 0) & said.outcome.isin(("ask", "forbid"))
    outcome = said.outcome
    if asked.review_overdue:
        outcome = ibis.ifelse(outcome == "forbid", outcome, "ask")
    moment = outcome.cases(
        ("permit", said.opens), ("permit_if", said.opens), ("not_before", said.waited)
    )
    ends = ibis.literal(asked.plan.ends, type="timestamp('UTC')")
    today = (moment < ends).fill_null(False)
    return said.select(
        "borrower_id", "step", "kind",
        outcome=ibis.ifelse((outcome == "not_before") & said.waited.isnull(), "forbid", outcome),
        rules=ibis.ifelse(nameless, ibis.array([NO_PERMISSION]), said.rules),
        open_from=moment,
        chosen=(outcome == "ask") | today,
        **{f"{kind}_left": said[f"{kind}_left"] for kind in CAPPED},
    )  # fmt: skip
