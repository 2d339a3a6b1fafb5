"""The keys of the evidence: master keys that wrap the subjects' keys, the key that signs, and the
two keys of the door.

They lie in one TOML file that only the program may read, apart from the database:

    current = "k1"                 # the master key that wraps new keys
    signing = "…"                  # seed of the Ed25519 key, 32 bytes in base64
    door = "…"                     # seed of the Ed25519 key that signs visit passes
    recording = "…"                # the P-256 number that opens recordings, 32 bytes in base64
    [masters]
    k1 = "…"                       # 32 bytes in base64
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from doorstep.evidence.sealing import KEY_BYTES
from doorstep.kernel.errors import InputError, NotFound, Where

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True)
class Keys:
    """Master keys by id, which of them is current, the seed of the signing key, and the keys of the
    door; those are empty in a file from before there was a door."""

    current: str
    masters: Mapping[str, bytes] = field(repr=False)
    signing: bytes = field(repr=False)
    door: bytes = field(default=b"", repr=False)
    recording: bytes = field(default=b"", repr=False)

    @property
    def complete(self) -> bool:
        """Whether the keys of the door are there too."""
        return bool(self.door and self.recording)

    def master(self, key_id: str) -> bytes:
        """The master key of that id. Raises NotFound when the file no longer has it."""
        if key_id not in self.masters:
            raise NotFound(
                f"The evidence was sealed under master key {key_id!r}, which is not in the file.",
                code="NO_MASTER_KEY",
                hint="Put the key back; drop it only after doorstep evidence rotate.",
            )
        return self.masters[key_id]


def keys_new() -> Keys:
    """Fresh keys: one master key, one to sign with, and those of the door."""
    return _completed(
        Keys(
            current="k1",
            masters={"k1": secrets.token_bytes(KEY_BYTES)},
            signing=secrets.token_bytes(KEY_BYTES),
        )
    )


def keys_complete(path: Path) -> bool:
    """Add the keys of the door to a file that has none; whether any was missing.

    Two at once add one and the same. Raises InputError like `keys_read`.
    """
    keys_read(path)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        keys = keys_read(path)
        if keys.complete:
            return False
        return keys_write(path, _completed(keys), over=True)


def _completed(keys: Keys) -> Keys:
    drawn = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return replace(
        keys,
        door=keys.door or secrets.token_bytes(KEY_BYTES),
        recording=keys.recording or drawn.to_bytes(KEY_BYTES, "big"),
    )


def keys_read(path: Path) -> Keys:
    """The keys in the file. Raises InputError that names the file, never what is in it."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        masters = {str(name): _key(text) for name, text in table["masters"].items()}
        door, recording = (
            _key(table[name]) if name in table else b"" for name in ("door", "recording")
        )
        keys = Keys(table["current"], masters, _key(table["signing"]), door, recording)
    except FileNotFoundError:
        raise _unusable(path, "There is no such file.") from None
    except (OSError, KeyError, TypeError, AttributeError, ValueError):
        raise _unusable(path, "It is not of the form that is expected.") from None
    if keys.current not in keys.masters or not all(map(KEY_ID.fullmatch, keys.masters)):
        raise _unusable(path, "The current key is not among the master keys, or an id is unfit.")
    return keys


def keys_write(path: Path, keys: Keys, *, over: bool = False) -> bool:
    """Write the file for this account alone, whole or not at all; whether it was written.

    A file that is there stays as it is, unless the keys are to be written `over` it.
    """
    lines = [f'current = "{keys.current}"', f'signing = "{_text(keys.signing)}"']
    for name, key in (("door", keys.door), ("recording", keys.recording)):
        lines += [f'{name} = "{_text(key)}"'] if key else []
    lines.append("[masters]")
    lines += [f'{name} = "{_text(key)}"' for name, key in sorted(keys.masters.items())]
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    beside = Path(name)
    try:
        with os.fdopen(number, "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if over:
            beside.replace(path)
        else:
            path.hardlink_to(beside)
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    return True


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"The keys of the evidence cannot be read. {why}",
        code="BAD_KEYS",
        hint="Make a file with doorstep evidence keys FILE, and name it in DOORSTEP_EVIDENCE_KEYS.",
        where=Where(file=str(path)),
    )
