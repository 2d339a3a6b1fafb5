"""A finished night's output as the rows of the database, worked out column by column.

Batches are Arrow: what is text here (facts are JSON) is written as it is, without a look at a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from doorstep.cases.steps import MovementKind
from doorstep.cycle.engine import Engine
from doorstep.cycle.planned import CAPPED
from doorstep.treatment.facts import CATALOGUE

# The movement to show on a case when a night brought several.
TELLING = (
    MovementKind.ENTERED, MovementKind.HELD, MovementKind.RELEASED, MovementKind.WORSE,
    MovementKind.BETTER, MovementKind.STEP,
)  # fmt: skip
MOVEMENT_COLUMNS = ("borrower_id", "business_date", "kind", "before", "after")
CASE_COLUMNS = (
    "borrower_id", "status", "opened_on", "branch_id", "business_date", "dpd", "bucket",
    "currency", "due_total", "due_principal", "due_interest", "due_penalty", "due_fee",
    "loans_overdue", "step", "reason", "ladder_version", "facts", "hold_kind", "hold_until",
    "priority", "last_movement", "screened", "screened_rules", "screened_from", "caps_left",
)  # fmt: skip


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def to_json(value) -> str:  # type: ignore[empty-body,no-untyped-def]
    """The value as JSON text; days as ISO text."""


def movement_rows(engine: Engine, folder: Path, *, on: Any) -> Iterator[pa.RecordBatch]:
    """The night's movements, `MOVEMENT_COLUMNS`."""
    moved = engine.table(folder / "movements.parquet")
    return engine.batches(moved.mutate(business_date=ibis.literal(on)).select(*MOVEMENT_COLUMNS))


def case_rows(engine: Engine, folder: Path, *, book: Path, moved: bool) -> Iterator[pa.RecordBatch]:
    """A case for every decision whose borrower moved tonight (or did not), `CASE_COLUMNS`."""
    decided = engine.table(folder / "decisions.parquet")
    branches = engine.table(book / "borrowers.parquet").select("borrower_id", "branch_code")
    branches = branches.semi_join(decided, "borrower_id")
    told = _told(engine.table(folder / "movements.parquet"))
    table = decided.left_join(told, "borrower_id").drop("borrower_id_right")
    table = table.filter(table.last_movement.notnull() == moved)
    table = table.left_join(branches, "borrower_id").drop("borrower_id_right")
    table = table.left_join(_screened(engine.table(folder / "screening.parquet")), "borrower_id")
    table = table.drop("borrower_id_right")
    facts = ibis.struct({name: table[name] for name in CATALOGUE})
    rows = table.mutate(
        status=ibis.literal("open"),
        opened_on=table.business_date,
        branch_id=table.branch_code.nullif(""),
        facts=to_json(facts),
        hold_kind=table.hold_kind.fill_null(""),
        last_movement=table.last_movement.fill_null(MovementKind.ENTERED.value),
        screened=table.screened.fill_null(""),
        screened_rules=table.screened_rules.fill_null("[]"),
        caps_left=table.caps_left.fill_null("{}"),
    )
    return engine.batches(rows.select(*CASE_COLUMNS).order_by("borrower_id"))


def _screened(said: Any) -> Any:
    """What the screening says of each step, as the case keeps it."""
    left = ibis.struct({kind: said[f"{kind}_left"] for kind in CAPPED})
    return said.select(
        "borrower_id",
        screened="outcome",
        screened_rules=to_json(said.rules),
        screened_from="open_from",
        caps_left=to_json(left),
    )


def _told(movements: Any) -> Any:
    """One movement a borrower: the first of `TELLING`."""
    ranked = movements.mutate(
        rank=movements.kind.cases(*[(kind.value, place) for place, kind in enumerate(TELLING)])
    )
    first = ranked.kind.argmin(ranked["rank"])
    return ranked.group_by("borrower_id").aggregate(last_movement=first)
