"""Crews of a day: rostered agents put together in pairs, and which of them may go to whom. Pure.

Everybody who is less experienced goes with somebody who is experienced, then the experienced with
each other; of those who fit, the pair that shares most of its shift, then the one that carried
least lately. Where visits need three, whoever is left over goes as the third with a pair whose
whole shift they share and whose vehicle has the seat. What keeps an agent or a pair from a borrower
is said by `workforce.pairs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from doorstep.workforce.pairs import RULES, Agent, Asked, Refusal, Why, pair_refusals

NOBODY_IN_PARTICULAR = Asked(borrower_id="")
LEAST_TOGETHER = timedelta(hours=2)
NO_VEHICLES: Mapping[int, int] = {}


@dataclass(frozen=True)
class OnDuty:
    """An agent with their shift of a day (aware) and the vehicle they are rostered with."""

    agent: Agent
    begins: datetime
    ends: datetime
    vehicle: int | None = None


@dataclass(frozen=True)
class CrewToday:
    """A crew of a day; the first of the agents leads. `key` is unique among the crews of a plan."""

    key: str
    day: date
    agents: tuple[Agent, ...]
    begins: datetime
    ends: datetime
    vehicle: int | None = None

    @property
    def skills(self) -> frozenset[str]:
        """What they can do together."""
        return frozenset().union(*(agent.skills for agent in self.agents))

    @property
    def load(self) -> int:
        """The load of whoever carried more lately."""
        return max(agent.load for agent in self.agents)


@dataclass(frozen=True)
class Formed:
    """The crews of a day, and who stays behind with what stands against them; somebody who is
    merely left over has no partner (`TOO_FEW`)."""

    crews: tuple[CrewToday, ...] = ()
    behind: dict[int, tuple[Refusal, ...]] = field(default_factory=dict)


def crews_form(
    on_duty: Sequence[OnDuty],
    *,
    day: date,
    vehicles: Mapping[int, int] = NO_VEHICLES,
    prefix: str = "",
    thirds: int = 0,
) -> Formed:
    """The crews of a day out of those on duty; `vehicles` are the branch's that are to be had, with
    their seats; `thirds` how many crews should have a third agent, where there is one.

    The order of `on_duty` does not matter. A crew's hours are those both are on duty.
    """
    able: list[OnDuty] = []
    behind: dict[int, tuple[Refusal, ...]] = {}
    for one in sorted(on_duty, key=lambda each: each.agent.id):
        against = [r for r in _alone(one.agent, day) if r.why not in _OF_THE_PAIR]
        if against:
            behind[one.agent.id] = tuple(against)
        else:
            able.append(one)
    pairs = []
    while chosen := _next_pair(able):
        able = [one for one in able if one not in chosen]
        pairs.append(chosen)
    crews = list(_on_wheels(pairs, day, list(vehicles), prefix or f"{day.isoformat()}/"))
    for _third in range(thirds):
        seated = next(_seats(crews, able, vehicles), None)
        if seated is None:
            break
        place, one = seated
        crews[place] = replace(crews[place], agents=(*crews[place].agents, one.agent))
        able.remove(one)
    behind |= {one.agent.id: (Refusal(Why.TOO_FEW, (one.agent.id,)),) for one in able}
    return Formed(tuple(crews), behind)


def _seats(
    crews: Sequence[CrewToday], able: Iterable[OnDuty], seats: Mapping[int, int]
) -> Iterator[tuple[int, OnDuty]]:
    """Who of those left over could go as the third with which crew."""
    for one in able:
        for place, crew in enumerate(crews):
            room = crew.vehicle is None or seats[crew.vehicle] > len(crew.agents)
            whole = one.begins <= crew.begins and crew.ends <= one.ends
            alike = one.agent.branch == crew.agents[0].branch
            if len(crew.agents) == RULES.fewest and room and whole and alike:
                yield place, one


_OF_THE_PAIR = {Why.TOO_FEW, Why.NOBODY_EXPERIENCED}


def _alone(agent: Agent, day: date) -> tuple[Refusal, ...]:
    return pair_refusals([agent], asked=NOBODY_IN_PARTICULAR, on=day)


def _next_pair(able: Sequence[OnDuty]) -> tuple[OnDuty, OnDuty] | None:
    """The best pair still to be had: a less experienced agent in it before two experienced."""
    tried = [
        ((junior.agent.experienced, -_together(leader, junior), _loads(leader, junior)), pair)
        for leader in able
        if leader.agent.experienced
        for junior in able
        if junior is not leader and _together(leader, junior) >= LEAST_TOGETHER.total_seconds()
        and junior.agent.branch == leader.agent.branch
        for pair in [(leader, junior)]
    ]  # fmt: skip
    return min(tried, key=lambda each: each[0])[1] if tried else None


def _together(one: OnDuty, other: OnDuty) -> float:
    return (min(one.ends, other.ends) - max(one.begins, other.begins)).total_seconds()


def _loads(one: OnDuty, other: OnDuty) -> tuple[int, int, int, int]:
    loads = (one.agent.load, other.agent.load)
    return max(loads), sum(loads), one.agent.id, other.agent.id


def _on_wheels(
    pairs: Iterable[tuple[OnDuty, OnDuty]], day: date, vehicles: list[int], prefix: str
) -> Iterable[CrewToday]:
    """The pairs with a vehicle each, as long as there are any: the one they are rostered with
    before another."""
    free = list(dict.fromkeys(vehicles))
    for number, (leader, other) in enumerate(pairs, start=1):
        own = [each for each in (leader.vehicle, other.vehicle) if each in free]
        vehicle = next(iter([*own, *free]), None)
        if vehicle is not None:
            free.remove(vehicle)
        yield CrewToday(
            key=f"{prefix}{number}", day=day, agents=(leader.agent, other.agent),
            begins=max(leader.begins, other.begins), ends=min(leader.ends, other.ends),
            vehicle=vehicle,
        )  # fmt: skip


@dataclass(frozen=True)
class MayGo:
    """The crews that may go to a borrower, and every reason against each other one."""

    crews: frozenset[str]
    refused: dict[str, tuple[Refusal, ...]]


def crews_for(crews: Iterable[CrewToday], *, asked: Asked) -> MayGo:
    """Which of the crews may make a visit."""
    against = {crew.key: pair_refusals(crew.agents, asked=asked, on=crew.day) for crew in crews}
    return MayGo(
        frozenset(key for key, reasons in against.items() if not reasons),
        {key: reasons for key, reasons in against.items() if reasons},
    )
