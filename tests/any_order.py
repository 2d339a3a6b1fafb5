"""Rows in no order but the one that was asked for: `pytest -p tests.any_order`.

A database may answer in any order what a query leaves open, and mostly answers in the order of
entry. With this plugin, every query that may be ordered at all ends in a random order, after the
order it asks for, so that tests and code that lean on the order of entry fail here, and not once
in a while on another machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler


@pytest.fixture(autouse=True, scope="session")
def any_order() -> Iterator[None]:
    asked, combined = SQLCompiler.get_order_by, SQLCompiler.get_combinator_sql
    parts = [False]

    def and_then_any(compiler: SQLCompiler) -> Any:
        order = asked(compiler)
        query = compiler.query
        if query.distinct or query.combinator or parts[-1]:
            return order
        last = OrderBy(Random()).resolve_expression(query, allow_joins=True, reuse=None)
        return [*order, (last, (*compiler.compile(last), False))]

    def without_order(compiler: SQLCompiler, *how: Any) -> Any:
        parts.append(True)
        try:
            return combined(compiler, *how)
        finally:
            parts.pop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLCompiler, "get_order_by", and_then_any)
        patch.setattr(SQLCompiler, "get_combinator_sql", without_order)
        yield
