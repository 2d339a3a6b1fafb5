"""Screening where acts are much alike: each combination of facts is decided once, in plain Python.

A night has many borrowers and few things that tell them apart for the rules. The engine finds the
combinations, the rules' own one-case functions decide them, and the engine joins them to the acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

import pyarrow as pa

from doorstep.cycle.asked import ACT_KINDS, MAY_WAIT, Asked, clock
from doorstep.rules.folding import edition_folded
from doorstep.rules.screening import screen_one

_INSTANT = pa.timestamp("us", "UTC")
SAID = pa.schema(
    [
        ("outcome", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("opens", _INSTANT),
        ("waited", _INSTANT),
    ]
)
Moments = dict[tuple[object, ...], dict[str, Any]]


def alike_screened(asked: Asked, acts: Any, alike: pa.Table, protections: pa.Table) -> Any:
    """The acts with the columns of SAID; `alike` are the distinct rows of all that decides them,
    `protections` the facts behind their `protected`."""
    numbered = {row.pop("protected"): row for row in protections.to_pylist()}
    said = _said(asked, [row | numbered[row["protected"]] for row in alike.to_pylist()])
    table = alike
    for field in SAID:
        table = table.append_column(field, said[field.name])
    there = asked.engine.arrow(table, "acts_alike")
    same = [acts[name].identical_to(there[name]) for name in alike.column_names]
    return acts.join(there, reduce(and_, same)).select(
        *acts.columns, **{name: there[name] for name in SAID.names}
    )


def _said(asked: Asked, rows: list[dict[str, Any]]) -> pa.Table:
    folded = {kind: edition_folded(asked.edition, asked.shared[kind]) for kind in ACT_KINDS}
    moments: Moments = {}
    found = []
    for row in rows:
        kind, zone = row["kind"], row["zone"]
        cells = {name: row[name] for name in asked.reads[kind] & row.keys()}
        own = asked.values(cells, zone)
        known = {**own, **clock(asked.plan.at, zone), **asked.timeless[kind]}
        outcome, rules = screen_one(folded[kind], known)
        when = _moments(asked, kind, zone, own, moments) if outcome in MAY_WAIT else {}
        found.append({"outcome": outcome, "rules": sorted(rules)} | when)
    return pa.Table.from_pylist(found, schema=SAID)


def _moments(
    asked: Asked, kind: str, zone: str, own: Mapping[str, Any], kept: Moments
) -> dict[str, Any]:
    """Worked out once for each combination of the facts on which waiting depends."""
    waits = {name: own[name] for name in asked.waits[kind] & own.keys()}
    key = (kind, zone, *sorted(waits.items()))
    if key not in kept:
        kept[key] = asked.moments(kind, zone, waits)
    return kept[key]
