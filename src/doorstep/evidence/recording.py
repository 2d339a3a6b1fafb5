"""Recordings of visits: segments sealed on the phone, a chain over them, its head signed there.

The phone draws one content key a recording and wraps it for the server's P-256 key; each segment is
AES-256-GCM under it, bound to its place. The chain begins from a nonce of the server, so that no
recording can be made before the visit was planned, and its head is signed by the phone's own key.
Pure: keys, bytes and times are handed in. docs/reference/recordings.md describes every byte; the
chain itself is `verify_recording.py`, which borrowers check their copies with.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doorstep.evidence.verify import Altered
from doorstep.evidence.verify_recording import (
    Receipt,
    Segment,
    chain_add,
    chain_begin,
    chain_check,
    head_text,
)
from doorstep.kernel.errors import DoorstepError, InputError

INFO = b"doorstep-recording/1"
POINT_BYTES, IV_BYTES, TAG_BYTES, KEY_BYTES = 65, 12, 16, 32
WRAPPED_BYTES = POINT_BYTES + IV_BYTES + KEY_BYTES + TAG_BYTES
SEALED_MORE = IV_BYTES + TAG_BYTES
LONGEST_SEGMENT = 8 * 1024 * 1024
LONGEST_SEGMENT_MS = 60_000
MOST_SEGMENTS = 8_640


@dataclass(frozen=True)
class Finding:
    """Whether a recording is the one made on the spot; else why not, and the first segment that
    shows it, where that is known."""

    ok: bool
    why: str = ""
    first_bad: int | None = None


def chain_head(*, visit: int, recording: str, nonce: bytes, segments: Iterable[Segment]) -> bytes:
    """The head of the chain over the segments in their order."""
    head = chain_begin(visit=visit, recording=recording, nonce=nonce)
    for seq, segment in enumerate(segments):
        head = chain_add(head, seq, segment)
    return head


def head_signed(receipt: Receipt) -> bool:
    """Whether the phone's key signed this head."""
    message = head_text(
        visit=receipt.visit, recording=receipt.recording, count=receipt.count, head=receipt.head
    )
    try:
        Ed25519PublicKey.from_public_bytes(receipt.key).verify(receipt.signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def recording_verify(
    *, receipt: Receipt, nonce: bytes, segments: Sequence[Segment], bodies: Iterable[bytes | None]
) -> Finding:
    """Compare the segments with the signed head; `bodies` are their sealed bytes, None where only
    the hash is looked at."""
    if not head_signed(receipt):
        return Finding(False, "The head is not signed by the phone.")
    try:
        chain_check(receipt=receipt, nonce=nonce, segments=segments, bodies=bodies)
    except Altered as found:
        return Finding(False, found.why, found.first_bad)
    return Finding(True)


def content_key_unwrap(*, private: ec.EllipticCurvePrivateKey, wrapped: bytes) -> bytes:
    """The content key of a recording. Raises InputError BAD_WRAP when it was wrapped for another
    key, or not at all."""
    try:
        if len(wrapped) != WRAPPED_BYTES:
            raise ValueError
        point = wrapped[:POINT_BYTES]
        phone = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        iv, sealed = (
            wrapped[POINT_BYTES : POINT_BYTES + IV_BYTES],
            wrapped[POINT_BYTES + IV_BYTES :],
        )
        return AESGCM(_shared(private, phone)).decrypt(iv, sealed, None)
    except (ValueError, InvalidTag):
        raise InputError(
            "The recording's key was not wrapped for this server.",
            code="BAD_WRAP",
            hint="Wrap it for the key that `me/` gives under keys.recording.",
        ) from None


def content_key_wrap(
    *,
    server: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
    iv: bytes,
    key: bytes,
) -> bytes:
    """A content key wrapped for the server, as phones do it."""
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point + iv + AESGCM(_shared(ephemeral, server)).encrypt(iv, key, None)


def _shared(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey) -> bytes:
    secret = private.exchange(ec.ECDH(), public)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=INFO).derive(secret)


def segment_seal(*, key: bytes, recording: str, seq: int, iv: bytes, plain: bytes) -> bytes:
    """A segment as it leaves the phone."""
    return iv + AESGCM(key).encrypt(iv, plain, _place(recording, seq))


def segment_open(*, key: bytes, recording: str, seq: int, body: bytes) -> bytes:
    """What was recorded. Raises DoorstepError SEAL_BROKEN when it was altered or moved."""
    try:
        return AESGCM(key).decrypt(body[:IV_BYTES], body[IV_BYTES:], _place(recording, seq))
    except (InvalidTag, ValueError):
        raise DoorstepError(
            f"Segment {seq} cannot be opened: it was altered, moved, or sealed under another key.",
            code="SEAL_BROKEN",
        ) from None


def segment_sha(body: bytes) -> bytes:
    """The hash of a sealed segment, which the chain is made of."""
    return hashlib.sha256(body).digest()


def _place(recording: str, seq: int) -> bytes:
    return f"{recording}|{seq}".encode()
