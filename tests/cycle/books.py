"""Books for tests from plain rows, and the same rows through the plain-Python definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.cycle.run import Night, cycle_run
from doorstep.delinquency.dues import Instalment, Loan, LoanDues, Parts, loan_dues
from doorstep.delinquency.policy import DEFAULT, Policy
from doorstep.portfolio.schema import TABLES
from doorstep.treatment.circumstances import Address, Contact, Point, Promise, Protection
from doorstep.treatment.facts import Facts, borrower_facts

ON = date(2026, 3, 31)
ZONE = "Asia/Shanghai"
Rows = list[dict[str, Any]]


@dataclass
class Rough:
    """A book as rows by table; what a row leaves out takes the column's default."""

    tables: dict[str, Rows] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """One more row."""
        self.tables.setdefault(table, []).append(row)

    def borrower(self, borrower_id: str, **row: Any) -> None:
        """A borrower."""
        self.add("borrowers", borrower_id=borrower_id, name="某人", **row)

    def loan(self, loan_id: str, borrower_id: str, **row: Any) -> None:
        """A loan."""
        filled = {
            "product": "consumer",
            "currency": "CNY",
            "principal": 1_000_000,
            "balance": 800_000,
            "opened_on": date(2025, 1, 1),
            "annual_rate_ppm": 72_000,
            "contract_ref": f"HT-{loan_id}",
        } | row
        self.add("loans", loan_id=loan_id, borrower_id=borrower_id, **filled)

    def instalment(self, loan_id: str, number: int, due_on: date, **row: Any) -> None:
        """An instalment."""
        self.add("instalments", loan_id=loan_id, number=number, due_on=due_on, **row)

    def write(self, folder: Path, *, policy: Policy | None = None) -> Path:
        """The book as a folder of Parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in TABLES.items():
            rows = [
                {c.name: row.get(c.name, c.default) for c in table.columns}
                for row in self.tables.get(name, [])
            ]
            pq.write_table(
                pa.Table.from_pylist(rows, schema=table.arrow()), folder / f"{name}.parquet"
            )
        if policy is not None:
            (folder / "policy.toml").write_text(_toml(policy))
        return folder


def _toml(policy: Policy) -> str:
    values = policy.as_dict()
    lines = [
        f"{name} = {list(value) if isinstance(value, tuple) else repr(value)}"
        if not isinstance(value, str)
        else f'{name} = "{value!s}"'
        for name, value in values.items()
    ]
    return "\n".join(lines)


def run_rough(
    rough: Rough, folder: Path, *, policy: Policy | None = None, on: date = ON, **options: Any
) -> Path:
    """Write the book, run the night over it, return the output folder."""
    book = rough.write(folder / "book", policy=policy)
    out = folder / "out"
    cycle_run(Night(book=book, on=on, out=out, time_zone=ZONE, **options), progress=silent)
    return out


def silent(stage: str, result: object) -> None:
    """Watch nothing."""


def rows_of(path: Path) -> Rows:
    """Rows of a Parquet file."""
    found: Rows = pq.read_table(path).to_pylist()
    return found


def plain_loans(rough: Rough, *, on: date = ON, policy: Policy = DEFAULT) -> dict[str, LoanDues]:
    """Every loan's dues by the plain-Python definitions."""
    return {
        row["loan_id"]: loan_dues(_loan(rough, row), on=on, policy=policy)
        for row in rough.tables.get("loans", [])
    }


def _loan(rough: Rough, row: dict[str, Any]) -> Loan:
    def parts(own: dict[str, Any], kind: str) -> Parts:
        return Parts(
            *(own.get(f"{p}_{kind}", 0) for p in ("principal", "interest", "fee", "penalty"))
        )

    return Loan(
        loan_id=row["loan_id"],
        currency=row["currency"],
        annual_rate_ppm=row["annual_rate_ppm"],
        penalty_percent=row.get("penalty_percent"),
        instalments=[
            Instalment(
                number=own["number"],
                due_on=own["due_on"],
                due=parts(own, "due"),
                paid=parts(own, "paid"),
                waived=parts(own, "waived"),
                penalty_from=own.get("penalty_from"),
                settled_on=own.get("settled_on"),
            )
            for own in rough.tables.get("instalments", [])
            if own["loan_id"] == row["loan_id"]
        ],
    )


def plain_facts(rough: Rough, *, on: date = ON, policy: Policy = DEFAULT) -> dict[str, Facts]:
    """Every overdue borrower's facts by the plain-Python definitions."""
    dues = plain_loans(rough, on=on, policy=policy)
    owners: dict[str, list[LoanDues]] = {}
    for row in rough.tables.get("loans", []):
        owners.setdefault(row["borrower_id"], []).append(dues[row["loan_id"]])
    found = {
        borrower: borrower_facts(
            loans=loans,
            points=_of(rough, "contact_points", borrower, Point, ("kind", "owner", "state")),
            addresses=_of(rough, "addresses", borrower, Address, ("kind", "state")),
            contacts=_of(
                rough, "contacts", borrower, Contact, ("at", "channel", "result", "direction")
            ),
            promises=_of(
                rough, "promises", borrower, Promise,
                (
                    "kind", "made_on", "due_on", "amount", "paid_amount", "grace_days", "state",
                    "loan_id",
                ),
            ),
            protections=_of(
                rough, "protections", borrower, Protection,
                ("kind", "starts_on", "ends_on", "loan_id"),
            ),
            on=on,
            policy=policy,
            time_zone=ZONE,
        )
        for borrower, loans in owners.items()
    }  # fmt: skip
    return {borrower: facts for borrower, facts in found.items() if facts is not None}


def _of(rough: Rough, table: str, borrower: str, kind: Any, names: Sequence[str]) -> list[Any]:
    columns = {c.name: c.default for c in TABLES[table].columns}
    return [
        kind(**{name: row.get(name, columns[name]) for name in names})
        for row in rough.tables.get(table, [])
        if row["borrower_id"] == borrower
    ]
