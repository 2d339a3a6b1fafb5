"""Documents sealed under a key of their subject; that key wrapped under a master key.

AES-256-GCM with associated data, so that a sealed thing cannot be moved to another place. When a
subject's key is destroyed, its documents and the salts in them cannot be read again.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from doorstep.evidence.entry import SALT_BYTES
from doorstep.kernel.errors import DoorstepError

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True)
class Opened:
    """A document and the salt of its commitment."""

    salt: bytes
    content: bytes


def document_seal(*, key: AESGCM, ref: str, index: int, nonce: bytes, opened: Opened) -> bytes:
    """The salt and document of leaf `index`, sealed for its place in the log alone."""
    return nonce + key.encrypt(nonce, opened.salt + opened.content, _place(ref, index))


def document_open(*, key: AESGCM, ref: str, index: int, sealed: bytes) -> Opened:
    """What was sealed. Raises DoorstepError when it was altered, moved or is another key's."""
    plain = _open(key, sealed, _place(ref, index), f"The document of entry {index}")
    return Opened(salt=plain[:SALT_BYTES], content=plain[SALT_BYTES:])


def file_seal(*, key: AESGCM, place: str, nonce: bytes, content: bytes) -> bytes:
    """A file, sealed for one place of one table alone (`table:column:key`)."""
    return nonce + key.encrypt(nonce, content, f"file:{place}".encode())


def file_open(*, key: AESGCM, place: str, sealed: bytes) -> bytes:
    """What was sealed. Raises DoorstepError when it was altered, moved or is another key's."""
    return _open(key, sealed, f"file:{place}".encode(), f"The file of {place}")


def key_wrap(*, master: bytes, master_id: str, ref: str, nonce: bytes, key: bytes) -> bytes:
    """A subject's key, wrapped under the master key of that id."""
    return nonce + AESGCM(master).encrypt(nonce, key, _holder(ref, master_id))


def key_unwrap(*, master: bytes, master_id: str, ref: str, wrapped: bytes) -> bytes:
    """A subject's key. Raises DoorstepError when it was altered or is another master key's."""
    return _open(AESGCM(master), wrapped, _holder(ref, master_id), f"The key of subject {ref}")


def _place(ref: str, index: int) -> bytes:
    return f"evidence_sealed:document:{index}:{ref}".encode()


def _holder(ref: str, master_id: str) -> bytes:
    return f"evidence_subject:wrapped:{ref}:{master_id}".encode()


def _open(key: AESGCM, sealed: bytes, place: bytes, what: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise DoorstepError(
            f"{what} cannot be opened: it was altered, or sealed under another key.",
            code="SEAL_BROKEN",
            hint="Run doorstep evidence check, and compare with a backup.",
        ) from None
