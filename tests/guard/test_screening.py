"""The night's screening of a table says of every row what the guard says of every act."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import ibis
import pytest

from doorstep.guard.action import Action
from doorstep.guard.decide import NO_PERMISSION, decide, known_of
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Outcome
from doorstep.rules.folding import edition_folded
from doorstep.rules.pack import Rulebook
from doorstep.rules.screening import screen, screen_one
from doorstep.rules.tables import as_cell, column_type
from doorstep.rules.values import Value
from tests.guard.scenes import action_of, facts_of, scenes
from tests.rulepacks.kit import LAW, LAW_AND_HOUSE, act, book

DAY = date(2026, 5, 12)
Case = tuple[Action, Facts, dict[str, Value | None]]


def cases(number: int, seed: int) -> list[Case]:
    """Acts with the facts the rules read; in some a fact is left out or not known."""
    found = []
    for n, scene in enumerate(scenes(number, seed)):
        action, facts = action_of(scene), facts_of(scene)
        if n % 3 == 0:
            names = sorted(facts)
            facts = Facts({name: facts[name] for name in names if name != names[n % len(names)]})
        known, _ = known_of(book().catalogue, action.facts(), facts, action.at)
        found.append((action, facts, known))
    return found


def table_of(rows: list[dict[str, Value | None]]) -> ibis.Table:
    catalogue = book().catalogue
    names = sorted({name for row in rows for name in row} & catalogue.keys())
    cells: dict[str, list[Any]] = {
        name: [as_cell(row.get(name), catalogue[name].type) for row in rows] for name in names
    }
    schema = {name: column_type(catalogue[name].type, catalogue[name].of) for name in names}
    return ibis.memtable(cells, schema=ibis.schema(schema))


def said(rulebook: Rulebook, one: Case) -> tuple[str, set[str]]:
    """The guard's outcome, a wait without an end read as a wait, and the rules against the act."""
    action, facts, _ = one
    verdict = decide(rulebook=rulebook, action=action, facts=facts, at=action.at)
    against = [r for r in verdict.reasons if r.outcome not in ("warn", "require")]
    rules = {reason.rule for reason in against if reason.rule != NO_PERMISSION}
    only_waits = {r.outcome for r in against} == {"not_before"} and not verdict.missing
    if verdict.outcome is Outcome.FORBID and only_waits:
        return "not_before", rules
    return verdict.outcome.value, rules


@pytest.mark.parametrize("packs", [LAW, LAW_AND_HOUSE])
def test_rows_come_out_as_the_guard_decides(packs: tuple[str, ...]) -> None:
    rulebook = book(*packs)
    asked = cases(700, seed=11)
    edition = rulebook.edition(DAY)
    screened = screen(edition, table_of([known for _, _, known in asked]))
    rows = screened.select("outcome", "rules").to_pyarrow().to_pylist()
    outcomes = Counter(row["outcome"] for row in rows)
    folded = edition_folded(edition, {})
    for one, row in zip(asked, rows, strict=True):
        assert (row["outcome"], set(row["rules"])) == said(rulebook, one), one
        assert screen_one(folded, one[2]) == (row["outcome"], tuple(row["rules"])), one
    assert len(outcomes) >= 3


def test_facts_that_are_the_same_for_all_need_no_column() -> None:
    rulebook = book(*LAW_AND_HOUSE)
    asked = [one for one in cases(400, seed=12) if one[0].kind == "call"]
    action = act("call")
    shared = {name: value for name, value in action.facts().items() if value is not None}
    rows = [{n: v for n, v in known.items() if n not in shared} for _, _, known in asked]
    screened = screen(rulebook.edition(DAY), table_of(rows), shared)
    found = screened.select("outcome", "rules").to_pyarrow().to_pylist()
    for (_, facts, _), row in zip(asked, found, strict=True):
        assert (row["outcome"], set(row["rules"])) == said(rulebook, (action, facts, {}))


def test_without_permissions_nobody_may_be_approached() -> None:
    table = table_of([known for _, _, known in cases(5, seed=1)])
    house = screen(book("house-default").edition(DAY), table)
    assert set(house.outcome.to_pyarrow().to_pylist()) == {"forbid"}
