"""Who may go together to a borrower on a day, and why others may not. Pure.

Two at least, one of them experienced; nobody with papers missing, off the roster or at rest after
an incident; nobody who knows the borrower or lives next door; the same people never again to a
borrower with whom they had an incident; a woman among them where a woman who lives alone asks for
it; together they have every skill the visit needs. Which of the pairs that may go is proposed
first is settled by the load of hard encounters: who carried most lately is spared.

Sources: CN-CBA-VISIT-TWO, CN-NIFA-STAFF; the rest is the house's own choice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations

from doorstep.workforce.papers import Missing

EARTH_METRES = 6_371_000.0


class Why(StrEnum):
    """Why an agent, or some agents together, may not go."""

    PAPERS = "papers"
    NOT_ROSTERED = "not_rostered"
    AT_REST = "at_rest"
    OVERLOADED = "overloaded"
    TIED = "tied"
    NEIGHBOUR = "neighbour"
    TOO_FEW = "too_few"
    TWICE = "twice"
    NOBODY_EXPERIENCED = "nobody_experienced"
    NO_WOMAN = "no_woman"
    SKILL = "skill"
    AFTER_INCIDENT = "after_incident"
    DIFFERENT_BRANCHES = "different_branches"


@dataclass(frozen=True)
class PairRules:
    """Numbers of the house. `fewest` agents a visit; `neighbour_metres` between two homes is next
    door; `load_most` is the load in `load_days` from which somebody gets no more hard visits."""

    fewest: int = 2
    neighbour_metres: int = 500
    load_days: int = 28
    load_most: int = 6


RULES = PairRules()


@dataclass(frozen=True)
class Agent:
    """A field agent on a certain day, as far as pairs are concerned. `home` in degrees (WGS-84).

    `load` is the weight of their hard encounters in the last `load_days`; `ties` the borrowers
    they know privately.
    """

    id: int
    name: str
    branch: str = ""
    woman: bool = False
    experienced: bool = False
    skills: frozenset[str] = frozenset()
    missing: tuple[Missing, ...] = ()
    rostered: bool = False
    rests_until: date | None = None
    load: int = 0
    ties: frozenset[str] = frozenset()
    home: tuple[float, float] | None = None


@dataclass(frozen=True)
class Asked:
    """The visit a pair is sought for. `woman_asked`: a woman who lives alone asked for a woman.

    `incidents`: for each incident with this borrower, the agents who were there. `hard`: the visit
    is expected to be hard, so that nobody overloaded goes. `fewest`: more agents than the rules
    want anyway, where its risk needs them.
    """

    borrower_id: str
    place: tuple[float, float] | None = None
    needs: frozenset[str] = frozenset()
    woman_asked: bool = False
    incidents: tuple[frozenset[int], ...] = ()
    hard: bool = False
    fewest: int = 0


@dataclass(frozen=True)
class Refusal:
    """Why these agents may not go together; `skills` are those that nobody of them has."""

    why: Why
    agents: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Agents who may go together. `load` is the heavier of theirs, `loads` the sum."""

    agents: tuple[Agent, ...]
    load: int
    loads: int


@dataclass(frozen=True)
class Refused:
    """Agents who may not go together, with every reason."""

    agents: tuple[Agent, ...]
    reasons: tuple[Refusal, ...]


@dataclass(frozen=True)
class Found:
    """The pairs that may go, the best first, and those that may not. `alone`: what stands against
    an agent whoever goes with them."""

    pairs: tuple[Pair, ...] = ()
    refused: tuple[Refused, ...] = ()
    alone: dict[int, tuple[Refusal, ...]] = field(default_factory=dict)


def agent_refusals(
    agent: Agent, *, asked: Asked, on: date, rules: PairRules = RULES
) -> tuple[Refusal, ...]:
    """What stands against one agent, whoever goes with them."""
    found: list[Why] = []
    if agent.missing:
        found.append(Why.PAPERS)
    if not agent.rostered:
        found.append(Why.NOT_ROSTERED)
    if agent.rests_until is not None and agent.rests_until >= on:
        found.append(Why.AT_REST)
    if asked.hard and agent.load >= rules.load_most:
        found.append(Why.OVERLOADED)
    if asked.borrower_id in agent.ties:
        found.append(Why.TIED)
    if _next_door(agent, asked, rules):
        found.append(Why.NEIGHBOUR)
    return tuple(Refusal(why, (agent.id,)) for why in found)


def pair_refusals(
    agents: Sequence[Agent], *, asked: Asked, on: date, rules: PairRules = RULES
) -> tuple[Refusal, ...]:
    """Every reason why these agents may not go to this borrower together on that day; none where
    they may."""
    alone = (agent_refusals(each, asked=asked, on=on, rules=rules) for each in agents)
    return (*(each for some in alone for each in some), *_together(agents, asked, rules))


def _together(agents: Sequence[Agent], asked: Asked, rules: PairRules) -> Iterable[Refusal]:
    ids = tuple(agent.id for agent in agents)
    if len(set(ids)) < len(ids):
        yield Refusal(Why.TWICE, ids)
    if len(set(ids)) < max(rules.fewest, asked.fewest):
        yield Refusal(Why.TOO_FEW, ids)
    if len({agent.branch for agent in agents}) > 1:
        yield Refusal(Why.DIFFERENT_BRANCHES, ids)
    if not any(agent.experienced for agent in agents):
        yield Refusal(Why.NOBODY_EXPERIENCED, ids)
    if asked.woman_asked and not any(agent.woman for agent in agents):
        yield Refusal(Why.NO_WOMAN, ids)
    if lacking := asked.needs.difference(*(agent.skills for agent in agents)):
        yield Refusal(Why.SKILL, ids, tuple(sorted(lacking)))
    if any(len(there & set(ids)) > 1 for there in asked.incidents):
        yield Refusal(Why.AFTER_INCIDENT, ids)


def pairs_find(
    agents: Sequence[Agent], *, asked: Asked, on: date, rules: PairRules = RULES
) -> Found:
    """Every group of the fewest size out of these agents, as may go or may not.

    The best first: the lightest load of whoever carries more, then the lighter sum, then by id.
    The order of `agents` does not matter.
    """
    ordered = sorted(agents, key=lambda agent: agent.id)
    alone = {a.id: agent_refusals(a, asked=asked, on=on, rules=rules) for a in ordered}
    may: list[Pair] = []
    may_not: list[Refused] = []
    for group in combinations(ordered, max(rules.fewest, asked.fewest)):
        reasons = [each for agent in group for each in alone[agent.id]]
        reasons += _together(group, asked, rules)
        if reasons:
            may_not.append(Refused(group, tuple(reasons)))
        else:
            loads = [agent.load for agent in group]
            may.append(Pair(group, max(loads), sum(loads)))
    may.sort(key=lambda pair: (pair.load, pair.loads, [agent.id for agent in pair.agents]))
    return Found(tuple(may), tuple(may_not), alone)


def _next_door(agent: Agent, asked: Asked, rules: PairRules) -> bool:
    if agent.home is None or asked.place is None:
        return False
    return metres_between(agent.home, asked.place) <= rules.neighbour_metres


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance in metres between two points in degrees (latitude, longitude)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (one, other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half)))
