"""Reads over nights: the latest run, the book by bucket, movements and transitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from doorstep.cycle.models import Run, RunState
from doorstep.delinquency.policy import DEFAULT
from doorstep.portfolio.models import Book, BookState


@dataclass(frozen=True)
class Notice:
    """Something systemic that needs a person: `kind` names it, `object_id` says which."""

    kind: str
    on: date
    object_id: int | None = None


def run_latest() -> Run | None:
    """The run of the latest business date, whatever its state."""
    return Run.objects.order_by("-business_date").first()


def run_latest_done() -> Run | None:
    """The latest run that ended well."""
    return Run.objects.filter(state=RunState.DONE).order_by("-business_date").first()


def bucket_edges() -> tuple[int, ...]:
    """First days of the buckets as the latest finished run used them."""
    run = run_latest_done()
    edges = run.policy.get("bucket_edges") if run else None
    return tuple(edges) if edges else DEFAULT.bucket_edges


def notices(*, on: date) -> list[Notice]:
    """What stands in the way of the day's work: a failed night, a missing book, a waiting book."""
    found = []
    run = run_latest()
    if run and run.state == RunState.FAILED:
        found.append(Notice("night_failed", run.business_date, run.pk))
    waiting = Book.objects.filter(state=BookState.AWAITING_RELEASE).order_by("-business_date")
    found += [Notice("book_waiting", book.business_date, book.pk) for book in waiting[:1]]
    if not found and not Book.objects.filter(business_date__gte=on).exists():
        found.append(Notice("no_book", on))
    return found
