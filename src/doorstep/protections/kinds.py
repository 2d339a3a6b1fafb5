"""Every table of protections by its word, and its rows as plain safeguards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from doorstep.protections.models import (
    Complaint,
    Dispute,
    Hardship,
    Hold,
    LegalStop,
    Preference,
    Protection,
    Representative,
    Standing,
    StopRequest,
    Vulnerability,
    WorkplaceRestriction,
)
from doorstep.protections.safeguard import Safeguard
from doorstep.protections.terms import local_day, start_of

TABLES: dict[str, type[Protection]] = {
    "complaint": Complaint,
    "dispute": Dispute,
    "hardship": Hardship,
    "vulnerability": Vulnerability,
    "legalstop": LegalStop,
    "stoprequest": StopRequest,
    "representative": Representative,
    "preference": Preference,
    "workplacerestriction": WorkplaceRestriction,
}
KIND_OF = {"stoprequest": "stop_request", "workplacerestriction": "workplace"}


def kind_of(row: Protection) -> str:
    """The word of a row among `safeguard.KINDS`."""
    return KIND_OF.get(row.kind, row.kind)


def safeguard_of(row: Protection) -> Safeguard:
    """The row as a plain value. A vulnerability's handlings must be prefetched in sets."""
    return Safeguard(
        kind=kind_of(row),
        borrower_id=row.borrower_id,
        reference=row.reference,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        received_at=row.received_at,
        known_from=row.known_from,
        told_how=row.told_how,
        claimed=row.standing == Standing.CLAIMED,
        due_on=row.due_on,
        **_more(row),
    )


def safeguard_of_hold(hold: Hold) -> Safeguard:
    """The hold as a plain value: days become the instants at which they begin and end.

    One that begins on the day it was placed begins when it was placed: nobody did wrong before.
    """
    last = start_of(hold.ends_on + timedelta(days=1)) if hold.ends_on else None
    ends = [end for end in (last, hold.ended_at) if end is not None]
    starts_at = start_of(hold.starts_on)
    if hold.starts_on == local_day(hold.placed_at):
        starts_at = hold.placed_at
    return Safeguard(
        kind=hold.kind,
        borrower_id=hold.borrower_id,
        reference=f"hold:{hold.pk}",
        starts_at=starts_at,
        ends_at=max(min(ends), starts_at) if ends else None,
        received_at=hold.placed_at,
        known_from=hold.placed_at,
        origin="hold",
        loan_id=hold.loan_id,
    )


def hold_as_known(hold: Hold, *, known_at: datetime) -> Safeguard:
    """The hold as it stood at an instant: what ended later had not ended yet."""
    known = safeguard_of_hold(hold)
    if hold.ended_at is None or hold.ended_at <= known_at:
        return known
    return safeguard_of_hold(
        Hold(
            pk=hold.pk,
            borrower_id=hold.borrower_id,
            kind=hold.kind,
            loan_id=hold.loan_id,
            starts_on=hold.starts_on,
            ends_on=hold.ends_on,
            placed_at=hold.placed_at,
        )
    )


def _more(row: Protection) -> dict[str, Any]:
    read = READERS.get(type(row))
    return read(row) if read else {}


def _dispute(row: Any) -> dict[str, Any]:
    return {"loan_id": row.loan_id, "amount": row.amount, "component": row.component}


def _vulnerability(row: Any) -> dict[str, Any]:
    codes = tuple(sorted(each.code for each in row.handlings.all()))
    return {"handling": codes, "what": row.cause}


def _stop(row: Any) -> dict[str, Any]:
    return {"scope": row.scope, "channel": row.channel, "number": row.number}


def _representative(row: Any) -> dict[str, Any]:
    return {"instead": row.instead, "powers": tuple(row.powers), "what": row.role}


def _preference(row: Any) -> dict[str, Any]:
    names = (
        "stance",
        "subject",
        "from_time",
        "to_time",
        "weekdays",
        "channel",
        "place",
        "language",
    )
    return {name: getattr(row, name) for name in names}


def _workplace(row: Any) -> dict[str, Any]:
    return {"what": row.what}


READERS: dict[type[Protection], Callable[[Any], dict[str, Any]]] = {
    Dispute: _dispute,
    Vulnerability: _vulnerability,
    StopRequest: _stop,
    Representative: _representative,
    Preference: _preference,
    WorkplaceRestriction: _workplace,
}
