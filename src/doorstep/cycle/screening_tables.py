"""Screening where acts differ much: the rules as expressions over the whole table, kind by kind.

Says the same as `alike`, which is quicker where few combinations of facts stand in the table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from doorstep.cycle.asked import ACT_KINDS, CLOCK, MAY_WAIT, Asked, clock
from doorstep.cycle.ready import to_json
from doorstep.rules.catalogue import Catalogue
from doorstep.rules.screening import screen
from doorstep.rules.tables import as_cell, column_type
from doorstep.rules.tree import Type


def table_screened(asked: Asked, acts: Any, alike: pa.Table, protections: pa.Table) -> Any:
    """The acts with outcome, rules, `opens` and `waited`, as `alike_screened` gives them."""
    engine = asked.engine
    acts = acts.join(engine.arrow(protections, "protections"), "protected")
    if not asked.one_zone:
        acts = acts.join(engine.arrow(_clocks(asked, alike), "clocks"), "zone")
    kinds = sorted(set(alike["kind"].to_pylist()))
    said = [_kind_screened(asked, acts, kind) for kind in kinds or ACT_KINDS[:1]]
    every = ibis.union(*said) if len(said) > 1 else said[0]
    every = asked.engine.kept(every, "acts_screened")
    moments = asked.engine.arrow(_moments(asked, every), "moments")
    return every.left_join(moments, ["kind", "waits"])


def _clocks(asked: Asked, alike: pa.Table) -> pa.Table:
    """The clock of each zone at the screened instant."""
    meanings = asked.edition.catalogue
    types = {name: ibis.dtype(column_type(meanings[name].type)).to_pyarrow() for name in CLOCK}
    rows = [
        {"zone": zone} | {name: as_cell(v, meanings[name].type) for name, v in told.items()}
        for zone in sorted(set(alike["zone"].to_pylist()))
        for told in [clock(asked.plan.at, zone)]
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([("zone", pa.string()), *types.items()]))


def _kind_screened(asked: Asked, acts: Any, kind: str) -> Any:
    """The acts of one kind with outcome, rules and, as text, what it depends on how long to wait.

    A clock that is the same for all is read once, not row by row.
    """
    rows = acts.filter(acts.kind == kind)
    said = screen(asked.edition, rows, asked.shared[kind])
    waits = sorted(asked.waits[kind] & set(rows.columns))
    told = ibis.struct({"zone": said.zone, **{name: said[name] for name in waits}})
    left = [name for name in acts.columns if name.endswith("_left")]
    return said.select(
        "borrower_id", "step", "kind", *left, "outcome",
        rules=said.rules.sort(), waits=to_json(told),
    )  # fmt: skip


def _moments(asked: Asked, said: Any) -> pa.Table:
    """The moments of each combination of facts on which waiting depends. There are few."""
    may = said.filter(said.outcome.isin(MAY_WAIT))
    few = asked.engine.rows(may.select("kind", "waits").distinct())
    instant = pa.timestamp("us", "UTC")
    schema = pa.schema(
        [("kind", pa.string()), ("waits", pa.string()), ("opens", instant), ("waited", instant)]
    )
    rows = [row | _moments_of(asked, row) for row in few]
    return pa.Table.from_pylist(rows, schema=schema)


def _moments_of(asked: Asked, row: Mapping[str, str]) -> dict[str, Any]:
    cells = json.loads(row["waits"])
    zone = cells.pop("zone")
    own = asked.values(_cells(asked.edition.catalogue, cells), zone)
    return asked.moments(row["kind"], zone, own)


def _cells(catalogue: Catalogue, written: Mapping[str, Any]) -> dict[str, Any]:
    """Cells written as JSON, as they were; days are texts there."""
    return {
        name: date.fromisoformat(cell) if cell and catalogue[name].type is Type.DAY else cell
        for name, cell in written.items()
    }
