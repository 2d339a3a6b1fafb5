"""Deeds on books and verifications. Who may do them is asked where the deed is begun (pages, CLI).

A book's life: `book_bring` (CHECKING) -> `book_check` (AWAITING_RELEASE or REFUSED) ->
`book_release` by a second person (RELEASED) or `book_reject` (REJECTED) -> `book_load` (LOADED).
Check and load can be cut off anywhere and done again with the same result.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, NotFound, Refused, Where
from doorstep.portfolio.bulk import references_checked_at_the_end
from doorstep.portfolio.intake.book import Outcome, Progress, book_make
from doorstep.portfolio.intake.difference import attention_of, difference_of
from doorstep.portfolio.intake.mapping import SHIPPED, mapping_named, mapping_read
from doorstep.portfolio.loading import tables_load, written_models
from doorstep.portfolio.models import (
    Address,
    Book,
    BookFile,
    BookState,
    ContactPoint,
    Verification,
    VerificationTask,
)
from doorstep.portfolio.selectors import book_progress_path

MAPPING_FILE = "mapping.toml"
ALIVE = (BookState.CHECKING, BookState.AWAITING_RELEASE, BookState.RELEASED, BookState.LOADED)


def _silent(stage: str, share: float) -> None:
    """No progress is shown."""


def book_bring(
    *, files: Sequence[Path], mapping: str, business_date: date, by: Any | None, at: datetime
) -> Book:
    """Take a day's files in: copies of them and of the mapping are kept with the book.

    `mapping` is the name of a shipped mapping or a path. The same files for the same day give the
    book that is there already. Raises InputError for a file that is not there or a bad mapping,
    Refused for a day before the last loaded book, or the day of one.
    """
    for path in files:
        if not path.is_file():
            raise InputError(
                _("There is no such file."), code="NO_FILE", where=Where(file=str(path))
            )
    if not files:
        raise InputError(_("No file was given."), code="NO_FILE")
    mapping_named(mapping)
    mapped = _mapping_path(mapping).read_bytes()
    digests = [_digest(path) for path in files]
    digest = _book_digest(business_date, mapped, digests, [path.name for path in files])
    known = Book.objects.filter(digest=digest, state__in=ALIVE).first()
    if known is not None:
        return known
    _must_follow(business_date)
    kept = _keep(files, mapped, digest)
    with transaction.atomic():
        book = Book.objects.create(
            business_date=business_date, digest=digest, brought_by=by, brought_at=at
        )
        book.folder = str(Path(settings.HOME) / "books" / f"{business_date}-{book.pk}")
        book.save(update_fields=["folder"])
        BookFile.objects.bulk_create(
            BookFile(
                book=book, name=path.name[:300], mapping=Path(mapping).stem[:200], sha256=sha,
                size=path.stat().st_size,
            )
            for path, sha in zip(files, digests, strict=True)
        )  # fmt: skip
        shutil.rmtree(_delivered(book), ignore_errors=True)
        kept.replace(_delivered(book))
    return book


def book_check(*, book: Book, progress: Progress = _silent) -> Book:
    """Read the book's files into its folder, find what is wrong, compare with the book before.

    A file that cannot be used at all makes the book REFUSED, with the reason; nothing is raised.
    """
    if book.state != BookState.CHECKING:
        return book
    files = [
        _delivered(book) / str(place) / file.name
        for place, file in enumerate(book.files.order_by("pk"))
    ]
    try:
        outcome = book_make(
            files=files,
            mapping=mapping_read(_delivered(book) / MAPPING_FILE),
            on=book.business_date,
            folder=Path(book.folder),
            progress=progress,
        )
    except InputError as error:
        return _refuse(book, error)
    _note_outcome(book, outcome)
    return book


def book_release(*, book: Book, by: Any | None, at: datetime) -> Book:
    """Let a checked book be loaded. `by` is a second person; None where the lender's own schedule
    brings and releases, which is refused when the book needs a person's attention."""
    _must_be(book, BookState.AWAITING_RELEASE)
    if by is None and (book.brought_by_id is not None or needs_person(book)):
        raise Refused(
            _("This book waits for a person."), code="NEEDS_RELEASE",
            hint=_("A second person must look at it and release it."),
        )  # fmt: skip
    if by is not None and by.pk == book.brought_by_id:
        raise Refused(
            _("Who brought a book cannot release it."), code="SAME_PERSON",
            hint=_("A second person must look at it and release it."),
        )  # fmt: skip
    with transaction.atomic():
        _must_follow(book.business_date, but=book)
        _move(
            book,
            BookState.AWAITING_RELEASE,
            state=BookState.RELEASED,
            released_by=by,
            released_at=at,
        )
    return book


