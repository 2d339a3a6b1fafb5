"""Appending to the log. Everything that must be provable later goes through `evidence_append`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from doorstep.evidence import store
from doorstep.evidence.entry import SALT_BYTES, Entry, Mark, document
from doorstep.evidence.keyring import keys
from doorstep.evidence.log import frontier_grow
from doorstep.evidence.models import Leaf
from doorstep.evidence.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    Opened,
    document_seal,
    key_unwrap,
    key_wrap,
)
from doorstep.evidence.verify import commitment_of


def evidence_append(*, entries: Sequence[Entry], at: datetime) -> list[Leaf]:
    """Append the entries in their order; their leaves, whose `index` is their place in the log.

    Joins the caller's transaction and is durable when that commits; what is rolled back was never
    in the log. Locks the head of the log until then: append last, and in batches where there are
    many. Raises InputError for an entry that cannot be kept.
    """
    if not entries:
        return []
    contents = [document(entry) for entry in entries]
    with transaction.atomic(savepoint=False):
        return _append(entries, contents, at)


def _append(entries: Sequence[Entry], contents: Sequence[bytes], at: datetime) -> list[Leaf]:
    head = store.head_lock()
    subjects = _subjects(dict.fromkeys(entry.subject for entry in entries), at)
    marks, documents = [], []
    for index, (entry, content) in enumerate(zip(entries, contents, strict=True), head.size):
        ref, key = subjects[entry.subject]
        opened = Opened(salt=secrets.token_bytes(SALT_BYTES), content=content)
        nonce = secrets.token_bytes(NONCE_BYTES)
        marks.append(Mark(at, entry.kind, ref, commitment_of(salt=opened.salt, content=content)))
        documents.append(document_seal(key=key, ref=ref, index=index, nonce=nonce, opened=opened))
    grown, nodes = frontier_grow(head, (mark.leaf() for mark in marks))
    leaves = store.leaves_keep(first=head.size, marks=marks)
    store.documents_keep(first=head.size, entries=entries, documents=documents)
    store.nodes_keep(nodes)
    store.head_keep(grown)
    return leaves


def _subjects(names: Iterable[str], at: datetime) -> dict[str, tuple[str, AESGCM]]:
    """The reference and key of each subject; a subject that is new gets both."""
    ring = keys()
    known = store.subjects_read(names)
    fresh = {name: _subject_new(name, at) for name in names if name not in known}
    store.subjects_keep(fresh.values())
    return {
        row.subject: (
            row.ref,
            AESGCM(
                key_unwrap(
                    master=ring.master(row.master_id),
                    master_id=row.master_id,
                    ref=row.ref,
                    wrapped=row.wrapped,
                )
            ),
        )
        for row in (known | fresh).values()
    }


def _subject_new(subject: str, at: datetime) -> store.SubjectRow:
    ring, ref = keys(), secrets.token_hex(16)
    wrapped = key_wrap(
        master=ring.master(ring.current),
        master_id=ring.current,
        ref=ref,
        nonce=secrets.token_bytes(NONCE_BYTES),
        key=secrets.token_bytes(KEY_BYTES),
    )
    return store.SubjectRow(subject, ref, ring.current, wrapped, at)
