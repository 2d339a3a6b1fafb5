"""Whatever is done to a recording on its way or on the server's disk, it is found.

Forty attacks of each class in every run; the whole promise is
DOORSTEP_TEST_ATTACKS=10000 pytest tests/evidence/test_recording_attacks.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from doorstep.evidence.recording import Finding, recording_verify, segment_sha
from doorstep.evidence.verify_recording import Receipt, Segment
from tests.evidence.recordings import Made, make_recording

ATTACKS = int(os.environ.get("DOORSTEP_TEST_ATTACKS", "40"))
Attack = Callable[[Made, np.random.Generator], Made]


def rehash(made: Made) -> None:
    """Whoever altered the bodies writes their hashes anew."""
    made.segments = [
        Segment(segment_sha(body), old.started_ms, old.length_ms)
        for body, old in zip(made.bodies, made.segments, strict=True)
    ]


def some(made: Made, rng: np.random.Generator) -> int:
    return int(rng.integers(len(made.bodies)))


def another(made: Made, rng: np.random.Generator) -> Made:
    """A recording of another visit by the same phone, as long as this one."""
    return make_recording(
        visit=made.visit + 1, device=made.device, count=len(made.bodies),
        seed=int(rng.integers(2**31)),
    )  # fmt: skip


def flip(made: Made, rng: np.random.Generator) -> Made:
    """One bit of one segment."""
    at = some(made, rng)
    body = bytearray(made.bodies[at])
    bit = int(rng.integers(8 * len(body)))
    body[bit // 8] ^= 1 << bit % 8
    made.bodies[at] = bytes(body)
    return made


def shorten(made: Made, rng: np.random.Generator) -> Made:
    """The end of one segment is cut away."""
    at = some(made, rng)
    made.bodies[at] = made.bodies[at][: int(rng.integers(len(made.bodies[at])))]
    return made


def cut(made: Made, rng: np.random.Generator) -> Made:
    """A run of segments is left out: at the beginning, in the middle, or at the end."""
    at = some(made, rng)
    until = int(rng.integers(at + 1, len(made.bodies) + 1))
    del made.bodies[at:until], made.segments[at:until]
    return made


def reorder(made: Made, rng: np.random.Generator) -> Made:
    """Two segments change places."""
    one, other = rng.choice(len(made.bodies), 2, replace=False)
    for rows in (made.bodies, made.segments):
        rows[one], rows[other] = rows[other], rows[one]  # type: ignore[index]
    return made


def append(made: Made, rng: np.random.Generator) -> Made:
    """A segment more, sealed with the right key, at the end or somewhere before."""
    made.add(rng.bytes(40), iv=rng.bytes(12))
    at = int(rng.integers(len(made.bodies)))
    made.bodies.insert(at, made.bodies.pop())
    made.segments.insert(at, made.segments.pop())
    return made


def repeat(made: Made, rng: np.random.Generator) -> Made:
    """A segment is there twice."""
    at, to = some(made, rng), some(made, rng)
    made.bodies.insert(to, made.bodies[at])
    made.segments.insert(to, made.segments[at])
    return made


def swap(made: Made, rng: np.random.Generator) -> Made:
    """A segment comes from another visit of the same phone."""
    other = another(made, rng)
    at = some(made, rng)
    made.bodies[at], made.segments[at] = other.bodies[at], other.segments[at]
    return made


def replace_all(made: Made, rng: np.random.Generator) -> Made:
    """The whole recording of another visit of the same phone, under this one's receipt."""
    other = another(made, rng)
    other.visit, other.recording, other.nonce = made.visit, made.recording, made.nonce
    return other


def shift(made: Made, rng: np.random.Generator) -> Made:
    """A segment is said to have begun at another time, or to be of another length."""
    at = some(made, rng)
    old, by = made.segments[at], int(rng.integers(1, 10_000))
    moved = (
        {"started_ms": old.started_ms + by}
        if rng.integers(2)
        else {"length_ms": old.length_ms + by}
    )
    made.segments[at] = old._replace(**moved)
    return made


def new_nonce(made: Made, rng: np.random.Generator) -> Made:
    """The chain is said to begin elsewhere, as if it had been made before the visit was planned."""
    made.nonce = rng.bytes(16)
    return made


CLASSES: tuple[Attack, ...] = (
    flip, shorten, cut, reorder, append, repeat, swap, replace_all, shift, new_nonce,
)  # fmt: skip


@cache
def the_recordings() -> list[tuple[Made, Receipt]]:
    """A few honest recordings and what their phones signed."""
    made = [make_recording(visit=n, seed=n, count=4 + n % 5) for n in range(1, 9)]
    return [(each, each.receipt()) for each in made]


def look(made: Made, receipt: Receipt) -> Finding:
    return recording_verify(
        receipt=receipt, nonce=made.nonce, segments=made.segments, bodies=made.bodies
    )


def test_what_nobody_touched_holds() -> None:
    assert all(look(made, receipt).ok for made, receipt in the_recordings())


@pytest.mark.parametrize("attack", CLASSES, ids=lambda each: each.__name__)
def test_every_attack_is_found(attack: Attack) -> None:
    """Half of them rehash everything behind them, as somebody with the whole database could."""
    missed = []
    for seed in range(ATTACKS):
        rng = np.random.default_rng(seed)
        made, receipt = the_recordings()[seed % len(the_recordings())]
        altered = attack(made.copy(), rng)
        if seed % 2:
            rehash(altered)
        same = (altered.bodies, altered.segments, altered.nonce)
        if same != (made.bodies, made.segments, made.nonce) and look(altered, receipt).ok:
            missed.append(seed)
    assert missed == []


@pytest.mark.parametrize("attack", CLASSES, ids=lambda each: each.__name__)
def test_a_head_made_anew_is_signed_by_nobody(attack: Attack) -> None:
    """Rehash everything, put the new head into the receipt: without the phone's key it is none, and
    with somebody else's key it names the wrong phone."""
    thief = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
    missed = []
    for seed in range(ATTACKS):
        rng = np.random.default_rng(seed)
        made, receipt = the_recordings()[seed % len(the_recordings())]
        altered = attack(made.copy(), rng)
        rehash(altered)
        head, count = altered.head, len(altered.segments)
        if (head, count) == (receipt.head, receipt.count):
            continue
        forged = [
            receipt._replace(head=head, count=count),
            altered.receipt(by=thief)._replace(key=receipt.key),
            receipt._replace(count=count),
        ]
        if any(look(altered, each).ok for each in forged):
            missed.append(seed)
    assert missed == []


def test_a_receipt_of_one_visit_does_not_serve_another() -> None:
    missed = []
    for seed in range(ATTACKS):
        (one, _), (_, other) = (the_recordings()[(seed + step) % 8] for step in (0, 1 + seed % 7))
        moved = other._replace(visit=one.visit, recording=one.recording)
        if look(one, other).ok or look(one, moved).ok:
            missed.append(seed)
    assert missed == []
