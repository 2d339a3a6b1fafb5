"""What the page of one book shows, put together from the book and the folder of its check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.kernel.money import format_minor
from doorstep.portfolio.models import Book, BookFile, BookState
from doorstep.portfolio.schema import TABLES
from doorstep.portfolio.selectors import book_last_loaded, book_problem_groups, book_progress
from doorstep.sites.office.book_form import MAPPING_WORDS
from doorstep.sites.office.book_layout import column_meaning, table_words
from doorstep.sites.office.book_words import (
    DIFFERENCES,
    STAGES,
    FaultKind,
    Refusal,
    attention_words,
    failure_words,
    fault_kind,
    next_words,
    release_refusal,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

UNDER_WAY = (BookState.CHECKING, BookState.RELEASED)
CHECKED = (
    BookState.AWAITING_RELEASE,
    BookState.RELEASED,
    BookState.LOADED,
    BookState.REJECTED,
    BookState.FAILED,
)


@dataclass(frozen=True)
class SumRow:
    """A control total: read = accepted + not accepted."""

    table: str
    column: str
    read: str
    accepted: str
    rejected: str


@dataclass(frozen=True)
class DifferenceRow:
    """How many loans, and their balance by currency in words."""

    key: str
    words: str
    count: int
    amount: str


@dataclass(frozen=True)
class Difference:
    """The book against the one loaded before."""

    title: str
    rows: list[DifferenceRow]


def under_way(book: Book) -> bool:
    """Whether work on the book goes on in the background."""
    return book.state in UNDER_WAY


def book_folder(book: Book) -> Path:
    """Where the check wrote what it found."""
    return Path(book.folder)


def progress_context(book: Book) -> dict[str, Any]:
    """How far the work is. Nothing noted yet means that the worker has not begun."""
    stage, percent = book_progress(book)
    return {
        "book": book,
        "done": percent,
        "label": str(STAGES.get(stage, _("Waiting for the worker to begin"))),
    }


def book_context(book: Book, *, staff: Staff) -> dict[str, Any]:
    """Everything the page of a book shows."""
    checked = book.state in CHECKED
    newest = book_last_loaded()
    refusal = release_refusal(book, staff=staff, newest=newest)
    return {
        **progress_context(book),
        "next": next_words(book, staff=staff, newest=newest),
        "under_way": under_way(book),
        "checked": checked,
        "failure": _failure(book),
        "attention": [attention_words(item) for item in book.attention if checked],
        "deciding": book.state == BookState.AWAITING_RELEASE,
        "may_release": not refusal,
        "may_reject": staff.may(Permission.RELEASE_BOOKS),
        "may_retry": book.state == BookState.FAILED and not refusal,
        "release_refusal": refusal,
        "accounts": _accounts(book),
        "problems": _problems(book) if checked else [],
        "sums": _sums(book),
        "difference": _difference(book),
        "files": [(file, _mapping_words(file)) for file in book.files.order_by("pk")],
    }


def _failure(book: Book) -> Refusal | None:
    if book.state in (BookState.REFUSED, BookState.REJECTED, BookState.FAILED):
        return failure_words(book)
    return None


def _problems(book: Book) -> list[FaultKind]:
    return [fault_kind(group["code"], count=group["count"]) for group in book_problem_groups(book)]


def _accounts(book: Book) -> list[tuple[str, int]]:
    tables = book.totals.get("tables", {})
    return [
        (table_words(name), tables[name]) for name in ("borrowers", "loans") if tables.get(name)
    ]


def _sums(book: Book) -> list[SumRow]:
    currency = _only_currency(book_folder(book))
    rows = []
    for name, total in book.totals.get("columns", {}).items():
        table, _dot, column = name.partition(".")
        rows.append(
            SumRow(
                table_words(table),
                column_meaning(TABLES[table].column(column)),
                *(_amount(total[part], currency) for part in ("read", "accepted", "rejected")),
            )
        )
    return rows


def _only_currency(folder: Path) -> str:
    """The currency of all the book's loans; nothing where there are several, or none."""
    path = folder / "loans.parquet"
    if not path.is_file():
        return ""
    found = pc.unique(pq.read_table(path, columns=["currency"]).column("currency")).to_pylist()
    return str(found[0]) if len(found) == 1 else ""


def _amount(minor: int, currency: str) -> str:
    """Money; where currencies are mixed, the bare sum of minor units, for comparison only."""
    if not currency:
        return f"{minor:,}"
    return format_minor(minor, currency, language=get_language() or "zh-hans")


def _difference(book: Book) -> Difference | None:
    if "previous" not in book.difference:
        return None
    before = date_format(date.fromisoformat(book.difference["previous"]), "DATE_FORMAT")
    rows = [
        DifferenceRow(
            key,
            str(words),
            book.difference[key]["loans"],
            " · ".join(
                _amount(minor, currency)
                for currency, minor in sorted(book.difference[key]["balance"].items())
            ),
        )
        for key, words in DIFFERENCES.items()
    ]
    return Difference(_("Compared with the book of %(on)s") % {"on": before}, rows)


def _mapping_words(file: BookFile) -> str:
    if file.mapping == "mapping":
        return _("A mapping sent along")
    return str(MAPPING_WORDS.get(file.mapping, file.mapping))
