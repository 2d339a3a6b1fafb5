"""The Chinese pack and the house pack: every file loads, every rule of the fact sheet is there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from doorstep.rules.lint import example_expected, example_holds, rulebook_lint
from doorstep.rules.rule import Confidence, Rule, Severity
from tests.rulepacks.kit import PACKS, book

RULES = list(book("cn", "house-default").rules)
FILES = sorted(rule.file for rule in RULES)
LEFT_TO_PEOPLE = {
    "CN-2018-PACT", "CN-CARD-LIMITATION", "CN-CBA-AI", "CN-CIVIL-LIMITATION", "CN-GBT-INTERVAL-7D",
    "CN-GBT-SCOPE", "CN-NIFA-CONTRACT-HIGHLIGHT", "CN-PIPL-6", "CN-PIPL-13", "CN-PIPL-19",
    "CN-SZ-LOCAL",
}  # fmt: skip


def test_no_file_of_the_packs_has_a_fault() -> None:
    faults = rulebook_lint(PACKS, on=date(2026, 11, 22))
    mine = ("cn/", "house/", "facts.toml", "counters.toml")
    assert [str(f) for f in faults if not f.notice and f.file.startswith(mine)] == []


@pytest.mark.parametrize("rule", [r for r in RULES if r.test], ids=lambda rule: rule.id)
def test_every_example_comes_out_as_its_file_says(rule: Rule) -> None:
    for kind, examples in (("good", rule.good), ("bad", rule.bad)):
        assert examples, kind
        for example in examples:
            spoke = example_holds(rule, book(), example)
            assert spoke is example_expected(rule, kind), (kind, example)


def test_each_file_holds_one_rule_under_a_folder_of_its_topic() -> None:
    assert len(set(FILES)) == len(FILES)
    assert all(re.fullmatch(r"(cn|house/default)/[a-z]+/[a-z_0-9]+\.toml", file) for file in FILES)


def test_what_a_program_cannot_decide_says_what_a_person_must_judge() -> None:
    left = {rule.id for rule in RULES if rule.test is None}
    assert left == LEFT_TO_PEOPLE
    assert all(len(rule.not_encoded) > 40 for rule in RULES if rule.test is None)


def test_the_unread_interval_rule_is_never_applied() -> None:
    rule = book().rule("CN-GBT-INTERVAL-7D")
    assert rule.test is None
    assert rule.source.draft
    assert "NOT ENFORCED" in rule.not_encoded


def test_no_lawyer_is_said_to_have_signed() -> None:
    assert [pack.reviewed_on for pack in book("cn", "house-default").packs] == [None, None]


def test_permissions_are_our_reading_and_say_so() -> None:
    permits = [rule for rule in RULES if rule.severity is Severity.PERMIT]
    assert permits
    assert {rule.source.confidence for rule in permits} == {Confidence.HOUSE}
    assert {rule.pack for rule in permits} == {"cn"}


def test_house_rules_only_tighten_and_name_themselves_policy() -> None:
    house = [rule for rule in RULES if rule.pack == "house-default"]
    assert len(house) >= 30
    for rule in house:
        assert rule.id.startswith("HOUSE-")
        assert rule.severity is not Severity.PERMIT
        assert not rule.exception_to
        assert rule.source.confidence is Confidence.HOUSE
        assert "policy" in rule.source.force
        assert len(rule.law) > 8, "a house rule gives its reason"


def test_the_page_of_the_law_agrees_with_the_packs(repository: Path) -> None:
    page = (repository / "docs/reference/law-cn.md").read_text("utf-8")
    rows = {
        cells[1].strip(" `"): [cell.strip() for cell in cells]
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := re.split(r"(?<!\\)\|", line)) == 7
    }
    assert rows.keys() == {rule.id for rule in RULES}
    for rule in RULES:
        _, _, what, encoded, confirmed, left, _ = rows[rule.id]
        assert rule.title["zh"] in what
        assert encoded == ("no" if not rule.test else "partly" if rule.not_encoded else "yes")
        assert confirmed == rule.source.confidence.value
        assert left.replace("\\|", "|") == (rule.not_encoded or "–")


@pytest.fixture(scope="module")
def fact_sheet(outside: Path) -> dict[str, dict[str, Any]]:
    text = (outside / "law" / "rules.yaml").read_text("utf-8")
    found = yaml.safe_load(text)["rules"]
    return {rule["id"]: rule for rule in found if rule["jurisdiction"] == "CN"}


@pytest.mark.outside
def test_every_rule_of_the_fact_sheet_has_its_file(fact_sheet: dict[str, Any]) -> None:
    ours = {rule.id: rule for rule in RULES}
    assert len(fact_sheet) == 59
    assert fact_sheet.keys() <= ours.keys()


@pytest.mark.outside
def test_nothing_is_called_better_confirmed_than_it_is(fact_sheet: dict[str, Any]) -> None:
    ours = {rule.id: rule for rule in RULES}
    differ = {
        name: (rule["confidence"], ours[name].source.confidence.value)
        for name, rule in fact_sheet.items()
        if rule["confidence"] != ours[name].source.confidence.value
    }
    assert differ == {}


@pytest.mark.outside
def test_a_day_known_from_memory_only_is_not_stated_as_a_fact(fact_sheet: dict[str, Any]) -> None:
    for name, rule in fact_sheet.items():
        said = str(rule["effective"]["from"] or "")
        stated = book().rule(name).source.in_force
        assert str(stated or "") == ("" if "memory" in said else said), name


@pytest.mark.outside
def test_a_rule_that_blocks_there_does_not_merely_warn_here(fact_sheet: dict[str, Any]) -> None:
    harder = {"CN-CARD-EFFECTIVE-COLLECTION": "require"}
    for name, rule in fact_sheet.items():
        severity = book().rule(name).severity.value
        assert severity == harder.get(name, rule["severity"]), name
