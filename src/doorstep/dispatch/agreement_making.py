"""Agreements drawn up in the lender's own name."""

from __future__ import annotations

from datetime import datetime

from doorstep.agreements import document
from doorstep.agreements.blank import blank_values
from doorstep.agreements.models import Agreement, Offer
from doorstep.agreements.selectors.agreements import signer_of
from doorstep.agreements.services.agreements import agreement_draft
from doorstep.agreements.watch import TERMS
from doorstep.cases.models import Case
from doorstep.kernel.errors import InputError
from doorstep.kernel.pdf import pdf_render
from doorstep.outreach.selectors import lender_current
from doorstep.treatment.wording import language_code
from doorstep.workforce.letter import qr_square
from doorstep.workforce.models import Staff


def agreement_make(
    *, offer: Offer, language: str, by: Staff, at: datetime, witness: bool = False
) -> Agreement:
    """The next version of the agreement on an approved offer. Raises as `agreement_draft` and
    `lender_current`."""
    return agreement_draft(
        offer=offer, language=language, lender=lender_stated(language), by=by, at=at,
        witness=witness,
    )  # fmt: skip


def blank_agreement(*, case: Case, at: datetime) -> bytes:
    """A repayment agreement with open figures as a PDF, in the customer's language. Raises as
    `lender_current` and `pdf_render`."""
    language = language_code(case.borrower.language)
    lender = lender_stated(language)
    breach = document.Breach(TERMS.grace_days, TERMS.missed_to_break, TERMS.days_to_break)
    values = blank_values(
        lender=lender, signer=signer_of(case.borrower), breach=breach, language=language,
        is_card=case.borrower.loans.filter(product="credit_card", status="active").exists(),
    )  # fmt: skip
    values["square"] = qr_square(lender.verify_at)
    return pdf_render(
        template=document.TEMPLATE, values=values, language=language, title=values["title"], at=at
    )


def lender_stated(language: str) -> document.Lender:
    """What the lender says of itself in an agreement. Raises InputError for another language."""
    lender = lender_current()
    if language not in document.LANGUAGES:
        raise InputError("There is no wording in this language.", code="NO_LANGUAGE")
    return document.Lender(
        name=lender.words["full_name"][language],
        address=lender.words["address"][language],
        hotline=lender.texts["hotline"],
        complaint_line=lender.texts["complaint_line"],
        verify_at=lender.texts["verify_at"],
        pay_channels=lender.words["pay_channels"][language],
        reports_credit=lender.reports_credit,
    )
