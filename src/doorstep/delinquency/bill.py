"""A borrower's bill on a day: what is owed on each loan and how every figure came about.

Amounts are minor units. Every total is the sum of its lines, and on every line
Due = Paid + Waived + Outstanding, where Due includes penalty interest accrued but not yet charged.
Several currencies are never added together: there is one account a currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from doorstep.delinquency.dues import (
    NOTHING,
    Instalment,
    Loan,
    OverdueInstalment,
    Parts,
    loan_dues,
)
from doorstep.delinquency.penalty import penalty_interest, penalty_rate_ppm
from doorstep.delinquency.policy import Compounding, PenaltyBase, Policy
from doorstep.kernel.money import divide_half_up

SOON_DAYS = 35
PAYMENT_DAYS = 183


@dataclass(frozen=True)
class PaymentMade:
    """Money that came in on a loan; a reversed payment is shown and not counted."""

    payment_id: str
    loan_id: str
    paid_on: date
    amount: int
    reversed_on: date | None = None


@dataclass(frozen=True)
class PenaltyCount:
    """How the penalty interest of one instalment came about.

    `charged` is what the lender had charged up to `charged_to` and is still unpaid; `accrued` is
    what came on top since: base x rate x days. `rate_wanted_ppm` and `uncapped` are the figures
    before the ceilings on the rate and on the amount (`ceiling`, None when there is none).
    """

    base: int
    covers: PenaltyBase
    rate_ppm: int
    rate_wanted_ppm: int
    since: date
    days: int
    day_count: int
    compounding: Compounding
    uncapped: int
    ceiling: int | None
    accrued: int
    charged: int
    charged_to: date | None

    @property
    def rate_was_lowered(self) -> bool:
        """The ceiling on the rate bit."""
        return self.rate_ppm < self.rate_wanted_ppm

    @property
    def amount_was_lowered(self) -> bool:
        """The ceiling on the amount bit."""
        return self.accrued < self.uncapped


@dataclass(frozen=True)
class BillLine:
    """One overdue instalment."""

    number: int
    due_on: date
    dpd: int
    due: Parts
    paid: Parts
    waived: Parts
    outstanding: Parts
    penalty: PenaltyCount


@dataclass(frozen=True)
class Upcoming:
    """An instalment that is not overdue and falls due soon (or today)."""

    loan_id: str
    number: int
    due_on: date
    outstanding: Parts


@dataclass(frozen=True)
class LoanBill:
    """One loan: its overdue instalments, what falls due soon, what was paid lately."""

    loan_id: str
    currency: str
    annual_rate_ppm: int
    dpd: int
    oldest_due_on: date | None
    lines: tuple[BillLine, ...]
    overdue: Parts
    upcoming: tuple[Upcoming, ...]
    payments: tuple[PaymentMade, ...]


@dataclass(frozen=True)
class Account:
    """All loans of one currency."""

    currency: str
    loans: tuple[LoanBill, ...]
    overdue: Parts
    due_soon: int
    paid_lately: int


@dataclass(frozen=True)
class Bill:
    """What a borrower owes on a day, an account a currency, in the order of the currencies."""

    borrower_id: str
    on: date
    dpd: int
    oldest_due_on: date | None
    accounts: tuple[Account, ...]


def bill_of(
    *,
    borrower_id: str,
    loans: Sequence[Loan],
    payments: Sequence[PaymentMade],
    on: date,
    policy: Policy,
) -> Bill:
    """The bill of a borrower on a day, from loans, their instalments and payments."""
    by_loan: dict[str, list[PaymentMade]] = {}
    for payment in payments:
        by_loan.setdefault(payment.loan_id, []).append(payment)
    bills = [
        loan_bill(loan, payments=by_loan.get(loan.loan_id, ()), on=on, policy=policy)
        for loan in sorted(loans, key=lambda loan: loan.loan_id)
    ]
    return Bill(
        borrower_id=borrower_id,
        on=on,
        dpd=max((bill.dpd for bill in bills), default=0),
        oldest_due_on=min((b.oldest_due_on for b in bills if b.oldest_due_on), default=None),
        accounts=tuple(
            _account(currency, [bill for bill in bills if bill.currency == currency])
            for currency in sorted({bill.currency for bill in bills})
        ),
    )


def loan_bill(loan: Loan, *, payments: Iterable[PaymentMade], on: date, policy: Policy) -> LoanBill:
    """One loan's part of the bill; payments of the last six months, newest first."""
    dues = loan_dues(loan, on=on, policy=policy)
    lately = [p for p in payments if on - timedelta(days=PAYMENT_DAYS) <= p.paid_on <= on]
    return LoanBill(
        loan_id=loan.loan_id,
        currency=loan.currency,
        annual_rate_ppm=loan.annual_rate_ppm,
        dpd=dues.dpd,
        oldest_due_on=dues.oldest_due_on,
        lines=tuple(bill_line(row, loan=loan, policy=policy) for row in dues.rows),
        overdue=dues.overdue,
        upcoming=_upcoming(loan, on=on),
        payments=tuple(sorted(lately, key=lambda p: (p.paid_on, p.payment_id), reverse=True)),
    )


