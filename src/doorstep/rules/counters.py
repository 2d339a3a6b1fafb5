"""Contact counters as data: what counts, in which window, for whom; defined once.

`rulepacks/counters.toml` holds one table a counter; its name is the fact it gives. Windows are
calendar days on the borrower's clock. An act that was cleared and has no result yet counts against
every cap, and proves nothing for a streak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from doorstep.rules.faults import Faults
from doorstep.rules.values import NOTHING, Value

PENDING = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact, or attempt, as it happened. `at` is aware; `person` whom it was meant to reach.

    `number` is a key, `registered` whether the borrower gave it to the lender, `personal` whether
    it is the borrower's own (None: not known). `result` empty: cleared, not known how it ended.
    """

    at: datetime
    kind: str
    channel: str = ""
    direction: str = "out"
    result: str = PENDING
    recipient: str = "borrower"
    person: str = "borrower"
    number: str = ""
    registered: bool | None = None
    personal: bool | None = None
    debts: tuple[str, ...] = ()
    actor: str = "bank"
    collector: str = ""
    style: str = ""
    purpose: str = "collect"


class Key(StrEnum):
    """Whose contacts are counted together, among all that were had about one borrower."""

    BORROWER = "borrower"
    PERSON = "person"
    DEBT = "debt"
    NUMBER = "number"
    LENDER = "lender"


class Measure(StrEnum):
    """What the counted contacts come to."""

    COUNT = "count"
    NONE = "none"
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    CLEARS_ON = "clears_on"
    STREAK_CALLS = "streak_calls"
    STREAK_DAYS = "streak_days"


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One counter. An empty list asks nothing; `results_not` and `results` exclude each other.

    `days` counts calendar days up to the act's own (0: as far back as there are contacts),
    `minutes` instead a rolling time; `before_today` leaves the act's own day out. `broken_by` are
    results, in either direction, that end a streak. `limit` is for `clears_on`: the first day on
    which the count is below it. `without_consented` leaves out contacts the borrower asked for.
    """

    name: str
    key: Key
    measure: Measure = Measure.COUNT
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    results_not: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    collectors: str = ""
    registered: bool | None = None
    personal: bool | None = None
    weekdays: tuple[int, ...] = ()
    days: int = 0
    minutes: int = 0
    before_today: bool = False
    broken_by: tuple[str, ...] = ()
    limit: int = 0
    without_consented: bool = False
    rules: tuple[str, ...] = ()

    def about(self, contact: Contact) -> bool:
        """Whether the contact is of the kind this counter is about, whatever came of it."""
        listed = (
            (self.channels, contact.channel),
            (self.directions, contact.direction),
            (self.recipients, contact.recipient),
            (self.purposes, contact.purpose),
        )
        if self.kinds and contact.kind not in self.kinds:
            return False
        return (
            all(not wanted or value in wanted for wanted, value in listed)
            and (not self.styles or contact.style in (*self.styles, ""))
            and (self.registered is None or contact.registered is self.registered)
            and (self.personal is None or contact.personal in (self.personal, None))
        )

    def counts(self, contact: Contact) -> bool:
        """Whether the contact counts, going by its kind and how it ended."""
        if not self.about(contact):
            return False
        if self.measure in (Measure.STREAK_CALLS, Measure.STREAK_DAYS):
            return contact.result in self.results
        if contact.result == PENDING:
            return True
        if self.results:
            return contact.result in self.results
        return contact.result not in self.results_not


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The act for which is counted: when, in which zone, to whom, at which number, about what."""

    at: datetime
    zone: tzinfo
    person: str = "borrower"
    number: str = ""
    debts: tuple[str, ...] = ()
    collector: str = ""
    consented: Callable[[Contact, str], bool] = field(default=lambda contact, debt: False)

    @property
    def day(self) -> date:
        """The act's local day."""
        return self.at.astimezone(self.zone).date()

    def day_of(self, contact: Contact) -> date:
        """The local day of a contact."""
        return contact.at.astimezone(self.zone).date()


_CODES: dict[str, type[StrEnum]] = {"key": Key, "measure": Measure}
_KNOWN = {spec.name: spec for spec in fields(Counter)}


def counters_read(
    tables: Mapping[str, Any], catalogue: Mapping[str, Any], faults: Faults
) -> dict[str, Counter]:
    """The counters in the tables of `counters.toml`; what cannot be used goes into `faults`."""
    found = {name: _counter(name, raw, faults) for name, raw in tables.items()}
    for name in found.keys() - catalogue.keys():
        faults.add(
            "UNKNOWN_FACT", name, f"{name} is not in the catalogue.", "A counter gives a fact."
        )
    return {name: counter for name, counter in found.items() if counter is not None}


def _counter(name: str, raw: Any, faults: Faults) -> Counter | None:
    if not isinstance(raw, Mapping):
        faults.add("BAD_COUNTER", name, "Not a table that describes a counter.")
        return None
    given: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in _KNOWN or key == "name":
            known = ", ".join(sorted(_KNOWN.keys() - {"name"}))
            faults.add("UNKNOWN_KEY", f"{name}.{key}", "Unknown key.", f"Known: {known}.")
            continue
        try:
            given[key] = _CODES[key](value) if key in _CODES else _as(_KNOWN[key].type, value)
        except ValueError as error:
            faults.add("BAD_VALUE", f"{name}.{key}", f"{error}.")
    if "key" not in given:
        faults.add("MISSING", f"{name}.key", "Whose contacts count together is not said.")
        return None
    if given.get("results") and given.get("results_not"):
        faults.add("BAD_COUNTER", f"{name}.results", "Name the results that count, or the others.")
    return Counter(name=name, **given)


