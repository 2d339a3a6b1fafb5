"""A hundred thousand acts, decided by the guard and by hand: the same rules, the same moment."""

from __future__ import annotations

from collections import Counter

import pytest

from doorstep.guard.decide import decide
from doorstep.guard.verdict import Outcome, Verdict
from tests.guard.oracle import Scene, earliest, spoken
from tests.guard.scenes import action_of, facts_of, scenes
from tests.rulepacks.kit import LAW_AND_HOUSE, book

ACTS = 100_000
SHARDS = 10
# What the oracle knows; the other rules of the packs are not its subject.
WATCHED = frozenset((
    "CN-CBA-QUIET", "CN-GBT-QUIET", "CN-GBT-QUIET-AGREED", "CN-CBA-QUIET-SOLAR",
    "CN-GBT-VOICE-3", "CN-NIFA-NOTICE-VOICE-3", "CN-CBA-ATTEMPT-6", "CN-CC-70-STOP",
    "CN-CC-69-DISPUTE", "CN-CC-68-TARGET", "CN-GBT-DEBTOR-ONLY", "CN-CBA-THIRD-PARTY",
    "CN-GBT-CONTACT-COND", "CN-CBA-THIRD-WAIT", "CN-PSAP-50", "HOUSE-HOURS-CALL",
    "HOUSE-HOURS-MESSAGE", "HOUSE-HOURS-VISIT", "HOUSE-REFUSED-HOURS", "HOUSE-HOLIDAY",
    "HOUSE-ATTEMPT-6", "HOUSE-LETTER-14", "HOUSE-MESSAGE-DAY", "HOUSE-MESSAGE-WEEK",
    "HOUSE-VISIT-7", "HOUSE-BANKRUPT", "HOUSE-CHANNEL", "HOUSE-COMPLAINT", "HOUSE-DECEASED",
    "HOUSE-DISPUTE", "HOUSE-HARDSHIP", "HOUSE-HARDSHIP-CONTACT", "HOUSE-HELD", "HOUSE-MINOR",
    "HOUSE-PLAN", "HOUSE-PROMISE", "HOUSE-REPRESENTED", "HOUSE-STALE", "HOUSE-STOP",
    "HOUSE-VULNERABLE", "HOUSE-WORKPLACE",
))  # fmt: skip


def verdict_of(scene: Scene) -> Verdict:
    action = action_of(scene)
    rulebook = book(*LAW_AND_HOUSE)
    return decide(rulebook=rulebook, action=action, facts=facts_of(scene), at=action.at)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_guard_says_what_the_oracle_says(shard: int) -> None:
    seen: Counter[str] = Counter()
    for scene in scenes(ACTS // SHARDS, seed=20260512 + shard):
        verdict, said = verdict_of(scene), spoken(scene)
        named = WATCHED.intersection(verdict.rules)
        assert named == said.keys(), (scene, verdict.rules, sorted(said))
        if verdict.permitted:
            assert all(name == "CN-CBA-ATTEMPT-6" or "SOLAR" in name for name in said), scene
        if verdict.outcome is Outcome.NOT_BEFORE:
            assert verdict.not_before == earliest(scene, said), (scene, said)
        if verdict.outcome is Outcome.FORBID and WATCHED.issuperset(verdict.rules):
            assert None in said.values() or earliest(scene, said) is None, (scene, said)
        seen[verdict.outcome] += 1
        seen.update(said.keys())
    assert seen.keys() >= {*WATCHED, *Outcome} - {Outcome.ASK, Outcome.PERMIT_IF}
    assert seen[Outcome.PERMIT] > ACTS // SHARDS // 50
    assert seen[Outcome.NOT_BEFORE] > ACTS // SHARDS // 20


def test_the_same_seed_draws_the_same_scenes() -> None:
    assert list(scenes(50, seed=1)) == list(scenes(50, seed=1))
    assert list(scenes(50, seed=1)) != list(scenes(50, seed=2))
