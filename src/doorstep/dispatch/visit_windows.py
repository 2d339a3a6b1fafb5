"""When the guard would let a visit begin: what the route planner gets to know of the law.

Asked as if two agents went whose papers are in order; who really goes is asked again for every
visit of a plan (`visit_checks`), and at the door once more. Nothing here clears anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.cases.models import Case
from doorstep.dispatch.allowed import IN_FORCE, SHUT, week_of
from doorstep.dispatch.gathering import Gathered, Standing, facts_standing
from doorstep.dispatch.keys import number_key
from doorstep.dispatch.models import Act
from doorstep.guard.decide import Made, decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Verdict
from doorstep.portfolio.models import Address
from doorstep.rules.moments import wall
from doorstep.rules.pack import Rulebook
from doorstep.visits.daylight import sun_up
from doorstep.visits.models import Appointment
from doorstep.visits.models.risk import RiskLevel

GUARD, DARK, HOURS, SHORT, ASKS = (
    "GUARD", "AFTER_DARK", "OUTSIDE_APPOINTMENT", "TOO_SHORT", "GUARD_ASKS",
)  # fmt: skip
Instants = tuple[datetime, datetime]


@dataclass(frozen=True)
class Ask:
    """What makes one visit's hours its own: how long it takes, its danger, what was agreed."""

    minutes: int = 30
    risk: str = RiskLevel.LOW
    daylight_only: bool = False
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Windows:
    """When a visit may begin: stretches of instants, both ends included, each such that the whole
    visit lies in hours that the guard permits. Where there is none, `why` says what took them away
    and `verdict` is the guard's answer for the first moment, if it is the guard."""

    spans: tuple[Instants, ...]
    why: str = ""
    verdict: Verdict | None = None


def visit_windows(
    *,
    cases: Sequence[Case],
    addresses: Mapping[int, Address],
    first: date,
    days: int,
    at: datetime,
    rulebook: Rulebook,
    asks: Mapping[int, Ask] | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> dict[int, Windows]:
    """The hours in which each case's visit may begin, by case, from `first` on for so many days of
    the borrower's calendar, not before `at`. Cases without an address are left out.

    A fixed number of queries; the guard is asked in memory. `told` hears how many are done.
    """
    asked = [case for case in cases if case.pk in addresses]
    acts = [visit_act(case=case, address=addresses[case.pk], at=at) for case in asked]
    standings = facts_standing(acts=acts, at=at, rulebook=rulebook)
    made: Made = {}
    found = {}
    for done, (case, standing) in enumerate(zip(asked, standings, strict=True)):
        told(done)
        found[case.pk] = _windows(
            standing, addresses[case.pk], (asks or {}).get(case.pk, Ask()), first, days, at,
            rulebook, made,
        )  # fmt: skip
    return found


def visit_act(*, case: Case, address: Address, at: datetime) -> Act:
    """A visit as the guard is asked about it, unsaved. Who goes identify themselves, the lender and
    the matter at the door: the script of the trip pack says so."""
    text = f"{case.borrower.name}\n{address.text}"
    return Act(
        kind="visit", channel="visit", purpose="collect", case=case, borrower_id=case.borrower_id,
        address=address, number=number_key(kind="address", value=text),
        content={"tone": "plain_facts", "kind": "visit"}, contains=list(IN_FORCE),
        planned_from=at,
    )  # fmt: skip


def _windows(
    standing: Standing,
    address: Address,
    ask: Ask,
    first: date,
    days: int,
    at: datetime,
    rulebook: Rulebook,
    made: Made,
) -> Windows:
    zone = ZoneInfo(standing.now.action.zone)
    start = max(wall(first, time(), zone), at.astimezone(zone))
    end = wall(first + timedelta(days=days), time(), zone)
    if start >= end:
        return Windows((), HOURS)

    def look(moment: datetime) -> Verdict:
        asked = by_two(standing.at(moment), moment, ask.risk)
        return decide(
            rulebook=rulebook, action=asked.action, facts=asked.facts, at=at, made=made
        )  # fmt: skip

    left = (end.date() - start.date()).days
    open_: list[Instants] = []
    asks_person = False
    for span in week_of(look, start, days=left):
        if span.state == SHUT:
            continue
        if span.state == "ask":
            asks_person = True
        else:
            open_.append((span.start, span.end))
    if not open_:
        return Windows((), ASKS if asks_person else GUARD, _typical(look, start, end))
    return _narrowed(open_, address, ask, zone)


def _typical(look: Callable[[datetime], Verdict], start: datetime, end: datetime) -> Verdict:
    """The guard's answer by daylight of the first day: it names what stands against the visit
    rather than the hour."""
    noon = wall(start.date(), time(11), start.tzinfo)
    return look(min(max(noon, start), end - timedelta(minutes=1)))


def _narrowed(open_: Sequence[Instants], address: Address, ask: Ask, zone: ZoneInfo) -> Windows:
    """The open hours without those that the appointment, daylight or the visit's length take."""
    long = timedelta(minutes=ask.minutes)
    spans, why = list(open_), ""
    steps: list[tuple[str, Callable[[Instants], list[Instants]]]] = []
    if ask.daylight_only:
        steps.append((DARK, lambda span: _by_day(span, address, zone)))
    steps.append((SHORT, lambda span: _kept(span[0], span[1] - long)))
    if ask.appointment is not None:
        agreed = ask.appointment
        steps.append((HOURS, lambda span: _within(span, agreed)))
    for code, step in steps:
        spans = [part for span in spans for part in step(span)]
        if not spans:
            why = code
            break
    return Windows(tuple(spans), why)


def _kept(start: datetime, end: datetime) -> list[Instants]:
    return [(start, end)] if start <= end else []


def _within(span: Instants, agreed: Appointment) -> list[Instants]:
    if agreed.from_at is None or agreed.until_at is None:
        return []
    return _kept(max(span[0], agreed.from_at), min(span[1], agreed.until_at))


def _by_day(span: Instants, address: Address, zone: ZoneInfo) -> list[Instants]:
    """The parts of a stretch between sunrise and sunset at the address."""
    if address.latitude is None or address.longitude is None:
        return []
    on, last = span[0].astimezone(zone).date(), span[1].astimezone(zone).date()
    parts: list[Instants] = []
    while on <= last:
        sun = sun_up(on=on, latitude=address.latitude, longitude=address.longitude)
        if sun is not None:
            parts += _kept(max(span[0], sun[0]), min(span[1], sun[1]))
        on += timedelta(days=1)
    return parts


def by_two(asked: Gathered, moment: datetime, risk: str) -> Gathered:
    """The visit as if made by two agents whose papers are in order, with the danger assessed."""
    day = moment.astimezone(ZoneInfo(asked.action.zone)).date()
    action = replace(asked.action, details={"step": "approach", "agents": 2})
    facts = Facts.of(
        "assumed", None, staff_qualified=True, authorised_until=day, visit_risk=risk
    )  # fmt: skip
    return replace(asked, action=action, facts=asked.facts | facts)
