"""What is overdue, loan by loan: the definitions of `doorstep.delinquency` as columns."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import ibis
import pyarrow as pa

from doorstep.cycle.engine import multiply_divide, total
from doorstep.delinquency.penalty import GROWTH_SCALE, PPM, growth_factor
from doorstep.delinquency.policy import Compounding, PenaltyBase, Policy

PARTS = ("principal", "interest", "fee", "penalty")
GROWTH_MOST = 2**63 - 1


def screened(instalments: Any, *, on: date) -> Any:
    """The instalments that matter tonight: unpaid past their day, or paid late in 12 months; and
    those that cannot be true, for `checks` to refuse. Adds `left_*` (outstanding before accrual),
    `days` past due, and `impossible`."""
    table = instalments.mutate(
        **{
            f"left_{part}": instalments[f"{part}_due"]
            - instalments[f"{part}_paid"]
            - instalments[f"{part}_waived"]
            for part in PARTS
        },
        days=(ibis.literal(on) - instalments.due_on).cast("int64"),
    )
    signs = [table[f"left_{part}"] for part in PARTS]  # or-ed: below zero when any of them is
    table = table.mutate(
        left_total=table.left_principal + table.left_interest + table.left_fee + table.left_penalty,
        impossible=reduce(or_, signs) < 0,
    )
    late = (table.days <= 365) & (table.settled_on > table.due_on)
    matters = (table.days > 0) & ((table.left_total > 0) | late)
    return table.filter(matters | table.impossible).select(
        "loan_id", "number", "due_on", "days", "penalty_from", "impossible", "left_total",
        *[f"left_{part}" for part in PARTS],
    )  # fmt: skip


def penalty_terms(late: Any, loans: Any, *, on: date, policy: Policy) -> Any:
    """Each unpaid instalment with its loan's rate, the days that bear penalty and the base."""
    unpaid = late.filter(late.left_total > 0)
    joined = unpaid.inner_join(loans, "loan_id")
    percent = joined.penalty_percent.fill_null(policy.penalty_percent)
    rate = multiply_divide(joined.annual_rate_ppm, percent, 100)
    if policy.penalty_rate_cap_ppm:
        rate = ibis.least(rate, policy.penalty_rate_cap_ppm)
    base = joined.left_principal
    if policy.penalty_base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base = base + joined.left_interest
    since = joined.penalty_from.fill_null(joined.due_on)
    return joined.mutate(
        rate_ppm=rate,
        base=base,
        penalty_days=ibis.greatest((ibis.literal(on) - since).cast("int64"), 0),
    )


def growth_table(pairs: list[dict[str, int]], *, policy: Policy) -> pa.Table:
    """Growth factors of (rate, days) pairs, worked out exactly by `growth_factor`.

    A factor beyond 64 bits is kept at the largest value; the money it would give is refused.
    """
    rows = [
        pair
        | {
            "growth": min(
                growth_factor(rate_ppm=pair["rate_ppm"], days=pair["penalty_days"], policy=policy),
                GROWTH_MOST,
            )
        }
        for pair in pairs
    ]
    return pa.Table.from_pylist(rows, schema=GROWTH)


GROWTH = pa.schema([(name, pa.int64()) for name in ("rate_ppm", "penalty_days", "growth")])


def accrued(terms: Any, *, growth: Any, policy: Policy) -> Any:
    """Adds `left_penalty` with what has accrued: `penalty_interest` as columns."""
    if policy.penalty_compounding is Compounding.NONE:
        table = terms
        interest = multiply_divide(
            table.base, table.rate_ppm * table.penalty_days, PPM * policy.penalty_day_count
        )
    else:
        table = terms.left_join(growth, ["rate_ppm", "penalty_days"])
        gain = (table.growth - GROWTH_SCALE).fill_null(0)
        interest = multiply_divide(table.base, gain, GROWTH_SCALE)
    if policy.penalty_cap_percent:
        interest = ibis.least(
            interest, multiply_divide(table.base, policy.penalty_cap_percent, 100)
        )
    bears = (table.base > 0) & (table.penalty_days > 0) & (table.rate_ppm > 0)
    return table.mutate(
        left_penalty=table.left_penalty + ibis.ifelse(bears, interest, 0),
    )


def unpaid_by_loan(rows: Any) -> Any:
    """One row a loan with something overdue: days past due, overdue parts, counts."""
    sums = {f"overdue_{part}": total(rows[f"left_{part}"]) for part in PARTS}
    return rows.group_by("loan_id").aggregate(
        dpd=rows.days.max(),
        oldest_due_on=rows.due_on.min(),
        instalments_overdue=rows.count(),
        unpaid_12m=rows.count(where=rows.days <= 365),
        **sums,
    )


def paid_late_by_loan(late: Any) -> Any:
    """How many instalments of the last 12 months were paid in full after their day, by loan."""
    rows = late.filter(late.left_total == 0)
    return rows.group_by("loan_id").aggregate(paid_late_12m=rows.count())


def bucket_of(dpd: Any, *, policy: Policy) -> Any:
    """Number of the bucket (`dues.bucket`)."""
    found = ibis.literal(0, type="int64")
    for edge in policy.bucket_edges:
        found = found + (dpd >= edge).cast("int64")
    return found


def all_loans(loans: Any, *, unpaid: Any, paid_late: Any, policy: Policy) -> Any:
    """Every loan of the book with what is overdue on it, in the order of the book."""
    joined = loans.left_join(unpaid, "loan_id").drop("loan_id_right")
    joined = joined.left_join(paid_late, "loan_id").drop("loan_id_right")
    numbers = ["dpd", "instalments_overdue", "unpaid_12m", "paid_late_12m"]
    numbers += [f"overdue_{part}" for part in PARTS]
    filled = joined.mutate(**{name: joined[name].fill_null(0).cast("int64") for name in numbers})
    return filled.select(
        "loan_id", "borrower_id", "currency", "balance", "dpd", "oldest_due_on",
        "instalments_overdue", "paid_late_12m", *[f"overdue_{part}" for part in PARTS],
        bucket=bucket_of(filled.dpd, policy=policy),
        late_12m=filled.unpaid_12m + filled.paid_late_12m,
        overdue_total=filled.overdue_principal
        + filled.overdue_interest
        + filled.overdue_fee
        + filled.overdue_penalty,
    )  # fmt: skip
