"""Agreements, and offers to be drawn up, as rows of a sheet: names masked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.agreements.models import Agreement, Offer
from doorstep.kernel.masking import mask_name
from doorstep.kernel.money import minor_digits
from doorstep.sites.office.export_sheet import Cell
from doorstep.sites.office.lists import Heading

AGREEMENT_HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Agreement"), 18), (_("Version"), 8),
    (_("State"), 16), (_("Repayment plan"), 16), (_("Next due day"), 12), (_("Behind"), 14),
    (_("Currency"), 9), (_("In force since"), 14), (_("With"), 16),
)  # fmt: skip
OFFER_HEADINGS: tuple[Heading, ...] = (
    (_("Customer number"), 16), (_("Customer"), 10), (_("Kind of plan"), 18), (_("Currency"), 9),
    (_("To pay in all"), 14), (_("Approval runs out"), 16),
)  # fmt: skip


def agreement_cells(row: Agreement) -> list[Cell]:
    """One agreement and how its plan is doing."""
    watch = getattr(row, "watch", None)
    currency = row.offer.currency
    return [
        row.case.borrower_id,
        mask_name(row.case.borrower.name),
        row.number,
        row.version,
        str(row.get_state_display()),
        str(watch.get_health_display()) if watch else "",
        watch.next_due_on.isoformat() if watch and watch.next_due_on else "",
        (watch.behind if watch else 0) / 10 ** minor_digits(currency),
        currency,
        row.in_force_at.date().isoformat() if row.in_force_at else "",
        str(row.case.assignee or ""),
    ]


def offer_cells(row: Offer) -> list[Cell]:
    """One approved offer that waits for its agreement."""
    return [
        row.borrower_id,
        mask_name(row.borrower.name),
        str(row.get_kind_display()),
        row.currency,
        row.total_minor / 10 ** minor_digits(row.currency),
        row.valid_until.isoformat() if row.valid_until else "",
    ]
