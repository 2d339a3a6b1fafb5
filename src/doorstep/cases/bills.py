"""Bills of borrowers from the tables of the book."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from doorstep.delinquency import dues
from doorstep.delinquency.bill import PAYMENT_DAYS, Bill, PaymentMade, bill_of
from doorstep.delinquency.policy import Policy
from doorstep.portfolio.models import Instalment, Loan, Payment


def bill_for(*, borrower_id: str, on: date, policy: Policy) -> Bill:
    """What the borrower owes on a day, in three queries: loans, instalments, payments."""
    return bills_for(borrower_ids=[borrower_id], on=on, policy=policy)[borrower_id]


def bills_for(*, borrower_ids: Collection[str], on: date, policy: Policy) -> dict[str, Bill]:
    """What each borrower owes on a day, in three queries however many they are."""
    payments: dict[str, list[PaymentMade]] = {}
    rows = Payment.objects.filter(
        loan__borrower__in=borrower_ids,
        paid_on__gte=on - timedelta(days=PAYMENT_DAYS),
        paid_on__lte=on,
    )
    for p in rows.select_related("loan"):
        made = PaymentMade(p.pk, p.loan_id, p.paid_on, p.amount, p.reversed_on)
        payments.setdefault(p.loan.borrower_id, []).append(made)
    loans = loans_by_borrower(borrower_ids)
    return {
        each: bill_of(
            borrower_id=each,
            loans=loans.get(each, []),
            payments=payments.get(each, []),
            on=on,
            policy=policy,
        )
        for each in borrower_ids
    }


def loans_for(*, borrower_id: str) -> list[dues.Loan]:
    """The borrower's loans with their instalments, as delinquency needs them; two queries."""
    return loans_by_borrower([borrower_id]).get(borrower_id, [])


def loans_by_borrower(borrower_ids: Collection[str]) -> dict[str, list[dues.Loan]]:
    """The loans of each borrower who has any, with their instalments; two queries."""
    rows: dict[str, list[dues.Instalment]] = {}
    for row in Instalment.objects.filter(loan__borrower__in=borrower_ids).order_by("number"):
        rows.setdefault(row.loan_id, []).append(_instalment(row))
    found: dict[str, list[dues.Loan]] = {}
    for loan in Loan.objects.filter(borrower__in=borrower_ids).order_by("pk"):
        found.setdefault(loan.borrower_id, []).append(_loan(loan, rows.get(loan.pk, [])))
    return found


def _loan(loan: Loan, instalments: list[dues.Instalment]) -> dues.Loan:
    return dues.Loan(
        loan_id=loan.pk,
        currency=loan.currency,
        annual_rate_ppm=loan.annual_rate_ppm,
        penalty_percent=loan.penalty_percent,
        instalments=instalments,
    )


def _instalment(row: Instalment) -> dues.Instalment:
    return dues.Instalment(
        number=row.number,
        due_on=row.due_on,
        due=dues.Parts(row.principal_due, row.interest_due, row.fee_due, row.penalty_due),
        paid=dues.Parts(row.principal_paid, row.interest_paid, row.fee_paid, row.penalty_paid),
        waived=dues.Parts(
            row.principal_waived, row.interest_waived, row.fee_waived, row.penalty_waived
        ),
        penalty_from=row.penalty_from,
        settled_on=row.settled_on,
    )
