"""Files of a person (papers, signatures, scans) sealed under the key of that person's evidence.

They lie in the tables of other parts. When the person is erased their key is destroyed, and with it
every such file, wherever a copy of it is.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from doorstep.evidence import sealing
from doorstep.evidence.models import Subject
from doorstep.evidence.opening import subject_key
from doorstep.evidence.sealing import NONCE_BYTES
from doorstep.evidence.services import subject_keys
from doorstep.evidence.store import store_opened
from doorstep.kernel.errors import NotFound


def file_seal(*, subject: str, place: str, content: bytes, at: datetime) -> bytes:
    """The file as it may be kept. `subject`: whose it is; `place`: where it will lie
    (`table:column:key`), so that it opens nowhere else. Locks the head of the log."""
    with transaction.atomic(), store_opened() as store:
        store.head_lock()
        _ref, key = subject_keys(store, [subject], at)[subject]
    nonce = secrets.token_bytes(NONCE_BYTES)
    return sealing.file_seal(key=key, place=place, nonce=nonce, content=content)


def file_open(*, subject: str, place: str, sealed: bytes) -> bytes:
    """The file. Raises NotFound NO_SUBJECT when the person was erased, DoorstepError SEAL_BROKEN
    when it was altered or moved."""
    row = Subject.objects.filter(subject=subject).first()
    if row is None:
        raise NotFound("Whose file this is has been erased, or never was.", code="NO_SUBJECT")
    return sealing.file_open(key=subject_key(row), place=place, sealed=bytes(sealed))
