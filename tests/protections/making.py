"""Makers of protections for tests: sensible defaults over the real services."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from doorstep.portfolio.models import Borrower
from doorstep.protections.safeguard import Safeguard
from doorstep.protections.services import News
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_borrower, make_staff

_numbers = itertools.count(1)


def news(borrower: Borrower | None = None, *, at: datetime = AT, **fields: Any) -> News:
    """News that comes by message from the borrower and is recorded at once by the machine."""
    reference = fields.pop("reference", None) or f"news:{next(_numbers)}"
    return News(borrower=borrower or make_borrower(), reference=reference, at=at, **fields)


def officer() -> Staff:
    """Somebody who may answer complaints and lift protections."""
    return make_staff(Role.COMPLIANCE_OFFICER)


def guard(kind: str, **fields: Any) -> Safeguard:
    """A safeguard of borrower C1 since three days before AT, known at once."""
    begin = fields.pop("starts_at", AT - timedelta(days=3))
    values = {
        "borrower_id": "C1",
        "reference": f"{kind}:1",
        "starts_at": begin,
        "known_from": begin,
        "received_at": begin,
    } | fields
    return Safeguard(kind=kind, **values)
