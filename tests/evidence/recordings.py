"""Recordings as a phone makes them, for tests: keys, segments, head and signature."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doorstep.evidence.recording import chain_head, content_key_wrap, segment_seal, segment_sha
from doorstep.evidence.verify_recording import Receipt, Segment, head_text

START_MS = 1_795_413_600_000
SPAN_MS = 10_000


@dataclass
class Made:
    """A recording: what the phone has of it, and what it says at the end."""

    visit: int
    recording: str
    nonce: bytes
    key: bytes
    device: Ed25519PrivateKey
    plain: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    start_ms: int = START_MS

    @property
    def public(self) -> bytes:
        """The phone's public key."""
        return self.device.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def head(self) -> bytes:
        """The head of the chain over what there is now."""
        return chain_head(
            visit=self.visit, recording=self.recording, nonce=self.nonce, segments=self.segments
        )

    def receipt(self, *, by: Ed25519PrivateKey | None = None) -> Receipt:
        """What the phone (or somebody else's key) signs now."""
        count, head = len(self.segments), self.head
        text = head_text(visit=self.visit, recording=self.recording, count=count, head=head)
        signed = (by or self.device).sign(text)
        return Receipt(self.visit, self.recording, count, head, self.public, signed)

    def add(self, plain: bytes, *, iv: bytes | None = None) -> None:
        """Record one more segment."""
        seq = len(self.segments)
        body = segment_seal(
            key=self.key, recording=self.recording, seq=seq, plain=plain,
            iv=iv or bytes([seq % 256]) * 12,
        )  # fmt: skip
        self.plain.append(plain)
        self.bodies.append(body)
        self.segments.append(Segment(segment_sha(body), self.start_ms + seq * SPAN_MS, SPAN_MS))

    def copy(self) -> Made:
        """The same, to be altered."""
        return replace(self, plain=[*self.plain], bodies=[*self.bodies], segments=[*self.segments])


def make_recording(
    *,
    visit: int = 1,
    count: int = 6,
    seed: int = 1,
    nonce: bytes | None = None,
    device: Ed25519PrivateKey | None = None,
    size: int = 64,
    start_ms: int = START_MS,
) -> Made:
    """A recording of `count` segments of about `size` bytes each."""
    rng = np.random.default_rng(seed)
    made = Made(
        visit=visit,
        recording=str(uuid.UUID(bytes=rng.bytes(16), version=4)),
        nonce=nonce or rng.bytes(16),
        key=rng.bytes(32),
        device=device or Ed25519PrivateKey.from_private_bytes(rng.bytes(32)),
        start_ms=start_ms,
    )
    for _ in range(count):
        made.add(rng.bytes(int(rng.integers(1, 2 * size))), iv=rng.bytes(12))
    return made


def wrapped_for(server: ec.EllipticCurvePublicKey, key: bytes) -> bytes:
    """The content key as the phone wraps it for the server."""
    drawn = ec.generate_private_key(ec.SECP256R1())
    return content_key_wrap(server=server, ephemeral=drawn, iv=b"i" * 12, key=key)
