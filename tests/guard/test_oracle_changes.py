"""What nobody knows, what is too old, and rules that change in the middle of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
import pytest

from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts, Known
from doorstep.rules.changes import Change, rulebook_changed
from doorstep.rules.pack import Rulebook
from tests.guard.amount import BATCH, batches
from tests.guard.oracle import ZONE, Limits, Scene, spoken
from tests.guard.scenes import action_of, facts_of, scenes
from tests.guard.scenes_abroad import one
from tests.guard.tally import Record, Tally
from tests.guard.test_oracle import WARNINGS, agree, verdict_of
from tests.rulepacks.kit import LAW_AND_HOUSE, book

SHARDS = 2
TICK = timedelta(microseconds=1)
# Stops that may be unknown. Of a contact's own wish and of consents silence has a meaning in law.
STOPS = (
    "bankrupt", "complaint_open", "dispute_open", "held", "agreement_performing",
    "stop_requested", "vulnerable", "represented", "minor", "deceased", "hardship_open",
    "workplace_restricted",
)  # fmt: skip
# Counters that may be unknown, with the kind of act that each of them caps.
COUNTS = {
    "calls_effective_today": "call", "messages_today": "message", "messages_7_days": "message",
    "letters_14_days": "letter",
}  # fmt: skip
# What the books say, and how old it may be when it decides.
AGES = {
    "overdue": timedelta(days=4), "contract_basis": timedelta(days=31),
    "contact_point_state": timedelta(days=2),
}  # fmt: skip
STRICTER = Limits(calls=2, messages=0, call_from=9 * 60, call_to=20 * 60)


def without(scene: Scene, name: str) -> tuple[Facts, set[str]]:
    """The facts without one, and what may stand against the act for all anybody knows."""
    known = dict(facts_of(scene))
    known.pop(name)
    said = set(spoken(scene)) - WARNINGS
    if name in STOPS:
        said |= set(spoken(replace(scene, flags=scene.flags | {name}))) - WARNINGS
    elif COUNTS[name] == scene.kind and scene.recipient == "borrower":
        said |= {"nobody counted"} if scene.purpose == "collect" else set()
    return Facts(known), said


def aged(scene: Scene, name: str, *, over: timedelta) -> tuple[Facts, set[str]]:
    """The facts with one as old as it may be, and so much over."""
    facts = facts_of(scene)
    old = Known(facts[name].value, scene.at - AGES[name] - over, "books")
    said = set(spoken(scene)) - WARNINGS
    needed = scene.purpose == "collect" and scene.recipient == "borrower"
    if over and (needed or name == "contact_point_state"):
        said.add("too old to be relied on")
    return facts | {name: old}, said


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_nobody_knows_or_is_too_old_permits_nothing(
    shard: int, record_property: Record
) -> None:
    tally = Tally("unknown")
    for tally.seed in batches("unknown", shard=shard, shards=SHARDS):
        chance = np.random.default_rng(tally.seed)
        for scene in scenes(BATCH, tally.seed):
            name = one(chance, (*STOPS, *COUNTS, *AGES, *AGES))
            over = TICK * int(chance.integers(2))
            facts, said = aged(scene, name, over=over) if name in AGES else without(scene, name)
            action = action_of(scene)
            verdict = decide(
                rulebook=book(*LAW_AND_HOUSE), action=action, facts=facts, at=action.at
            )
            tally.hold(verdict, said, (scene, name), kind=scene.kind, unknown=name not in AGES)
    tally.tell(record_property)
    assert tally.wrong == []
    assert tally.permitted > tally.acts / 100


@lru_cache(maxsize=64)
def stricter_from(day: date) -> Rulebook:
    """The rulebook with three changes of the lender's that took effect on a day."""
    hours = {"quiet_from": time(20), "quiet_to": time(9)}
    changes = [
        Change(1, "CN-GBT-VOICE-3", day, {"most": 2}),
        Change(2, "HOUSE-MESSAGE-DAY", day, {"most": 0}),
        Change(3, "HOUSE-HOURS-CALL", day, hours),
    ]
    return rulebook_changed(book(*LAW_AND_HOUSE), changes)


def changed_at(scene: Scene, chance: np.random.Generator) -> datetime:
    """A moment of the same local day, most often within a second of the act."""
    steps = [TICK * n for n in (-1, 0, 0, 1)] + [timedelta(minutes=n) for n in (-90, -1, 1, 90)]
    moment = scene.at + one(chance, steps)
    return moment if moment.astimezone(ZONE).date() == scene.local.date() else scene.at


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_change_binds_from_its_moment_on_and_not_before(
    shard: int, record_property: Record
) -> None:
    tally = Tally("changes")
    for tally.seed in batches("changes", shard=shard, shards=SHARDS):
        chance = np.random.default_rng(tally.seed)
        for drawn in scenes(BATCH, tally.seed, days=8):
            moment = changed_at(drawn, chance)
            binds = drawn.at >= moment
            scene = replace(drawn, limits=STRICTER) if binds else drawn
            action, said = action_of(scene), spoken(scene)
            rules = stricter_from(scene.local.date()) if binds else book(*LAW_AND_HOUSE)
            verdict = decide(rulebook=rules, action=action, facts=facts_of(scene), at=action.at)
            tally.hold(verdict, said.keys() - WARNINGS, (scene, moment), kind=scene.kind)
            agree(verdict, said, scene)
    tally.tell(record_property)
    assert tally.wrong == []


def test_the_stricter_values_do_stop_what_was_permitted_before() -> None:
    """Else the test above would prove nothing."""
    found = 0
    for scene in scenes(2_000, seed=3, days=8):
        if verdict_of(scene).permitted:
            found += bool(spoken(replace(scene, limits=STRICTER)).keys() - WARNINGS)
    assert found > 20
