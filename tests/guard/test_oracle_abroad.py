"""Abroad too: what the law written down by hand forbids, the guard never permits."""

from __future__ import annotations

import pytest

from doorstep.guard.decide import decide
from doorstep.guard.verdict import Verdict
from tests.guard.amount import ACTS, BATCH, ONLY, batches
from tests.guard.oracle_abroad import Abroad, unlawful, worse
from tests.guard.scenes_abroad import FLAGS, SAME, abroad, action_abroad, facts_abroad
from tests.guard.tally import Record, Tally
from tests.rulepacks.test_abroad_guard import law

SHARDS = 3
# Everything the oracle knows comes up in a run, else it would prove nothing.
WORDS = {
    "bankruptcy stays everything", "no suit on a debt that is time-barred", "inconvenient hour",
    "hour the consumer called inconvenient", "medium the consumer refused",
    "a conversation opened seven quiet days", "more than seven calls in seven days",
    "Massachusetts: the third in its window", "represented by an attorney",
    "written wish to be left alone", "third person told of a debt", "unreasonable hour",
    "hour the customer asked us to avoid", "outside the hours agreed",
    "way the customer asked us to avoid", "breathing space", "mental health crisis moratorium",
    "a dispute suspends recovery", "not known to be the customer", "visit to somebody vulnerable",
    "visit without notice", "call before 8 or after 19", "agency not made known",
    "persistent calling", "family, referees and friends are left alone", "before 7 or after 22",
    "third person pressed", "third person asked without saying who and why",
    "visit without badge or recording", "bankrupt", "pestering for whereabouts", "anonymous call",
}  # fmt: skip


def verdict_of(scene: Abroad, unknown: str) -> Verdict:
    action = action_abroad(scene, unknown)
    facts = facts_abroad(scene, unknown)
    return decide(rulebook=law(scene.place), action=action, facts=facts, at=action.at)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_unlawful_is_permitted_abroad(shard: int, record_property: Record) -> None:
    tally = Tally("abroad")
    for tally.seed in batches("abroad", shard=shard, shards=SHARDS):
        for scene, unknown in abroad(BATCH, tally.seed):
            verdict = verdict_of(scene, unknown)
            scenes = worse(scene, unknown) if unknown else [scene]
            said = {word for one in scenes for word in unlawful(one)}
            kind = f"{scene.place} {scene.kind}"
            tally.hold(verdict, said, (scene, unknown), kind=kind, unknown=bool(unknown))
    tally.tell(record_property)
    assert tally.wrong == []
    if ACTS >= 100_000 and not ONLY:
        assert tally.stood_against.keys() == WORDS
        assert tally.permitted > tally.acts / 5


def test_the_same_seed_draws_the_same_scenes_abroad() -> None:
    assert list(abroad(50, seed=1)) == list(abroad(50, seed=1))
    assert list(abroad(50, seed=1)) != list(abroad(50, seed=2))
    assert set(SAME) <= set(FLAGS)
