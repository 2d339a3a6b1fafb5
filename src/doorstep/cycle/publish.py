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
from django.db import connection, transaction
from django.db.models import F

from doorstep.cases.models import Case, Decision, Movement, WorkItem
from doorstep.cases.steps import MovementKind, Step
from doorstep.cycle.models import BucketCount, Run, TransitionCount
from doorstep.portfolio.bulk import delete_rows, upsert_rows
from doorstep.portfolio.models import Borrower
from doorstep.treatment.facts import CATALOGUE
from doorstep.treatment.shelf import ladder_of

BATCH = 20_000
QUIET = (Step.NONE.value, Step.WAIT.value)
CASE_COLUMNS = (
    "borrower_id", "status", "opened_on", "branch_id", "business_date", "dpd", "bucket",
    "currency", "due_total", "due_principal", "due_interest", "due_penalty", "due_fee",
    "loans_overdue", "step", "reason", "ladder_version", "facts", "hold_kind", "hold_until",
    "priority", "last_movement",
)  # fmt: skip
CASE_KEPT = ("borrower_id", "status", "opened_on", "branch_id", "last_movement")
DECISION_COLUMNS = (
    "borrower_id", "business_date", "step", "reason", "ladder_version", "facts", "hold_kind",
    "hold_until",
)  # fmt: skip
READ = [
    "borrower_id", "business_date", "step", "reason", "ladder_version", "priority", *CATALOGUE,
]  # fmt: skip
SAME = ("step", "reason", "ladder_version", "hold_kind", "hold_until")
# The movement to show on a case when a night brought several.
TELLING = (
    MovementKind.ENTERED, MovementKind.HELD, MovementKind.RELEASED, MovementKind.WORSE,
    MovementKind.BETTER, MovementKind.STEP,
)  # fmt: skip

Rows = list[dict[str, Any]]


@transaction.atomic
def night_publish(*, run: Run, folder: Path) -> dict[str, int]:
    """Write a finished run's output to the database; returns counts for the run page."""
    on = run.business_date
    moved = _movements(folder, on)
    _decided(folder, on, moved)
    _close_cured(on)
    _work_items(on, ladder_version=run.ladder_version)
    _book_counts(run, folder)
    return _counts(on)


def _batches(path: Path, *, columns: list[str] | None = None) -> Iterator[Rows]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=BATCH, columns=columns):
            yield batch.to_pylist()


def _movements(folder: Path, on: date) -> dict[str, set[str]]:
    """Write the night's movements; returns the kinds by borrower."""
    rows = [row for batch in _batches(folder / "movements.parquet") for row in batch]
    upsert_rows(
        model=Movement,
        columns=("borrower_id", "business_date", "kind", "before", "after"),
        rows=((r["borrower_id"], on, r["kind"], r["before"], r["after"]) for r in rows),
        key=("borrower_id", "business_date", "kind"),
        update=("before", "after"),
    )
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row["borrower_id"], set()).add(row["kind"])
    known = Movement.objects.filter(business_date=on).values_list("borrower_id", "kind")
    stale = [(b, on, kind) for b, kind in known if kind not in kinds.get(b, ())]
    delete_rows(model=Movement, key=("borrower_id", "business_date", "kind"), rows=stale)
    return kinds


def _decided(folder: Path, on: date, moved: dict[str, set[str]]) -> None:
    """Write cases and decisions, batch by batch, in one reading of the file."""
    named = Borrower.objects.exclude(branch_code=None).exclude(branch_code="")
    branches = {pk: str(code) for pk, code in named.values_list("pk", "branch_code")}
    before = _last_decisions(on)
    kept: set[str] = set()
    for rows in _batches(folder / "decisions.parquet", columns=READ):
        for row in rows:
            row["facts"] = _facts(row)
            row["hold_kind"] = row["hold_kind"] or ""
        _cases(rows, on, branches, moved)
        kept |= _decisions(rows, moved, before)
    known = Decision.objects.filter(business_date=on).values_list("borrower_id", flat=True)
    stale = [(borrower, on) for borrower in known if borrower not in kept]
    delete_rows(model=Decision, key=("borrower_id", "business_date"), rows=stale)


def _cases(rows: Rows, on: date, branches: dict[str, str], moved: dict[str, set[str]]) -> None:
    """Open or update one case a borrower; a case that did not move keeps its last movement."""
    for with_movement in (True, False):
        some = [row for row in rows if (row["borrower_id"] in moved) == with_movement]
        stays = CASE_KEPT[:-1] if with_movement else CASE_KEPT
        upsert_rows(
            model=Case,
            columns=CASE_COLUMNS,
            rows=[_case_row(row, on, branches, moved) for row in some],
            key=("borrower_id",),
            key_where="\"status\" = 'open'",
            update=[column for column in CASE_COLUMNS if column not in stays],
        )


