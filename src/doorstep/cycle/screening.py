"""Screening: what the rules of the planned day say of every step that was decided tonight.

For each act the outcome, the rules against it, the first moment at which none makes it wait, how
many messages, calls and visits are left, and whether the step is chosen for the planned day. Advice
only: the guard decides every act again on fresh facts (ADR 0019).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from doorstep.cycle.book import Book
from doorstep.cycle.engine import Engine
from doorstep.cycle.planned import CAPPED, KINDS, Plan, given_facts
from doorstep.cycle.ready import to_json
from doorstep.cycle.screening_facts import Wanted, planned_acts
from doorstep.guard.decide import NO_PERMISSION
from doorstep.rules.caps import Cap, caps_of
from doorstep.rules.catalogue import Catalogue, Supplier
from doorstep.rules.pack import Edition, Rulebook
from doorstep.rules.screening import facts_read, screen, waits_read
from doorstep.rules.tables import cell_value
from doorstep.rules.tree import Type
from doorstep.rules.values import Value
from doorstep.rules.waiting import earliest

CLOCK = ("local_at", "local_time", "local_day")
MAY_WAIT = ("permit", "permit_if", "not_before")
Given = Mapping[str, Mapping[str, Value]]
Expr = Any


@dataclass(frozen=True)
class _Asked:
    """The edition of the planned day and what is given of each kind of act."""

    engine: Engine
    edition: Edition
    plan: Plan
    given: Given
    one_zone: bool


def screened(engine: Engine, book: Book, decided: Any, *, plan: Plan, rulebook: Rulebook) -> Any:
    """A row for every decided step that has an effect on a person, in the order of the borrowers:
    borrower_id, step, kind, outcome, rules, open_from, chosen, message_left, call_left, visit_left.
    """
    edition = rulebook.edition(plan.day)
    kinds = tuple(dict.fromkeys(KINDS.values()))
    given = {kind: given_facts(kind, plan) for kind in kinds}
    caps = {kind: caps_of(edition, given[kind]) for kind in CAPPED}
    wanted = _wanted(rulebook, edition, given, caps)
    acts = planned_acts(engine, book, decided, plan=plan, wanted=wanted)
    acts = engine.kept(acts.drop(*plan.too_old(edition.catalogue)), "acts_to_screen")
    there = engine.rows(acts.select("kind", "zone").distinct())
    asked = _Asked(engine, edition, plan, given, {row["zone"] for row in there} <= {plan.zone})
    found = sorted({row["kind"] for row in there}) or kinds[:1]
    said = [_kind_screened(asked, acts, kind) for kind in found]
    every = engine.kept(ibis.union(*said) if len(said) > 1 else said[0], "acts_screened")
    return _told(asked, every, caps).order_by("borrower_id")


def _wanted(
    rulebook: Rulebook, edition: Edition, given: Given, caps: Mapping[str, tuple[Cap, ...]]
) -> Wanted:
    names = {name for kind in given for name in facts_read(edition, _timeless(given[kind]))}
    names |= {cap.counter for some in caps.values() for cap in some}
    counters = tuple(c for name, c in rulebook.counters.items() if name in names)
    return Wanted(names, counters, edition.catalogue)


def _kind_screened(asked: _Asked, acts: Any, kind: str) -> Any:
    """The acts of one kind with outcome, rules and, as text, what it depends on how long to wait.

    A clock that is the same for all is read once, not row by row.
    """
    rows, given = acts.filter(acts.kind == kind), asked.given[kind]
    timeless = _timeless(given)
    if asked.one_zone:
        rows = rows.drop(*CLOCK)
    said = screen(asked.edition, rows, given if asked.one_zone else timeless)
    waits = sorted((waits_read(asked.edition, timeless) & set(rows.columns)) - set(CLOCK))
    told = ibis.struct({"zone": said.zone, **{name: said[name] for name in waits}})
    meanings = asked.edition.catalogue
    counters = [
        name
        for name in acts.columns
        if name in meanings and meanings[name].supplied_by is Supplier.COUNTERS
    ]
    return said.select(
        "borrower_id", "step", "kind", *counters,
        outcome=_reviewed(asked, said.outcome),
        rules=ibis.ifelse(
            (said.rules.length() == 0) & said.outcome.isin(("ask", "forbid")),
            ibis.array([NO_PERMISSION]), said.rules.sort(),
        ),
        waits=to_json(told),
    )  # fmt: skip


def _reviewed(asked: _Asked, outcome: Expr) -> Expr:
    """A pack past its review puts to a person whatever is not forbidden."""
    overdue = any(p.review_overdue(asked.plan.at.date()) for p in asked.edition.packs)
    return ibis.ifelse(outcome == "forbid", outcome, "ask") if overdue else outcome


def _told(asked: _Asked, said: Any, caps: Mapping[str, tuple[Cap, ...]]) -> Any:
    """The screened acts with their moment, their choice and the caps left."""
    moments = asked.engine.arrow(_moments(asked, said), "moments")
    rows = said.left_join(moments, ["kind", "waits"])
    outcome = rows.outcome
    moment = outcome.cases(
        ("permit", rows.opens), ("permit_if", rows.opens), ("not_before", rows.waited)
    )
    ends = ibis.literal(asked.plan.ends, type="timestamp('UTC')")
    today = (moment < ends).fill_null(False)
    return rows.select(
        "borrower_id", "step", "kind",
        outcome=ibis.ifelse((outcome == "not_before") & rows.waited.isnull(), "forbid", outcome),
        rules=rows.rules,
        open_from=moment,
        chosen=(outcome == "ask") | today,
        **{f"{kind}_left": _left(rows, caps[kind]) for kind in CAPPED},
    )  # fmt: skip


def _left(rows: Any, caps: Iterable[Cap]) -> Expr:
    """How many the strictest cap leaves; null where there is no cap."""
    left = [cap.most - rows[cap.counter] for cap in caps]
    if not left:
        return ibis.null("int64")
    return ibis.greatest(reduce(ibis.least, left), 0).cast("int64")


def _moments(asked: _Asked, said: Any) -> pa.Table:
    """For each combination of facts on which waiting depends: the first moment of the planned day
    from which the act may be done (`opens`), and until when it waits as of the screened instant
    (`waited`), both worked out by the guard's own definition. There are few combinations."""
    may = said.filter(said.outcome.isin(MAY_WAIT))
    few = asked.engine.rows(may.select("kind", "waits").distinct())
    instant = pa.timestamp("us", "UTC")
    schema = pa.schema(
        [("kind", pa.string()), ("waits", pa.string()), ("opens", instant), ("waited", instant)]
    )
    rows = [row | _moments_of(asked, row) for row in few]
    return pa.Table.from_pylist(rows, schema=schema)


def _moments_of(asked: _Asked, row: Mapping[str, str]) -> dict[str, datetime | None]:
    cells = json.loads(row["waits"])
    zone = ZoneInfo(cells.pop("zone"))
    every = {**asked.given[row["kind"]], **_values(asked.edition.catalogue, cells)}
    return {
        name: earliest(asked.edition, every | _clock(moment.astimezone(zone)))
        for name, moment in (("opens", asked.plan.opens), ("waited", asked.plan.at))
    }


def _timeless(given: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in given.items() if name not in CLOCK}


def _clock(local: datetime) -> dict[str, Value]:
    return {"local_at": local, "local_time": local.time(), "local_day": local.date()}


def _values(catalogue: Catalogue, cells: Mapping[str, Any]) -> dict[str, Value]:
    """Cells written as JSON, as facts; those that are not known are left out."""
    found: dict[str, Value] = {}
    for name, cell in cells.items():
        kind = catalogue[name].type
        value = cell_value(date.fromisoformat(cell) if kind is Type.DAY and cell else cell, kind)
        if value is not None:
            found[name] = value
    return found
