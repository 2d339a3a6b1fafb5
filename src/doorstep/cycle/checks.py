"""What makes a book unusable for the night, named by file, column and row.

A file's own statistics answer most questions; only where they leave a doubt are rows read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis

from doorstep.cycle.book import Book, book_table
from doorstep.cycle.engine import Engine
from doorstep.cycle.inputs import NEEDED
from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.schema import TABLES, Kind

NOT_NEGATIVE = (Kind.MONEY, Kind.RATE)
COUNTS = ("number", "penalty_percent", "grace_days")
CODES_MATTER = {"protections": ("kind",), "promises": ("kind", "state")}
KEYS = {
    "borrowers": "borrower_id",
    "loans": "loan_id",
    "contacts": "contact_id",
    "promises": "promise_id",
}


@dataclass(frozen=True)
class Doubt:
    """Cells of a column that the file's statistics do not clear, and what is said of a bad one."""

    table: str
    column: str
    bad: Callable[[Any], Any]
    code: str
    message: str


def check_cells(engine: Engine, book: Book) -> None:
    """Refuse empty required cells, negative amounts and rates, and codes nobody knows."""
    doubts = [doubt for name in book.contents for doubt in _doubts(book, name)]
    tables = {name: _numbered(engine, book, name) for name in {doubt.table for doubt in doubts}}
    bad = [
        tables[doubt.table]
        .filter(doubt.bad(tables[doubt.table][doubt.column]))
        .select("line", doubt=ibis.literal(number))
        for number, doubt in enumerate(doubts)
    ]
    if bad:
        first = engine.rows(ibis.union(*bad).order_by("doubt", "line").limit(1))
        if first:
            doubt = doubts[first[0]["doubt"]]
            where = (doubt.table, doubt.column, first[0]["line"])
            raise _refused(*where, doubt.code, doubt.message)


def _doubts(book: Book, name: str) -> Iterator[Doubt]:
    contents, table = book.contents[name], TABLES[name]
    for column in (table.column(needed) for needed in NEEDED[name]):
        if column.name not in contents.columns:
            continue
        if column.required and contents.may_be_empty(column.name):
            yield Doubt(
                name, column.name, _is_empty, "CELL_EMPTY", "This cell is required and empty."
            )
        counts = column.kind in NOT_NEGATIVE or column.name in COUNTS
        if counts and contents.may_be_negative(column.name):
            said = "This must not be negative."
            yield Doubt(name, column.name, _is_negative, "AMOUNT_NEGATIVE", said)
        if column.name in CODES_MATTER.get(name, ()):
            said = f"Not one of {', '.join(column.codes)}."
            yield Doubt(name, column.name, partial(_is_unknown, column.codes), "CODE_UNKNOWN", said)


def _is_empty(cell: Any) -> Any:
    return cell.isnull()


def _is_negative(cell: Any) -> Any:
    return cell.cast("int64") < 0


def _is_unknown(codes: tuple[str, ...], cell: Any) -> Any:
    return cell.notnull() & ~cell.isin(codes)


def check_keys(engine: Engine, book: Book) -> None:
    """Refuse a borrower, loan, contact or promise that occurs twice.

    Most books are in the order of their keys, and where each is greater than the one before it,
    none occurs twice; that is several times quicker than counting them. To see it takes one thread
    a table, so all tables are looked through at a time.
    """
    tables = {name: book_table(engine, book, name) for name in KEYS if name in book.contents}
    pairs = [
        table.select(
            table=ibis.literal(name), key=table[KEYS[name]], before=table[KEYS[name]].lag()
        )
        for name, table in tables.items()
    ]
    every = ibis.union(*pairs)
    doubts = every.filter(every.key <= every.before).select("table").distinct()
    for doubted in engine.rows(doubts.order_by("table")):
        name = doubted["table"]
        _refuse_twice(engine, tables[name], name, (KEYS[name],))


def check_instalments(engine: Engine, book: Book, late: Any, loans: Any) -> None:
    """Refuse instalments that cannot be true, hang on no loan, or occur twice.

    `loans` are the loans that matter, with what `overdue.by_loan` noticed; only a loan with
    something to notice makes the instalments (`late`) be read again.
    """
    doubted = loans.filter(loans.doubted)
    if not engine.rows(doubted.select("place").limit(1)):
        return
    if engine.rows(late.filter(late.impossible).limit(1)):
        _refuse_overpaid(engine, book)
    known = book_table(engine, book, "loans", place="place")
    lost = engine.rows(late.anti_join(known, "loan_id").select("loan_id").limit(1))
    if lost:
        raise InputError(
            f"Instalments of loan {lost[0]['loan_id']}, which is not among the loans.",
            code="LOAN_UNKNOWN",
            hint="Add the loan to loans.parquet or leave its instalments out.",
            where=Where(file="instalments.parquet", field="loan_id"),
        )
    _refuse_twice(
        engine,
        late.semi_join(known.semi_join(doubted, "place"), "loan_id"),
        "instalments",
        ("loan_id", "number"),
    )


def _refuse_overpaid(engine: Engine, book: Book) -> None:
    rows = _numbered(engine, book, "instalments")
    for part in ("principal", "interest", "fee", "penalty"):
        due, paid, waived = (
            rows[name].fill_null(0) if name in rows.columns else ibis.literal(0)
            for name in (f"{part}_due", f"{part}_paid", f"{part}_waived")
        )
        found = engine.rows(rows.filter(due - paid - waived < 0).select("line").limit(1))
        if found:
            raise _refused(
                "instalments",
                f"{part}_paid",
                found[0]["line"],
                "PAID_MORE_THAN_DUE",
                f"Paid and waived {part} is more than what was due.",
            )


def _refuse_twice(engine: Engine, table: Any, name: str, key: tuple[str, ...]) -> None:
    """Counting digests is several times quicker than counting texts; a doubt is read exactly."""
    parts = [table[column].cast("string") for column in key]
    whole = parts[0] if len(parts) == 1 else ibis.literal("\x1f").join(parts)
    counted = engine.rows(table.aggregate(rows=table.count(), keys=whole.hash().nunique()))[0]
    if counted["rows"] == counted["keys"]:
        return
    groups = table.group_by(*key).aggregate(times=table.count())
    twice = engine.rows(groups.filter(groups.times > 1).order_by(*key).limit(1))
    if twice:
        shown = ", ".join(f"{column} {twice[0][column]}" for column in key)
        raise InputError(
            f"{shown} occurs {twice[0]['times']} times.",
            code="KEY_TWICE",
            hint="Every row needs a key of its own.",
            where=Where(file=f"{name}.parquet", field=", ".join(key)),
        )


def _numbered(engine: Engine, book: Book, name: str) -> Any:
    rows = engine.numbered(book.path(name))
    return rows.mutate(line=rows.file_row_number + 1)


def _refused(name: str, column: str, line: int, code: str, message: str) -> InputError:
    return InputError(
        message,
        code=code,
        hint="Rows are counted from 1.",
        where=Where(file=f"{name}.parquet", line=line, field=column),
    )
