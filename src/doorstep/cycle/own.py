"""The contacts that the lender's book does not tell of: our own, and those staff recorded.

They are kept beside the staff's book, so that the night counts what the day counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.cycle.book import Book
from doorstep.cycle.engine import Engine

OWN_CONTACTS = "own_contacts.parquet"
SCHEMA = pa.schema(
    [
        ("contact_id", pa.string()),
        ("borrower_id", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        *[
            (name, pa.string())
            for name in ("channel", "direction", "result", "recipient", "purpose", "number")
        ],
    ]
)
COLUMNS = tuple(SCHEMA.names)


def own_contacts_write(folder: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Keep rows of COLUMNS, in the order given."""
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(named, schema=SCHEMA)
    pq.write_table(table, folder / OWN_CONTACTS, compression="zstd")


def own_contacts(engine: Engine, book: Book) -> Any | None:
    """Them as a table; None where the book has none beside it."""
    path = book.folder / OWN_CONTACTS
    return engine.table(path) if path.exists() else None


def all_contacts(contacts: Any, own: Any | None) -> Any:
    """The lender's contacts and ours, with whom they reached, at which number and what for.

    Of the lender's only what the book says is known: they asked the borrower for money.
    """
    told = contacts.select(
        *COLUMNS[:6],
        recipient=ibis.literal("borrower"),
        purpose=ibis.literal("collect"),
        number=ibis.literal(""),
    )
    if own is None:
        return told
    return told.union(own.mutate(at=own["at"].cast(told["at"].type())).select(*COLUMNS))
