"""`any_of`: a column among many values, which go to the database as one.

`in` writes a place-holder for each value; with hundreds of them, writing and reading the statement
costs more than answering it, and SQLite takes no more than so many.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup
from django.db.models.sql.compiler import SQLCompiler


@dataclass(frozen=True)
class Many:
    """Very many values, which the mapper hands on without looking at each of them several times
    over: `.filter(pk__any_of=Many(ids))`."""

    values: Collection[str | int]


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """`.filter(pk__any_of=ids)`, for texts and whole numbers."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """The values as one JSON list, which the database takes apart."""
        left, left_values = self.process_lhs(compiler, connection)
        values = json.dumps(list(self.rhs.values if isinstance(self.rhs, Many) else self.rhs))
        parts = "SELECT value FROM json_each(%s)"
        if connection.vendor == "postgresql":
            kind = self.lhs.output_field.db_type(connection) or ""
            cast = "" if kind.startswith("varchar") else f"::{kind}"  # which would cut off
            parts = f"SELECT value{cast} FROM json_array_elements_text(%s::json)"
            return f"{left} = ANY(ARRAY({parts}))", (*left_values, values)
        return f"{left} IN ({parts})", (*left_values, values)
