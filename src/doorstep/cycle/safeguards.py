"""Protections as the night's screening reads them: kept beside the book as they stand, and turned
into facts by the very functions the day uses, for the few borrowers who have any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from doorstep.protections.facts import act_facts, borrower_facts
from doorstep.protections.safeguard import Safeguard
from doorstep.rules.values import Value

SAFEGUARD_FILE = "safeguards.parquet"
_INSTANT = pa.timestamp("us", "UTC")
_ARROW: Mapping[str, pa.DataType] = {
    "str": pa.string(), "str | None": pa.string(), "datetime": _INSTANT,
    "datetime | None": _INSTANT, "date | None": pa.date32(), "time | None": pa.time64("us"),
    "bool": pa.bool_(), "int | None": pa.int64(), "tuple[str, ...]": pa.list_(pa.string()),
}  # fmt: skip
SCHEMA = pa.schema([(f.name, _ARROW[str(f.type)]) for f in fields(Safeguard)])


def safeguards_write(folder: Path, safeguards: Iterable[Safeguard]) -> None:
    """Keep them, in an order of their own, so that the same state gives the same bytes."""
    ordered = sorted(safeguards, key=lambda s: (s.borrower_id, s.kind, s.reference, s.starts_at))
    table = pa.Table.from_pylist([asdict(one) for one in ordered], schema=SCHEMA)
    pq.write_table(table, folder / SAFEGUARD_FILE, compression="zstd")


def safeguards_read(path: Path, borrowers: Sequence[str]) -> dict[str, list[Safeguard]]:
    """Those of the named borrowers, by borrower."""
    table = pq.read_table(path)
    wanted = table.filter(pc.is_in(table["borrower_id"], pa.array(borrowers, pa.string())))
    found: dict[str, list[Safeguard]] = defaultdict(list)
    for row in wanted.to_pylist():
        lists = {name: tuple(v) for name, v in row.items() if isinstance(v, list)}
        found[row["borrower_id"]].append(Safeguard(**row | lists))
    return found


def safeguard_of_row(row: Mapping[str, Any], *, zone: str) -> Safeguard:
    """A row of the book's table of protections: a hold of the lender's, days inclusive."""
    begins, ends = _midnight(row["starts_on"], zone), row["ends_on"]
    return Safeguard(
        kind=row["kind"],
        borrower_id=row["borrower_id"],
        reference=f"{row['kind']} {row['starts_on']}",
        starts_at=begins,
        ends_at=None if ends is None else _midnight(ends + timedelta(days=1), zone),
        received_at=begins,
        known_from=begins,
        origin="hold",
        loan_id=row["loan_id"],
    )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def known_facts(
    safeguards: Iterable[Safeguard],
    *,
    at: datetime,
    zone: str,
    channel: str,
    number: str = "",
    debts: Sequence[str] = (),
) -> dict[str, Value]:
    """The facts of a borrower with these safeguards, narrowed to one act; what is unsettled is
    left out."""
    known = borrower_facts(safeguards=safeguards, at=at, zone=zone)
    narrowed = act_facts(known=known, channel=channel, number=number, debts=debts)
    return {name: fact.value for name, fact in narrowed.items()}
