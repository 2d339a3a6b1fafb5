"""The log's tables, written by hand: every send of a message appends, so each statement counts.

The statements go straight to the database's own driver, which takes a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from doorstep.evidence import log
from doorstep.evidence.entry import Entry, Mark
from doorstep.kernel.rows import Cell, rows_insert

HEAD = "SELECT size, frontier FROM evidence_head WHERE id = 1"
HEAD_MAKE = (
    "INSERT INTO evidence_head (id, size, frontier) VALUES (1, 0, %s) ON CONFLICT DO NOTHING"
)
HEAD_KEEP = "UPDATE evidence_head SET size = %s, frontier = %s WHERE id = 1"
SUBJECT = "SELECT subject, ref, master_id, wrapped FROM evidence_subject WHERE subject"
SUBJECT_ROW = ("subject", "ref", "master_id", "wrapped", "made_at")
LEAF_ROW = ("index", "at", "kind", "ref", "commitment")
DOCUMENT_ROW = ("index", "case", "agent", "document")
NODE_ROW = ("level", "position", "hash")
MOST_NAMES = 500  # in one IN (...)


@dataclass(frozen=True)
class SubjectRow:
    """A subject with its key as it is stored."""

    subject: str
    ref: str
    master_id: str
    wrapped: bytes


@dataclass(frozen=True)
class Store:
    """The tables within a transaction."""

    cursor: Any
    on_sqlite: bool

    def head_lock(self) -> log.Frontier:
        """The log as it stands, locked until the transaction ends (SQLite has locked it already,
        with everything else)."""
        locked = HEAD if self.on_sqlite else f"{HEAD} FOR UPDATE"
        row = self._run(locked).fetchone()
        if row is None:
            self._run(HEAD_MAKE, [b""])
            row = self._run(locked).fetchone()
        return log.frontier_read(row[0], bytes(row[1]))

    def head_keep(self, frontier: log.Frontier) -> None:
        """The log as it stands now."""
        self._run(HEAD_KEEP, [frontier.size, b"".join(frontier.hashes)])

    def subjects_read(self, names: Iterable[str]) -> dict[str, SubjectRow]:
        """The subjects of these names that are known."""
        wanted = list(names)
        found = {}
        for start in range(0, len(wanted), MOST_NAMES):
            part = wanted[start : start + MOST_NAMES]
            which = f"{SUBJECT} IN ({', '.join(['%s'] * len(part))})"
            for subject, ref, master_id, wrapped in self._run(which, part).fetchall():
                found[subject] = SubjectRow(subject, ref, master_id, bytes(wrapped))
        return found

    def subjects_keep(self, rows: Iterable[SubjectRow], at: datetime) -> None:
        """Subjects that are new."""
        kept = [(row.subject, row.ref, row.master_id, row.wrapped, at) for row in rows]
        self._keep("evidence_subject", SUBJECT_ROW, kept)

    def leaves_keep(self, *, first: int, marks: Sequence[Mark], at: datetime) -> None:
        """The leaves from place `first` on, all of one instant."""
        places = range(first, first + len(marks))
        kept = [
            (index, at, mark.kind, mark.ref, mark.commitment)
            for index, mark in zip(places, marks, strict=True)
        ]
        self._keep("evidence_leaf", LEAF_ROW, kept)

    def documents_keep(
        self, *, first: int, entries: Sequence[Entry], documents: Sequence[bytes]
    ) -> None:
        """The sealed documents of the leaves from place `first` on."""
        kept = [
            (index, entry.case, entry.agent, sealed)
            for index, (entry, sealed) in enumerate(zip(entries, documents, strict=True), first)
        ]
        self._keep("evidence_sealed", DOCUMENT_ROW, kept)

    def nodes_keep(self, nodes: Iterable[log.Node]) -> None:
        """Roots of subtrees that have become complete."""
        kept = [(node.level, node.position, node.hash) for node in nodes]
        self._keep("evidence_node", NODE_ROW, kept)

    def _run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        self.cursor.execute(_marked(sql) if self.on_sqlite else sql, values)
        return self.cursor

    def _keep(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        rows_insert(cursor=self.cursor, table=table, columns=columns, rows=rows)


@contextmanager
def store_opened() -> Iterator[Store]:
    """The tables, within the caller's transaction; errors come as Django's."""
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        try:
            yield Store(cursor, on_sqlite=connection.vendor == "sqlite")
        finally:
            cursor.close()


@cache
def _marked(sql: str) -> str:
    """The statement with the marks for values that SQLite takes."""
    return sql.replace("%s", "?")