def book_reject(*, book: Book, by: Any, at: datetime, reason: str = "") -> Book:
    """Send a checked book back. `by` and `at` are kept as who decided and when."""
    _must_be(book, BookState.AWAITING_RELEASE)
    _move(book, BookState.AWAITING_RELEASE, state=BookState.REJECTED, reason=reason.strip()[:300])
    return book


def book_load(*, book: Book, at: datetime, progress: Progress = _silent) -> Book:
    """Load a released book in one transaction; a loaded one stays as it is.

    Raises Refused for a book that is not released, or older than the last loaded one.
    """
    first = not _last_loaded().exists()
    with references_checked_at_the_end(written_models()) if first else transaction.atomic():
        return _load(Book.objects.select_for_update().get(pk=book.pk), at=at, progress=progress)


def _load(book: Book, *, at: datetime, progress: Progress) -> Book:
    if book.state == BookState.LOADED:
        return book
    _must_be(book, BookState.RELEASED, BookState.FAILED)
    before = _last_loaded().select_for_update().first()
    _must_follow(book.business_date, but=book)
    previous = Path(before.folder) if before and Path(before.folder).is_dir() else None
    tables_load(folder=Path(book.folder), previous=previous, at=at, progress=progress)
    book.state, book.loaded_at, book.reason = BookState.LOADED, at, ""
    book.save(update_fields=["state", "loaded_at", "reason"])
    return book


def book_fail(*, book: Book, reason: str) -> Book:
    """Note that a book could not be loaded (or checked) through a fault that is not the files'."""
    checking = book.state == BookState.CHECKING
    book.state = BookState.REFUSED if checking else BookState.FAILED
    book.reason = reason[:300]
    book.save(update_fields=["state", "reason"])
    return book


def book_progress_note(*, book: Book, stage: str, share: float) -> None:
    """Note how far the work on a book is, in a file beside its folder: a load is one transaction,
    and while it runs SQLite lets nobody else write."""
    path = book_progress_path(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps({"stage": stage, "percent": min(100, int(share * 100))}))
    partial.replace(path)


def book_progress_end(*, book: Book) -> None:
    """Forget how far the work was: it has ended."""
    book_progress_path(book).unlink(missing_ok=True)


def needs_person(book: Book) -> bool:
    """Whether the book lost so many accounts that only a person may let it in."""
    return any(item["code"] == "ACCOUNTS_LOST" for item in book.attention)


def verification_record(
    *,
    contact_point: ContactPoint | None = None,
    address: Address | None = None,
    state: str,
    how: str,
    by: Any | None,
    at: datetime,
) -> Verification:
    """Record what was found about a contact point or an address, and close its open tasks."""
    subject = contact_point or address
    if subject is None or (contact_point is not None and address is not None):
        raise ValueError("a finding is about one contact point or one address")
    with transaction.atomic():
        found = Verification.objects.create(
            contact_point=contact_point, address=address, state=state, how=how, by=by, at=at
        )
        subject.state, subject.verified_how = state, how
        subject.verified_on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        subject.save(update_fields=["state", "verified_how", "verified_on"])
        tasks = VerificationTask.objects.filter(contact_point=contact_point, address=address)
        tasks.filter(closed_at__isnull=True).update(closed_at=at, closed_by=by)
    return found


def verification_task_close(*, task: VerificationTask, by: Any, at: datetime) -> VerificationTask:
    """Close a task. Raises Refused when somebody has closed it before."""
    changed = VerificationTask.objects.filter(pk=task.pk, closed_at__isnull=True).update(
        closed_at=at, closed_by=by
    )
    if not changed:
        raise Refused(_("This task is closed already."), code="TASK_CLOSED")
    task.refresh_from_db()
    return task


