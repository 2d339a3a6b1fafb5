"""What may be done to one borrower now, why not more, and when: every way of contact at once.

Nothing here clears anything. The week ahead is drawn with what is known now: it tells what the
clock and the calendar leave open, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.cases.models import Case
from doorstep.dispatch.calls import redial_at
from doorstep.dispatch.gathering import Gathered, Standing, facts_standing
from doorstep.dispatch.models import Act
from doorstep.dispatch.points import Point, points_choose
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.outreach.contents import CONTENTS
from doorstep.rules.moments import wall
from doorstep.rules.pack import Rulebook
from doorstep.rules.values import Value, value_as_json

DAYS = 7
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OPEN, PERSON, SHUT = "open", "ask", "shut"
WAYS = (
    ("message", "sms"), ("message", "email"), ("message", "messenger"), ("call", "phone"),
    ("visit", "visit"), ("letter", "letter"),
)  # fmt: skip
PLACED = ("visit", "letter")
IN_FORCE = tuple(sorted(CONTENTS.items))


@dataclass(frozen=True)
class Span:
    """A stretch of the week: `open` (may be done, conditions kept), `ask` (a person decides) or
    `shut`."""

    start: datetime
    end: datetime
    state: str


@dataclass(frozen=True)
class Way:
    """One kind of contact by one channel. Without a number or address that may be used there is no
    verdict.

    `earliest`: the first moment at which it may be; None: waiting alone does not open it within the
    week. `rests_until`: the desk leaves the number alone till then (for calls, law or not).
    `assumes`: what was taken as given about an act that nobody has planned yet.
    """

    kind: str
    channel: str
    verdict: Verdict | None = None
    earliest: datetime | None = None
    rests_until: datetime | None = None
    week: tuple[Span, ...] = ()
    assumes: Mapping[str, Value] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The way in plain JSON, always with the same keys."""
        return {
            "kind": self.kind,
            "channel": self.channel,
            "reachable": self.verdict is not None,
            "verdict": self.verdict.as_dict() if self.verdict else None,
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "rests_until": self.rests_until.isoformat() if self.rests_until else None,
            "assumes": {n: value_as_json(v) for n, v in sorted((self.assumes or {}).items())},
            "week": [
                {"from": s.start.isoformat(), "until": s.end.isoformat(), "state": s.state}
                for s in self.week
            ],
        }


@dataclass(frozen=True)
class Allowed:
    """Every way of contact to the borrower of one case, as it stands at `at`; times are those of
    the borrower's `zone`."""

    case_id: int
    borrower_id: str
    zone: str
    at: datetime
    ways: tuple[Way, ...]

    def as_dict(self) -> dict[str, Any]:
        """The answer in plain JSON, always with the same keys."""
        return {
            "case": self.case_id,
            "borrower": self.borrower_id,
            "zone": self.zone,
            "at": self.at.isoformat(),
            "ways": [way.as_dict() for way in self.ways],
        }


def case_allowed(
    *, case: Case, at: datetime, rulebook: Rulebook, channels: Collection[str] = ()
) -> Allowed:
    """The guard's answer for each way of contact now, and for the borrower's week from now on; of
    `channels` alone where some are given.

    A fixed number of queries. Messages, letters and calls are asked about as if with a text in
    force, visits as if by two qualified agents with a valid authority letter.
    """
    zone = case.borrower.time_zone
    local = at.astimezone(ZoneInfo(zone))
    wanted = [(kind, channel) for kind, channel in WAYS if not channels or channel in channels]
    points = _points(case.borrower_id, wanted)
    acts = [_act(case, kind, channel, points[channel], at) for kind, channel in wanted]
    asked = [act for act in acts if act is not None]
    standings = iter(facts_standing(acts=asked, at=at, rulebook=rulebook))
    ways = [
        Way(kind, channel) if act is None else _way(next(standings), local, rulebook)
        for (kind, channel), act in zip(wanted, acts, strict=True)
    ]
    return Allowed(case.pk, case.borrower_id, zone, local, tuple(ways))


def _points(borrower_id: str, ways: Iterable[tuple[str, str]]) -> dict[str, Point | None]:
    """Where each channel would lead; a visit goes where a letter goes."""
    read: dict[str, Point | None] = {}
    for kind, channel in ways:
        through = "letter" if kind in PLACED else channel
        if through not in read:
            found = points_choose(borrower_ids=[borrower_id], channel=through)
            read[through] = found.get(borrower_id)
    return {**read, "visit": read.get("letter")}


