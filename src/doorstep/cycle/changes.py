"""What changed since the night before, and the book by bucket."""

from __future__ import annotations

from typing import Any

import ibis

from doorstep.cases.steps import MovementKind
from doorstep.delinquency.dues import bucket_label
from doorstep.delinquency.policy import Policy
from doorstep.delinquency.transitions import ABSENT


def movements(before: Any, now: Any, *, policy: Policy) -> Any:
    """One row a borrower and kind of change; `before` and `now` are decisions of two nights."""
    then = before.select(
        "borrower_id", was_bucket="bucket", was_step="step", was_hold="hold_kind", was_there=True
    )
    current = now.select("borrower_id", "bucket", "step", "hold_kind", is_there=True)
    both = current.outer_join(then, "borrower_id")
    both = both.mutate(
        borrower_id=ibis.coalesce(both.borrower_id, both.borrower_id_right),
        here=both.is_there.fill_null(False),
        there=both.was_there.fill_null(False),
        label=_label(both.bucket, policy),
        was_label=_label(both.was_bucket, policy),
    )
    stayed = both.here & both.there
    kind = MovementKind
    rows = [
        (both.here & ~both.there, kind.ENTERED, "", both.label),
        (~both.here & both.there, kind.CURED, both.was_label, ""),
        (stayed & (both.bucket > both.was_bucket), kind.WORSE, both.was_label, both.label),
        (stayed & (both.bucket < both.was_bucket), kind.BETTER, both.was_label, both.label),
        (stayed & both.was_hold.isnull() & both.hold_kind.notnull(), kind.HELD, "", both.hold_kind),
        (stayed & both.was_hold.notnull() & both.hold_kind.isnull(), kind.RELEASED, both.was_hold, ""),
        (stayed & (both.step != both.was_step), kind.STEP, both.was_step, both.step),
    ]  # fmt: skip
    found = [
        both.filter(test).select(
            "borrower_id", kind=_text(name.value), before=_text(old), after=_text(new)
        )
        for test, name, old, new in rows
    ]
    return ibis.union(*found).order_by("borrower_id", "kind")


def _text(value: Any) -> Any:
    return ibis.literal(value) if isinstance(value, str) else value


def _label(bucket: Any, policy: Policy) -> Any:
    edges = policy.bucket_edges
    return bucket.cases(
        *[(number, bucket_label(number, edges=edges)) for number in range(len(edges) + 1)]
    )


def transitions(before: Any, now: Any) -> Any:
    """Loans that went from bucket to bucket: `delinquency.transitions.transitions` as columns."""
    columns = ("loan_id", "currency", "bucket", "balance")
    then = before.select(*columns).rename(was_bucket="bucket", was_balance="balance")
    joined = now.select(*columns).outer_join(then, ["loan_id", "currency"])
    rows = joined.select(
        currency=ibis.coalesce(joined.currency, joined.currency_right),
        before=joined.was_bucket.fill_null(ABSENT),
        after=joined.bucket.fill_null(ABSENT),
        balance=ibis.coalesce(joined.was_balance, joined.balance),
    )
    cells = rows.group_by("currency", "before", "after")
    counted = cells.aggregate(loans=rows.count(), balance=rows.balance.sum().cast("int64"))
    return counted.order_by("currency", "before", "after")


def buckets(loans: Any, borrowers: Any) -> Any:
    """Borrowers and money by branch, currency and bucket (that of the borrower's worst loan).

    Loans without balance on which nothing is overdue are left out.
    """
    alive = loans.filter((loans.balance > 0) | (loans.dpd > 0))
    people = alive.group_by("borrower_id", "currency").aggregate(
        bucket=alive.bucket.max(),
        overdue=alive.overdue_total.sum().cast("int64"),
        balance=alive.balance.sum().cast("int64"),
    )
    named = people.left_join(borrowers, "borrower_id")
    named = named.mutate(branch_code=named.branch_code.fill_null(""))
    counted = named.group_by("branch_code", "currency", "bucket").aggregate(
        borrowers=named.count(),
        overdue=named.overdue.sum().cast("int64"),
        balance=named.balance.sum().cast("int64"),
    )
    return counted.order_by("branch_code", "currency", "bucket")