def _mapping_path(mapping: str) -> Path:
    shipped = SHIPPED / f"{mapping}.toml"
    return shipped if shipped.is_file() else Path(mapping)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _book_digest(on: date, mapped: bytes, digests: Sequence[str], names: Sequence[str]) -> str:
    whole = hashlib.sha256(f"{on}\n".encode() + hashlib.sha256(mapped).digest())
    for name, digest in sorted(zip(names, digests, strict=True)):
        whole.update(f"{name}\0{digest}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _keep(files: Sequence[Path], mapped: bytes, digest: str) -> Path:
    """Copies of the files in a place of their own, each under its number (names may repeat)."""
    kept = Path(settings.HOME) / "books" / f".bringing-{digest[:16]}-{os.getpid()}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    for place, path in enumerate(files):
        (kept / str(place)).mkdir()
        shutil.copyfile(path, kept / str(place) / path.name)
    (kept / MAPPING_FILE).write_bytes(mapped)
    return kept


def _delivered(book: Book) -> Path:
    """Where the files of the book lie, as they were brought."""
    return Path(f"{book.folder}.files")


def _last_loaded() -> QuerySet[Book]:
    return Book.objects.filter(state=BookState.LOADED).order_by("-business_date")


def _must_follow(business_date: date, but: Book | None = None) -> None:
    """Refuse a day that is not after the last loaded book's."""
    last = _last_loaded().first()
    if (
        last is None
        or (but is not None and last.pk == but.pk)
        or last.business_date < business_date
    ):
        return
    if last.business_date == business_date:
        raise Refused(
            _("The book of %(day)s is loaded already.") % {"day": business_date},
            code="BOOK_OF_DAY_LOADED", hint=_("Bring corrections with the next day's book."),
        )  # fmt: skip
    raise Refused(
        _("A newer book, of %(day)s, is loaded already.") % {"day": last.business_date},
        code="OLDER_BOOK", hint=_("An older book would overwrite what is known since."),
    )  # fmt: skip


def _must_be(book: Book, *states: BookState) -> None:
    if book.state not in states:
        raise Refused(
            _("The book is not in a state for this."), code="BOOK_STATE",
            hint=_("Look at it again: somebody else may have dealt with it."),
        )  # fmt: skip


def _move(book: Book, before: BookState, **fields: Any) -> None:
    """Change a book's state if nobody has changed it meanwhile."""
    if not Book.objects.filter(pk=book.pk, state=before).update(**fields):
        book.refresh_from_db()
        _must_be(book, before)
    book.refresh_from_db()


def _refuse(book: Book, error: InputError) -> Book:
    where = error.where
    book.problems = [
        {
            "code": error.code, "level": "file", "file": where.file or "", "line": where.line or 0,
            "column": where.field or "", "table": "", "count": 1, "message": error.message,
            "hint": error.hint,
        }
    ]  # fmt: skip
    book.state, book.reason = BookState.REFUSED, str(error)[:300]
    book.save(update_fields=["state", "reason", "problems"])
    return book


def _note_outcome(book: Book, outcome: Outcome) -> None:
    last = _last_loaded().first()
    if last is not None and Path(last.folder).is_dir():
        book.difference = difference_of(folder=Path(book.folder), previous=Path(last.folder))
        book.difference["previous"] = str(last.business_date)
    book.rows, book.accepted, book.rejected = outcome.rows, outcome.accepted, outcome.rejected
    book.totals = {"columns": outcome.totals(), "tables": outcome.tables}
    book.problems = outcome.groups
    book.attention = attention_of(
        difference=book.difference, rows=outcome.rows, rejected=outcome.rejected
    )
    book.state = BookState.AWAITING_RELEASE if outcome.accepted else BookState.REFUSED
    book.reason = "" if outcome.accepted else _("No row could be accepted.")
    with transaction.atomic():
        book.save()
        for file, count in zip(book.files.order_by("pk"), outcome.files, strict=True):
            file.rows, file.rejected = count.rows, count.rejected
            file.accepted = count.rows - count.rejected
            file.save(update_fields=["rows", "accepted", "rejected"])


def book_named(book_id: int) -> Book:
    """The book of that number. Raises NotFound."""
    book = Book.objects.filter(pk=book_id).first()
    if book is None:
        raise NotFound(_("There is no such book."), code="NO_BOOK")
    return book
