"""What the book says of a borrower's contracts, for a court: number, terms, the clauses that the
lender relies on, and every instalment with what was paid of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.kernel.money import format_minor
from doorstep.kernel.pdf import pdf_render
from doorstep.portfolio.models import Instalment, Loan
from doorstep.sites.office.case_words import language
from doorstep.sites.office.channel_words import PRODUCTS
from doorstep.treatment.wording import language_code

TEMPLATE = Path(__file__).parent / "documents" / "legal_pack.typ"
PARTS = ("principal", "interest", "fee", "penalty")


def contracts_pdf(*, case: Case, number: str, pages: list[str], at: datetime) -> bytes:
    """The extract as a PDF. Raises as `pdf_render`."""
    title = _("Contracts as they stand in the book")
    values = {
        "title": title,
        "number": number,
        "pages": pages,
        "summary": [
            [_("Customer"), f"{case.borrower.name} · {case.borrower_id}"],
            [_("As of"), case.business_date.isoformat()],
        ],
        "sections": [each for loan in loans_claimed(case) for each in _sections(loan)],
    }
    return pdf_render(
        template=TEMPLATE, values=values, language=language_code(language()), title=title, at=at,
    )  # fmt: skip


def loans_claimed(case: Case) -> list[Loan]:
    """The loans of the case's borrower, with their instalments."""
    rows = Loan.objects.filter(borrower=case.borrower_id).prefetch_related("instalments")
    return list(rows.order_by("pk"))


def contract_rows(loans: list[Loan]) -> dict[str, Any]:
    """The contracts on one table, for the index of the pack."""
    rows = [
        [
            str(PRODUCTS.get(loan.product, loan.product)), loan.contract_ref or "—",
            loan.opened_on.isoformat(), _money(loan.principal, loan),
            f"{loan.annual_rate_ppm / 10_000:.2f} %", clauses_of(loan) or "—",
        ]
        for loan in loans
    ]  # fmt: skip
    heads = [_("Product"), _("Contract"), _("Since"), _("Principal"), _("Rate"), _("Clauses")]
    return section(_("Contracts"), heads, rows, [2, 3, 2, 3, 2, 4])


def clauses_of(loan: Loan) -> str:
    """The clauses of the contract that the lender relies on, in words."""
    named = (
        (_("contact"), loan.clause_contact), (_("visits"), loan.clause_visit),
        (_("penalty interest"), loan.clause_penalty),
    )  # fmt: skip
    return "; ".join(f"{what}: {clause}" for what, clause in named if clause)


def section(
    title: str, headings: list[str], rows: list[list[str]], widths: list[int]
) -> dict[str, Any]:
    """A table of the template."""
    return {
        "title": title, "headings": headings, "rows": rows, "widths": widths,
        "nothing": _("None."),
    }  # fmt: skip


def _sections(loan: Loan) -> list[dict[str, Any]]:
    terms = [
        [_("Product"), str(PRODUCTS.get(loan.product, loan.product))],
        [_("Loan"), loan.pk],
        [_("Since"), loan.opened_on.isoformat()],
        [_("Until"), loan.matures_on.isoformat() if loan.matures_on else "—"],
        [_("Principal"), _money(loan.principal, loan)],
        [_("Still owed of it"), _money(loan.balance, loan)],
        [_("Rate"), f"{loan.annual_rate_ppm / 10_000:.2f} %"],
        [_("Penalty rate, of the contract's"), _percent(loan.penalty_percent)],
        [_("Clause on contact"), loan.clause_contact or "—"],
        [_("Clause on visits"), loan.clause_visit or "—"],
        [_("Clause on penalty interest"), loan.clause_penalty or "—"],
    ]
    rows = sorted(loan.instalments.all(), key=lambda each: each.number)
    return [
        section(
            _("Contract %(number)s") % {"number": loan.contract_ref or "—"},
            [_("Term"), _("As recorded")], terms, [2, 3],
        ),
        section(
            _("Instalments of the contract"),
            [_("No."), _("Due day"), _("Due"), _("Paid"), _("Waived"), _("Still open")],
            [_instalment(each, loan) for each in rows], [1, 2, 2, 2, 2, 2],
        ),
    ]  # fmt: skip


def _instalment(row: Instalment, loan: Loan) -> list[str]:
    due, paid, waived = (
        sum(getattr(row, f"{part}_{what}") for part in PARTS) for what in ("due", "paid", "waived")
    )
    left = due - paid - waived
    amounts = [_money(each, loan) for each in (due, paid, waived, left)]
    return [str(row.number), row.due_on.isoformat(), *amounts]


def _percent(value: int | None) -> str:
    return "—" if value is None else f"{value} %"


def _money(amount: int, loan: Loan) -> str:
    return format_minor(amount, loan.currency, language=language())
