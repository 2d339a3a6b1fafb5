"""Holds: what keeps a borrower, or one loan, out of the ladder, and until when.

- A protection of any kind holds from its first to its last day, both included.
- A running promise holds until its due day and grace are over.
- An agreement (its instalments share loan and day made) holds while an instalment is running and
  none is broken; its end is the last day of the next instalment, when it is looked at again.
When several hold, the severest kind is named; its end is the latest end of that kind, and open
when any of that kind is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from doorstep.treatment.circumstances import Promise, Protection

SEVERITY = (
    "deceased",
    "minor",
    "police_no_contact",
    "bankruptcy",
    "representative",
    "stop_request",
    "dispute",
    "complaint",
    "hardship",
    "vulnerability",
    "agreement",
    "promise",
)


@dataclass(frozen=True)
class Holding:
    """A hold that is active on the day asked about; `until` None means until it is lifted."""

    kind: str
    until: date | None
    loan_id: str | None


def holdings(
    *, protections: Iterable[Protection], promises: Sequence[Promise], on: date
) -> list[Holding]:
    """Every hold active on the day."""
    found = [Holding(p.kind, p.ends_on, p.loan_id) for p in protections if p.is_active(on=on)]
    for promise in promises:
        if promise.kind == "promise" and promise.is_running(on=on):
            found.append(Holding("promise", promise.last_day, promise.loan_id))
    return found + _agreements(promises, on=on)


def _agreements(promises: Sequence[Promise], *, on: date) -> list[Holding]:
    parts: dict[tuple[str | None, date], list[Promise]] = {}
    for promise in promises:
        if promise.kind == "agreement":
            parts.setdefault((promise.loan_id, promise.made_on), []).append(promise)
    found = []
    for (loan_id, _made), own in parts.items():
        running = [part.last_day for part in own if part.is_running(on=on)]
        if running and not any(part.is_broken(on=on) for part in own):
            found.append(Holding("agreement", min(running), loan_id))
    return found


def severest(held: Sequence[Holding]) -> Holding | None:
    """The hold to name, with the latest end of its kind; None when there is none."""
    if not held:
        return None
    kind = min((h.kind for h in held), key=SEVERITY.index)
    ends = [h.until for h in held if h.kind == kind]
    known = [end for end in ends if end is not None]
    return Holding(kind, max(known) if len(known) == len(ends) else None, None)
