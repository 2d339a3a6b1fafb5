"""Makes small files and reads them as a book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from doorstep.portfolio.intake.book import Outcome, book_make
from doorstep.portfolio.intake.mapping import mapping_read

ON = date(2026, 1, 31)
LOANS = """
[values]
unit = "yuan"
{values}
[file]
{file}
[[tables]]
table = "borrowers"
columns = {{ borrower_id = "客户号", name = "姓名" }}
[[tables]]
table = "loans"
{totals}
[tables.columns]
loan_id = "借据号"
borrower_id = "客户号"
product = {{ const = "consumer" }}
currency = {{ const = "CNY" }}
principal = "本金"
balance = "余额"
opened_on = "放款日"
annual_rate_ppm = {{ const = "12%" }}
"""
HEADER = "借据号,客户号,姓名,本金,余额,放款日"
GOOD = "L1,C1,张三,1000.00,500.00,2025-01-02"


@dataclass(frozen=True)
class Read:
    """A book that was read, and where it lies."""

    outcome: Outcome
    folder: Path

    @property
    def codes(self) -> list[tuple[int, str]]:
        """(line, code) of every problem."""
        rows = self.problems
        return [(row["line"], row["code"]) for row in rows]

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Every problem as a row."""
        found: list[dict[str, Any]] = pq.read_table(self.folder / "problems.parquet").to_pylist()
        return found

    def table(self, name: str) -> list[dict[str, Any]]:
        """The accepted rows of a table."""
        rows: list[dict[str, Any]] = pq.read_table(self.folder / f"{name}.parquet").to_pylist()
        return rows


def read_files(
    folder: Path, files: dict[str, bytes], mapping: str, *, on: date = ON, alone: bool = False
) -> Read:
    """Write the files and the mapping, and make a book of them."""
    (folder / "in").mkdir(exist_ok=True)
    paths = []
    for name, content in files.items():
        (folder / "in" / name).write_bytes(content)
        paths.append(folder / "in" / name)
    written = folder / "mapping.toml"
    written.write_text(mapping, "utf-8")
    outcome = book_make(
        files=paths, mapping=mapping_read(written), on=on, folder=folder / "book", alone=alone
    )
    assert outcome.rows == outcome.accepted + outcome.rejected
    for total in outcome.sums.values():
        assert total.read == total.accepted + total.rejected
    return Read(outcome, folder / "book")


def loans_mapping(*, values: str = "", file: str = "", totals: str = "") -> str:
    """A mapping of one wide file into borrowers and loans."""
    return LOANS.format(values=values, file=file, totals=totals)


def read_loans(folder: Path, *lines: str, encoding: str = "utf-8", **mapping: str) -> Read:
    """Read a wide file of these lines under the usual header."""
    text = "\r\n".join([HEADER, *lines]) + "\r\n"
    return read_files(folder, {"loans.csv": text.encode(encoding)}, loans_mapping(**mapping))
