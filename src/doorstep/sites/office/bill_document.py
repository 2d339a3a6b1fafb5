"""The bill as a document: every text and figure as plain values for the template."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doorstep.cases.models import Case
from doorstep.delinquency.bill import Account, Bill, BillLine, LoanBill
from doorstep.delinquency.dues import Parts
from doorstep.kernel.masking import mask_name
from doorstep.kernel.pdf import pdf_render
from doorstep.sites.office.bill_words import amount, penalty_words, rate
from doorstep.sites.office.case_words import language
from doorstep.treatment.wording import language_code

TEMPLATE = Path(__file__).parent / "documents" / "bill.typ"


def render(*, bill: Bill, case: Case, loans: dict[str, dict[str, str]], at: datetime) -> bytes:
    """The PDF of a bill in the active language. Raises DoorstepError as `pdf_render` does."""
    return pdf_render(
        template=TEMPLATE,
        values=values_of(bill=bill, case=case, loans=loans),
        language=language_code(language()),
        title=_("Bill"),
        at=at,
    )


def number_of(*, bill: Bill, case: Case) -> str:
    """The document's number: the same for the same case and day."""
    return f"B-{case.pk}-{bill.on:%Y%m%d}"


def values_of(*, bill: Bill, case: Case, loans: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Everything the template prints, as texts."""
    return {
        "number": number_of(bill=bill, case=case),
        "number_label": _("Document"),
        "title": _("Bill"),
        "pages": re.split(r"\{pages?\}", _("Page {page} of {pages}")),
        "summary": _summary(bill, case),
        "accounts": [_account(account, bill, loans) for account in bill.accounts],
        "closing": [
            _("Pay only through the lender's official channels, never to a private account."),
            _("If you think a figure is wrong, tell us: that is looked into first."),
            _("If you cannot pay this amount now, ask us about other arrangements."),
        ],
    }


def _summary(bill: Bill, case: Case) -> list[list[str]]:
    rows = [
        [_("For"), f"{mask_name(case.borrower.name)} · {case.borrower_id}"],
        [_("As of"), day(bill.on)],
    ]
    for account in bill.accounts:
        rows.append([_("Overdue"), amount(account.overdue.total, account.currency)])
    if bill.oldest_due_on:
        since = ngettext("%(day)s, %(count)s day ago", "%(day)s, %(count)s days ago", bill.dpd)
        rows.append(
            [_("Overdue since"), since % {"day": day(bill.oldest_due_on), "count": bill.dpd}]
        )
    return rows


def _account(account: Account, bill: Bill, loans: dict[str, dict[str, str]]) -> dict[str, Any]:
    parts = account.overdue
    return {
        "parts_title": _("Made up of (%(currency)s)") % {"currency": account.currency},
        "parts": [
            [_("Principal"), amount(parts.principal, account.currency)],
            [_("Interest"), amount(parts.interest, account.currency)],
            [_("Penalty interest"), amount(parts.penalty, account.currency)],
            [_("Fees"), amount(parts.fee, account.currency)],
            [_("Total"), amount(parts.total, account.currency)],
        ],
        "loans": [_loan(loan, loans.get(loan.loan_id, {})) for loan in account.loans],
    }


def _loan(loan: LoanBill, words: dict[str, str]) -> dict[str, Any]:
    about = [words.get("product", ""), loan.loan_id]
    if words.get("contract"):
        about.append(_("contract %(number)s") % {"number": words["contract"]})
    about.append(_("%(rate)s a year") % {"rate": rate(loan.annual_rate_ppm)})
    return {
        "title": " · ".join(part for part in about if part),
        "nothing": "" if loan.lines else _("Nothing is overdue on this loan."),
        "headings": [
            _("No."),
            _("Due day"),
            _("Principal"),
            _("Interest"),
            _("Penalty interest"),
            _("Fees"),
            _("Paid or waived"),
            _("Still open"),
        ],
        "lines": [_line(line, loan.currency) for line in loan.lines],
        "total": [_("Total"), *_figures(loan.overdue, loan.currency)],
        "working_title": _("How the penalty interest came about"),
        "working": [
            [str(line.number), sentence]
            for line in loan.lines
            for sentence in penalty_words(line, currency=loan.currency)
        ],
        "clause": _("Agreed in clause %(clause)s of the contract.") % {"clause": words["clause"]}
        if words.get("clause")
        else "",
        "upcoming_title": _("Falling due soon"),
        "upcoming": [
            [day(row.due_on), amount(row.outstanding.total, loan.currency)] for row in loan.upcoming
        ],
        "payments_title": _("Payments of the last six months"),
        "payments": [
            [
                day(payment.paid_on),
                amount(payment.amount, loan.currency),
                _("reversed %(day)s") % {"day": day(payment.reversed_on)}
                if payment.reversed_on
                else "",
            ]
            for payment in loan.payments
        ],
    }


def _line(line: BillLine, currency: str) -> list[str]:
    settled = (line.paid + line.waived).total
    return [
        str(line.number),
        day(line.due_on),
        *_figures(line.due, currency)[:4],
        amount(-settled, currency) if settled else "–",
        amount(line.outstanding.total, currency),
    ]


def _figures(parts: Parts, currency: str) -> list[str]:
    return [
        amount(parts.principal, currency),
        amount(parts.interest, currency),
        amount(parts.penalty, currency),
        amount(parts.fee, currency),
        amount(parts.total, currency),
    ]


def day(on: date) -> str:
    """A day as people of the document's language write it."""
    return date_format(on, "DATE_FORMAT")
