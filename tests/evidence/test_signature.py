"""Ed25519 of the verifier against RFC 8032's examples and against a library."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.evidence.verify import ORDER, signature_holds

# RFC 8032, 7.1: seed, message, signature.
EXAMPLES = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


def public(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.mark.parametrize(("seed", "message", "signature"), EXAMPLES)
def test_the_examples_of_the_standard_hold(seed: str, message: str, signature: str) -> None:
    key, text, signed = (
        public(bytes.fromhex(seed)),
        bytes.fromhex(message),
        bytes.fromhex(signature),
    )
    assert signature_holds(key=key, message=text, signature=signed)
    assert not signature_holds(key=key, message=text + b"x", signature=signed)


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_what_a_library_signs_holds_and_one_flipped_bit_does_not(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = public(seed)
    signed = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    assert signature_holds(key=key, message=message, signature=signed)
    flipped = bytearray(signed)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not signature_holds(key=key, message=message, signature=bytes(flipped))


def test_what_is_no_signature_or_key_does_not_hold() -> None:
    seed = bytes(range(32))
    signed = Ed25519PrivateKey.from_private_bytes(seed).sign(b"x")
    s = int.from_bytes(signed[32:], "little")
    malleable = signed[:32] + (s + ORDER).to_bytes(32, "little")
    for key, signature in (
        (public(seed), b""),
        (public(seed), malleable),
        (b"", signed),
        (b"\xff" * 32, signed),
        (bytes(32), bytes(64)),
    ):
        assert not signature_holds(key=key, message=b"x", signature=signature)
