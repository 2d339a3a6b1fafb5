"""The book as a night reads it: the lender's tables with what staff found out laid over them.

Contact points and addresses take the state staff gave them; protections are all that stand: holds
of the lender and of staff, and what borrowers raised or staff recorded; promises and plans given
here stand beside the lender's. The other tables are the
lender's files, linked and not copied. Beside them stand the protections in full and our own
contacts, for screening.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models import QuerySet

from doorstep.agreements.selectors.standing import own_rows
from doorstep.cases.models import Contact
from doorstep.cycle.inputs import NEEDED
from doorstep.cycle.own import COLUMNS, own_contacts_write
from doorstep.cycle.policies import POLICY_FILE, policy_path
from doorstep.cycle.safeguards import safeguards_write
from doorstep.dispatch.gathering import DAYS_BACK
from doorstep.portfolio.models import Address, ContactPoint
from doorstep.portfolio.schema import TABLES
from doorstep.protections.night import begun_by_business_date
from doorstep.protections.selectors import night_holds, standing_safeguards
from doorstep.protections.terms import local_day

OVERLAID = ("contact_points", "addresses", "protections", "promises")
BATCH = 100_000


def staff_book_write(*, book: Path, folder: Path, on: date, at: datetime) -> Path:
    """Write the book for the night of a business date, worked at an instant, beside its output,
    afresh; returns its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in NEEDED:
        source = book / f"{name}.parquet"
        if name not in OVERLAID and source.exists():
            (folder / source.name).symlink_to(source.resolve())
    if policy_path(book).exists():
        shutil.copy(policy_path(book), folder / POLICY_FILE)
    _points(book, folder)
    _addresses(book, folder)
    _protections(folder, on=on, at=at)
    _promises(book, folder, on=on)
    safeguards_write(folder, standing_safeguards(at=at))
    _own_contacts(folder, at=at)
    return folder


def _own_contacts(folder: Path, *, at: datetime) -> None:
    """Contacts of which the lender's book does not tell, as far back as the day counts."""
    own = Contact.objects.exclude(origin="lender").filter(at__gt=at - timedelta(days=DAYS_BACK))
    rows = own.order_by("contact_id").values_list(*COLUMNS)
    own_contacts_write(folder, rows.iterator())


def _protections(folder: Path, *, on: date, at: datetime) -> None:
    today = local_day(at)
    holds = night_holds(at=at)
    rows = [asdict(begun_by_business_date(h, business_date=on, today=today)) for h in holds]
    _write(folder, "protections", [row | {"note": None} for row in rows])


def _promises(book: Path, folder: Path, *, on: date) -> None:
    """The lender's promises, and over them what only we know: plans, promises given here, money."""
    source = book / "promises.parquet"
    own = [row._asdict() for row in own_rows(on=on)]
    if not own:
        (folder / source.name).symlink_to(source.resolve())
        return
    schema = TABLES["promises"].arrow()
    theirs = pq.read_table(source).select(schema.names).cast(schema)
    known = pa.array([row["promise_id"] for row in own])
    kept = theirs.filter(pc.invert(pc.is_in(theirs["promise_id"], value_set=known)))
    both = pa.concat_tables([kept, pa.Table.from_pylist(own, schema=schema)])
    pq.write_table(both, folder / source.name, compression="zstd")


def _points(book: Path, folder: Path) -> None:
    verified = ContactPoint.objects.filter(verifications__isnull=False).distinct()
    _overlay(book, folder, "contact_points", ("borrower_id", "kind", "value"), verified)


def _addresses(book: Path, folder: Path) -> None:
    verified = Address.objects.filter(verifications__isnull=False).distinct()
    _overlay(book, folder, "addresses", ("borrower_id", "kind", "text"), verified)


def _overlay(
    book: Path, folder: Path, name: str, key: tuple[str, ...], verified: QuerySet[Any]
) -> None:
    """Copy a table batch by batch with the states staff gave; without any, link it."""
    source = book / f"{name}.parquet"
    states = {tuple(row[:-1]): row[-1] for row in verified.values_list(*key, "state")}
    if not source.exists():
        return
    if not states:
        (folder / source.name).symlink_to(source.resolve())
        return
    borrowers = pa.array(sorted({known[0] for known in states}))
    with pq.ParquetFile(source) as file:
        schema = file.schema_arrow
        with pq.ParquetWriter(folder / source.name, schema, compression="zstd") as writer:
            for batch in file.iter_batches(batch_size=BATCH):
                writer.write_batch(_restated(batch, key, states, borrowers))


def _restated(batch: Any, key: tuple[str, ...], states: dict[Any, str], borrowers: Any) -> Any:
    touched = pc.is_in(batch.column(key[0]), value_set=borrowers)
    if not touched.true_count:
        return batch
    keys = zip(*(batch.column(name).to_pylist() for name in key), strict=True)
    old = batch.column("state").to_pylist()
    new = [states.get(own, state) for own, state in zip(keys, old, strict=True)]
    place = batch.schema.get_field_index("state")
    return batch.set_column(place, batch.schema.field(place), pa.array(new, pa.string()))


def _write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=TABLES[name].arrow())
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