def bill_line(row: OverdueInstalment, *, loan: Loan, policy: Policy) -> BillLine:
    """An overdue instalment with the working of its penalty interest."""
    instalment = row.instalment
    return BillLine(
        number=instalment.number,
        due_on=instalment.due_on,
        dpd=row.dpd,
        due=instalment.due + Parts(penalty=row.penalty_accrued),
        paid=instalment.paid,
        waived=instalment.waived,
        outstanding=row.outstanding,
        penalty=_penalty_count(row, loan=loan, policy=policy),
    )


def _penalty_count(row: OverdueInstalment, *, loan: Loan, policy: Policy) -> PenaltyCount:
    instalment = row.instalment
    without_ceilings = replace(policy, penalty_rate_cap_ppm=0, penalty_cap_percent=0)
    cap = policy.penalty_cap_percent
    return PenaltyCount(
        base=row.penalty_base,
        covers=policy.penalty_base,
        rate_ppm=row.penalty_rate_ppm,
        rate_wanted_ppm=penalty_rate_ppm(
            annual_rate_ppm=loan.annual_rate_ppm,
            penalty_percent=loan.penalty_percent,
            policy=without_ceilings,
        ),
        since=instalment.penalty_from or instalment.due_on,
        days=row.penalty_days,
        day_count=policy.penalty_day_count,
        compounding=policy.penalty_compounding,
        uncapped=penalty_interest(
            base=row.penalty_base,
            rate_ppm=row.penalty_rate_ppm,
            days=row.penalty_days,
            policy=without_ceilings,
        ),
        ceiling=divide_half_up(row.penalty_base * cap, 100) if cap else None,
        accrued=row.penalty_accrued,
        charged=instalment.outstanding.penalty,
        charged_to=instalment.penalty_from,
    )


def _upcoming(loan: Loan, *, on: date) -> tuple[Upcoming, ...]:
    last = on + timedelta(days=SOON_DAYS)
    soon: list[Instalment] = [
        row for row in loan.instalments if on <= row.due_on <= last and row.outstanding.total > 0
    ]
    return tuple(
        Upcoming(loan.loan_id, row.number, row.due_on, row.outstanding)
        for row in sorted(soon, key=lambda row: (row.due_on, row.number))
    )


def _account(currency: str, loans: list[LoanBill]) -> Account:
    return Account(
        currency=currency,
        loans=tuple(loans),
        overdue=sum((loan.overdue for loan in loans), NOTHING),
        due_soon=sum(row.outstanding.total for loan in loans for row in loan.upcoming),
        paid_lately=sum(
            payment.amount
            for loan in loans
            for payment in loan.payments
            if payment.reversed_on is None
        ),
    )
