"""Counters of contacts, as facts for one act: the definitions of `counters.toml` over our records.

Only the counters that a rule about this kind of act reads are worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from doorstep.guard.facts import Known
from doorstep.rules.counters import Contact, Counter, Proposed, counters_count
from doorstep.rules.pack import Edition, Rulebook
from doorstep.rules.values import Value

KINDS = {
    "call": "call", "visit": "visit", "letter": "letter", "sms": "message", "email": "message",
    "messenger": "message", "push": "message",
}  # fmt: skip
CHANNELS = {"call": "phone", "push": "messenger"}
COLUMNS = (
    "at", "channel", "direction", "result", "recipient", "purpose", "actor_kind", "number",
)  # fmt: skip


def contact_plain(
    at: datetime,
    channel: str,
    direction: str,
    result: str,
    recipient: str,
    purpose: str,
    actor: str,
    number: str,
) -> Contact:
    """A row of `cases.Contact` (its COLUMNS) as the counters read it. A number of ours is one the
    borrower gave; of what the lender reports, the number is not known."""
    return Contact(
        at=at,
        kind=KINDS.get(channel, channel),
        channel=CHANNELS.get(channel, channel),
        direction=direction,
        result=result,
        recipient=recipient,
        person=recipient,
        number=number,
        registered=True if number else None,
        personal=True if number else None,
        actor=actor,
        style="interactive" if channel == "call" else "",
        purpose=purpose,
    )


@dataclass
class Counters:
    """The counters of one rulebook; which of them a kind of act needs is looked up once a day."""

    rulebook: Rulebook

    def __post_init__(self) -> None:
        self._all = self.rulebook.counters
        self._needed: dict[tuple[date, str], tuple[Counter, ...]] = {}
        self._caps: dict[tuple[date, str], list[Counter]] = {}
        self._without: dict[tuple[str, datetime, str], dict[str, Known]] = {}

    def needed(self, *, kind: str, on: date) -> tuple[Counter, ...]:
        """The counters that some rule about this kind of act reads on the day."""
        key = (on, kind)
        if key not in self._needed:
            names = _read_by(self.rulebook.edition(on), kind)
            self._needed[key] = tuple(c for name, c in self._all.items() if name in names)
        return self._needed[key]

    def facts(
        self, *, contacts: Sequence[Contact], kind: str, at: datetime, zone: str, number: str,
        debts: tuple[str, ...],
    ) -> dict[str, Known]:  # fmt: skip
        """The counters as facts for an act at an instant. Without contacts all have the same."""
        if contacts:
            return self._facts(contacts, kind, at, zone, number, debts)
        if (kind, at, zone) not in self._without:
            self._without[kind, at, zone] = self._facts((), kind, at, zone, number, debts)
        return self._without[kind, at, zone]

    def _facts(
        self, contacts: Sequence[Contact], kind: str, at: datetime, zone: str, number: str,
        debts: tuple[str, ...],
    ) -> dict[str, Known]:  # fmt: skip
        place = ZoneInfo(zone)
        counters = self.needed(kind=kind, on=at.astimezone(place).date())
        act = Proposed(at=at, zone=place, number=number, debts=debts)
        counted: Mapping[str, Value] = counters_count(counters=counters, contacts=contacts, act=act)
        return {name: Known(value, at, "counters") for name, value in counted.items()}

    def caps(self, *, kind: str, on: date) -> Iterable[Counter]:
        """The counters under which an act of this kind takes a place: it counts there itself."""
        if (on, kind) not in self._caps:
            probe = Contact(at=datetime(on.year, on.month, on.day).astimezone(), kind=kind)
            needed = self.needed(kind=kind, on=on)
            self._caps[on, kind] = [c for c in needed if c.days and c.kinds and c.about(probe)]
        return self._caps[on, kind]


def _read_by(edition: Edition, kind: str) -> frozenset[str]:
    bound = (*edition.restricting_kind(kind), *edition.permitting)
    lifting = [each for some in edition.exceptions.values() for each in some]
    read = [each.needs for each in (*bound, *lifting)]
    until_when = [each.not_before.needs() for each in bound if each.not_before]
    return frozenset().union(*read, *until_when)