def _as(wanted: Any, value: Any) -> Any:
    if str(wanted).startswith("tuple"):
        of = int if "int" in str(wanted) else str
        if isinstance(value, list) and all(type(item) is of for item in value):
            return tuple(value)
        raise ValueError("not a list of " + ("numbers" if of is int else "words"))
    names = {"bool": bool, "bool | None": bool, "int": int, "str": str}
    if type(value) is not names[str(wanted)]:
        raise ValueError(f"{value!r} is not of the kind that is wanted here")
    return value


_EMPTY: dict[Measure, Value] = {
    Measure.COUNT: 0, Measure.NONE: True, Measure.FIRST_DAY: NOTHING, Measure.LAST_DAY: NOTHING,
    Measure.STREAK_CALLS: 0, Measure.STREAK_DAYS: 0,
}  # fmt: skip


def counters_count(
    *, counters: Iterable[Counter], contacts: Sequence[Contact], act: Proposed
) -> dict[str, Value]:
    """Every counter's value for the act, out of all contacts that were had about the borrower."""
    earlier = [contact for contact in contacts if contact.at <= act.at]
    return {counter.name: _value(counter, earlier, act) for counter in counters}


def counter_value(counter: Counter, contacts: Sequence[Contact], act: Proposed) -> Value:
    """One counter's value; with key debt the strictest of the act's debts."""
    return _value(counter, [contact for contact in contacts if contact.at <= act.at], act)


def _value(counter: Counter, contacts: Sequence[Contact], act: Proposed) -> Value:
    if counter.key is Key.DEBT and act.debts:
        return _strictest([_measure(counter, contacts, act, debt) for debt in act.debts])
    return _measure(counter, contacts, act, "")


def _strictest(values: list[Value]) -> Value:
    known = [value for value in values if value is not NOTHING]
    return max(known, key=lambda value: value) if known else NOTHING


def _measure(counter: Counter, contacts: Sequence[Contact], act: Proposed, debt: str) -> Value:
    if not contacts:
        return _EMPTY.get(counter.measure, act.day)
    earlier = [c for c in contacts if _same(counter, c, act, debt)]
    if counter.measure in (Measure.STREAK_CALLS, Measure.STREAK_DAYS):
        return _streak(counter, earlier, act)
    counted = [c for c in earlier if counter.counts(c)]
    if counter.without_consented:
        counted = [c for c in counted if not act.consented(c, debt)]
    if counter.measure is Measure.CLEARS_ON:
        return _clears_on(counter, counted, act)
    within = [act.day_of(c) for c in counted if in_window(counter, c, act)]
    match counter.measure:
        case Measure.NONE:
            return not within
        case Measure.FIRST_DAY:
            return min(within, default=NOTHING)
        case Measure.LAST_DAY:
            return max(within, default=NOTHING)
        case _:
            return len(within)


def _same(counter: Counter, contact: Contact, act: Proposed, debt: str) -> bool:
    if counter.collectors == "own" and contact.collector not in (act.collector, ""):
        return False
    match counter.key:
        case Key.PERSON:
            return contact.person == act.person
        case Key.NUMBER:
            return contact.number == act.number
        case Key.DEBT:
            return contact.person == act.person and (not debt or debt in contact.debts)
        case _:
            return True


def in_window(counter: Counter, contact: Contact, act: Proposed) -> bool:
    """Whether an earlier contact lies in the counter's window and on a weekday it looks at."""
    if counter.weekdays and act.day_of(contact).isoweekday() not in counter.weekdays:
        return False
    if counter.before_today and act.day_of(contact) >= act.day:
        return False
    if counter.minutes:
        return act.at - contact.at < timedelta(minutes=counter.minutes)
    return not counter.days or (act.day - act.day_of(contact)).days < counter.days


def _clears_on(counter: Counter, counted: list[Contact], act: Proposed) -> Value:
    """The first local day on which fewer than `limit` of the counted contacts are in the window."""
    days = sorted(act.day_of(c) for c in counted if in_window(counter, c, act))
    if len(days) < counter.limit:
        return act.day
    return days[len(days) - counter.limit] + timedelta(days=counter.days)


def _streak(counter: Counter, earlier: list[Contact], act: Proposed) -> int:
    """Failures in a row at the end of what happened; anything that reached the person ends it."""
    failed: list[date] = []
    for contact in sorted(earlier, key=lambda c: (c.at, _breaks(counter, c))):
        if _breaks(counter, contact):
            failed = []
        elif counter.counts(contact) and in_window(counter, contact, act):
            failed.append(act.day_of(contact))
    if counter.measure is Measure.STREAK_CALLS:
        return len(failed)
    return _days_in_a_row(sorted(set(failed)))


def _breaks(counter: Counter, contact: Contact) -> bool:
    return contact.result in counter.broken_by and contact.recipient in counter.recipients


def _days_in_a_row(days: list[date]) -> int:
    """How many days, one after the other, the sorted list ends with."""
    row = 0
    later: date | None = None
    for day in reversed(days):
        if later is not None and (later - day).days != 1:
            break
        row, later = row + 1, day
    return row
