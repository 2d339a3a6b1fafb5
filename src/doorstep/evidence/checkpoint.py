"""Signed checkpoints: what the log says of itself, in the C2SP forms signed-note and
tlog-checkpoint, with one line more that says when.
"""

from __future__ import annotations

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doorstep.evidence.entry import instant
from doorstep.evidence.verify import Key


def public_key(*, name: str, seed: bytes) -> Key:
    """The public half of the signing key, under the log's name."""
    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return Key(name, raw.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_line(key: Key) -> str:
    """The public key in one line, as verifiers read it."""
    coded = base64.b64encode(b"\x01" + key.key).decode()
    return f"{key.name}+{key.id.hex()}+{coded}"


def note_sign(text: str, *, name: str, seed: bytes) -> str:
    """The text, which ends with a line break, with the log's signature below."""
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    key = public_key(name=name, seed=seed)
    coded = base64.b64encode(key.id + signature).decode()
    return f"{text}\n\u2014 {name} {coded}\n"


def checkpoint_text(*, name: str, size: int, root: bytes, at: datetime) -> str:
    """What is signed: the log's name, its size, its root, and when."""
    return f"{name}\n{size}\n{base64.b64encode(root).decode()}\ntime {instant(at)}\n"
