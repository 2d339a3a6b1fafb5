"""Appending to the log. Everything that must be provable later goes through `evidence_append`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from doorstep.evidence.entry import SALT_BYTES, Entry, Mark, document
from doorstep.evidence.keyring import keys
from doorstep.evidence.keys import Keys
from doorstep.evidence.log import frontier_grow
from doorstep.evidence.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    Opened,
    document_seal,
    key_unwrap,
    key_wrap,
)
from doorstep.evidence.store import Store, SubjectRow, store_opened
from doorstep.evidence.verify import commitment_of


def evidence_append(*, entries: Sequence[Entry], at: datetime) -> range:
    """Append the entries in their order; returns their places in the log.

    Joins the caller's transaction and is durable when that commits; what is rolled back was never
    in the log. Locks the head of the log until then: append last, and in batches where there are
    many. Raises InputError for an entry that cannot be kept.
    """
    if not entries:
        return range(0)
    contents = [document(entry) for entry in entries]
    with transaction.atomic(savepoint=False), store_opened() as store:
        return _append(store, entries, contents, at)


def log_lock() -> None:
    """Keep everybody else from appending until the caller's transaction ends."""
    with store_opened() as store:
        store.head_lock()


def _append(
    store: Store, entries: Sequence[Entry], contents: Sequence[bytes], at: datetime
) -> range:
    head = store.head_lock()
    subjects = subject_keys(store, dict.fromkeys(entry.subject for entry in entries), at)
    marks, documents = [], []
    for index, (entry, content) in enumerate(zip(entries, contents, strict=True), head.size):
        ref, key = subjects[entry.subject]
        opened = Opened(salt=secrets.token_bytes(SALT_BYTES), content=content)
        nonce = secrets.token_bytes(NONCE_BYTES)
        marks.append(Mark(at, entry.kind, ref, commitment_of(salt=opened.salt, content=content)))
        documents.append(document_seal(key=key, ref=ref, index=index, nonce=nonce, opened=opened))
    grown, nodes = frontier_grow(head, (mark.leaf() for mark in marks))
    store.leaves_keep(first=head.size, marks=marks, at=at)
    store.documents_keep(first=head.size, entries=entries, documents=documents)
    store.nodes_keep(nodes)
    store.head_keep(grown)
    return range(head.size, grown.size)


def subject_keys(store: Store, names: Iterable[str], at: datetime) -> dict[str, tuple[str, AESGCM]]:
    """The reference and key of each subject; a subject that is new gets both. The head of the log
    must be locked (`Store.head_lock`)."""
    ring = keys()
    known = store.subjects_read(names)
    fresh = {name: _subject_new(name) for name in names if name not in known}
    store.subjects_keep(fresh.values(), at)
    return {row.subject: (row.ref, _key(ring, row)) for row in (known | fresh).values()}


def _key(ring: Keys, row: SubjectRow) -> AESGCM:
    master = ring.master(row.master_id)
    unwrapped = key_unwrap(master=master, master_id=row.master_id, ref=row.ref, wrapped=row.wrapped)
    return AESGCM(unwrapped)


def _subject_new(subject: str) -> SubjectRow:
    ring, ref = keys(), secrets.token_hex(16)
    wrapped = key_wrap(
        master=ring.master(ring.current),
        master_id=ring.current,
        ref=ref,
        nonce=secrets.token_bytes(NONCE_BYTES),
        key=secrets.token_bytes(KEY_BYTES),
    )
    return SubjectRow(subject, ref, ring.current, wrapped)
