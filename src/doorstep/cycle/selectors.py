"""Reads over nights: the latest run, the book by bucket, movements and transitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from doorstep.cases.models import Case, Movement
from doorstep.cases.selectors import cases_visible_to, scope_condition
from doorstep.cases.steps import MovementKind
from doorstep.cycle.models import BucketCount, Run, RunState, TransitionCount
from doorstep.delinquency.policy import DEFAULT
from doorstep.delinquency.transitions import ABSENT
from doorstep.portfolio.models import Book, BookState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Scope


@dataclass(frozen=True)
class Notice:
    """Something systemic that needs a person: `kind` names it, `object_id` says which."""

    kind: str
    on: date
    object_id: int | None = None


@dataclass(frozen=True)
class CaseGroup:
    """Open cases that share bucket, step and currency; money in minor units."""

    bucket: int
    step: str
    currency: str
    cases: int
    due_total: int
    unassigned: int
    held: int


def run_latest() -> Run | None:
    """The run of the latest business date, whatever its state."""
    return Run.objects.order_by("-business_date").first()


def run_latest_done() -> Run | None:
    """The latest run that ended well."""
    return Run.objects.filter(state=RunState.DONE).order_by("-business_date").first()


def run_before(run: Run) -> Run | None:
    """The finished run of the business date before this one."""
    earlier = Run.objects.filter(state=RunState.DONE, business_date__lt=run.business_date)
    return earlier.order_by("-business_date").first()


def bucket_edges() -> tuple[int, ...]:
    """First days of the buckets as the latest finished run used them."""
    return edges_of(run_latest_done())


def edges_of(run: Run | None) -> tuple[int, ...]:
    """First days of the buckets that a run used; the default ones without a run."""
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


def open_cases_grouped(*, staff: Staff) -> list[CaseGroup]:
    """The open cases this member of staff may see, counted by bucket, step and currency."""
    rows = (
        cases_visible_to(staff=staff)
        .filter(status="open")
        .order_by()
        .values("bucket", "step", "currency")
        .annotate(
            cases=Count("pk"),
            due_total=Sum("due_total"),
            unassigned=Count("pk", filter=Q(assignee__isnull=True)),
            held=Count("pk", filter=~Q(hold_kind="")),
        )
    )
    return [CaseGroup(**row) for row in rows]


def movements_visible_to(*, staff: Staff, on: date) -> QuerySet[Movement]:
    """Movements of a night about borrowers whose cases this member of staff may see."""
    moved = Movement.objects.filter(business_date=on)
    if staff.scope == Scope.ALL:
        return moved
    seen = Case.objects.filter(scope_condition(staff=staff), business_date=on)
    return moved.filter(borrower__in=seen.values("borrower"))


def movement_counts(*, staff: Staff, on: date) -> dict[MovementKind, int]:
    """How many borrowers moved in each way in the night of a date; 0 where none did."""
    rows = movements_visible_to(staff=staff, on=on).values_list("kind").annotate(Count("pk"))
    counts = dict(rows.order_by())
    return {kind: counts.get(kind.value, 0) for kind in MovementKind}


@dataclass(frozen=True)
class BucketRow:
    """A bucket of the whole book after a night, in one currency, beside the night before."""

    bucket: int
    currency: str
    borrowers: int
    overdue: int
    borrowers_before: int | None
    overdue_before: int | None


def buckets_compared(*, run: Run, before: Run | None) -> list[BucketRow]:
    """The book by bucket after a run, with the figures of the run before beside them."""
    runs = [run.pk] + ([before.pk] if before else [])
    rows = (
        BucketCount.objects.filter(run__in=runs)
        .values_list("run", "currency", "bucket")
        .annotate(Sum("borrowers"), Sum("overdue"))
        .order_by()
    )
    found = {(pk, currency, bucket): (count, money) for pk, currency, bucket, count, money in rows}
    keys = sorted({key[1:] for key in found})
    nothing = (0, 0)
    return [
        BucketRow(
            bucket,
            currency,
            *found.get((run.pk, currency, bucket), nothing),
            *(found.get((before.pk, currency, bucket), nothing) if before else (None, None)),
        )
        for currency, bucket in keys
    ]


@dataclass(frozen=True)
class Matrix:
    """Transitions (迁徙) of one currency. Rows are the buckets of the night before (`before`),
    columns those of now (`after`), either with ABSENT at the end for loans that one of the two
    books does not hold. `balance` is in minor units; `share` is that of the row's balance."""

    currency: str
    before: list[int]
    after: list[int]
    loans: list[list[int]]
    balance: list[list[int]]
    share: list[list[float]]


def transition_matrices(*, run: Run) -> list[Matrix]:
    """How loans moved between buckets since the run before, one matrix a currency."""
    by_currency: dict[str, list[TransitionCount]] = defaultdict(list)
    for row in TransitionCount.objects.filter(run=run).order_by("currency"):
        by_currency[row.currency].append(row)
    return [_matrix(currency, rows) for currency, rows in by_currency.items()]


def _matrix(currency: str, rows: Sequence[TransitionCount]) -> Matrix:
    loans: Counter[tuple[int, int]] = Counter()
    balance: Counter[tuple[int, int]] = Counter()
    for row in rows:
        loans[row.before, row.after] += row.loans
        balance[row.before, row.after] += row.balance
    most = max(max(row.before, row.after) for row in rows)
    before = _side(most, {row.before for row in rows})
    after = _side(most, {row.after for row in rows})
    money = [[balance[a, b] for b in after] for a in before]
    return Matrix(
        currency=currency,
        before=before,
        after=after,
        loans=[[loans[a, b] for b in after] for a in before],
        balance=money,
        share=[[value / (sum(row) or 1) for value in row] for row in money],
    )


def _side(most: int, found: set[int]) -> list[int]:
    return [*range(most + 1), *([ABSENT] if ABSENT in found else [])]
