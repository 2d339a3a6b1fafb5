"""The night over the loaded book of a business date, from the book to the worklist."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from doorstep.agreements.services.offers import offers_lapse
from doorstep.agreements.services.plans import plans_watch
from doorstep.agreements.services.promises import promises_watch
from doorstep.cycle.models import Run, RunStage, RunState
from doorstep.cycle.plans import country, plan_of
from doorstep.cycle.policies import policy_path
from doorstep.cycle.publish import night_publish
from doorstep.cycle.receive import book_receive
from doorstep.cycle.staff_book import staff_book_write
from doorstep.cycle.stages import StageResult, stopwatch
from doorstep.delinquency.policy import policy_load
from doorstep.dispatch.reminder_plans import reminders_queue
from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.portfolio.models import Book, BookState
from doorstep.rules.selectors import rulebook_at
from doorstep.treatment.shelf import ladder_on
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

STAGES = (
    "receive", "plans", "snapshot", "delinquency", "facts", "decisions", "screening", "movements",
    "publish", "reminders",
)  # fmt: skip

Progress = Callable[[str, StageResult | None], None]


def no_progress(stage: str, result: StageResult | None) -> None:
    """For callers that do not watch."""


def night_run(*, on: date, by: Staff | None, at: datetime, progress: Progress = no_progress) -> Run:
    """Run the night of a business date, or go on with one that was stopped, or repeat it.

    `by` None is the machine's own schedule. Raises Refused when `by` may not start it, there is no
    loaded book of that date, a later date has been done, or another night is running. A failure on
    the way leaves the run FAILED with its error, and nothing of it in the worklist.
    """
    if by is not None and not by.may(Permission.START_NIGHT):
        raise Refused(_("Your role does not include starting the night."), code="NOT_PERMITTED")
    with _alone():
        book = _book(on)
        _must_be_latest(on)
        run = _begin(book, on=on, by=by, at=at)
        try:
            return _work(run, book, at=at, progress=progress)
        except BaseException as error:
            failed = str(error) if isinstance(error, DoorstepError) else repr(error)
            Run.objects.filter(pk=run.pk).update(
                state=RunState.FAILED, error=failed[:4000], finished_at=clock.now()
            )
            raise


def night_abandoned() -> Run | None:
    """A night that stands as running while nobody runs it: it was killed, and can be gone on with.
    None while a night is running (of this machine), or none was left."""
    run = Run.objects.filter(state=RunState.RUNNING).order_by("business_date").first()
    if run is None:
        return None
    try:
        with _alone():
            return run
    except Refused:
        return None


@contextmanager
def _alone() -> Iterator[None]:
    """Two nights never run at once. The lock goes with the program that holds it, so a night that
    was killed can be gone on with."""
    folder = Path(settings.HOME) / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "night.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(
                _("A night is running."),
                code="NIGHT_RUNNING",
                hint=_("Wait until it has ended."),
            ) from None
        yield


def _book(on: date) -> Book:
    book = Book.objects.filter(state=BookState.LOADED, business_date=on).first()
    if book is None:
        raise Refused(
            _("No book of %(day)s is loaded.") % {"day": on},
            code="NO_BOOK",
            hint=_("Bring and release the book of that day first."),
        )
    return book


def _must_be_latest(on: date) -> None:
    later = Run.objects.filter(state=RunState.DONE, business_date__gt=on).first()
    if later is not None:
        raise Refused(
            _("The night of %(day)s has been done already.") % {"day": later.business_date},
            code="OLDER_NIGHT",
            hint=_("An earlier night would overwrite what a later one decided."),
        )


def _begin(book: Book, *, on: date, by: Staff | None, at: datetime) -> Run:
    folder = Path(settings.HOME) / "runs" / on.isoformat()
    run, _new = Run.objects.update_or_create(
        business_date=on,
        defaults={
            "book": book,
            "state": RunState.RUNNING,
            "started_at": at,
            "finished_at": None,
            "started_by": by,
            "folder": str(folder),
            "ladder_version": ladder_on(on).version,
            "policy": policy_load(policy_path(Path(book.folder))).as_dict(),
            "error": "",
        },
    )
    run.stages.all().delete()
    return run


def _work(run: Run, book: Book, *, at: datetime, progress: Progress) -> Run:
    from doorstep.cycle.run import Night, cycle_run  # loads DuckDB, which no page needs

    folder, source = Path(run.folder), Path(book.folder)

    def seen(stage: str, result: StageResult | None) -> None:
        _stage_keep(run, stage, result)
        progress(stage, result)

    with stopwatch("receive", seen) as received:
        changed = book_receive(folder=source, on=run.business_date, at=at)
        received.rows = sum(changed.values())
    with stopwatch("plans", seen) as plans:
        plans.rows = plans_watch(on=run.business_date, at=at).watched
        plans.rows += promises_watch(on=run.business_date)
        plans.rows += offers_lapse(on=run.business_date, at=at)
    night = Night(
        book=staff_book_write(book=source, folder=folder / "book", on=run.business_date, at=at),
        on=run.business_date,
        out=folder,
        previous=_previous(run),
        time_zone=settings.TIME_ZONE,
        at=run.started_at,
        country=country(),
        jurisdiction=settings.JURISDICTION,
        rulebook=rulebook_at(plan_of(run).at),
    )
    results = cycle_run(night, progress=seen)
    with stopwatch("publish", seen) as published:
        counts = night_publish(run=run, folder=folder)
        published.rows = counts["cases_open"]
    with stopwatch("reminders", seen) as reminders:
        reminders.rows = reminders_queue(at=at).queued
    digest = next(r.outputs["decisions.parquet"] for r in results if r.stage == "decisions")
    run.counts, run.decisions_digest = counts, digest
    run.state, run.finished_at = RunState.DONE, clock.now()
    run.save(update_fields=["counts", "decisions_digest", "state", "finished_at"])
    return run


def _stage_keep(run: Run, stage: str, result: StageResult | None) -> None:
    values = (
        {"rows": result.rows, "seconds": result.seconds, "peak_bytes": result.peak_bytes}
        if result
        else {}
    )
    RunStage.objects.update_or_create(
        run=run, name=stage, defaults={"order": STAGES.index(stage), **values}
    )


def _previous(run: Run) -> Path | None:
    """The output of the last finished night before this one, where it still stands."""
    done = Run.objects.filter(state=RunState.DONE, business_date__lt=run.business_date)
    last = done.order_by("-business_date").first()
    if last is None:
        return None
    folder = Path(last.folder)
    stands = all((folder / name).exists() for name in ("decisions.parquet", "loans.parquet"))
    return folder if stands else None
