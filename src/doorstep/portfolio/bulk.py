"""Set-based writing of many rows: one statement a batch on SQLite, COPY on PostgreSQL.

Columns are database column names (`borrower_id`, not `borrower`), which for the book's tables are
those of `schema.py`. Rows are tuples in the order of `columns`, or Arrow record batches that have
columns of these names (JSON as text, which is written as it is). Everything happens in the caller's
transaction, which must be open. A key may occur once only in one call. Columns that are not given
must be nullable or generated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Field, JSONField, Model, QuerySet
from django.db.transaction import TransactionManagementError

Row = tuple[Any, ...]
Adapters = dict[int, Callable[[Any], Any]]
AT_ONCE = 10_000


def upsert_rows(
    *,
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Any],
    key: Sequence[str],
    update: Sequence[str],
    key_where: str = "",
) -> int:
    """Insert rows; where the key exists, write the `update` columns if any of them differs.

    `key` are the columns of a unique constraint, `key_where` its condition in SQL when it has one
    (`"status" = 'open'`). With an empty `update` existing rows are left alone.
    Returns how many rows were inserted or changed. Raises TransactionManagementError outside a
    transaction and IntegrityError where a constraint of the table refuses a row.
    """
    connection = _in_transaction(model)
    table = _quoted(connection, model._meta.db_table)
    names = ", ".join(_quoted(connection, column) for column in columns)
    conflict = _conflict(connection, table, key, update, key_where)
    ready = _ready(connection, model, columns, rows)
    if connection.vendor == "sqlite":
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}"
        return _many(connection, statement, ready)
    with _copied(connection, table, columns, ready) as temporary, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {temporary} {conflict}")
        return int(cursor.rowcount)


def upsert_query(
    *,
    query: QuerySet[Any, Any],
    model: type[Model],
    columns: Sequence[str],
    key: Sequence[str],
    update: Sequence[str],
    key_where: str = "",
) -> int:
    """As `upsert_rows`, with the rows of a query (`values_list` in the order of `columns`, with a
    condition), which never leave the database."""
    connection = _in_transaction(model)
    table = _quoted(connection, model._meta.db_table)
    names = ", ".join(_quoted(connection, column) for column in columns)
    conflict = _conflict(connection, table, key, update, key_where)
    select, values = query.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {select} {conflict}", values)
        return int(cursor.rowcount)


def delete_rows(*, model: type[Model], key: Sequence[str], rows: Iterable[Any]) -> int:
    """Delete the rows whose `key` columns are among `rows`; returns how many went.

    References to them are the caller's to remove first.
    """
    connection = _in_transaction(model)
    table = _quoted(connection, model._meta.db_table)
    ready = _ready(connection, model, key, rows)
    if connection.vendor == "sqlite":
        match = " AND ".join(f"{_quoted(connection, column)} = %s" for column in key)
        return _many(connection, f"DELETE FROM {table} WHERE {match}", ready)
    with _copied(connection, table, key, ready) as temporary, connection.cursor() as cursor:
        match = " AND ".join(
            f"{table}.{_quoted(connection, column)} = {temporary}.{_quoted(connection, column)}"
            for column in key
        )
        cursor.execute(f"DELETE FROM {table} USING {temporary} WHERE {match}")
        return int(cursor.rowcount)


@contextmanager
def references_checked_at_the_end(models: Iterable[type[Model]]) -> Iterator[None]:
    """A transaction in which the references of these models are checked once, set-wise, before it
    commits: row by row they cost SQLite two fifths of a first load (PostgreSQL defers them anyway).

    Raises IntegrityError, and writes nothing, when a reference does not hold.
    """
    tables = [model._meta.db_table for model in models]
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.constraint_checks_disabled(), transaction.atomic():
        yield
        connection.check_constraints(table_names=tables)


def _in_transaction(model: type[Model]) -> BaseDatabaseWrapper:
    connection = connections[router.db_for_write(model)]
    if not connection.in_atomic_block:
        raise TransactionManagementError("rows are written in a transaction of the caller")
    return connection


def _quoted(connection: BaseDatabaseWrapper, name: str) -> str:
    return str(connection.ops.quote_name(name))


def _conflict(
    connection: BaseDatabaseWrapper,
    table: str,
    key: Sequence[str],
    update: Sequence[str],
    key_where: str,
) -> str:
    target = ", ".join(_quoted(connection, column) for column in key)
    where = f" WHERE {key_where}" if key_where else ""
    if not update:
        return f"ON CONFLICT ({target}){where} DO NOTHING"
    fields = [_quoted(connection, column) for column in update]
    sets = ", ".join(f"{field} = excluded.{field}" for field in fields)
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"{table}.{field} {differs} excluded.{field}" for field in fields)
    return f"ON CONFLICT ({target}){where} DO UPDATE SET {sets} WHERE {changed}"


def _many(connection: BaseDatabaseWrapper, statement: str, rows: Iterator[Row]) -> int:
    """Some thousands at a time: Django's cursor keeps all rows of one call in memory."""
    written = 0
    with connection.cursor() as cursor:
        while some := list(islice(rows, AT_ONCE)):
            cursor.executemany(statement, some)
            written += max(int(cursor.rowcount), 0)
    return written


class _copied:  # noqa: N801
    """A temporary table filled by COPY, dropped at the end of the block."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        table: str,
        columns: Sequence[str],
        rows: Iterator[Row],
    ) -> None:
        self.connection, self.table, self.rows = connection, table, rows
        self.names = ", ".join(_quoted(connection, column) for column in columns)

    def __enter__(self) -> str:
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE doorstep_rows ON COMMIT DROP AS "
                f"SELECT {self.names} FROM {self.table} WITH NO DATA"
            )
            with cursor.copy(f"COPY doorstep_rows ({self.names}) FROM STDIN") as copy:
                for row in self.rows:
                    copy.write_row(row)
            cursor.execute("ANALYZE doorstep_rows")
        return "doorstep_rows"

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with self.connection.cursor() as cursor:
                cursor.execute("DROP TABLE doorstep_rows")


def _ready(
    connection: BaseDatabaseWrapper,
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Any],
) -> Iterator[Row]:
    """Rows as the database driver takes them: instants and JSON are adapted, the rest is left."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    in_batch = _adapters(connection, [fields[column] for column in columns], DateTimeField)
    in_tuple = in_batch | _adapters(connection, [fields[column] for column in columns], JSONField)
    for item in rows:
        if isinstance(item, pa.RecordBatch):
            plain = _batch_tuples(item, columns, dates_as_text=connection.vendor == "sqlite")
            yield from (_adapted(row, in_batch) for row in plain) if in_batch else plain
        else:
            yield _adapted(item, in_tuple) if in_tuple else item


def _adapters(
    connection: BaseDatabaseWrapper, fields: Sequence[Field[Any, Any]], kind: type[Field[Any, Any]]
) -> Adapters:
    """How the cells of these fields' places are adapted, for those of a kind."""
    return {
        place: partial(field.get_db_prep_save, connection=connection)
        for place, field in enumerate(fields)
        if isinstance(field, kind)
    }


def _adapted(row: Row, adapt: Adapters) -> Row:
    cells = list(row)
    for place, change in adapt.items():
        cells[place] = change(cells[place])
    return tuple(cells)


def _batch_tuples(batch: Any, columns: Sequence[str], *, dates_as_text: bool) -> Iterator[Row]:
    arrays = [batch.column(column) for column in columns]
    if dates_as_text:
        arrays = [a.cast(pa.string()) if pa.types.is_date(a.type) else a for a in arrays]
    return zip(*(array.to_pylist() for array in arrays), strict=True)
