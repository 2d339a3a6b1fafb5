"""Opening the sealed documents of leaves, many at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorstep.evidence.entry import Mark
from doorstep.evidence.keyring import keys
from doorstep.evidence.models import Leaf, Sealed, Subject
from doorstep.evidence.sealing import Opened, document_open, key_unwrap
from doorstep.evidence.verify import commitment_of
from doorstep.kernel.errors import DoorstepError


def mark_of(leaf: Leaf) -> Mark:
    """What the leaf says in the clear, as it is hashed."""
    return Mark(leaf.at, leaf.kind, leaf.subject_id, bytes(leaf.commitment))


def subject_key(subject: Subject) -> AESGCM:
    """The key a subject's documents are sealed under. Raises NotFound when its master key is gone,
    DoorstepError when it was altered or the subject is erased."""
    if subject.wrapped is None:
        raise DoorstepError(f"Subject {subject.ref} is erased.", code="ERASED")
    master = keys().master(subject.master_id)
    wrapped = bytes(subject.wrapped)
    return AESGCM(
        key_unwrap(master=master, master_id=subject.master_id, ref=subject.ref, wrapped=wrapped)
    )


@dataclass
class Opener:
    """Opens documents; keeps the keys of the subjects it has met. Leaves come with `subject` and
    `sealed` (`select_related`)."""

    met: dict[str, AESGCM] = field(default_factory=dict, repr=False)

    def open(self, leaf: Leaf) -> Opened | None:
        """The leaf's document with its salt; None when its subject is erased. Raises DoorstepError
        when it is missing, altered, or not what the leaf commits to."""
        if leaf.subject.erased_at is not None:
            return None
        try:
            sealed = bytes(leaf.sealed.document)
        except Sealed.DoesNotExist:
            raise _broken(leaf, "is missing") from None
        if leaf.subject_id not in self.met:
            self.met[leaf.subject_id] = subject_key(leaf.subject)
        key = self.met[leaf.subject_id]
        opened = document_open(key=key, ref=leaf.subject_id, index=leaf.index, sealed=sealed)
        if commitment_of(salt=opened.salt, content=opened.content) != bytes(leaf.commitment):
            raise _broken(leaf, "is not what the log commits to")
        return opened

    def read(self, leaf: Leaf) -> dict[str, Any] | None:
        """The leaf's document: agent, body, case, subject. None when its subject is erased."""
        opened = self.open(leaf)
        if opened is None:
            return None
        content: dict[str, Any] = json.loads(opened.content)
        return content


def _broken(leaf: Leaf, how: str) -> DoorstepError:
    return DoorstepError(
        f"The document of entry {leaf.index} {how}.",
        code="EVIDENCE_BROKEN",
        hint="Run doorstep evidence check, and compare with a backup.",
    )
