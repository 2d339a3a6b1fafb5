"""`doorstep intake`: a lender's files become trusted tables."""

from __future__ import annotations

import gettext
import json
import locale
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from doorstep.kernel.errors import InputError, NotFound, Refused, Where
from doorstep.portfolio.schema import TABLES

if TYPE_CHECKING:
    from doorstep.portfolio.intake.book import Outcome
    from doorstep.portfolio.models import Book

app = typer.Typer(no_args_is_help=True, help="Take in a lender's files.")
MAPPING = typer.Option(..., "--mapping", help="A shipped mapping's name, or a TOML file.")
JSON = typer.Option(False, "--json", help="One JSON object a line.")
LANGUAGE = typer.Option(
    "", "--language", help="Of the hints: zh-Hans, zh-Hant or en; the system's when left out."
)
LOCALES = Path(__file__).resolve().parent.parent / "locale"
STAGES = {"read": "Reading", "check": "Checking", "write": "Writing", "load": "Loading"}


@app.callback()
def intake() -> None:
    """Take in a lender's files."""


@app.command()
def schema(json_: bool = JSON) -> None:
    """Print every table and column of a book."""
    for table in TABLES.values():
        for column in table.columns:
            row = {
                "table": table.name,
                "column": column.name,
                "type": str(table.arrow().field(column.name).type),
                "required": column.required,
                "key": column.name in table.key,
                "codes": list(column.codes),
                "zh": column.zh,
                "en": column.en,
            }
            if json_:
                print(json.dumps(row, ensure_ascii=False))
            else:
                print(f"{table.name:16} {column.name:18} {row['type']:22} {column.zh}  {column.en}")


@app.command()
def check(
    file: Path = typer.Argument(..., help="The lender's file."),
    mapping: str = MAPPING,
    on: datetime | None = typer.Option(
        None, "--on", formats=["%Y-%m-%d"], help="Business date; today when left out."
    ),
    json_: bool = JSON,
    rejected: Path | None = typer.Option(
        None, "--rejected", help="Write the rejected rows here, to correct and send again."
    ),
    language: str = LANGUAGE,
) -> None:
    """Read a file without loading it: every problem at its place, then the control totals.

    Exit 0 when every row is accepted, 1 when rows are rejected, 2 when the file cannot be used.
    """
    from doorstep.kernel import clock
    from doorstep.portfolio.intake.book import book_make
    from doorstep.portfolio.intake.mapping import mapping_named

    mapped = mapping_named(mapping)
    with tempfile.TemporaryDirectory() as folder, _Bar() as bar:
        book = Path(folder) / "book"
        outcome = book_make(
            files=[file], mapping=mapped, on=on.date() if on else clock.today(), folder=book,
            progress=bar.progress, alone=True,
        )  # fmt: skip
        bar.stop()
        for problem in _problems(book, language):
            print(json.dumps(problem, ensure_ascii=False) if json_ else _line(problem))
        print(json.dumps(_summary(outcome), ensure_ascii=False) if json_ else _told(outcome))
        if rejected is not None and outcome.rejected:
            shutil.copyfile(book / "rejected" / file.name, rejected)
    raise typer.Exit(1 if outcome.rejected else 0)


@app.command()
def load(
    files: list[Path] = typer.Argument(..., help="All files of the day."),
    mapping: str = MAPPING,
    on: datetime = typer.Option(..., "--on", formats=["%Y-%m-%d"], help="Business date."),
    released_by: str = typer.Option(
        "", "--released-by", help="User name of who has looked at the book and lets it in."
    ),
    accept_loss: bool = typer.Option(
        False, "--accept-loss", help="Let in a book that lost 30 % of its accounts or more."
    ),
    json_: bool = JSON,
) -> None:
    """Check a day's files and load them as its book.

    Exit 0 when loaded (or loaded before), 1 when the book waits for a person or is refused.
    """
    from doorstep.cli.django import setup

    setup()
    from doorstep.kernel import clock
    from doorstep.portfolio import services
    from doorstep.portfolio.models import BookState

    releaser = _releaser(released_by) if released_by else None
    with _Bar() as bar:
        book = services.book_bring(
            files=files, mapping=mapping, business_date=on.date(), by=None, at=clock.now()
        )
        book = services.book_check(book=book, progress=bar.progress)
        if book.state == BookState.REFUSED:
            raise _refusal(book)
        if book.state == BookState.AWAITING_RELEASE:
            if services.needs_person(book) and not (accept_loss and releaser):
                raise _needs_person(book)
            book = services.book_release(book=book, by=releaser, at=clock.now())
        book = services.book_load(book=book, at=clock.now(), progress=bar.progress)
    summary = {
        "book": book.pk, "state": book.state, "rows": book.rows, "accepted": book.accepted,
        "rejected": book.rejected, "totals": book.totals,
    }  # fmt: skip
    if json_:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        print(
            f"Book {book.pk} of {book.business_date} is loaded: {book.rows:,} rows, "
            f"{book.accepted:,} accepted, {book.rejected:,} rejected."
        )


