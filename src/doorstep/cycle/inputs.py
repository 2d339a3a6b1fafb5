"""What the night reads of a book: its tables and, of each, the columns."""

from __future__ import annotations

from doorstep.portfolio.schema import TABLES

NEEDED: dict[str, tuple[str, ...]] = {
    "borrowers": ("borrower_id", "branch_code", "time_zone", "birth_date"),
    "contact_points": ("borrower_id", "kind", "owner", "state"),
    "addresses": ("borrower_id", "kind", "state"),
    "loans": (
        "loan_id", "borrower_id", "product", "contract_ref", "currency", "balance",
        "annual_rate_ppm", "penalty_percent",
    ),
    "instalments": tuple(
        name for name in (c.name for c in TABLES["instalments"].columns)
    ),
    "contacts": ("contact_id", "borrower_id", "at", "channel", "direction", "result"),
    "protections": ("borrower_id", "kind", "starts_on", "ends_on", "loan_id"),
    "promises": (
        "promise_id", "borrower_id", "loan_id", "kind", "made_on", "due_on", "amount",
        "paid_amount", "grace_days", "state",
    ),
}  # fmt: skip
