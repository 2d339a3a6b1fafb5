"""The text a device signs for each request, and bytes as the phone writes them. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from doorstep.kernel.errors import InputError, Where

SCHEME = "Device"
SKEW = timedelta(seconds=120)
AUTHORIZATION = re.compile(r"Device ([0-9a-fA-F-]{36})\.([0-9]{1,12})\.([A-Za-z0-9_-]{86})")
BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Signed:
    """What stands in the header: which device, when by its corrected clock (unix seconds), and its
    signature of 64 bytes."""

    device: UUID
    seconds: int
    signature: bytes


def signed_read(header: str) -> Signed | None:
    """The header of a request; None for what is none."""
    found = AUTHORIZATION.fullmatch(header)
    if found is None:
        return None
    try:
        return Signed(UUID(found[1]), int(found[2]), b64_read(found[3], field="signature"))
    except (ValueError, InputError):
        return None


def request_text(*, method: str, path: str, body: bytes, seconds: int) -> bytes:
    """What is signed: method, path with query, SHA-256 of the body, unix seconds."""
    digest = hashlib.sha256(body).hexdigest()
    return f"doorstep-request/1\n{method}\n{path}\n{digest}\n{seconds}".encode()


def signature_holds(*, public_key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether the key has signed the text."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def b64(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64_read(text: object, *, field: str) -> bytes:
    """Bytes from base64url without padding, in its one form. Raises InputError BAD_BASE64 that
    names the field."""
    if isinstance(text, str) and BASE64URL.fullmatch(text):
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error:
            raw = b""
        if b64(raw) == text:
            return raw
    raise InputError(
        f"{field} is no base64url without padding.", code="BAD_BASE64", where=Where(field=field)
    )
