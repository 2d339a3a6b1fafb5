"""The rows of a loan account's schedule and the money on them.

On every row and every part Due = Paid + Waived + Outstanding: outstanding is never kept, always
what is due less what is paid and waived, and no deed pays or waives more than that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Part(StrEnum):
    """The components of what is owed."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


PARTS = tuple(Part)


def no_money() -> dict[Part, int]:
    """Nothing of every part."""
    return dict.fromkeys(PARTS, 0)


class Kind(StrEnum):
    """REGULAR rows follow from the terms; ADDITIONAL ones come after them for what came later."""

    DOWN_PAYMENT = "down_payment"
    REGULAR = "regular"
    ADDITIONAL = "additional"


@dataclass
class Row:
    """One row of a schedule. `in_advance` and `late` are of what was paid; `compounded` is interest
    that bears interest itself, by the day it began to."""

    start_on: date
    due_on: date
    kind: Kind = Kind.REGULAR
    due: dict[Part, int] = field(default_factory=no_money)
    paid: dict[Part, int] = field(default_factory=no_money)
    waived: dict[Part, int] = field(default_factory=no_money)
    in_advance: int = 0
    late: int = 0
    settled_on: date | None = None
    compounded: dict[date, int] = field(default_factory=dict)

    def outstanding(self, part: Part) -> int:
        """Due less paid less waived."""
        return self.due[part] - self.paid[part] - self.waived[part]

    @property
    def open(self) -> int:
        """Outstanding of all parts."""
        return sum(self.outstanding(part) for part in PARTS)

    def pay(self, part: Part, amount: int, *, on: date) -> int:
        """Pay at most `amount` of a part; what was taken."""
        taken = max(min(amount, self.outstanding(part)), 0)
        if taken:
            self.paid[part] += taken
            self.in_advance += taken if on < self.due_on else 0
            self.late += taken if on > self.due_on else 0
            self._settle(on)
        return taken

    def waive(self, part: Part, amount: int, *, on: date) -> int:
        """Forgive at most `amount` of a part; what was forgiven."""
        taken = max(min(amount, self.outstanding(part)), 0)
        if taken:
            self.waived[part] += taken
            self._settle(on)
        return taken

    def charge(self, part: Part, amount: int) -> None:
        """Make `amount` more of a part due."""
        self.due[part] += amount
        if self.open:
            self.settled_on = None

    def _settle(self, on: date) -> None:
        if not self.open:
            self.settled_on = on


@dataclass
class Charge:
    """A fee or penalty the lender put on the account, due on a day of its own; `turn` is its place
    in the history."""

    name: str
    part: Part
    amount: int
    due_on: date
    paid: int = 0
    waived: int = 0
    charged_on: date = date.min
    turn: int = 0
    row: Row | None = field(default=None, repr=False, compare=False)

    @property
    def outstanding(self) -> int:
        """Amount less paid less waived."""
        return self.amount - self.paid - self.waived
