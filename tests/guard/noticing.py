"""Which spoilt rules the oracle notices, held against scenes drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from doorstep.guard.decide import known_of
from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.condition import ConditionError
from doorstep.rules.mutants import Mutant
from doorstep.rules.tree import Known
from tests.guard.oracle import spoken
from tests.guard.scenes import action_of, facts_of, scenes
from tests.rulepacks.kit import book

SCENES = 6_000


@dataclass(frozen=True)
class Seen:
    """One scene as the rules read it, and what the oracle says of every rule."""

    known: Known
    said: dict[str, datetime | None]


@lru_cache(maxsize=1)
def seen() -> tuple[Seen, ...]:
    """The scenes against which mutants are held."""
    found = []
    for scene in scenes(SCENES, seed=7):
        action = action_of(scene)
        known, _ = known_of(book().catalogue, action.facts(), facts_of(scene), action.at)
        found.append(Seen(known, spoken(scene)))
    return tuple(found)


def oracle_notices(mutant: Mutant) -> bool:
    """Whether the rule says of some scene what the oracle does not."""
    try:
        bound = rule_bind(mutant.rule, book().catalogue, None)
        assert bound is not None
        return any(_differs(bound, scene) for scene in seen())
    except (ConditionError, TypeError, ValueError):
        return True


def _differs(bound: Bound, scene: Seen) -> bool:
    name = bound.rule.id
    speaks = bound.holds(scene.known)
    if speaks is not (name in scene.said):
        return True
    until = scene.said.get(name)
    return until is not None and bound.earliest(scene.known) != until
