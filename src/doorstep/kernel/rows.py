"""Many rows in one go, past the mapper: COPY on PostgreSQL, one prepared statement on SQLite.

A send writes a dozen rows. One by one, or through models, they cost more than all the rest of it.
Cursors are the drivers' own (psycopg, sqlite3); tables and columns are ours, never a user's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

Cell = str | int | bytes | datetime | date | None
_PLAIN = frozenset({str, int, bool, bytes, type(None)})
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def rows_insert(
    *, cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    """Insert the rows; instants are aware. JSON comes as text."""
    if not rows:
        return
    named = ", ".join(f'"{column}"' for column in columns)
    if _is_sqlite(cursor):
        marks = ", ".join("?" * len(columns))
        cursor.executemany(
            f'INSERT INTO "{table}" ({named}) VALUES ({marks})',
            [_row_for_sqlite(row) for row in rows],
        )
        return
    with cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:
        copy.write("".join("\t".join(map(_for_copy, row)) + "\n" for row in rows))


def rows_update(
    *,
    cursor: Any,
    table: str,
    key: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Cell]],
    same: Mapping[str, Cell],
    only: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Give the rows named by `key` their new values. `columns` names the columns of `rows` with
    their types on PostgreSQL, the key among them; `same` are columns that get one value in all of
    them. `only` leaves alone what has another value in that column than these."""
    if not rows:
        return
    names = list(columns)
    column, allowed = only or ("", ())
    if _is_sqlite(cursor):
        where = f' AND "{column}" IN ({", ".join("?" * len(allowed))})' if only else ""
        given = ", ".join(f'"{name}" = ?' for name in (*same, *names) if name != key)
        place = names.index(key)
        ordered = ([*row[:place], *row[place + 1 :], row[place]] for row in rows)
        cursor.executemany(
            f'UPDATE "{table}" SET {given} WHERE "{key}" = ?{where}',
            [[*_row_for_sqlite((*same.values(), *row)), *allowed] for row in ordered],
        )
        return
    where = f' AND t."{column}" IN ({", ".join(["%s"] * len(allowed))})' if only else ""
    own = (f'"{name}" = v."{name}"::{kind}' for name, kind in columns.items() if name != key)
    given = ", ".join((*(f'"{name}" = %s' for name in same), *own))
    typed = ", ".join(  # JSON comes as a text within the JSON
        f'"{name}" {"text" if kind == "jsonb" else kind}' for name, kind in columns.items()
    )
    told = [
        {name: _told(cell) if isinstance(cell, date) else cell
         for name, cell in zip(names, row, strict=True)}
        for row in rows
    ]  # fmt: skip
    cursor.execute(
        f'UPDATE "{table}" AS t SET {given} FROM json_to_recordset(%s::json) AS v({typed}) '
        f'WHERE t."{key}" = v."{key}"{where}',
        [*same.values(), json.dumps(told), *allowed],
    )


def rows_highest(
    *,
    cursor: Any,
    table: str,
    keys: Mapping[str, str],
    rows: Sequence[Sequence[str | int | date]],
    column: str,
) -> list[int | None]:
    """For each row of `keys` (columns with their types on PostgreSQL) the highest value of `column`
    where they fit, in their order; None where nothing does.

    Each row is looked up by itself: a table that grew a moment ago has no statistics yet, and a
    planner left to join would read all of it.
    """
    if not rows:
        return []
    sqlite = _is_sqlite(cursor)
    fits = " AND ".join(
        f"t.\"{name}\" = json_extract(v.value, '$[{place}]')" if sqlite
        else f't."{name}" = (v.value->>{place})::{kind}'
        for place, (name, kind) in enumerate(keys.items())
    )  # fmt: skip
    source = "json_each(?) AS v ORDER BY v.key"
    if not sqlite:
        source = "json_array_elements(%s::json) WITH ORDINALITY AS v(value, place) ORDER BY v.place"
    told = [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in rows]
    sql = f'SELECT (SELECT max(t."{column}") FROM "{table}" AS t WHERE {fits}) FROM {source}'
    return [found for (found,) in cursor.execute(sql, [json.dumps(told)]).fetchall()]


def _is_sqlite(cursor: Any) -> bool:
    return not hasattr(cursor, "copy")


def _row_for_sqlite(row: Sequence[Cell]) -> list[Cell]:
    return [cell if cell.__class__ in _PLAIN else _kept(cell) for cell in row]


@lru_cache(maxsize=1024)
def _kept(cell: Cell) -> Cell:
    """As Django keeps it: an instant in UTC, without saying so."""
    if isinstance(cell, datetime):
        return str(cell.astimezone(UTC).replace(tzinfo=None))
    return cell.isoformat() if isinstance(cell, date) else cell


def _for_copy(cell: Cell) -> str:
    if isinstance(cell, str):
        plain = "\\" not in cell and "\n" not in cell and "\t" not in cell and "\r" not in cell
        return cell if plain else cell.translate(_ESCAPED)
    if cell is None:
        return r"\N"
    if isinstance(cell, bytes):
        return rf"\\x{cell.hex()}"
    return _told(cell) if isinstance(cell, date) else str(cell)


@lru_cache(maxsize=64)
def _told(at: date) -> str:
    """An instant or day as PostgreSQL reads it; most rows of a batch bear the same."""
    return at.isoformat()
