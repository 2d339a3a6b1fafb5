"""The log's tables, written by hand: every send of a message appends, so each statement counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
SUBJECTS = "SELECT subject, ref, master_id, wrapped, made_at FROM evidence_subject WHERE subject"
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
    made_at: datetime


def head_lock() -> log.Frontier:
    """The log as it stands, locked until the transaction ends (SQLite has locked it already)."""
    locked = HEAD + (" FOR UPDATE" if connection.vendor == "postgresql" else "")
    with connection.cursor() as cursor:
        cursor.execute(locked)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(HEAD_MAKE, [b""])
            cursor.execute(locked)
            row = cursor.fetchone()
    return log.frontier_read(row[0], bytes(row[1]))


def head_keep(frontier: log.Frontier) -> None:
    """The log as it stands now."""
    _run(HEAD_KEEP, [frontier.size, b"".join(frontier.hashes)])


def subjects_read(names: Iterable[str]) -> dict[str, SubjectRow]:
    """The subjects of these names that are known."""
    wanted = list(names)
    found = {}
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), MOST_NAMES):
            part = wanted[start : start + MOST_NAMES]
            cursor.execute(f"{SUBJECTS} IN ({', '.join(['%s'] * len(part))})", part)
            for subject, ref, master_id, wrapped, made_at in cursor.fetchall():
                found[subject] = SubjectRow(subject, ref, master_id, bytes(wrapped), made_at)
    return found


def subjects_keep(rows: Iterable[SubjectRow]) -> None:
    """Subjects that are new."""
    _run_many(
        SUBJECT_KEEP,
        [(row.subject, row.ref, row.master_id, row.wrapped, _at(row.made_at)) for row in rows],
    )


def leaves_keep(*, first: int, marks: Sequence[Mark]) -> list[Leaf]:
    """The leaves from place `first` on."""
    _run_many(
        LEAF_KEEP,
        [
            (index, _at(mark.at), mark.kind, mark.ref, mark.commitment)
            for index, mark in enumerate(marks, first)
        ],
    )
    return [
        Leaf(
            index=index,
            at=mark.at,
            kind=mark.kind,
            subject_id=mark.ref,
            commitment=mark.commitment,
        )
        for index, mark in enumerate(marks, first)
    ]


def documents_keep(*, first: int, entries: Sequence[Entry], documents: Sequence[bytes]) -> None:
    """The sealed documents of the leaves from place `first` on."""
    _run_many(
        DOCUMENT_KEEP,
        [
            (index, entry.case, entry.agent, sealed)
            for index, (entry, sealed) in enumerate(zip(entries, documents, strict=True), first)
        ],
    )


def nodes_keep(nodes: Iterable[log.Node]) -> None:
    """Roots of subtrees that have become complete."""
    _run_many(NODE_KEEP, [(node.level, node.position, node.hash) for node in nodes])


def _at(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _run(sql: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _run_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    if len(rows) == 1:
        _run(sql, rows[0])
    elif rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)
