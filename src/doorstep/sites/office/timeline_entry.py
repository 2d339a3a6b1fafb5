"""One thing that happened with a borrower, as the timeline of the case file tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Entry:
    """On a day or at an instant, in a line and perhaps a sentence."""

    kind: str
    on: date
    at: datetime | None
    title: str
    text: str = ""
    by: str = ""
