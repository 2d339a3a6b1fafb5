"""Every small change to a Chinese or house rule shows in the examples of its own file."""

from __future__ import annotations

import pytest

from doorstep.rules.mutants import mutant_noticed, mutants_of
from doorstep.rules.rule import Rule
from tests.rulepacks.kit import book

RULES = [rule for rule in book("cn", "house-default").rules if rule.test]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_boundary_of_the_rule_is_left_unwritten(rule: Rule) -> None:
    unnoticed = [m.what for m in mutants_of(rule) if not mutant_noticed(m, book())]
    assert unnoticed == []


def test_a_thousand_changes_are_tried() -> None:
    assert sum(1 for rule in RULES for _ in mutants_of(rule)) > 1000
