"""A new master key: every subject's key is wrapped anew; the documents stay as they are.

Once the old master key is destroyed too, backups from before can no longer be read with the keys
in them: that is how an erased subject is forgotten there.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import transaction

from doorstep.evidence.keyring import keys
from doorstep.evidence.keys import keys_write
from doorstep.evidence.models import Subject
from doorstep.evidence.sealing import KEY_BYTES, NONCE_BYTES, key_unwrap, key_wrap
from doorstep.evidence.services import log_lock

AT_ONCE = 1000


def keys_rotate() -> str:
    """Add a new master key to the file and make it the current one; its id. The old ones stay."""
    ring = keys()
    numbers = [int(name[1:]) for name in ring.masters if name[:1] == "k" and name[1:].isdigit()]
    fresh = f"k{max(numbers, default=0) + 1}"
    masters = {**ring.masters, fresh: secrets.token_bytes(KEY_BYTES)}
    keys_write(
        Path(settings.EVIDENCE_KEYS), replace(ring, current=fresh, masters=masters), over=True
    )
    return fresh


def subjects_rewrap() -> int:
    """Wrap every key that is under an older master key under the current one; how many there were.

    Works in steps and can be repeated at any time.
    """
    done = 0
    while some := _rewrap_some():
        done += some
    return done


@transaction.atomic
def masters_drop() -> list[str]:
    """Destroy the master keys that no subject's key is under any more; their ids."""
    log_lock()  # nobody makes a subject meanwhile
    ring = keys()
    used = set(Subject.objects.filter(erased_at__isnull=True).values_list("master_id", flat=True))
    kept = {name: key for name, key in ring.masters.items() if name in used | {ring.current}}
    keys_write(Path(settings.EVIDENCE_KEYS), replace(ring, masters=kept), over=True)
    return sorted(ring.masters.keys() - kept.keys())


@transaction.atomic
def _rewrap_some() -> int:
    ring = keys()
    older = Subject.objects.select_for_update(no_key=True).filter(erased_at__isnull=True)
    rows = list(older.exclude(master_id=ring.current)[:AT_ONCE])
    for row in rows:
        key = key_unwrap(
            master=ring.master(row.master_id),
            master_id=row.master_id,
            ref=row.ref,
            wrapped=bytes(row.wrapped or b""),
        )
        row.master_id = ring.current
        row.wrapped = key_wrap(
            master=ring.master(ring.current),
            master_id=ring.current,
            ref=row.ref,
            nonce=secrets.token_bytes(NONCE_BYTES),
            key=key,
        )
    Subject.objects.bulk_update(rows, ["master_id", "wrapped"], batch_size=200)
    return len(rows)
