"""Many rows in one go, in the caller's transaction (`kernel.rows`), with Django's errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date

from django.db import connection
from django.db.models import Model

from doorstep.kernel import rows as plain
from doorstep.kernel.rows import Cell


def rows_insert(
    *, model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """Insert the rows of these columns."""
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        plain.rows_insert(cursor=cursor, table=model._meta.db_table, columns=columns, rows=rows)


def rows_update(
    *,
    model: type[Model],
    key: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Cell]],
    same: Mapping[str, Cell],
    only: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Give the rows named by `key` their values; see `kernel.rows`."""
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        plain.rows_update(
            cursor=cursor,
            table=model._meta.db_table,
            key=key,
            columns=columns,
            rows=rows,
            same=same,
            only=only,
        )


def rows_highest(
    *,
    model: type[Model],
    keys: Mapping[str, str],
    rows: Sequence[Sequence[str | int | date]],
    column: str,
) -> list[int | None]:
    """The highest value of `column` for each row of `keys`; see `kernel.rows`."""
    with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
        return plain.rows_highest(
            cursor=cursor, table=model._meta.db_table, keys=keys, rows=rows, column=column
        )
