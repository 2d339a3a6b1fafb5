"""The keys of the door: made once, kept through every rotation, never made by themselves in live
mode."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pytest_django import Settings

from doorstep.evidence.door_keys import (
    recording_private_key,
    recording_public_key,
    server_private_key,
    server_public_key,
)
from doorstep.evidence.keyring import keys
from doorstep.evidence.keys import keys_complete, keys_new, keys_read, keys_write
from doorstep.evidence.rotation import keys_rotate
from doorstep.kernel.errors import InputError


def made_before_the_door(path: Path) -> None:
    keys_write(path, keys_new())
    kept = [line for line in path.read_text().splitlines() if not re.match("door|recording", line)]
    path.write_text("\n".join(kept) + "\n")


def test_the_public_halves_fit_the_private_ones() -> None:
    Ed25519PublicKey.from_public_bytes(server_public_key()).verify(
        server_private_key().sign(b"pass"), b"pass"
    )
    point = recording_public_key()
    other = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    assert len(point) == 65
    assert other.exchange(ec.ECDH(), theirs) == recording_private_key().exchange(
        ec.ECDH(), other.public_key()
    )


def test_they_stay_the_same_when_read_again_and_when_master_keys_rotate() -> None:
    before = server_public_key(), recording_public_key()
    keys_rotate()
    assert (server_public_key(), recording_public_key()) == before


def test_a_file_from_before_gets_them_once(settings: Settings) -> None:
    path = Path(settings.EVIDENCE_KEYS)
    made_before_the_door(path)
    signing = keys_read(path).signing
    held = keys()
    assert held.complete
    assert held.signing == signing
    assert keys_read(path) == held
    assert not keys_complete(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_in_live_mode_nobody_adds_them_by_themselves(settings: Settings) -> None:
    path = Path(settings.EVIDENCE_KEYS)
    made_before_the_door(path)
    settings.LIVE = True
    for key in (server_private_key, server_public_key, recording_public_key):
        with pytest.raises(InputError, match="--complete") as refused:
            key()
        assert refused.value.code == "NO_DOOR_KEYS"
    assert not keys_read(path).complete
    assert keys_complete(path)
    assert len(server_public_key()) == 32


def test_a_key_of_the_wrong_length_or_no_file_is_refused(settings: Settings) -> None:
    path = Path(settings.EVIDENCE_KEYS)
    with pytest.raises(InputError, match="no such file"):
        keys_complete(path)
    keys_write(path, keys_new())
    short = base64.b64encode(b"short").decode()
    path.write_text(re.sub(r'^door = ".*"', f'door = "{short}"', path.read_text(), flags=re.M))
    with pytest.raises(InputError, match="form that is expected"):
        keys_complete(path)
