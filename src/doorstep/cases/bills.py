"""The bill of a borrower from the tables of the book."""

from __future__ import annotations

from datetime import date, timedelta

from doorstep.delinquency import dues
from doorstep.delinquency.bill import PAYMENT_DAYS, Bill, PaymentMade, bill_of
from doorstep.delinquency.policy import Policy
from doorstep.portfolio.models import Instalment, Loan, Payment


def bill_for(*, borrower_id: str, on: date, policy: Policy) -> Bill:
    """What the borrower owes on a day, in three queries: loans, instalments, payments."""
    payments = Payment.objects.filter(
        loan__borrower=borrower_id, paid_on__gte=on - timedelta(days=PAYMENT_DAYS), paid_on__lte=on
    )
    return bill_of(
        borrower_id=borrower_id,
        loans=loans_for(borrower_id=borrower_id),
        payments=[
            PaymentMade(p.pk, p.loan_id, p.paid_on, p.amount, p.reversed_on) for p in payments
        ],
        on=on,
        policy=policy,
    )


def loans_for(*, borrower_id: str) -> list[dues.Loan]:
    """The borrower's loans with their instalments, as delinquency needs them; two queries."""
    rows: dict[str, list[dues.Instalment]] = {}
    for row in Instalment.objects.filter(loan__borrower=borrower_id).order_by("number"):
        rows.setdefault(row.loan_id, []).append(_instalment(row))
    loans = Loan.objects.filter(borrower=borrower_id).order_by("pk")
    return [_loan(loan, rows.get(loan.pk, [])) for loan in loans]


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
