"""What changed in the rules, from which day on, and whether it can change a verdict."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from doorstep.kernel.errors import NotFound
from doorstep.rules.diff import Difference, books_differ, days_differ
from doorstep.rules.explain import rules_explain
from doorstep.rules.pack import rulebook_load
from tests.rules.writing import A_DAY, facts_file, pack_file, rule_file

JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)
CAP: dict[str, Any] = {
    "rule": {"when": "calls_today >= most"},
    "values": [{"from": JANUARY, "most": 3}],
}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    old = facts_file(tmp_path / "old")
    pack_file(old)
    rule_file(old, "R-1", **CAP)
    new = tmp_path / "new"
    shutil.copytree(old, new)
    return old, new


def differences(two: tuple[Path, Path]) -> list[Difference]:
    return books_differ(rulebook_load(two[0]), rulebook_load(two[1]))


def test_the_same_packs_do_not_differ(two: tuple[Path, Path]) -> None:
    assert differences(two) == []


def test_a_value_that_takes_over_later_shows_from_its_day(two: tuple[Path, Path]) -> None:
    rows = [*CAP["values"], {"from": JUNE, "most": 2}]
    rule_file(two[1], "R-1", rule=CAP["rule"], values=rows)
    assert [d.as_dict() for d in differences(two)] == [
        {"rule": "R-1", "what": "changed", "field": "values.most", "old": 3, "new": 2,
         "since": "2026-06-01", "decides": True},
    ]  # fmt: skip


def test_a_value_overwritten_shows_from_the_day_it_stands_for(two: tuple[Path, Path]) -> None:
    rule_file(two[1], "R-1", rule=CAP["rule"], values=[{"from": JANUARY, "most": 5}])
    assert [(d.old, d.new, d.since) for d in differences(two)] == [(3, 5, JANUARY)]


def test_rules_added_and_taken_away_are_named(two: tuple[Path, Path]) -> None:
    rule_file(two[1], "R-2")
    (two[1] / "cn" / "r-1.toml").unlink()
    assert [(d.rule, d.what) for d in differences(two)] == [("R-1", "removed"), ("R-2", "added")]


def test_words_for_readers_are_told_apart_from_what_decides(two: tuple[Path, Path]) -> None:
    rule_file(two[1], "R-1", **{**CAP, "rule": {"when": "calls_today > most"}}, law="Other words.")
    assert [(d.field, d.decides) for d in differences(two)] == [
        ("rule.when", True), ("law", False),
    ]  # fmt: skip


def test_two_days_of_one_book(two: tuple[Path, Path]) -> None:
    source = {"title": "A", "article": "1", "force": "law", "confidence": "seen-primary"}
    rule_file(two[1], "R-1", rule=CAP["rule"], values=[*CAP["values"], {"from": JUNE, "most": 2}])
    rule_file(two[1], "R-2", source={**source, "in_force": JUNE})
    rule_file(two[1], "R-3", until=JUNE)
    book = rulebook_load(two[1])
    assert days_differ(book, JANUARY, A_DAY) == []
    assert [(d.rule, d.what, d.since) for d in days_differ(book, A_DAY, JUNE)] == [
        ("R-1", "changed", JUNE), ("R-2", "added", JUNE), ("R-3", "removed", JUNE),
    ]  # fmt: skip


def test_a_rule_is_explained_with_the_values_of_the_day(two: tuple[Path, Path]) -> None:
    rule_file(two[1], "R-1", rule=CAP["rule"], values=[*CAP["values"], {"from": JUNE, "most": 2}])
    book = rulebook_load(two[1])
    (told,) = rules_explain(book, on=JUNE, jurisdiction="CN", rule="R-1")
    plain = told.as_dict()
    assert plain["values"] == {"most": 2}
    assert plain["when"]["zh"] == "「当日通话次数」不少于 2"
    assert plain["when"]["en"] == "“calls today” is at least 2"
    assert (plain["reviewed_on"], plain["source"]["confidence"]) == (None, "seen-primary")
    assert rules_explain(book, on=date(2025, 12, 31)) == []


def test_what_is_not_there_is_said(two: tuple[Path, Path]) -> None:
    book = rulebook_load(two[0])
    with pytest.raises(NotFound, match="There are: cn"):
        rules_explain(book, on=A_DAY, jurisdiction="mars")
    with pytest.raises(NotFound, match="R-9"):
        rules_explain(book, on=A_DAY, rule="R-9")
