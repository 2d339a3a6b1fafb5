"""A hundred thousand acts, decided by the guard and by hand: the same rules, the same moment."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from doorstep.guard.decide import decide
from doorstep.guard.verdict import Outcome, Verdict
from tests.guard.amount import ACTS, BATCH, ONLY, batches
from tests.guard.oracle import Scene, earliest, spoken
from tests.guard.scenes import action_of, facts_of, scenes
from tests.guard.tally import Record, Tally
from tests.rulepacks.kit import LAW_AND_HOUSE, book

SHARDS = 6
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


WARNINGS = {"CN-CBA-ATTEMPT-6", "CN-CBA-QUIET-SOLAR"}
ORACLES = sorted(Path(__file__).parent.glob("oracle*.py"))


def verdict_of(scene: Scene) -> Verdict:
    action = action_of(scene)
    rulebook = book(*LAW_AND_HOUSE)
    return decide(rulebook=rulebook, action=action, facts=facts_of(scene), at=action.at)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_guard_says_what_the_oracle_says(shard: int, record_property: Record) -> None:
    tally = Tally("contacts")
    seen: Counter[str] = Counter()
    for tally.seed in batches("contacts", shard=shard, shards=SHARDS):
        for scene in scenes(BATCH, tally.seed):
            verdict, said = verdict_of(scene), spoken(scene)
            tally.hold(verdict, said.keys() - WARNINGS, scene, kind=scene.kind)
            agree(verdict, said, scene)
            seen[verdict.outcome] += 1
            seen.update(said.keys())
    tally.tell(record_property)
    assert tally.wrong == []
    if ACTS >= 100_000 and not ONLY:
        assert seen.keys() >= {*WATCHED, *Outcome} - {Outcome.ASK, Outcome.PERMIT_IF}
        assert seen[Outcome.PERMIT] > tally.acts // 50
        assert seen[Outcome.NOT_BEFORE] > tally.acts // 20


def agree(verdict: Verdict, said: Mapping[str, datetime | None], scene: Scene) -> None:
    """The guard names the very rules that the oracle names, and the same first moment."""
    assert WATCHED.intersection(verdict.rules) == said.keys(), (scene, verdict.rules, said)
    if verdict.outcome is Outcome.NOT_BEFORE:
        assert verdict.not_before == earliest(scene, dict(said)), (scene, said)
    if verdict.outcome is Outcome.FORBID and WATCHED.issuperset(verdict.rules):
        assert None in said.values() or earliest(scene, dict(said)) is None, (scene, said)


def test_the_same_seed_draws_the_same_scenes() -> None:
    assert list(scenes(50, seed=1)) == list(scenes(50, seed=1))
    assert list(scenes(50, seed=1)) != list(scenes(50, seed=2))


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda path: path.stem)
def test_an_oracle_knows_nothing_of_the_program(oracle: Path) -> None:
    """Only the standard library: what it says it cannot have from the rules it judges."""
    tree = ast.parse(oracle.read_text("utf-8"))
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    plain = {name.name for n in ast.walk(tree) if isinstance(n, ast.Import) for name in n.names}
    assert froms | plain <= {"__future__", "dataclasses", "datetime", "zoneinfo"}


def test_there_is_an_oracle_of_contacts_of_deeds_and_of_other_places() -> None:
    assert [path.stem for path in ORACLES] == ["oracle", "oracle_abroad", "oracle_deeds"]
