"""What is overdue, loan by loan: the definitions of `doorstep.delinquency` as columns."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import add, or_
from typing import Any

import ibis
import pyarrow as pa

from doorstep.cycle.engine import bit_count, days_before, multiply_divide, total
from doorstep.delinquency.penalty import GROWTH_SCALE, PPM, growth_factor
from doorstep.delinquency.policy import Compounding, PenaltyBase, Policy

PARTS = ("principal", "interest", "fee", "penalty")
GROWTH_MOST = 2**63 - 1
BITS = 62


def screened(instalments: Any, *, on: date, nought: frozenset[str] = frozenset()) -> Any:
    """The instalments that matter tonight: unpaid past their day, or paid late in 12 months; and
    those that cannot be true, for `checks` to refuse. Adds `left_*` (outstanding before accrual),
    `left_total`, and `days` past due. `nought` are columns known to be zero in every row.

    Most instalments do not matter: comparing the columns that tell is quicker than subtracting
    all of them.
    """
    pairs = [_due_and_met(instalments, part, nought) for part in PARTS]
    never = ibis.literal(False)
    unmet = reduce(or_, [due != met for due, met in pairs], never)
    overmet = reduce(or_, [due < met for due, met in pairs], never)
    day, today = instalments.due_on, ibis.literal(on)
    late = (instalments.settled_on > day) & (day >= ibis.literal(on - timedelta(days=365)))
    table = instalments.filter(((day < today) & (unmet | late)) | ((day >= today) & overmet))
    table = table.mutate(
        **{
            f"left_{part}": table[f"{part}_due"] - table[f"{part}_paid"] - table[f"{part}_waived"]
            for part in PARTS
        }
    )
    lefts = [table[f"left_{part}"] for part in PARTS]
    return table.select(
        "loan_id", "number", "due_on", "penalty_from",
        *[f"left_{part}" for part in PARTS],
        days=(today - table.due_on).cast("int64"),
        left_total=reduce(add, lefts),
        impossible=reduce(or_, lefts) < 0,
    )  # fmt: skip


def _due_and_met(instalments: Any, part: str, nought: frozenset[str]) -> tuple[Any, Any]:
    due, paid, waived = (
        ibis.literal(0) if name in nought else instalments[name]
        for name in (f"{part}_due", f"{part}_paid", f"{part}_waived")
    )
    return due, paid if f"{part}_waived" in nought else paid + waived


def penalty_terms(late: Any, loans: Any, *, on: date, policy: Policy) -> Any:
    """Each screened instalment with its loan's rate and place in the book, the days that bear
    penalty and the base.

    Rate and place are null where the book does not hold the loan.
    """
    joined = late.left_join(loans, "loan_id").drop("loan_id_right")
    base = joined.left_principal
    if policy.penalty_base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base = base + joined.left_interest
    since = joined.penalty_from.fill_null(joined.due_on)
    return joined.mutate(
        base=base, penalty_days=ibis.greatest((ibis.literal(on) - since).cast("int64"), 0)
    )


def rates(loans: Any, *, policy: Policy) -> Any:
    """The yearly penalty rate of every loan (`penalty_rate_ppm`), and its place in the book."""
    percent = loans.penalty_percent.fill_null(policy.penalty_percent)
    rate = multiply_divide(loans.annual_rate_ppm, percent, 100)
    if policy.penalty_rate_cap_ppm:
        rate = ibis.least(rate, policy.penalty_rate_cap_ppm)
    return loans.select("loan_id", "place", rate_ppm=rate)


def growth_table(pairs: list[dict[str, int]], *, policy: Policy) -> pa.Table:
    """Growth factors of (rate, days) pairs, worked out exactly by `growth_factor`.

    A factor beyond 64 bits is kept at the largest value; the money it would give is refused.
    """
    rows = [pair | {"growth": _growth(pair, policy)} for pair in pairs]
    return pa.Table.from_pylist(rows, schema=GROWTH)


def _growth(pair: dict[str, int], policy: Policy) -> int:
    rate, days = pair["rate_ppm"], pair["penalty_days"]
    return min(growth_factor(rate_ppm=rate, days=days, policy=policy), GROWTH_MOST)


GROWTH = pa.schema([(name, pa.int64()) for name in ("rate_ppm", "penalty_days", "growth")])


def accrued(terms: Any, *, growth: Any, policy: Policy) -> Any:
    """Adds to `left_penalty` what has accrued: `penalty_interest` as columns."""
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
    return table.mutate(left_penalty=table.left_penalty + ibis.ifelse(bears, interest, 0))


def by_loan(rows: Any, *, on: date) -> Any:
    """One row a loan that matters, by its place in the book, which is quicker to count by than its
    id: days past due, overdue parts, counts; and what `checks` asks: whether anything is
    impossible, the loan unknown, or an instalment perhaps there twice.

    What was paid late has nothing outstanding, so sums need no condition.
    """
    unpaid = rows.left_total > 0
    seen = (ibis.literal(1, type="int64") << (rows.number % BITS)).bit_or()
    sums = {f"overdue_{part}": total(rows[f"left_{part}"]) for part in PARTS}
    found = rows.group_by("place").aggregate(
        dpd=ibis.ifelse(unpaid, rows.days, 0).max(),
        rows=rows.count(),
        instalments_overdue=rows.count(where=unpaid),
        late_12m=rows.count(where=rows.days <= 365),
        doubted=(rows.impossible | rows.rate_ppm.isnull()).any(),
        different=bit_count(seen),
        **sums,
    )
    return found.mutate(
        oldest_due_on=ibis.ifelse(found.dpd > 0, days_before(on, found.dpd), ibis.null("date")),
        paid_late_12m=found["rows"] - found.instalments_overdue,
        doubted=found.doubted | (found.different < found["rows"]),
    ).drop("rows", "different")


def bucket_of(dpd: Any, *, policy: Policy) -> Any:
    """Number of the bucket (`dues.bucket`)."""
    found = ibis.literal(0, type="int64")
    for edge in policy.bucket_edges:
        found = found + (dpd >= edge).cast("int64")
    return found


def all_loans(loans: Any, overdue: Any, *, policy: Policy) -> Any:
    """Every loan of the book, in its order, with what is overdue on it; both with `place`.

    What follows from other columns is worked out behind the sort, which then holds less.
    """
    sums = ["dpd", "instalments_overdue", "late_12m", "paid_late_12m"]
    parts = [f"overdue_{part}" for part in PARTS]
    joined = loans.left_join(overdue, "place").order_by("place")
    filled = joined.mutate(**{name: joined[name].fill_null(0) for name in [*sums, *parts]})
    return filled.select(
        *[name for name in loans.columns if name != "place"], "oldest_due_on", *sums, *parts,
        bucket=bucket_of(filled.dpd, policy=policy),
        overdue_total=reduce(add, [filled[name] for name in parts]),
    )  # fmt: skip
