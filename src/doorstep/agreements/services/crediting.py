"""What matched money changes, set by set: instalments of plans, promises, and the open case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Sum

from doorstep.agreements.matching import Incoming, Taken
from doorstep.agreements.models import (
    PaymentAllocation,
    PaymentIn,
    PaymentShare,
    PlanInstalment,
    Promise,
)
from doorstep.agreements.selectors.ledger import ORDER, Books, Standing, cases_of
from doorstep.agreements.services.legal import referrals_recall_paid
from doorstep.agreements.services.plans import plans_look
from doorstep.agreements.signals import instalments_settled
from doorstep.cases.models import Case, WorkItem
from doorstep.kernel.rows import Cell, rows_insert, rows_update
from doorstep.portfolio.lookups import Many
from doorstep.protections.terms import local_day

SHARE_COLUMNS = ("payment_id", "plan_instalment_id", "promise_id", "amount", *ORDER)
ALLOCATION_COLUMNS = ("payment_id", "loan_id", "paid_on", "amount", *ORDER, "ahead")
CASE_TYPES = {"id": "bigint", "due_total": "bigint", **{f"due_{p}": "bigint" for p in ORDER}}
PLAN_TYPES = {
    "id": "bigint",
    "settled_on": "date",
    **{f"{p}_paid": "bigint" for p in ORDER},
    **{f"{p}_outstanding": "bigint" for p in ORDER},
}


@dataclass(frozen=True)
class Credit:
    """A matched payment, saved as `payment_id`, and what of the open amounts it pays."""

    payment_id: int
    loan_id: str
    payment: Incoming
    taken: Taken


@transaction.atomic
def credits_apply(*, credits: Sequence[Credit], books: Books, at: datetime) -> None:
    """Write down what these payments pay. The payments are saved and matched."""
    shares: list[tuple[Cell, ...]] = []
    moved: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(ORDER, 0))
    settled: dict[int, date] = {}
    promised: dict[str, int] = defaultdict(int)
    for credit in credits:
        for (kind, key), amount in credit.taken.shares:
            if kind == "plan":
                pk = int(key)
                parts = _to_parts(amount, books.parts[pk], moved[pk])
                settled[pk] = credit.payment.paid_on
                shares.append((credit.payment_id, pk, None, amount, *parts))
            else:
                promised[str(key)] += amount
                shares.append((credit.payment_id, None, str(key), amount, 0, 0, 0, 0))
    rows_write(PaymentShare, SHARE_COLUMNS, shares)
    rows_write(PaymentAllocation, ALLOCATION_COLUMNS, [_allocated(each, books) for each in credits])
    _instalments_move(moved, settled)
    if done := [pk for pk in moved if not any(books.parts[pk].values())]:
        instalments_settled.send(sender=PlanInstalment, instalment_ids=done, at=at)
    _promises_move(promised)
    paid_up = _cases_write(books.cases.values(), local_day(at))
    referrals_recall_paid(case_ids=paid_up, at=at)
    agreements = {books.agreement_of[pk] for pk in moved}
    plans_look(agreement_ids=sorted(agreements), on=local_day(at), at=at)


def _to_parts(amount: int, left: dict[str, int], moved: dict[str, int]) -> list[int]:
    """Split a share over what is left of an instalment: penalty, fee, interest, principal."""
    pieces = []
    for part in ORDER:
        piece = min(amount, left[part])
        left[part] -= piece
        moved[part] += piece
        amount -= piece
        pieces.append(piece)
    return pieces


def _allocated(credit: Credit, books: Books) -> tuple[Cell, ...]:
    """What the payment did to its loan and the borrower's case, in the order of
    ALLOCATION_COLUMNS. What the last book may know of, and what is ahead of time, changes no case.
    """
    loan, payment, amount = credit.loan_id, credit.payment, credit.payment.amount
    case = books.cases.get(books.ledger.accounts[loan].borrower_id)
    parts = dict.fromkeys(ORDER, 0)
    if case and case.currency == payment.currency and payment.paid_on > case.business_date:
        overdue = books.overdue.get(loan, {})
        for part in ORDER:
            piece = min(amount, overdue.get(part, 0), case.due[part])
            if piece > 0:
                parts[part] = piece
                overdue[part] -= piece
                case.due[part] -= piece
                case.changed = True
                amount -= piece
    return (
        credit.payment_id, loan, payment.paid_on, payment.amount, *parts.values(), amount,
    )  # fmt: skip


def _instalments_move(moved: dict[int, dict[str, int]], settled: dict[int, date]) -> None:
    """Paid grows by what outstanding shrinks; an instalment without any left is settled."""
    rows = []
    columns = [f"{part}_{what}" for what in ("paid", "outstanding") for part in ORDER]
    kept = PlanInstalment.objects.filter(pk__any_of=Many(sorted(moved))).order_by()
    for pk, *amounts in kept.values_list("pk", *columns):
        more = list(moved[pk].values())
        paid = [amount + part for amount, part in zip(amounts[:4], more, strict=True)]
        left = [amount - part for amount, part in zip(amounts[4:], more, strict=True)]
        rows.append((pk, settled.get(pk) if not any(left) else None, *paid, *left))
    _rows_change(PlanInstalment, PLAN_TYPES, rows)


def rows_write(
    model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Cell, ...]]
) -> None:
    """Write new rows past the mapper, in the transaction that is open."""
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        rows_insert(cursor=cursor, table=model._meta.db_table, columns=columns, rows=rows)


def _rows_change(model: type[Model], types: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        rows_update(
            cursor=cursor, table=model._meta.db_table, key="id", columns=types, rows=rows, same={}
        )


def _promises_move(promised: Mapping[str, int]) -> None:
    """A promise is kept once its amount is there; money taken back opens it again."""
    rows = list(Promise.objects.filter(pk__any_of=sorted(promised)))
    for row in rows:
        row.paid_amount = max(0, row.paid_amount + promised[row.pk])
        if row.state == "running" and row.paid_amount >= row.amount:
            row.state = "kept"
        elif row.state == "kept" and row.paid_amount < row.amount:
            row.state = "running"
    Promise.objects.bulk_update(rows, ["paid_amount", "state"], batch_size=200)


def _cases_write(cases: Iterable[Standing], on: date) -> list[int]:
    """The cases show what is left; where nothing is, nobody has to do anything today. Returns those
    where nothing is left."""
    changed = [case for case in cases if case.changed]
    rows = [
        (case.case_id, sum(case.due.values()), *(case.due[part] for part in ORDER))
        for case in changed
    ]
    _rows_change(Case, CASE_TYPES, rows)
    paid_up = [case.case_id for case in changed if not sum(case.due.values())]
    if paid_up:
        WorkItem.objects.filter(case__any_of=paid_up, status="open").update(
            status="withdrawn", closed_on=on
        )
    return paid_up


@transaction.atomic
def credits_reverse(*, payment: PaymentIn, reversal: PaymentIn, at: datetime) -> None:
    """Take back exactly what a payment had paid, everywhere."""
    moved: dict[int, dict[str, int]] = {}
    promised: dict[str, int] = {}
    agreements = set()
    taken_back = []
    for share in payment.shares.select_related("plan_instalment"):
        back = {part: -getattr(share, part) for part in ORDER}
        if share.plan_instalment is not None:
            moved[share.plan_instalment.pk] = back
            agreements.add(share.plan_instalment.agreement_id)
        else:
            promised[str(share.promise_id)] = -share.amount
        taken_back.append(
            PaymentShare(
                payment=reversal, plan_instalment=share.plan_instalment,
                promise_id=share.promise_id, amount=-share.amount, **back,
            )
        )  # fmt: skip
    PaymentShare.objects.bulk_create(taken_back)
    _instalments_move(moved, {})
    _promises_move(promised)
    _allocation_back(payment, reversal, at)
    plans_look(agreement_ids=sorted(agreements), on=local_day(at), at=at)


def _allocation_back(payment: PaymentIn, reversal: PaymentIn, at: datetime) -> None:
    was = payment.allocation
    parts = {part: -getattr(was, part) for part in ORDER}
    PaymentAllocation.objects.create(
        payment=reversal, loan_id=was.loan_id, paid_on=reversal.paid_on, amount=-was.amount,
        ahead=-was.ahead, **parts,
    )  # fmt: skip
    borrower = was.loan.borrower_id
    case = cases_of([borrower]).get(borrower)
    if case is not None and reversal.paid_on > case.business_date:
        for part in ORDER:
            case.due[part] -= parts[part]
        case.changed = any(parts.values())
        _cases_write([case], local_day(at))


@transaction.atomic
def cases_follow_payments(*, on: date) -> int:
    """After a night over the book of a business date has written the cases, what came in after that
    day is taken off again; returns how many cases changed."""
    sums = {f"{part}_in": Sum(part) for part in ORDER}
    rows = PaymentAllocation.objects.filter(paid_on__gt=on).order_by()
    by_borrower = {
        borrower: dict(zip(ORDER, paid, strict=True))
        for borrower, *paid in rows.values("loan__borrower_id")
        .annotate(**sums)
        .values_list("loan__borrower_id", *sums)
        if any(paid)
    }
    cases = cases_of(by_borrower)
    for borrower, case in cases.items():
        for part in ORDER:
            left = max(0, case.due[part] - by_borrower[borrower][part])
            case.changed |= left != case.due[part]
            case.due[part] = left
    _cases_write(cases.values(), on)
    return sum(case.changed for case in cases.values())


@transaction.atomic
def promises_follow_payments(*, on: date) -> int:
    """After a book of a business date has restated the lender's promises, what came in after that
    day counts for them again; returns how many there were."""
    rows = PaymentShare.objects.filter(
        promise__origin="lender", promise__state="running", payment__paid_on__gt=on
    ).order_by()
    sums = {
        str(pk): int(amount)
        for pk, amount in rows.values("promise_id")
        .annotate(paid=Sum("amount"))
        .values_list("promise_id", "paid")
    }
    _promises_move(sums)
    return len(sums)
