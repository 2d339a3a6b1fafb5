"""Acts in which the rules read the same are decided once, and no other acts with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from doorstep.guard.action import Action
from doorstep.guard.decide import Made, decide
from doorstep.guard.facts import Facts, Known
from doorstep.rules.values import NOTHING, Value
from tests.guard.scenes import action_of, facts_of, scenes
from tests.rulepacks.kit import book

RULES = book("cn", "house-default")


def others(value: Value) -> Value:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    return ("7 09:00-12:00",) if isinstance(value, tuple) else NOTHING


def variants(action: Action, facts: Facts) -> Iterator[tuple[Action, Facts]]:
    """The act, the act in other ways, and the act with each fact not known and otherwise."""
    yield action, facts
    yield replace(action, recipient="guarantor"), facts
    yield replace(action, purpose="service"), facts
    for name, fact in facts.items():
        rest = {key: each for key, each in facts.items() if key != name}
        yield action, Facts(rest)
        yield action, Facts({**rest, name: Known(others(fact.value), fact.as_of, fact.source)})


def test_a_kept_verdict_is_the_one_that_would_be_given_anew() -> None:
    made: Made = {}
    asked = 0
    for scene in scenes(25, seed=11):
        for action, facts in variants(action_of(scene), facts_of(scene)):
            anew = decide(rulebook=RULES, action=action, facts=facts, at=action.at)
            kept = decide(rulebook=RULES, action=action, facts=facts, at=action.at, made=made)
            assert kept == anew
            asked += 1
    assert len(made) < asked


def test_whom_no_rule_tells_apart_get_one_verdict_and_at_another_instant_another() -> None:
    made: Made = {}
    (scene,) = scenes(1, seed=3)
    action, facts = action_of(scene), facts_of(scene)
    given = [
        decide(rulebook=RULES, action=each, facts=facts, at=at, made=made)
        for at in (action.at, action.at.replace(microsecond=1))
        for each in (action, replace(action, recipient_ref="C2", content_sha256="0" * 64))
    ]
    assert given[0] is given[1]
    assert given[2] is given[3]
    assert given[0].at != given[2].at


def test_on_record_a_permission_names_its_rules_and_a_refusal_tells_all() -> None:
    for scene in scenes(60, seed=5):
        action = action_of(scene)
        verdict = decide(rulebook=RULES, action=action, facts=facts_of(scene), at=action.at)
        told = verdict.record
        assert [each["rule"] for each in told["reasons"]] == list(verdict.rules)
        assert told["facts_used"] == verdict.as_dict()["facts_used"]
        assert verdict.permitted or told == verdict.as_dict()
