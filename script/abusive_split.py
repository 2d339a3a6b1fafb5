"""Which rows the training of the model of abusive language never sees."""

from __future__ import annotations

from hashlib import sha256

SEED = 20260130
HELD_OUT = 10


def held_out(text: str) -> bool:
    """Whether a folded text is kept unseen: by its digest, so that equal texts stay together."""
    return sha256(f"{SEED}{text}".encode()).digest()[0] * HELD_OUT < 256
