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
from doorstep.evidence.models import Leaf

HEAD = "SELECT size, frontier FROM evidence_head WHERE id = 1"
HEAD_MAKE = (
    "INSERT INTO evidence_head (id, size, frontier) VALUES (1, 0, %s) ON CONFLICT DO NOTHING"
)
HEAD_KEEP = "UPDATE evidence_head SET size = %s, frontier = %s WHERE id = 1"
SUBJECT = "SELECT subject, ref, master_id, wrapped FROM evidence_subject WHERE subject"
SUBJECT_KEEP = (
    "INSERT INTO evidence_subject (subject, ref, master_id, wrapped, made_at) "
    "VALUES (%s, %s, %s, %s, %s)"
)
LEAF_KEEP = 'INSERT INTO evidence_leaf ("index", at, kind, ref, commitment) VALUES (%s,%s,%s,%s,%s)'
DOCUMENT_KEEP = (
    'INSERT INTO evidence_sealed ("index", "case", agent, document) VALUES (%s, %s, %s, %s)'
)
NODE_KEEP = "INSERT INTO evidence_node (level, position, hash) VALUES (%s, %s, %s)"
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
        self._run_many(
            SUBJECT_KEEP,
            [(row.subject, row.ref, row.master_id, row.wrapped, _at(at)) for row in rows],
        )

    def leaves_keep(self, *, first: int, marks: Sequence[Mark], at: datetime) -> list[Leaf]:
        """The leaves from place `first` on, all of one instant."""
        stored, places = _at(at), range(first, first + len(marks))
        self._run_many(
            LEAF_KEEP,
            [
                (index, stored, mark.kind, mark.ref, mark.commitment)
                for index, mark in zip(places, marks, strict=True)
            ],
        )
        return [
            Leaf(
                index=index, at=at, kind=mark.kind, subject_id=mark.ref, commitment=mark.commitment
            )
            for index, mark in zip(places, marks, strict=True)
        ]

    def documents_keep(
        self, *, first: int, entries: Sequence[Entry], documents: Sequence[bytes]
    ) -> None:
        """The sealed documents of the leaves from place `first` on."""
        self._run_many(
            DOCUMENT_KEEP,
            [
                (index, entry.case, entry.agent, sealed)
                for index, (entry, sealed) in enumerate(zip(entries, documents, strict=True), first)
            ],
        )

    def nodes_keep(self, nodes: Iterable[log.Node]) -> None:
        """Roots of subtrees that have become complete."""
        self._run_many(NODE_KEEP, [(node.level, node.position, node.hash) for node in nodes])

    def _run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        self.cursor.execute(_marked(sql) if self.on_sqlite else sql, values)
        return self.cursor

    def _run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if len(rows) == 1:
            self._run(sql, rows[0])
        elif rows:
            self.cursor.executemany(_marked(sql) if self.on_sqlite else sql, rows)


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


def _at(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)
