"""What is known about a borrower beside the loans: rows of the book as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True)
class Point:
    """A telephone number or address for messages."""

    kind: str
    owner: str = "borrower"
    state: str = "unverified"


@dataclass(frozen=True)
class Address:
    """A postal address."""

    kind: str
    state: str = "unverified"


@dataclass(frozen=True)
class Contact:
    """One attempt to reach the borrower, or the borrower reaching the lender; `at` is aware."""

    at: datetime
    channel: str
    result: str
    direction: str = "out"


@dataclass(frozen=True)
class Protection:
    """A reason to leave a borrower, or one loan, alone; days are inclusive."""

    kind: str
    starts_on: date
    ends_on: date | None = None
    loan_id: str | None = None

    def is_active(self, *, on: date) -> bool:
        """Whether it holds on the day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True)
class Promise:
    """An amount promised for a day, or an instalment of a signed agreement."""

    kind: str
    made_on: date
    due_on: date
    amount: int
    paid_amount: int = 0
    grace_days: int = 0
    state: str = "running"
    loan_id: str | None = None

    @property
    def last_day(self) -> date:
        """The last day on which paying still keeps it."""
        return self.due_on + timedelta(days=self.grace_days)

    def is_running(self, *, on: date) -> bool:
        """Made, not yet decided, and its last day not over."""
        return self.state == "running" and self.made_on <= on <= self.last_day

    def is_broken(self, *, on: date) -> bool:
        """Called broken by the lender, or left running past its last day without the amount."""
        if self.state == "broken":
            return True
        return self.state == "running" and self.last_day < on and self.paid_amount < self.amount
