"""A loaded book's contacts, holds and promises become rows of the parts they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from doorstep.agreements.models import Promise
from doorstep.agreements.services.crediting import promises_follow_payments
from doorstep.cases.models import Contact
from doorstep.portfolio.bulk import upsert_rows
from doorstep.portfolio.models import Borrower
from doorstep.protections.services import acts_look_again, deadlines_settle, lender_holds_follow
from doorstep.workforce.models import Branch

BATCH = 50_000
CONTACT_COLUMNS = ("contact_id", "borrower_id", "at", "channel", "direction", "result", "actor")
PROMISE_COLUMNS = (
    "promise_id", "borrower_id", "loan_id", "kind", "made_on", "due_on", "amount", "paid_amount",
    "grace_days", "state",
)  # fmt: skip


@transaction.atomic
def book_receive(*, folder: Path, on: date, at: datetime) -> dict[str, int]:
    """Merge a loaded book's tables; the same book again changes nothing. Returns rows changed.

    A promise of the lender's that the book no longer names is gone, a hold of theirs is ended;
    holds placed by staff stay as they are. Contacts are kept for good. Promises given here stay;
    money that came in after the business date `on` goes on counting for what was promised.
    """
    changed = {"branches": _branches()}
    changed["contacts"] = upsert_rows(
        model=Contact,
        columns=CONTACT_COLUMNS,
        rows=_batches(folder / "contacts.parquet", CONTACT_COLUMNS),
        key=["contact_id"],
        update=CONTACT_COLUMNS[1:],
    )
    changed["promises"] = _promises(folder / "promises.parquet")
    changed["promises_paid"] = promises_follow_payments(on=on)
    changed["holds"] = _holds(folder / "protections.parquet", at=at)
    changed["acts_to_make_good"] = len(acts_look_again(at=at))
    changed["deadlines_sure"] = deadlines_settle(at=at)
    return changed


def _branches() -> int:
    """A branch for every code that borrowers name, called by its code until somebody names it."""
    named = Borrower.objects.exclude(branch_code=None).exclude(branch_code="")
    codes = {
        str(code) for code in named.order_by().values_list("branch_code", flat=True).distinct()
    }
    missing = codes - set(Branch.objects.values_list("code", flat=True))
    Branch.objects.bulk_create([Branch(code=code, name=code) for code in sorted(missing)])
    return len(missing)


def _promises(path: Path) -> int:
    changed = upsert_rows(
        model=Promise,
        columns=PROMISE_COLUMNS,
        rows=_batches(path, PROMISE_COLUMNS),
        key=["promise_id"],
        update=PROMISE_COLUMNS[1:],
    )
    kept = {row[0] for batch in _batches(path, ("promise_id",)) for row in _rows(batch)}
    theirs = Promise.objects.filter(origin="lender").values_list("pk", flat=True)
    gone = [pk for pk in theirs if pk not in kept]
    return changed + _removed(Promise, gone)


def _holds(path: Path, *, at: datetime) -> int:
    columns = ("borrower_id", "kind", "starts_on", "ends_on", "loan_id", "note")
    rows = (row for batch in _batches(path, columns) for row in _rows(batch))
    return lender_holds_follow(rows=((*row[:5], row[5] or "") for row in rows), at=at)


def _removed(model: Any, keys: list[Any]) -> int:
    for first in range(0, len(keys), 500):
        model.objects.filter(pk__in=keys[first : first + 500]).delete()
    return len(keys)


def _batches(path: Path, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=BATCH, columns=list(columns))


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    names = batch.schema.names
    return zip(*(batch.column(name).to_pylist() for name in names), strict=True)