def _act(case: Case, kind: str, channel: str, point: Point | None, at: datetime) -> Act | None:
    """The act as it would be asked about, unsaved; None where there is nowhere to go."""
    if point is None:
        return None
    return Act(
        kind=kind, channel=channel, purpose="collect", case=case, borrower_id=case.borrower_id,
        contact_point_id=point.contact_point_id, address_id=point.address_id, number=point.number,
        content={"tone": "plain_facts", "kind": "reminder"}, contains=list(IN_FORCE),
        planned_from=at,
    )  # fmt: skip


def _way(standing: Standing, local: datetime, rulebook: Rulebook) -> Way:
    kind = standing.act.kind

    def look(moment: datetime) -> Verdict:
        asked = _as_planned(standing.at(moment), moment) if kind == "visit" else standing.at(moment)
        return decide(rulebook=rulebook, action=asked.action, facts=asked.facts, at=local)

    verdict = look(local)
    rests = redial_at(number=standing.act.number) if kind == "call" else None
    rests = rests if rests and rests > local else None
    week = _rested(week_of(look, local), rests)
    opened = next((span.start for span in week if span.state == OPEN), None)
    return Way(
        kind=kind,
        channel=standing.act.channel,
        verdict=verdict,
        earliest=opened or verdict.not_before,
        rests_until=rests,
        week=week,
        assumes=_visit_assumed(local) if kind == "visit" else {"contains": IN_FORCE},
    )


def _visit_assumed(moment: datetime) -> dict[str, Value]:
    """The facts of a visit as it would be planned: to the door, by two who may go."""
    return {
        "place": "home", "step": "approach", "agents": 2, "staff_qualified": True,
        "visit_risk": "low", "authorised_until": moment.date(),
    }  # fmt: skip


def _as_planned(asked: Gathered, moment: datetime) -> Gathered:
    assumed = _visit_assumed(moment.astimezone(ZoneInfo(asked.action.zone)))
    action = replace(asked.action, place="home", details={"step": "approach", "agents": 2})
    return replace(asked, action=action, facts=asked.facts | Facts.of("assumed", None, **assumed))


def week_of(
    look: Callable[[datetime], Verdict], start: datetime, *, days: int = DAYS
) -> tuple[Span, ...]:
    """The borrower's week (or so many days) from `start` (in their zone) as stretches of one state
    each.

    Looked at every full hour, and where that differs, to the minute; hours before the moment the
    guard itself names are not asked about. A stretch within one hour goes unseen.
    """
    end = wall(start.date() + timedelta(days=days), time(), start.tzinfo)
    verdict = look(start)
    began, state, last = start, _state(verdict), start
    spans: list[Span] = []
    for moment in _hours(start, end):
        if verdict.not_before is not None and moment < verdict.not_before:
            last = moment
            continue
        verdict = look(moment)
        if (now := _state(verdict)) != state:
            turned = _turn(look, last, moment, state)
            spans.append(Span(began, turned, state))
            began, state = turned, now
        last = moment
    return (*spans, Span(began, end, state))


def _hours(start: datetime, end: datetime) -> list[datetime]:
    """Every full hour of the clock after `start` and before `end`, which is a midnight, as often as
    it really comes."""
    span = (end.date() - start.date()).days
    days = ((start + timedelta(days=n)).date() for n in range(span))
    walls = (wall(day, time(hour), start.tzinfo) for day in days for hour in range(24))
    return sorted({moment for moment in walls if start < moment < end})


def _turn(
    look: Callable[[datetime], Verdict], low: datetime, high: datetime, state: str
) -> datetime:
    """The minute in (low, high] at which the state is no longer what it was at `low`."""
    if _state(look(high - MINUTE)) == state:
        return high
    while high - low > MINUTE:
        middle = low + (high - low) / 2
        middle = middle.replace(second=0, microsecond=0)
        if middle <= low:
            break
        low, high = (middle, high) if _state(look(middle)) == state else (low, middle)
    return high.replace(second=0, microsecond=0)


def _state(verdict: Verdict) -> str:
    if verdict.permitted:
        return OPEN
    return PERSON if verdict.outcome is Outcome.ASK else SHUT


def _rested(week: tuple[Span, ...], until: datetime | None) -> tuple[Span, ...]:
    """The week with everything before `until` shut."""
    if until is None or not week:
        return week
    later = [replace(span, start=max(span.start, until)) for span in week if span.end > until]
    return (Span(week[0].start, until, SHUT), *later)
