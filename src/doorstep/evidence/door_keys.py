"""The two keys of the door: Ed25519 to sign what a phone may trust without a network, and P-256 to
open recordings. Both lie in the keys file (`keys.py`), made once, outside live mode unasked."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doorstep.evidence.keyring import keys
from doorstep.kernel.errors import InputError


def server_private_key() -> Ed25519PrivateKey:
    """The key that signs visit passes. Raises InputError NO_DOOR_KEYS where the file has none."""
    return Ed25519PrivateKey.from_private_bytes(_held(keys().door))


def server_public_key() -> bytes:
    """Its public half, 32 bytes; every bound phone has it. Raises like `server_private_key`."""
    return server_private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def recording_private_key() -> ec.EllipticCurvePrivateKey:
    """The P-256 key that opens recordings. Raises InputError NO_DOOR_KEYS where there is none."""
    number = int.from_bytes(_held(keys().recording), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def recording_public_key() -> bytes:
    """Its public half, an uncompressed point of 65 bytes. Raises like `recording_private_key`."""
    point = recording_private_key().public_key()
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _held(key: bytes) -> bytes:
    if not key:
        raise InputError(
            "The keys file was made before there was a door.", code="NO_DOOR_KEYS",
            hint="Run doorstep evidence keys FILE --complete on the file, once, and keep a copy.",
        )  # fmt: skip
    return key
