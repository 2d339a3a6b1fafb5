"""Checks across rows and tables, as SQL over the staged files.

Each check yields (file, line, table, column, code) of the rows it is about. Those of level `row`
reject the line, and with it every row the line made; so tables are checked parents first and again
until nothing more is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from doorstep.portfolio.intake.faults import FAULTS, Level
from doorstep.portfolio.intake.mapping import Mapping
from doorstep.portfolio.schema import TABLES, Kind, Table

MERGED = ("borrowers", "employers", "contact_points", "addresses", "flags", "protections")
EVENTS = {
    "loans": ("opened_on",), "instalments": ("settled_on",), "payments": ("paid_on", "reversed_on"),
}  # fmt: skip
UNPAID = " + ".join(
    f"({part}_due - {part}_paid - {part}_waived)"
    for part in ("principal", "interest", "fee", "penalty")
)


@dataclass
class Checks:
    """The checks of one book. `wide` says that one line makes rows of several tables, so that the
    same borrower may rightly be repeated; `alone`, that a table that was not sent is elsewhere."""

    database: Any
    mapping: Mapping
    on: date
    wide: bool
    alone: bool = False
    tables: list[Table] = field(default_factory=list)

    def open(self, folder: Path) -> None:
        """Views of the staged files that are there; an empty set of rejected lines."""
        self.database.execute("CREATE TABLE rejected(_file INTEGER, _line BIGINT)")
        self.database.execute(
            'CREATE TABLE found(file INTEGER, line BIGINT, "table" VARCHAR, "column" VARCHAR,'
            " code VARCHAR, level VARCHAR)"
        )
        for table in TABLES.values():
            path = folder / f"{table.name}.parquet"
            if path.is_file():
                self.tables.append(table)
                self.database.execute(
                    f"CREATE VIEW staged_{table.name} AS FROM read_parquet('{quoted(path)}')"
                )
            else:
                columns = ", ".join(
                    f'NULL::{SQL_TYPES[c.kind]} AS "{c.name}"' for c in table.columns
                )
                self.database.execute(
                    f"CREATE VIEW staged_{table.name} AS SELECT {columns}, NULL::INTEGER AS _file, "
                    "NULL::BIGINT AS _line WHERE false"
                )
            self.database.execute(
                f"CREATE VIEW {table.name} AS FROM staged_{table.name} "
                "ANTI JOIN rejected USING (_file, _line)"
            )

    def run(self) -> None:
        """Reject until nothing more is to be rejected, then collect the warnings."""
        for table in self.tables:
            self._find(self._same_keys(table))
        while sum(self._find(check) for table in self.tables for check in self._rejecting(table)):
            continue
        for check in self._warnings():
            self._find(check)

    def _find(self, select: str) -> int:
        """Note what a check yields and reject the lines; how many were newly rejected."""
        before = self._count()
        self.database.execute("CREATE OR REPLACE TEMP TABLE now AS " + select)
        levels = " ".join(f"WHEN '{code}' THEN '{FAULTS[code][0].value}'" for code in FAULTS)
        self.database.execute(
            f'INSERT INTO found SELECT file, line, "table", "column", code, CASE code {levels} END '
            "FROM now ORDER BY file, line"
        )
        refusing = ", ".join(f"'{code}'" for code in FAULTS if FAULTS[code][0] is Level.ROW)
        self.database.execute(
            f"INSERT INTO rejected SELECT DISTINCT file, line FROM now WHERE code IN ({refusing}) "
            "AND NOT EXISTS (FROM rejected r WHERE r._file = now.file AND r._line = now.line)"
        )
        return self._count() - before

    def _count(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM rejected").fetchone()[0])

    def _same_keys(self, table: Table) -> str:
        """Exact repeats (all but the first), and keys with different rows (all of them)."""
        key = ", ".join(f'"{name}"' for name in table.key)
        row = ", ".join(f'"{column.name}"' for column in table.columns)
        repeats = "false" if self.wide and table.name in MERGED else "true"
        return f"""
            WITH keyed AS (SELECT * FROM {table.name} WHERE ({key}) IN
                    (SELECT ({key}) FROM {table.name} GROUP BY {key} HAVING count(*) > 1)),
            counted AS (
                SELECT _file, _line, count(DISTINCT hash({row})) OVER (PARTITION BY {key}) AS kinds,
                       row_number() OVER (PARTITION BY {key} ORDER BY _file, _line) AS place
                FROM keyed)
            SELECT _file AS file, _line AS line, '{table.name}' AS "table",
                   '{table.key[-1]}' AS "column",
                   CASE WHEN kinds > 1 THEN 'SAME_KEY_DIFFERENT' ELSE 'DUPLICATE_ROW' END AS code
            FROM counted WHERE kinds > 1 OR (place > 1 AND {repeats})"""

    def _rejecting(self, table: Table) -> Iterator[str]:
        if table.parent and not (self.alone and TABLES[table.parent] not in self.tables):
            parent = TABLES[table.parent]
            yield f"""
                SELECT _file AS file, _line AS line, '{table.name}' AS "table",
                       '{parent.key[0]}' AS "column", 'PARENT_MISSING' AS code
                FROM {table.name} t WHERE NOT EXISTS
                    (FROM {parent.name} p WHERE p.{parent.key[0]} = t.{parent.key[0]})"""
        if table.name == "instalments":
            for part in ("principal", "interest", "fee", "penalty"):
                yield _rows(
                    table.name, f"{part}_due", "PARTS_EXCEED_DUE",
                    f"{part}_due < {part}_paid + {part}_waived",
                )  # fmt: skip
        if table.name == "loans" and self.mapping.values.unit != "minor":
            currency = self.mapping.values.currency
            yield f"""
                SELECT _file AS file, _line AS line, 'loans' AS "table", 'currency' AS "column",
                       'CURRENCY_MIXED' AS code
                FROM loans l WHERE currency <> '{currency}'
                AND (EXISTS (FROM instalments i WHERE i.loan_id = l.loan_id)
                     OR EXISTS (FROM payments p WHERE p.loan_id = l.loan_id))"""

    def _warnings(self) -> Iterator[str]:
        names = {table.name for table in self.tables}
        for name, columns in EVENTS.items():
            for column in columns if name in names else ():
                yield _rows(name, column, "DATE_AFTER_BOOK", f"{column} > DATE '{self.on}'")
        if "contact_points" in names:
            yield _rows(
                "contact_points", "value", "PHONE_SHARED",
                f"""owner = 'borrower' AND value IN
                    (SELECT value FROM contact_points WHERE owner = 'borrower' GROUP BY value
                     HAVING count(DISTINCT borrower_id) >= {self.mapping.values.shared_phone})""",
            )  # fmt: skip
            yield _rows(
                "contact_points", "value", "PHONE_OF_THIRD_PARTY",
                """owner = 'borrower' AND EXISTS
                    (FROM contact_points o WHERE o.owner <> 'borrower'
                     AND o.value = contact_points.value
                     AND o.borrower_id = contact_points.borrower_id)""",
            )  # fmt: skip
        if {"loans", "instalments"} <= names:
            yield from self._stated()

    def _stated(self) -> Iterator[str]:
        """What the lender states of a loan against its instalments.

        Penalty interest that accrues is not in the instalments: only less than the sum disagrees.
        """
        overdue = f"""
            SELECT l._file AS file, l._line AS line, l.stated_dpd, l.stated_overdue,
                   coalesce(datediff('day', min(i.due_on) FILTER ({UNPAID} > 0),
                                     DATE '{self.on}'), 0) AS dpd,
                   coalesce(sum({UNPAID}), 0) AS overdue
            FROM loans l LEFT JOIN instalments i
                ON i.loan_id = l.loan_id AND i.due_on < DATE '{self.on}'
            WHERE l.stated_dpd IS NOT NULL OR l.stated_overdue IS NOT NULL
            GROUP BY ALL"""
        for column, code, differs in (
            ("stated_dpd", "DPD_DISAGREES", "stated_dpd <> dpd"),
            ("stated_overdue", "OVERDUE_DISAGREES", "stated_overdue < overdue"),
        ):
            yield f"""SELECT file, line, 'loans' AS "table", '{column}' AS "column",
                             '{code}' AS code
                      FROM ({overdue}) WHERE {column} IS NOT NULL AND {differs}"""


SQL_TYPES = {
    Kind.TEXT: "VARCHAR", Kind.CODE: "VARCHAR", Kind.INTEGER: "BIGINT", Kind.MONEY: "BIGINT",
    Kind.RATE: "BIGINT", Kind.DEGREES: "DOUBLE", Kind.DAY: "DATE", Kind.INSTANT: "TIMESTAMPTZ",
}  # fmt: skip


def _rows(table: str, column: str, code: str, condition: str) -> str:
    return f"""SELECT _file AS file, _line AS line, '{table}' AS "table", '{column}' AS "column",
               '{code}' AS code FROM {table} WHERE {condition}"""


def quoted(path: Path) -> str:
    """A path inside quotation marks of SQL."""
    return str(path).replace("'", "''")


def open_database(folder: Path) -> Any:
    """DuckDB in memory, bounded, spilling into `folder`."""
    database = duckdb.connect(":memory:")
    database.execute("SET memory_limit = '384MB'")
    database.execute("SET threads = 2")
    database.execute("SET preserve_insertion_order = false")
    database.execute(f"SET temp_directory = '{quoted(folder / 'spill')}'")
    database.execute("SET TimeZone = 'UTC'")
    return database
