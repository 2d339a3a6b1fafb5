"""A night's decisions become cases, work items, decisions and movements: set-based, in one
transaction, once per business date. Publishing the same night again changes nothing.

A borrower with nothing overdue has no decision, so the case closes; overdue again opens a new one.
Who a case belongs to (branch, team, assignee) is set when it opens and never changed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from doorstep.agreements.services.crediting import cases_follow_payments
from doorstep.agreements.services.legal import referrals_recall_cured
from doorstep.cases.models import Case, Decision, Movement, WorkItem
from doorstep.cases.screening import held_back
from doorstep.cases.steps import MovementKind, Step
from doorstep.cycle.engine import Engine, engine_open
from doorstep.cycle.models import BucketCount, Run, TransitionCount
from doorstep.cycle.plans import plan_of
from doorstep.cycle.ready import CASE_COLUMNS, MOVEMENT_COLUMNS, case_rows, movement_rows
from doorstep.cycle.stages import MEMORY_MIB
from doorstep.cycle.to_verify import verification_tasks_follow
from doorstep.portfolio.bulk import delete_rows, upsert_query, upsert_rows
from doorstep.treatment.shelf import ladder_of

QUIET = (Step.NONE.value, Step.WAIT.value)
CASE_KEPT = ("borrower_id", "status", "opened_on", "branch_id", "last_movement")
DECISION_COLUMNS = (
    "borrower_id", "business_date", "step", "reason", "ladder_version", "facts", "hold_kind",
    "hold_until",
)  # fmt: skip
SAME = ("step", "reason", "ladder_version", "hold_kind")


@transaction.atomic
def night_publish(*, run: Run, folder: Path) -> dict[str, int]:
    """Write a finished run's output to the database; returns counts for the run page."""
    on = run.business_date
    with engine_open(threads=2, memory_mib=MEMORY_MIB, spill=folder / "spill") as engine:
        _movements(engine, folder, on)
        _cases(engine, folder, Path(run.book.folder))
    _decisions(on)
    _close_cured(on)
    _work_items(on, ladder_version=run.ladder_version, held_back=_held_back(run))
    cases_follow_payments(on=on)
    referrals_recall_cured(at=run.started_at)
    verification_tasks_follow(at=run.started_at)
    _book_counts(run, folder)
    return _counts(run)


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield batch.to_pylist()


def _movements(engine: Engine, folder: Path, on: date) -> None:
    """Write the night's movements; what an earlier run of the date found and this one did not is
    taken away."""
    key, path = MOVEMENT_COLUMNS[:3], folder / "movements.parquet"
    upsert_rows(
        model=Movement,
        columns=MOVEMENT_COLUMNS,
        rows=movement_rows(engine, folder, on=on),
        key=key,
        update=MOVEMENT_COLUMNS[3:],
    )
    known = Movement.objects.filter(business_date=on)
    if known.count() > pq.read_metadata(path).num_rows:
        found = {(row["borrower_id"], row["kind"]) for batch in _batches(path) for row in batch}
        pairs = known.values_list("borrower_id", "kind")
        stale = [(borrower, on, kind) for borrower, kind in pairs if (borrower, kind) not in found]
        delete_rows(model=Movement, key=key, rows=stale)


def _cases(engine: Engine, folder: Path, book: Path) -> None:
    """Open or update one case a borrower; a case that did not move keeps its last movement."""
    for moved in (True, False):
        stays = CASE_KEPT[:-1] if moved else CASE_KEPT
        upsert_rows(
            model=Case,
            columns=CASE_COLUMNS,
            rows=case_rows(engine, folder, book=book, moved=moved),
            key=("borrower_id",),
            key_where="\"status\" = 'open'",
            update=[column for column in CASE_COLUMNS if column not in stays],
        )


def _decisions(on: date) -> None:
    """Keep the decisions that differ from the borrower's last one, or that open a new case."""
    differ = _that_differ(on)
    upsert_query(
        query=differ.values_list(*DECISION_COLUMNS),
        model=Decision,
        columns=DECISION_COLUMNS,
        key=("borrower_id", "business_date"),
        update=DECISION_COLUMNS[2:],
    )
    known = Decision.objects.filter(business_date=on)
    known.exclude(borrower__in=differ.values("borrower")).delete()


