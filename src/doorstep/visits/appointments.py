"""Appointments in plain terms: which times may be put forward, what is told of a planned visit, and
the code by which a borrower knows real visitors. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]

MOST_OFFERED = 3
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=4)
FARTHEST = timedelta(days=30)
TOLD_FOR = timedelta(hours=1)
RECONFIRM_BEFORE = timedelta(hours=24)
# Without letters and digits that look or sound alike.
ALPHABET = "ABCDEFGHJKMNPQRTUVWXY346789"
CODE_LENGTH = 8


def code_make(choose: Callable[[Sequence[str]], str]) -> str:
    """A new code such as `KQ4T-9WHM`: 27 to the power of 8, so that nobody guesses one. `choose`
    draws one of the letters it is given, as `secrets.choice` does."""
    drawn = "".join(choose(ALPHABET) for _each in range(CODE_LENGTH))
    return f"{drawn[:4]}-{drawn[4:]}"


def span_fault(span: Span, *, at: datetime) -> str:
    """What is wrong with a time that is put forward: `order`, `past`, `short`, `long`, `far`; empty
    where it can be."""
    begins, ends = span
    if ends <= begins:
        return "order"
    if begins <= at:
        return "past"
    if begins - at > FARTHEST:
        return "far"
    if ends - begins < SHORTEST:
        return "short"
    return "long" if ends - begins > LONGEST else ""


def told_window(begins_at: datetime) -> Span:
    """What is told of a visit planned for an instant: the hour that begins with its half hour.

    A crew that is a little early or late still keeps what was said.
    """
    begins = begins_at.replace(minute=begins_at.minute // 30 * 30, second=0, microsecond=0)
    return begins, begins + TOLD_FOR


def keeps_word(begins_at: datetime, told: Span) -> bool:
    """Whether a visit that begins then keeps what the borrower was told."""
    return told[0] <= begins_at <= told[1]


def spans_written(spans: Sequence[Span]) -> list[list[str]]:
    """Spans as an appointment keeps them."""
    return [[begins.isoformat(), ends.isoformat()] for begins, ends in spans]


def spans_read(written: Sequence[Sequence[str]]) -> list[Span]:
    """Spans out of an appointment."""
    return [(datetime.fromisoformat(one), datetime.fromisoformat(two)) for one, two in written]
