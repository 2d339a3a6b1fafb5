"""Updating many rows, each to its own values, in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def rows_update(
    *, model: type[Model], columns: Sequence[str], key: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Write `columns` of the rows named by `key`; each row holds the values, then the key."""
    if not rows:
        return
    quote = connection.ops.quote_name
    values = ", ".join(f"{quote(column)} = %s" for column in columns)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {values} WHERE {quote(key)} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