def _case_row(
    row: dict[str, Any], on: date, branches: dict[str, str], moved: dict[str, set[str]]
) -> tuple[Any, ...]:
    kinds = moved.get(row["borrower_id"], set())
    own = {
        "status": "open",
        "opened_on": on,
        "branch_id": branches.get(row["borrower_id"]),
        "last_movement": next(
            (kind.value for kind in TELLING if kind.value in kinds), MovementKind.ENTERED.value
        ),
    }
    return tuple(own[column] if column in own else row[column] for column in CASE_COLUMNS)


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: row[name].isoformat() if isinstance(row[name], date) else row[name]
        for name in CATALOGUE
    }


def _close_cured(on: date) -> None:
    """Close the open cases that this night did not decide: nothing is overdue any more."""
    cured = Case.objects.filter(status="open").exclude(business_date=on)
    cured.update(
        status="closed", closed_on=on, business_date=on, last_movement=MovementKind.CURED.value
    )


def _decisions(
    rows: Rows, moved: dict[str, set[str]], before: dict[str, tuple[Any, ...]]
) -> set[str]:
    """Keep the decisions that differ from the borrower's last one, or that open a new case."""
    differ = [
        row
        for row in rows
        if MovementKind.ENTERED.value in moved.get(row["borrower_id"], ())
        or before.get(row["borrower_id"]) != tuple(row[name] for name in SAME)
    ]
    upsert_rows(
        model=Decision,
        columns=DECISION_COLUMNS,
        rows=[tuple(row[column] for column in DECISION_COLUMNS) for row in differ],
        key=("borrower_id", "business_date"),
        update=DECISION_COLUMNS[2:],
    )
    return {row["borrower_id"] for row in differ}


LAST_DECISIONS = """
SELECT d.borrower_id, d.step, d.reason, d.ladder_version, d.hold_kind, d.hold_until
FROM cases_decision d
JOIN (SELECT borrower_id, MAX(business_date) AS last FROM cases_decision
      WHERE business_date < %s GROUP BY borrower_id) l
  ON l.borrower_id = d.borrower_id AND l.last = d.business_date
"""


def _last_decisions(on: date) -> dict[str, tuple[Any, ...]]:
    """What each borrower's last decision before the day was."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_DECISIONS, [on])
        return {row[0]: (*row[1:5], _day(row[5])) for row in cursor.fetchall()}


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _work_items(on: date, *, ladder_version: str) -> None:
    """End the items whose case closed, rests or takes another step; open the new ones."""
    items = WorkItem.objects.filter(status="open")
    rests = items.filter(case__status="closed") | items.filter(case__step__in=QUIET)
    rests.update(status="withdrawn", closed_on=on)
    items.exclude(case__step=F("step")).update(status="superseded", closed_on=on)
    due = {row.key: row.due_in_days for row in ladder_of(ladder_version).rows}
    waiting = Case.objects.filter(status="open").exclude(step__in=QUIET)
    today = set(WorkItem.objects.filter(opened_on=on).values_list("case_id", "step"))
    # A list: no query may be read while rows are being copied into the same connection.
    rows = [
        (pk, step, on, on + timedelta(days=due.get(reason, 0)), "open")
        for pk, step, reason in waiting.values_list("pk", "step", "reason")
        if (pk, step) not in today
    ]
    upsert_rows(
        model=WorkItem,
        columns=("case_id", "step", "opened_on", "due_on", "status"),
        rows=rows,
        key=("case_id",),
        key_where="\"status\" = 'open'",
        update=(),
    )


def _book_counts(run: Run, folder: Path) -> None:
    """Replace the run's figures of the book by bucket and of the loans that moved."""
    for stale in (BucketCount.objects.filter(run=run), TransitionCount.objects.filter(run=run)):
        stale.delete()
    buckets = [row for batch in _batches(folder / "buckets.parquet") for row in batch]
    BucketCount.objects.bulk_create([BucketCount(run=run, **row) for row in buckets])
    cells = [row for batch in _batches(folder / "transitions.parquet") for row in batch]
    TransitionCount.objects.bulk_create([TransitionCount(run=run, **row) for row in cells])


def _counts(on: date) -> dict[str, int]:
    cases = Case.objects.filter(status="open")
    return {
        "cases_open": cases.count(),
        "cases_opened": cases.filter(opened_on=on).count(),
        "cases_closed": Case.objects.filter(closed_on=on).count(),
        "held": cases.exclude(hold_kind="").count(),
        "work_items_open": WorkItem.objects.filter(status="open").count(),
        "decisions_changed": Decision.objects.filter(business_date=on).count(),
    }
