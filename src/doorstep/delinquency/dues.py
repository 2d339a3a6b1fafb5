"""What is owed on a day: one instalment, one loan, one borrower.

Definitions, used alike here and in the columnar night:
- An instalment is overdue on a day when it fell due before that day and some of it is unpaid.
- Days past due count from the due day: 0 on it, 1 the day after. A loan takes its oldest overdue
  instalment, a borrower the worst loan (collections count by borrower, reports by loan).
- Penalty interest: what the lender has charged (`penalty_due`) plus what has accrued since
  `penalty_from` (the due day when empty) on the unpaid part that bears it.
- Due = Paid + Waived + Outstanding holds for every component of every instalment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from doorstep.delinquency.penalty import penalty_interest, penalty_rate_ppm
from doorstep.delinquency.policy import PenaltyBase, Policy


@dataclass(frozen=True)
class Parts:
    """Money by component, minor units."""

    principal: int = 0
    interest: int = 0
    fee: int = 0
    penalty: int = 0

    @property
    def total(self) -> int:
        """Sum of the four components."""
        return self.principal + self.interest + self.fee + self.penalty

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fee + other.fee,
            self.penalty + other.penalty,
        )

    def __sub__(self, other: Parts) -> Parts:
        return Parts(
            self.principal - other.principal,
            self.interest - other.interest,
            self.fee - other.fee,
            self.penalty - other.penalty,
        )


NOTHING = Parts()


@dataclass(frozen=True)
class Instalment:
    """One row of the book's `instalments`; `due.penalty` is what the lender has charged so far."""

    number: int
    due_on: date
    due: Parts
    paid: Parts = NOTHING
    waived: Parts = NOTHING
    penalty_from: date | None = None
    settled_on: date | None = None

    @property
    def outstanding(self) -> Parts:
        """Due less paid less waived, before penalty interest that is not yet charged."""
        return self.due - self.paid - self.waived


@dataclass(frozen=True)
class Loan:
    """What delinquency needs of a loan."""

    loan_id: str
    currency: str
    annual_rate_ppm: int
    penalty_percent: int | None
    instalments: Sequence[Instalment]


@dataclass(frozen=True)
class OverdueInstalment:
    """An overdue instalment with how its penalty interest came about."""

    instalment: Instalment
    dpd: int
    outstanding: Parts
    penalty_base: int
    penalty_rate_ppm: int
    penalty_days: int
    penalty_accrued: int


@dataclass(frozen=True)
class LoanDues:
    """What is overdue on one loan on a day. `late_12m`: instalments of the last 12 months paid late
    or still unpaid."""

    loan_id: str
    currency: str
    dpd: int
    overdue: Parts
    oldest_due_on: date | None
    rows: tuple[OverdueInstalment, ...]
    late_12m: int


def is_overdue(instalment: Instalment, *, on: date) -> bool:
    """Fell due before `on`, and principal, interest, fee or charged penalty is unpaid."""
    return instalment.due_on < on and instalment.outstanding.total > 0


def instalment_dues(
    instalment: Instalment, *, loan: Loan, on: date, policy: Policy
) -> OverdueInstalment:
    """The overdue amounts of an instalment, with penalty interest accrued up to `on`."""
    left = instalment.outstanding
    base = left.principal
    if policy.penalty_base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base += left.interest
    rate = penalty_rate_ppm(
        annual_rate_ppm=loan.annual_rate_ppm, penalty_percent=loan.penalty_percent, policy=policy
    )
    days = max((on - (instalment.penalty_from or instalment.due_on)).days, 0)
    accrued = penalty_interest(base=base, rate_ppm=rate, days=days, policy=policy)
    return OverdueInstalment(
        instalment=instalment,
        dpd=(on - instalment.due_on).days,
        outstanding=left + Parts(penalty=accrued),
        penalty_base=base,
        penalty_rate_ppm=rate,
        penalty_days=days,
        penalty_accrued=accrued,
    )


def loan_dues(loan: Loan, *, on: date, policy: Policy) -> LoanDues:
    """Everything overdue on a loan on a day; dpd 0 and no rows when nothing is."""
    rows = tuple(
        instalment_dues(instalment, loan=loan, on=on, policy=policy)
        for instalment in sorted(loan.instalments, key=lambda row: row.number)
        if is_overdue(instalment, on=on)
    )
    return LoanDues(
        loan_id=loan.loan_id,
        currency=loan.currency,
        dpd=max((row.dpd for row in rows), default=0),
        overdue=sum((row.outstanding for row in rows), NOTHING),
        oldest_due_on=min((row.instalment.due_on for row in rows), default=None),
        rows=rows,
        late_12m=sum(was_late(row, on=on) for row in loan.instalments),
    )


def was_late(instalment: Instalment, *, on: date) -> bool:
    """Fell due in the 365 days before `on` and was settled after its due day, or is not yet."""
    if not 0 < (on - instalment.due_on).days <= 365:
        return False
    if instalment.outstanding.total > 0:
        return True
    return instalment.settled_on is not None and instalment.settled_on > instalment.due_on


def borrower_dpd(loans: Iterable[LoanDues]) -> int:
    """Days past due of a borrower: those of the worst loan."""
    return max((loan.dpd for loan in loans), default=0)


def bucket(dpd: int, *, edges: Sequence[int]) -> int:
    """Number of the bucket: 0 is current, 1 is M1, ...: how many edges `dpd` has reached."""
    return sum(dpd >= edge for edge in edges)


def bucket_label(number: int, *, edges: Sequence[int]) -> str:
    """M0, M1, ... and a plus on the last, open one: M7+."""
    return f"M{number}+" if number == len(edges) else f"M{number}"
