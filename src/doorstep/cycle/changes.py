"""What changed since the night before, and the book by bucket."""

from __future__ import annotations

from typing import Any

import ibis

from doorstep.cases.steps import MovementKind
from doorstep.cycle.engine import total
from doorstep.delinquency.transitions import ABSENT


def movements(before: Any, now: Any) -> Any:
    """One row a borrower and kind of change; `before` and `now` are decisions of two nights.

    Sides are a bucket's number, a step, or a kind of hold, as text; empty where there is none.
    """
    then = before.select(
        "borrower_id", was_bucket="bucket", was_step="step", was_hold="hold_kind", was_there=True
    )
    current = now.select("borrower_id", "bucket", "step", "hold_kind", is_there=True)
    both = current.outer_join(then, "borrower_id")
    both = both.mutate(
        borrower_id=ibis.coalesce(both.borrower_id, both.borrower_id_right),
        here=both.is_there.fill_null(False),
        there=both.was_there.fill_null(False),
        stage=both.bucket.cast("string"),
        was_stage=both.was_bucket.cast("string"),
    )
    found = [
        both.filter(test).select(
            "borrower_id", kind=ibis.literal(kind.value), before=_side(old), after=_side(new)
        )
        for kind, test, old, new in _kinds(both)
    ]
    return ibis.union(*found).order_by("borrower_id", "kind")


def _kinds(both: Any) -> list[tuple[MovementKind, Any, Any, Any]]:
    """Each kind of movement: when it happened, what was before and what is after."""
    stayed, kind = both.here & both.there, MovementKind
    held, was_held = both.hold_kind.notnull(), both.was_hold.notnull()
    later, earlier = both.bucket > both.was_bucket, both.bucket < both.was_bucket
    return [
        (kind.ENTERED, both.here & ~both.there, "", both.stage),
        (kind.CURED, ~both.here & both.there, both.was_stage, ""),
        (kind.WORSE, stayed & later, both.was_stage, both.stage),
        (kind.BETTER, stayed & earlier, both.was_stage, both.stage),
        (kind.HELD, stayed & ~was_held & held, "", both.hold_kind),
        (kind.RELEASED, stayed & was_held & ~held, both.was_hold, ""),
        (kind.STEP, stayed & (both.step != both.was_step), both.was_step, both.step),
    ]


def _side(value: Any) -> Any:
    return ibis.literal(value) if isinstance(value, str) else value


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
    counted = cells.aggregate(loans=rows.count(), balance=total(rows.balance))
    return counted.order_by("currency", "before", "after")


def buckets(loans: Any, borrowers: Any) -> Any:
    """Borrowers and money by branch, currency and bucket (that of the borrower's worst loan).

    Loans without balance on which nothing is overdue are left out. A borrower's own sums may take
    more than 64 bits; only those of the book are refused for it.
    """
    alive = loans.filter((loans.balance > 0) | (loans.dpd > 0))
    people = alive.group_by("borrower_id", "currency").aggregate(
        bucket=alive.bucket.max(),
        overdue=alive.overdue_total.sum(),
        balance=alive.balance.sum(),
    )
    named = people.left_join(borrowers, "borrower_id")
    named = named.mutate(branch_code=named.branch_code.fill_null(""))
    counted = named.group_by("branch_code", "currency", "bucket").aggregate(
        borrowers=named.count(),
        overdue=total(named.overdue),
        balance=total(named.balance),
    )
    return counted.order_by("branch_code", "currency", "bucket")
