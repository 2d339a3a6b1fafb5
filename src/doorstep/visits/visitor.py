"""How a borrower knows real visitors: the number both see, what a phone signs at a challenge, codes
as people type them. Pure.

Ed25519 keys are raw, 32 bytes; base64url without padding, read strictly.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import UTC, datetime, timedelta

from doorstep.kernel.errors import InputError
from doorstep.visits.appointments import ALPHABET, CODE_LENGTH
from doorstep.visits.door.request import b64_read

EARLY, LATE = timedelta(minutes=30), timedelta(hours=2)
"""How much earlier or later than planned a crew may be at the door; the guard decides then."""

SLOT = timedelta(minutes=5)
CHALLENGE_LIVES = timedelta(minutes=2)
NONCE_BYTES = 24


def code_normal(text: str) -> str:
    """A code as it is kept (`KQ4T-9WHM`), out of what a person typed: any case, full width, spaces
    and dashes anywhere. Empty where it can be none."""
    wide = unicodedata.normalize("NFKC", text[:64]).upper()
    letters = "".join(each for each in wide if not each.isspace() and each not in "-‐‑‒–—―−_.·")
    if len(letters) != CODE_LENGTH or any(each not in ALPHABET for each in letters):
        return ""
    return f"{letters[:4]}-{letters[4:]}"


def slot_of(at: datetime) -> int:
    """The number of the five minutes that an instant lies in."""
    return int(at.timestamp()) // int(SLOT.total_seconds())


def slot_ends(at: datetime) -> datetime:
    """When the number changes next."""
    return datetime.fromtimestamp((slot_of(at) + 1) * SLOT.total_seconds(), UTC)


def number_of(*, secret: bytes, visit: int, slot: int) -> str:
    """The three figures of a visit in a slot; nobody without the secret can work them out."""
    mac = hmac.digest(secret, f"doorstep-visitor-number/1\n{visit}\n{slot}".encode(), "sha256")
    return f"{int.from_bytes(mac[:8], 'big') % 1000:03}"


def number_agrees(*, secret: bytes, visit: int, said: str, at: datetime) -> bool:
    """Whether a number is that of this slot or of the one before. Takes as long for any."""
    wanted = [
        number_of(secret=secret, visit=visit, slot=slot_of(at) - back).encode() for back in (0, 1)
    ]
    given = said.encode("utf-8", "replace")
    return sum(hmac.compare_digest(each, given) for each in wanted) > 0


def challenge_text(*, visit: int, nonce: str) -> bytes:
    """What a phone signs to be shown the number."""
    return f"doorstep-challenge/1\n{visit}\n{nonce}".encode()


def raw_read(text: str) -> bytes | None:
    """Base64url without padding; None where it is not written in its one right way."""
    try:
        return b64_read(text, field="signature")
    except InputError:
        return None


def door_word(code: str) -> str:
    """A code as it is read aloud: its characters one by one, in two groups."""
    first, _dash, second = code.partition("-")
    return f"{' '.join(first)}, {' '.join(second)}" if second else " ".join(first)


def key_of(*, secret: bytes, value: str) -> str:
    """A stranger's address as it is kept for counting: a digest that nobody can turn back."""
    return hmac.new(secret, f"doorstep-asker/1\n{value}".encode(), hashlib.sha256).hexdigest()[:32]
