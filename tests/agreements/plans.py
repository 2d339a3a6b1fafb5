"""Plans in force for tests, without the paper they are written on."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from doorstep.agreements.models import (
    Agreement,
    CareOffer,
    Investigation,
    LegalReferral,
    Offer,
    PaymentIn,
    PlanInstalment,
)
from doorstep.agreements.services.plans import plan_begin
from doorstep.cases.models import Case
from doorstep.portfolio.models import Loan
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_borrower, make_case, make_loan, make_promise, make_staff

_numbers = itertools.count(1)


def make_offer(*, case: Case, loans: list[Loan], **fields: Any) -> Offer:
    """An approved offer of `months` instalments, without its rows."""
    values: dict[str, Any] = {
        "kind": "instalments", "proposed_by": "lender", "state": "approved", "made_at": AT,
        "counted_on": ON, "currency": case.currency, "terms": {}, "snapshot": {},
        "reason_code": "income_fell", "months": 3, "first_on": ON + timedelta(days=10),
        "last_on": ON + timedelta(days=70), "instalment_minor": 86_000, "owed_minor": 258_000,
        "total_minor": 258_000, "contract_minor": 258_000, "level": "desk", "submitted_at": AT,
        "decided_at": AT, "valid_until": ON + timedelta(days=30),
    }  # fmt: skip
    values |= fields
    maker = values.pop("maker", None) or make_staff(Role.DESK_AGENT)
    offer = Offer.objects.create(case=case, borrower_id=case.borrower_id, maker=maker, **values)
    offer.loans.set(loans)
    return offer


def make_agreement(
    *,
    case: Case | None = None,
    loans: list[Loan] | None = None,
    dues: list[tuple[date, int]] | None = None,
    at: datetime = AT,
    begin: bool = True,
    **fields: Any,
) -> Agreement:
    """An agreement in force from `at`: by default three instalments of 860.00 (60.00 of it
    interest), the first ten days after ON, 30 days apart."""
    case = case or make_case(borrower=make_borrower())
    loans = loans if loans is not None else [make_loan(borrower=case.borrower)]
    dues = dues or [(ON + timedelta(days=10 + 30 * n), 86_000) for n in range(3)]
    offer = make_offer(case=case, loans=loans)
    values: dict[str, Any] = {
        "version": 1, "number": f"XY2026-{next(_numbers):06}", "code": "ABCD",
        "language": "zh-Hans", "state": "in_force", "sha256": "0" * 64, "summary": [],
        "contains": ["all"],
        "approvals": [{"by": "x", "name": "X", "role": "approver", "at": at.isoformat()}],
        "needed": ["borrower", "lender"], "drafted_at": at,
        "in_force_at": at,
    }  # fmt: skip
    values |= fields
    agreement = Agreement.objects.create(case=case, offer=offer, drafted_by=offer.maker, **values)
    PlanInstalment.objects.bulk_create(
        PlanInstalment(
            agreement=agreement, number=number, due_on=due_on,
            principal_due=amount - min(6_000, amount), interest_due=min(6_000, amount),
            principal_outstanding=amount - min(6_000, amount),
            interest_outstanding=min(6_000, amount),
        )
        for number, (due_on, amount) in enumerate(dues, start=1)
    )  # fmt: skip
    if begin:
        plan_begin(agreement=agreement, at=at)
    return agreement


def make_what_follows(*, case: Case, loan: Loan, by: Staff) -> dict[str, Any]:
    """A promise, a payment, an offer of help, a referral and an investigation of a case, by key."""
    number = next(_numbers)
    payment = PaymentIn.objects.create(
        reference=f"R{number:06}", amount=10_000, currency=loan.currency, paid_on=ON,
        state="matched", how="reference", loan=loan, taken_at=AT,
    )  # fmt: skip
    care = CareOffer.objects.create(
        case=case, borrower_id=case.borrower_id, kind="education", moment="plan_signed",
        offered_on=ON, due_on=ON,
    )  # fmt: skip
    referral = LegalReferral.objects.create(
        case=case, borrower_id=case.borrower_id, reason="两期未还", amount=100_000,
        currency=loan.currency, maker=by, made_at=AT,
    )  # fmt: skip
    looked_into = Investigation.objects.create(
        case=case, borrower_id=case.borrower_id, suspicion="失联", opened_by=by, opened_at=AT
    )
    promise = make_promise(borrower=case.borrower, origin="here", by=by)
    return {
        "payment": payment.pk, "care": care.pk, "referral": referral.pk,
        "investigation": looked_into.pk, "promise": promise.pk,
    }  # fmt: skip