class _Bar:
    """A bar on standard error for each stage of the work."""

    def __init__(self) -> None:
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(), console=Console(stderr=True),
        )  # fmt: skip
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> _Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def stop(self) -> None:
        """End the bars, before text is printed."""
        self.bar.stop()

    def progress(self, stage: str, share: float) -> None:
        """Move a stage's bar to a share of 1."""
        if stage not in self.tasks:
            self.tasks[stage] = self.bar.add_task(f"{STAGES[stage]:9}", total=1.0)
        self.bar.update(self.tasks[stage], completed=share)


def _problems(book: Path, language: str) -> Iterator[dict[str, Any]]:
    """The error contract of every problem, in the order of the file."""
    import pyarrow.parquet as pq

    from doorstep.portfolio.intake.faults import FAULTS

    hints = _translated(language)
    for batch in pq.ParquetFile(book / "problems.parquet").iter_batches():
        for row in batch.to_pylist():
            yield {
                "line": row["line"], "column": row["column"], "code": row["code"],
                "shown": row["shown"], "hint": hints(FAULTS[row["code"]][1]), "level": row["level"],
            }  # fmt: skip


def _translated(language: str) -> Any:
    wanted = (language or locale.getlocale()[0] or "en").replace("-", "_")
    if not wanted.startswith("zh"):
        return lambda text: text
    name = "zh_Hant" if any(mark in wanted for mark in ("Hant", "TW", "HK", "MO")) else "zh_Hans"
    return gettext.translation("django", LOCALES, [name], fallback=True).gettext


def _line(problem: dict[str, Any]) -> str:
    mark = "!" if problem["level"] == "warning" else "x"
    place = f"line {problem['line']}, {problem['column']}".rstrip(", ")
    return f"{mark} {place}: {problem['code']} {problem['shown']!r} {problem['hint']}"


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "rows": outcome.rows, "accepted": outcome.accepted, "rejected": outcome.rejected,
        "totals": outcome.totals(), "tables": outcome.tables,
    }  # fmt: skip


def _told(outcome: Outcome) -> str:
    return f"{outcome.rows:,} rows: {outcome.accepted:,} accepted, {outcome.rejected:,} rejected."


def _releaser(username: str) -> Any:
    from doorstep.workforce.models import Staff
    from doorstep.workforce.roles import Permission

    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        raise NotFound(f"There is no active account {username!r}.", code="NO_ACCOUNT")
    if not staff.may(Permission.RELEASE_BOOKS):
        raise Refused(f"{username!r} may not release books.", code="MAY_NOT_RELEASE")
    return staff


def _refusal(book: Book) -> InputError:
    problem: dict[str, Any] = next(iter(book.problems), {})
    if problem.get("level") != "file":
        return InputError(book.reason, code="BOOK_REFUSED")
    where = Where(problem["file"] or None, problem["line"] or None, problem["column"] or None)
    return InputError(problem["message"], code=problem["code"], hint=problem["hint"], where=where)


def _needs_person(book: Book) -> Refused:
    lost = next(item for item in book.attention if item["code"] == "ACCOUNTS_LOST")
    return Refused(
        f"Book {book.pk} lost {lost['lost']:,} of {lost['of']:,} accounts and waits for a person.",
        code="NEEDS_RELEASE",
        hint="Release it in the office, or repeat with --accept-loss --released-by USERNAME.",
    )
