"""What a fact may hold. A fact that nobody gave is absent, which is not the same as `NOTHING`.

Absent means unknown: a condition over it is neither true nor false. `NOTHING` is known: there is
no representative, no order, no agreed hour.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum
from typing import Final


class Nothing(Enum):
    """The one value that says "known: there is none"."""

    NOTHING = "nothing"

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing.NOTHING

Scalar = bool | int | str | time | date | datetime
Value = Scalar | tuple[Scalar, ...] | Nothing


def value_as_json(value: Value) -> object:
    """The value in plain JSON: times and days as ISO 8601, `NOTHING` as null, a list as a list."""
    if value is NOTHING:
        return None
    if isinstance(value, tuple):
        return [value_as_json(member) for member in value]
    if isinstance(value, (time, date)):
        return value.isoformat()
    return value
