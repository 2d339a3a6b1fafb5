"""A protection as a plain value: what holds for a borrower, from when, as far as it was known.

Every kind of protection and every hold becomes a `Safeguard`; what follows from it (facts for the
guard, holds for the night, acts that should not have happened) is worked out from these alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from doorstep.rules.hours import hours_include

EVERY_DAY = "1234567"
LEGAL_STOPS = ("deceased", "bankruptcy", "police_no_contact", "minor")
KINDS = (
    *LEGAL_STOPS, "representative", "stop_request", "dispute", "complaint", "hardship",
    "vulnerability", "preference", "workplace",
)  # fmt: skip
RESTS = frozenset({"pause", "ask_first"})


@dataclass(frozen=True, kw_only=True)
class Safeguard:
    """One protection of one borrower as known at some instant.

    `starts_at` to `ends_at` (exclusive, None: open) is when it holds. `claimed`: nobody has
    confirmed it; it holds to the end of `due_on` and then asks. `loan_id` None: all loans.
    `origin` is `record` for a protection recorded here, `hold` for a hold.
    """

    kind: str
    borrower_id: str
    reference: str
    starts_at: datetime
    ends_at: datetime | None = None
    received_at: datetime
    known_from: datetime
    told_how: str = ""
    claimed: bool = False
    due_on: date | None = None
    origin: str = "record"
    loan_id: str | None = None
    amount: int | None = None
    component: str = "all"
    scope: str = ""
    channel: str = ""
    number: str = ""
    handling: tuple[str, ...] = ()
    instead: bool = False
    powers: tuple[str, ...] = ()
    stance: str = ""
    subject: str = ""
    from_time: time | None = None
    to_time: time | None = None
    weekdays: str = ""
    place: str = ""
    language: str = ""
    what: str = ""

    def is_active(self, *, at: datetime) -> bool:
        """Whether it holds at the instant (an expired claim still does: it asks)."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def asks(self, *, at: datetime, zone: str) -> bool:
        """Whether it is a claim that has held long enough, so that a person must settle it."""
        if not self.claimed or self.due_on is None:
            return False
        return at.astimezone(ZoneInfo(zone)).date() > self.due_on

    @property
    def rests_contact(self) -> bool:
        """Whether it keeps the borrower (or the one loan) out of collection as a whole."""
        match self.kind:
            case _ if self.origin == "hold":
                return True
            case "stop_request":
                return self.scope == "all"
            case "representative":
                return self.instead
            case "vulnerability":
                return not RESTS.isdisjoint(self.handling)
            case "preference" | "workplace":
                return False
            case _:
                return True


def hours_of(safeguard: Safeguard) -> tuple[str, ...]:
    """The hours it names in the canonical form of `rules.hours`: `* 09:00-12:00`, `7 00:00-24:00`.

    Hours that pass midnight go on into the next day.
    """
    start, end = safeguard.from_time, safeguard.to_time
    if start is None or end is None:
        return ()
    days = [int(day) for day in safeguard.weekdays]
    if start < end:
        return _lines(days, start, f"{end:%H:%M}")
    lines = _lines(days, start, "24:00")
    after = [day % 7 + 1 for day in days]
    return (
        lines if end == time() else tuple(sorted({*lines, *_lines(after, time(), f"{end:%H:%M}")}))
    )


def _lines(days: list[int], start: time, end: str) -> tuple[str, ...]:
    marks = ["*"] if len(days) == len(EVERY_DAY) else [str(day) for day in sorted(days)]
    return tuple(f"{mark} {start:%H:%M}-{end}" for mark in marks)


def in_hours(safeguard: Safeguard, *, local: datetime) -> bool:
    """Whether the local clock lies within the hours the safeguard names; begin in, end out."""
    return hours_include(hours_of(safeguard), local) is True