def _that_differ(on: date) -> QuerySet[Case]:
    earlier = Decision.objects.filter(borrower=OuterRef("borrower"), business_date__lt=on)
    last = earlier.order_by("-business_date").values("pk")[:1]
    until = Coalesce("hold_until", Value(date.max))
    same = Decision.objects.annotate(until=until).filter(
        pk=OuterRef("last"), until=OuterRef("until"), **{name: OuterRef(name) for name in SAME}
    )
    entered = Movement.objects.filter(
        borrower=OuterRef("borrower"), business_date=on, kind=MovementKind.ENTERED.value
    )
    tonight = Case.objects.filter(status="open", business_date=on)
    tonight = tonight.alias(last=Subquery(last), until=until)
    return tonight.filter(Exists(entered) | ~Exists(same))


def _close_cured(on: date) -> None:
    """Close the open cases that this night did not decide: nothing is overdue any more."""
    cured = Case.objects.filter(status="open").exclude(business_date=on)
    cured.update(
        status="closed", closed_on=on, business_date=on, last_movement=MovementKind.CURED.value
    )


def _held_back(run: Run) -> Q:
    return held_back(until=plan_of(run).ends)


def _work_items(on: date, *, ladder_version: str, held_back: Q) -> None:
    """End the items whose case closed, rests, is held back or takes another step; open the new
    ones."""
    items = WorkItem.objects.filter(status="open")
    idle = Case.objects.filter(Q(status="closed") | Q(step__in=QUIET) | held_back)
    items.filter(case__in=idle.values("pk")).update(status="withdrawn", closed_on=on)
    items.exclude(case__step=F("step")).update(status="superseded", closed_on=on)
    today = WorkItem.objects.filter(case=OuterRef("pk"), step=OuterRef("step"), opened_on=on)
    waiting = Case.objects.filter(~Exists(today), status="open")
    waiting = waiting.exclude(Q(step__in=QUIET) | held_back)
    columns: dict[str, Any] = {
        "case_id": F("pk"),
        "step": F("step"),
        "opened_on": Value(on, models.DateField()),
        "due_on": _due_on(on, ladder_version),
        "status": Value("open"),
    }
    upsert_query(
        query=waiting.values_list(*columns.values()),
        model=WorkItem,
        columns=list(columns),
        key=("case_id",),
        key_where="\"status\" = 'open'",
        update=(),
    )


def _due_on(on: date, ladder_version: str) -> models.Case:
    """The day by which a case's step should be done, by the row that decided."""
    rows = ladder_of(ladder_version).rows
    days = [(row.key, Value(on + timedelta(days=row.due_in_days))) for row in rows]
    return models.Case(
        *[When(reason=key, then=day) for key, day in days],
        default=Value(on),
        output_field=models.DateField(),
    )


def _book_counts(run: Run, folder: Path) -> None:
    """Replace the run's figures of the book by bucket and of the loans that moved."""
    for stale in (BucketCount.objects.filter(run=run), TransitionCount.objects.filter(run=run)):
        stale.delete()
    buckets = [row for batch in _batches(folder / "buckets.parquet") for row in batch]
    BucketCount.objects.bulk_create([BucketCount(run=run, **row) for row in buckets])
    cells = [row for batch in _batches(folder / "transitions.parquet") for row in batch]
    TransitionCount.objects.bulk_create([TransitionCount(run=run, **row) for row in cells])


def _counts(run: Run) -> dict[str, int]:
    on = run.business_date
    cases = Case.objects.filter(status="open")
    return {
        "cases_open": cases.count(),
        "cases_opened": cases.filter(opened_on=on).count(),
        "cases_closed": Case.objects.filter(closed_on=on).count(),
        "held": cases.exclude(hold_kind="").count(),
        "held_back": cases.filter(_held_back(run)).count(),
        "work_items_open": WorkItem.objects.filter(status="open").count(),
        "decisions_changed": Decision.objects.filter(business_date=on).count(),
    }
