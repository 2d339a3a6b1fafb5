"""Protections as the night reads them: days, borrowers or single loans, the words of holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from doorstep.protections.facts import last_day
from doorstep.protections.safeguard import Safeguard


@dataclass(frozen=True)
class NightHold:
    """A row of the book's table of protections; days inclusive, `ends_on` None: open."""

    borrower_id: str
    kind: str
    starts_on: date
    loan_id: str | None
    ends_on: date | None


def night_hold(safeguard: Safeguard, *, zone: str) -> NightHold | None:
    """The hold a safeguard means for the ladder; None when contact goes on, only otherwise.

    A claim whose time is over goes on holding: the night never decides what a person must. A
    dispute holds its loan as a whole, because a step of the ladder asks for the loan's whole
    overdue amount.
    """
    if not safeguard.rests_contact:
        return None
    return NightHold(
        borrower_id=safeguard.borrower_id,
        kind=safeguard.kind,
        starts_on=safeguard.starts_at.astimezone(ZoneInfo(zone)).date(),
        loan_id=safeguard.loan_id,
        ends_on=last_day(safeguard.ends_at, zone) if safeguard.ends_at else None,
    )


def begun_by_business_date(hold: NightHold, *, business_date: date, today: date) -> NightHold:
    """What holds today as if it had on the business date, which may lie some days back: a complaint
    of this morning counts in a night that still works on yesterday's book."""
    if not business_date < hold.starts_on <= today:
        return hold
    return NightHold(hold.borrower_id, hold.kind, business_date, hold.loan_id, hold.ends_on)
