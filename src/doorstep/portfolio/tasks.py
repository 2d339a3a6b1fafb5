"""Work on books in the background: its progress is noted once a second, and both tasks can be cut
off and run again."""

from __future__ import annotations

from time import monotonic

from django_tasks import task

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.portfolio import services
from doorstep.portfolio.intake.book import Progress
from doorstep.portfolio.models import Book

EVERY_SECONDS = 1.0


@task()
def check_book(book_id: int) -> None:
    """Check a book that was brought."""
    book = services.book_named(book_id)
    try:
        services.book_check(book=book, progress=_noting(book))
    except Exception as error:
        services.book_fail(book=book, reason=_told(error))
        raise
    finally:
        services.book_progress_end(book=book)


@task()
def load_book(book_id: int) -> None:
    """Load a released book."""
    book = services.book_named(book_id)
    services.book_progress_note(book=book, stage="load", share=0.0)
    try:
        services.book_load(book=book, at=clock.now(), progress=_noting(book))
    except Exception as error:
        services.book_fail(book=services.book_named(book_id), reason=_told(error))
        raise
    finally:
        services.book_progress_end(book=book)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, DoorstepError) else type(error).__name__


def _noting(book: Book) -> Progress:
    last = 0.0

    def note(stage: str, share: float) -> None:
        nonlocal last
        if monotonic() - last >= EVERY_SECONDS:
            last = monotonic()
            services.book_progress_note(book=book, stage=stage, share=share)

    return note
