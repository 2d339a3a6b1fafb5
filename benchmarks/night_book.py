"""A synthetic book for measuring: any number of loans, the same bytes for the same seed.

Shaped roughly like a consumer lender: most loans current, a share of them overdue (a tenth in the
example bank), 12 monthly instalments a loan. Nothing here is meant to look real.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.portfolio.schema import TABLES

ON = date(2026, 3, 31)
MONTHS = 12
CHUNK = 100_000
CHANNELS = ["sms", "call", "letter", "visit"]
RESULTS = ["delivered", "no_answer", "right_party", "failed"]
EPOCH = date(1970, 1, 1)


def book_write(folder: Path, *, loans: int, overdue: float, seed: int = 1) -> Path:
    """Write a book of that many loans for `ON`, one borrower a loan save one in ten."""
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        name: pq.ParquetWriter(folder / f"{name}.parquet", table.arrow(), compression="zstd")
        for name, table in TABLES.items()
    }
    for first in range(0, loans, CHUNK):
        count = min(CHUNK, loans - first)
        rng = np.random.default_rng([seed, first])
        for name, columns in _chunk(rng, first, count, overdue).items():
            writers[name].write_table(_table(name, columns))
    for writer in writers.values():
        writer.close()
    return folder


def _table(name: str, columns: dict[str, object]) -> pa.Table:
    schema = TABLES[name].arrow()
    rows = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = []
    for field in schema:
        if field.name in columns:
            arrays.append(pa.array(columns[field.name], type=field.type, from_pandas=True))
        elif not field.nullable:
            default = TABLES[name].column(field.name).default
            arrays.append(pa.array([default] * rows, type=field.type))
        else:
            arrays.append(pa.nulls(rows, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _ids(letter: str, numbers: np.ndarray) -> np.ndarray:
    return np.char.add(letter, np.char.zfill(numbers.astype(str), 9)).astype(object)


def _chunk(
    rng: np.random.Generator, first: int, count: int, overdue: float
) -> dict[str, dict[str, object]]:
    numbers = np.arange(first, first + count)
    owner = np.where(numbers % 10 == 9, numbers - 1, numbers)
    borrowers = numbers[numbers % 10 != 9]
    loan_ids, borrower_ids = _ids("L", numbers), _ids("B", borrowers)
    today = (ON - EPOCH).days
    unpaid = np.where(rng.random(count) < overdue, rng.geometric(0.45, count).clip(1, MONTHS), 0)
    rate = rng.choice([43_500, 72_000, 108_000, 156_000], count)
    principal = rng.integers(300_000, 30_000_000, count)
    part = principal // 36
    offset = rng.integers(1, 29, count)
    month = np.arange(MONTHS)
    due = today - offset[:, None] - 30 * (MONTHS - 1 - month)[None, :]
    paid = month[None, :] < (MONTHS - unpaid)[:, None]
    late = paid & (rng.random((count, MONTHS)) < 0.04)
    settled = np.where(late, due + rng.integers(1, 25, (count, MONTHS)), due)
    principal_due = np.repeat(part[:, None], MONTHS, axis=1)
    interest_due = np.repeat((principal * rate // 12_000_000)[:, None], MONTHS, axis=1)
    days = np.array(due.ravel(), dtype="datetime64[D]")
    settled_days = np.ma.array(np.array(settled.ravel(), dtype="datetime64[D]"), mask=~paid.ravel())
    chunk: dict[str, dict[str, object]] = {
        "borrowers": {
            "borrower_id": borrower_ids,
            "name": np.char.add("客户", borrowers.astype(str)).astype(object),
            "branch_code": _ids("branch-", borrowers % 40),
        },
        "loans": {
            "loan_id": loan_ids,
            "borrower_id": _ids("B", owner),
            "product": rng.choice(["credit_card", "consumer", "auto"], count).astype(object),
            "currency": np.full(count, "CNY", dtype=object),
            "principal": principal,
            "balance": part * (24 + unpaid),
            "opened_on": np.full(count, np.datetime64(EPOCH) + today - 400),
            "annual_rate_ppm": rate,
            "contract_ref": _ids("HT-", numbers),
        },
        "instalments": {
            "loan_id": np.repeat(loan_ids, MONTHS),
            "number": np.tile(month + 1, count),
            "due_on": days,
            "principal_due": principal_due.ravel(),
            "interest_due": interest_due.ravel(),
            "principal_paid": np.where(paid, principal_due, 0).ravel(),
            "interest_paid": np.where(paid, interest_due, 0).ravel(),
            "settled_on": pa.array(settled_days.data, mask=settled_days.mask),
        },
    }
    chunk |= _around(rng, first, borrowers, today)
    return chunk


def _around(
    rng: np.random.Generator, first: int, borrowers: np.ndarray, today: int
) -> dict[str, dict[str, object]]:
    """Contact points, addresses, contacts, protections and promises."""
    count = len(borrowers)
    some = np.sort(rng.choice(borrowers, count // 2))
    held = np.sort(rng.choice(borrowers, count // 50, replace=False))
    promised = np.sort(rng.choice(borrowers, count // 30, replace=False))
    made = today - rng.integers(0, 40, len(promised))
    at = np.datetime64(EPOCH).astype("datetime64[us]") + (
        (today - rng.integers(0, 90, len(some))).astype("timedelta64[D]")
        + rng.integers(0, 86_400, len(some)).astype("timedelta64[s]")
    )
    return {
        "contact_points": {
            "borrower_id": _ids("B", borrowers),
            "kind": np.full(count, "mobile", dtype=object),
            "value": np.char.add("+86000", np.char.zfill(borrowers.astype(str), 9)).astype(object),
            "owner": rng.choice(["borrower", "reference"], count, p=[0.95, 0.05]).astype(object),
            "state": rng.choice(["verified", "wrong"], count, p=[0.95, 0.05]).astype(object),
        },
        "addresses": {
            "borrower_id": _ids("B", borrowers),
            "kind": np.full(count, "home", dtype=object),
            "text": np.char.add("示例路", borrowers.astype(str)).astype(object),
        },
        "contacts": {
            "contact_id": _ids("C", np.arange(len(some)) + first * 10),
            "borrower_id": _ids("B", some),
            "at": at,
            "channel": rng.choice(CHANNELS, len(some), p=[0.6, 0.3, 0.07, 0.03]).astype(object),
            "result": rng.choice(RESULTS, len(some)).astype(object),
        },
        "protections": {
            "borrower_id": _ids("B", held),
            "kind": rng.choice(["dispute", "hardship", "complaint"], len(held)).astype(object),
            "starts_on": np.datetime64(EPOCH) + (today - rng.integers(0, 30, len(held))),
        },
        "promises": {
            "promise_id": _ids("P", promised),
            "borrower_id": _ids("B", promised),
            "made_on": np.datetime64(EPOCH) + made,
            "due_on": np.datetime64(EPOCH) + made + rng.integers(1, 30, len(promised)),
            "amount": rng.integers(10_000, 900_000, len(promised)),
        },
    }  # fmt: skip
