"""The Chinese and house packs over a table: each rule says of a row what it says of a case."""

from __future__ import annotations

from typing import Any

import numpy as np

from doorstep.rules.bound import Bound
from doorstep.rules.tables import rule_speaks
from tests.rulepacks.borrowers import act_drawn, known_drawn
from tests.rulepacks.kit import A_TUESDAY, LAW_AND_HOUSE, book
from tests.rules.test_tables import answers, table_of

BOOK = book(*LAW_AND_HOUSE)
EDITION = BOOK.edition(A_TUESDAY)
RULES: list[Bound] = sorted(
    (*EDITION.restricting, *EDITION.permitting), key=lambda bound: bound.rule.id
)


def test_every_rule_speaks_of_a_row_as_of_a_case() -> None:
    chance = np.random.default_rng(20260512)
    rows: list[dict[str, Any]] = [
        {**act_drawn(chance).facts(), **known_drawn(chance)} for _ in range(400)
    ]
    names = sorted({name for row in rows for name in row if name in BOOK.catalogue})
    table = table_of(rows, {name: BOOK.catalogue[name].fact_type() for name in names})
    found = answers(table, [rule_speaks(bound, table) for bound in RULES])
    for row, said in zip(rows, found, strict=True):
        alone = {bound.rule.id: bound.holds(row) for bound in RULES}
        assert dict(zip(alone, said, strict=True)) == alone


def test_the_table_asks_every_rule_that_has_a_condition() -> None:
    every = {rule.id for rule in BOOK.rules if rule.test and not rule.source.draft}
    assert {bound.rule.id for bound in RULES} == every
