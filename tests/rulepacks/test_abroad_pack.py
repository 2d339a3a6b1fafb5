"""The packs us, uk, in, tw, hk: every file loads, every rule of the fact sheet is there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from doorstep.rules.lint import example_expected, example_holds, rulebook_lint
from doorstep.rules.mutants import mutant_noticed, mutants_of
from doorstep.rules.rule import Confidence, Rule, Severity
from tests.rulepacks.kit import PACKS, book

ABROAD = ("us", "uk", "in", "tw", "hk")
RULES = list(book(*ABROAD).rules)
COUNTS = {"US": 32, "UK": 16, "IN": 11, "TW": 11, "HK": 5}
# Where the law names no hours, days or permission, the file says that the choice is ours.
OURS = {"UK-CONC-7.9.4-HOURS", "UK-CONC-7.9.4-SUNDAY", "HK-43.2a-HOURS"}


def test_no_file_of_the_packs_has_a_fault() -> None:
    faults = rulebook_lint(PACKS, on=date(2026, 11, 22))
    mine = tuple(f"{name}/" for name in ABROAD)
    assert [str(f) for f in faults if not f.notice and f.file.startswith(mine)] == []


@pytest.mark.parametrize("rule", [r for r in RULES if r.test], ids=lambda rule: rule.id)
def test_every_example_comes_out_as_its_file_says(rule: Rule) -> None:
    for kind, examples in (("good", rule.good), ("bad", rule.bad)):
        assert examples, kind
        for example in examples:
            spoke = example_holds(rule, book(), example)
            assert spoke is example_expected(rule, kind), (kind, example)


def test_each_file_holds_one_rule_under_a_folder_of_its_topic() -> None:
    files = [rule.file for rule in RULES]
    assert len(set(files)) == len(files)
    assert all(re.fullmatch(r"[a-z]{2}/[a-z_0-9]+/[a-z_]+\.toml", file) for file in files)


def test_only_a_duty_to_have_policies_is_left_wholly_to_people() -> None:
    left = [rule for rule in RULES if rule.test is None]
    assert [rule.id for rule in left] == ["UK-CONC-7.2"]
    assert "a person shows the policies" in left[0].not_encoded


@pytest.mark.parametrize("rule", [r for r in RULES if r.test], ids=lambda rule: rule.id)
def test_no_boundary_of_the_rule_is_left_unwritten(rule: Rule) -> None:
    unnoticed = [m.what for m in mutants_of(rule) if not mutant_noticed(m, book())]
    assert unnoticed == []


def test_what_is_left_to_a_person_is_said_in_chinese_first() -> None:
    for rule in RULES:
        for text in (rule.not_encoded, rule.source.force):
            assert not text or re.match(r"[^A-Za-z]*[\u4e00-\u9fff]", text), rule.id


def test_no_lawyer_is_said_to_have_signed() -> None:
    assert [pack.reviewed_on for pack in book(*ABROAD).packs] == [None] * 5


def test_our_own_choices_say_so() -> None:
    house = {rule.id for rule in RULES if rule.source.confidence is Confidence.HOUSE}
    permits = {rule.id for rule in RULES if rule.severity is Severity.PERMIT}
    assert house == OURS | permits
    assert len(permits) == 10


def test_the_draft_of_india_is_marked_in_words_too_and_decides_nothing_yet() -> None:
    drafts = [rule for rule in RULES if rule.source.draft]
    assert {rule.id for rule in drafts} == {rule.id for rule in RULES if "IN-2026" in rule.id}
    assert len(drafts) == 7
    for rule in drafts:
        assert rule.not_encoded.startswith("草案。")
        assert "Draft law." in rule.not_encoded
        assert rule.reason["en"].startswith("(Draft law)")
        assert "draft" in rule.source.force
    edition = book(*ABROAD).edition(date(2026, 8, 12))
    assert not any(bound.rule.source.draft for bound in edition.restricting)


def test_the_page_of_the_law_agrees_with_the_packs(repository: Path) -> None:
    page = (repository / "docs/reference/law-other.md").read_text("utf-8")
    rows = {
        cells[1].strip(" `"): [cell.strip() for cell in cells]
        for line in page.splitlines()
        if line.startswith("| `") and len(cells := re.split(r"(?<!\\)\|", line)) == 7
    }
    assert rows.keys() == {rule.id for rule in RULES}
    for rule in RULES:
        _, _, what, encoded, confirmed, left, _ = rows[rule.id]
        word = "no" if not rule.test else "partly" if rule.not_encoded else "yes"
        assert rule.title["en"] in what
        assert encoded == word + (", draft" if rule.source.draft else "")
        assert confirmed == rule.source.confidence.value
        assert left.replace("\\|", "|") == (rule.not_encoded or "–")


@pytest.fixture(scope="module")
def fact_sheet(outside: Path) -> dict[str, dict[str, Any]]:
    text = (outside / "law" / "rules.yaml").read_text("utf-8")
    found = yaml.safe_load(text)["rules"]
    return {rule["id"]: rule for rule in found if not rule["jurisdiction"].startswith("CN")}


@pytest.mark.outside
def test_every_rule_of_the_fact_sheet_has_its_file(fact_sheet: dict[str, Any]) -> None:
    ours = {rule.id for rule in RULES}
    assert fact_sheet.keys() <= ours
    counts = {place: sum(name.startswith(place) for name in fact_sheet) for place in COUNTS}
    assert counts == COUNTS


@pytest.mark.outside
def test_nothing_is_called_better_confirmed_than_it_is(fact_sheet: dict[str, Any]) -> None:
    ours = {rule.id: rule for rule in RULES}
    for name, rule in fact_sheet.items():
        assert ours[name].source.confidence.value == rule["confidence"], name
        seen = rule["source"]["seen_at"] != "not seen"
        assert (ours[name].source.link != "not seen") is seen, name


@pytest.mark.outside
def test_a_day_known_from_memory_only_is_not_stated_as_a_fact(fact_sheet: dict[str, Any]) -> None:
    for name, rule in fact_sheet.items():
        said = str(rule["effective"]["from"] or "")
        stated = book().rule(name).source.in_force
        assert str(stated or "") == ("" if "memory" in said else said[:10]), name


@pytest.mark.outside
def test_a_rule_that_blocks_there_does_not_merely_warn_here(fact_sheet: dict[str, Any]) -> None:
    for name, rule in fact_sheet.items():
        severity = book().rule(name).severity.value
        if rule["severity"] in ("block", "warn"):
            assert severity == rule["severity"], name
        else:
            assert severity in ("block", "require", "info"), name
