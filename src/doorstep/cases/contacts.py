"""Contacts as acts that a protection may have forbidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from doorstep.cases.models import Contact
from doorstep.protections.deeds import Deed

AT_ONCE = 500


def contact_deeds(since: Mapping[str, datetime]) -> Iterator[Deed]:
    """Every contact with these borrowers from the instant given for each. Neither the number (only
    its key is kept), nor the loan, nor the place is said."""
    borrowers = sorted(since)
    for start in range(0, len(borrowers), AT_ONCE):
        some = borrowers[start : start + AT_ONCE]
        earliest = min(since[borrower] for borrower in some)
        rows = Contact.objects.filter(borrower__in=some, at__gte=earliest)
        for row in rows.order_by("borrower_id", "at", "pk"):
            if row.at >= since[row.borrower_id]:
                yield _deed(row)


def contacts_touched(borrowers: QuerySet[Any], since: datetime) -> Iterator[str]:
    """Of the borrowers in the query, those contacted since without a clearance of ours."""
    rows = Contact.objects.filter(borrower__in=borrowers, at__gte=since, direction="out")
    uncleared = rows.exclude(origin="platform").order_by()
    yield from uncleared.values_list("borrower_id", flat=True).distinct()


def _deed(row: Contact) -> Deed:
    return Deed(
        source="contact",
        reference=row.contact_id,
        borrower_id=row.borrower_id,
        at=row.at,
        channel=row.channel,
        result=row.result,
        direction=row.direction,
        actor=row.actor or "",
        actor_kind=row.actor_kind,
        recipient=row.recipient,
        purpose=row.purpose,
        cleared=row.origin == "platform",
    )
