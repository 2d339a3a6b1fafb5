"""Checks an export of Doorstep's evidence log against a checkpoint that was kept elsewhere.

    python verify.py [DIR] --checkpoint FILE [--key FILE]

DIR is the folder of the export (the folder of this file when left out). FILE is a checkpoint from
the second place it was copied to, never the one of the export. `--key` names a file with the log's
public key when you have it from the lender directly; otherwise the key in the export is used, and
it must have signed the checkpoint. Prints one JSON object and ends with 0 when all is sound, 1 when
anything was altered, 2 when a file cannot be read:

    {"size": 42, "root": "...", "ok": true, "first_bad": null, "why": "..."}

This file needs Python 3.9 or later and nothing else: it imports the standard library only, so that
it can be read in one sitting and run on a machine that Doorstep has never seen. It follows RFC 6962
(tree), RFC 8032 (Ed25519) and the C2SP forms signed-note and tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

# ---------------------------------------------------------------- the tree (RFC 6962, 2.1)

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_add(hashes: list[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Add a leaf's hash to a tree of `size` leaves, kept as the roots of its complete subtrees,
    largest first. Returns the roots of the subtrees that became complete, smallest first."""
    made = [leaf]
    while size & 1:
        made.append(node_hash(hashes.pop(), made[-1]))
        size >>= 1
    hashes.append(made[-1])
    return made


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over the complete subtrees of a tree, largest first."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == 32 for value in values)


def inclusion_holds(
    *, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> bool:
    """Whether the path proves that the leaf of this hash stands at `index` of the tree."""
    if not 0 <= index < size or not _are_hashes([leaf, root, *path]):
        return False
    node, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(step, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, step)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def consistency_holds(
    *, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path proves that the tree of `new` leaves begins with the tree of `old`."""
    if old == new:
        return old > 0 and not path and old_root == new_root
    if not 0 < old < new or not path or not _are_hashes([old_root, new_root, *path]):
        return False
    steps = list(path) if old & (old - 1) else [old_root, *path]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, step)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# ---------------------------------------------------------------- Ed25519 (RFC 8032, 5.1)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    minus, plus = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    twist, double = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = plus - minus, double - twist, double + twist, plus + minus
    return e * f % P, g * h % P, f * g % P, e * h % P


def _sum_of_products(s: int, a: Point, t: int, b: Point) -> Point:
    """s * a + t * b."""
    both, result = _add(a, b), (0, 1, 1, 0)
    for bit in range(max(s, t).bit_length() - 1, -1, -1):
        result = _add(result, result)
        which = (s >> bit & 1) + 2 * (t >> bit & 1)
        if which:
            result = _add(result, (a, b, both)[which - 1])
    return result


def _is_of_small_order(point: Point) -> bool:
    """Whether the point is one of the eight under which anything would pass as signed."""
    for _ in range(3):
        point = _add(point, point)
    return point[0] == 0 and point[1] == point[2]


def _point(encoded: bytes) -> Point | None:
    """The point of the curve with this encoding; None when there is none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(*, key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the key's Ed25519 signature of the message."""
    if len(key) != 32 or len(signature) != 64 or BASE is None:
        return False
    a, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER or _is_of_small_order(a):
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    minus_a = (P - a[0], a[1], 1, P - a[3])
    k = int.from_bytes(digest, "little") % ORDER
    x, y, z, _ = _sum_of_products(s, BASE, k, minus_a)  # s * B - k * A, which must be R
    return (x - r[0] * z) % P == 0 and (y - r[1] * z) % P == 0


# ---------------------------------------------------------------- signed notes and checkpoints


class Altered(Exception):  # noqa: N818
    """Something does not hold: why, and the first entry it is seen at, when that is known."""

    def __init__(self, why: str, first_bad: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.first_bad = first_bad


class Key(NamedTuple):
    """A public key with the name it signs under."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.key).digest()[:4]


class Checkpoint(NamedTuple):
    """What a log says of itself: its name, size and root, and what it adds."""

    origin: str
    size: int
    root: bytes
    more: list[str]


def key_read(line: str) -> Key:
    """A public key in the form name+id+base64. Raises Altered when it is none."""
    name, _, rest = line.strip().partition("+")
    number, _, coded = rest.partition("+")
    try:
        raw = base64.b64decode(coded, validate=True)
    except ValueError:
        raise Altered("A line of log.vkey is no public key.") from None
    key = Key(name, raw[1:])
    if raw[:1] != b"\x01" or len(raw) != 33 or key.id.hex() != number:
        raise Altered("A line of log.vkey is no Ed25519 key, or has another key's number.")
    return key


def note_open(note: str, keys: Sequence[Key], *, what: str) -> tuple[str, Key]:
    """The text of a signed note, and which of the keys signed it. Raises Altered when none did."""
    text, gap, lines = note.rpartition("\n\n")
    for line in lines.splitlines() if gap else []:
        dash, _, rest = line.partition(" ")
        name, _, coded = rest.partition(" ")
        try:
            signed = base64.b64decode(coded, validate=True)
        except ValueError:
            continue
        for key in keys:
            named = dash == "\u2014" and name == key.name and signed[:4] == key.id
            message = (text + "\n").encode()
            if named and signature_holds(key=key.key, message=message, signature=signed[4:]):
                return text + "\n", key
    raise Altered(f"{what} is not signed by the log's key.")


def checkpoint_read(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Raises Altered when it is none."""
    lines = text.splitlines()
    if len(lines) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise Altered("The checkpoint is not of the form name, size, root.")
    return Checkpoint(lines[0], int(lines[1]), _hash(lines[2]), lines[3:])


def _hash(text: Any) -> bytes:
    """A SHA-256 in base64. Raises Altered when it is none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raw = b""
    if len(raw) != 32:
        raise Altered("What should be a hash is none.")
    return raw


# ---------------------------------------------------------------- entries


@dataclass(frozen=True)
class Line:
    """An entry of the export, checked by itself: its place, the hash of its leaf, and the rest."""

    index: int
    leaf: bytes
    kind: str
    ref: str
    document: dict[str, Any] | None
    path: list[bytes] | None


def canonical(document: Any) -> bytes:
    """A document as the bytes that were committed to."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def commitment_of(*, salt: bytes, content: bytes) -> bytes:
    """What binds a leaf to its document and, without the salt, tells nothing about it."""
    return hashlib.sha256(b"doorstep-commitment-v1\n" + salt + content).digest()


def leaf_of(*, at: str, kind: str, ref: str, commitment: bytes) -> bytes:
    """The bytes of a leaf: when, of what kind, about which reference, and the commitment."""
    return f"doorstep-leaf-v1\n{at}\n{kind}\n{ref}\n{commitment.hex()}\n".encode()


def line_read(text: str, expected: int | None) -> Line:
    """One line of entries.jsonl. Raises Altered when it does not hold in itself."""
    try:
        row = json.loads(text)
        index, at, kind, ref = row["index"], row["at"], row["kind"], row["ref"]
        commitment = bytes.fromhex(row["commitment"])
        document, salt = row["document"], row["salt"]
        content = None if document is None else canonical(document)
        path = [_hash(step) for step in row["path"]] if "path" in row else None
    except Altered:
        raise Altered("An entry's proof cannot be read.", expected) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Altered("An entry cannot be read.", expected) from None
    if type(index) is not int or (expected is not None and index != expected):
        raise Altered(f"Entry {expected} is missing, moved, or another stands there.", expected)
    if not all(isinstance(word, str) and "\n" not in word for word in (at, kind, ref)):
        raise Altered(f"Entry {index} is not of the form of an entry.", index)
    if content is not None and (
        not isinstance(salt, str)
        or not re.fullmatch("[0-9a-f]{64}", salt)
        or commitment_of(salt=bytes.fromhex(salt), content=content) != commitment
    ):
        raise Altered(f"The document of entry {index} is not what was committed to.", index)
    leaf = leaf_hash(leaf_of(at=at, kind=kind, ref=ref, commitment=commitment))
    return Line(index, leaf, kind, ref, document, path)


class Erasures:
    """Documents may be missing only where an entry of the log says that the subject was erased."""

    def __init__(self) -> None:
        self.without: dict[str, tuple[int, int]] = {}
        self.erased: dict[str, int] = {}

    def note(self, line: Line) -> None:
        """Take the next entry into account."""
        if line.document is None:
            first, _ = self.without.get(line.ref, (line.index, 0))
            self.without[line.ref] = (first, line.index)
        elif line.kind == "erasure" and isinstance(line.document.get("body"), dict):
            self.erased[str(line.document["body"].get("ref"))] = line.index

    def check(self) -> None:
        """Raises Altered for a document that is missing without an erasure after it."""
        bad = [
            first for ref, (first, last) in self.without.items() if self.erased.get(ref, -1) <= last
        ]
        if bad:
            why = f"The document of entry {min(bad)} is missing, and no entry says it was erased."
            raise Altered(why, min(bad))


# ---------------------------------------------------------------- the export


class Manifest(NamedTuple):
    """What the log says, signed, of the export it made."""

    whole: bool
    size: int
    root: bytes
    entries: int
    digests: dict[str, str]


def manifest_read(text: str) -> Manifest:
    """The manifest in the text of its note. Raises Altered when it is none."""
    try:
        row = json.loads(text)
        whole, size, entries = row["scope"] == "whole", row["size"], row["entries"]
        digests = {str(name): str(digest) for name, digest in row["files"].items()}
        root = _hash(row["root"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Altered("The manifest cannot be read.") from None
    if type(size) is not int or type(entries) is not int or row["format"] != "doorstep-evidence-1":
        raise Altered("The manifest is of a form this verifier does not know.")
    return Manifest(whole, size, root, entries, digests)


def lines_of(folder: Path) -> Iterator[str]:
    """The lines of entries.jsonl."""
    with (folder / "entries.jsonl").open(encoding="utf-8", newline="\n") as file:
        yield from file


def leaves_of(folder: Path) -> Iterator[bytes]:
    """The hashes of leaves.bin, 32 bytes each."""
    with (folder / "leaves.bin").open("rb") as file:
        yield from iter(lambda: file.read(32), b"")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def whole_check(folder: Path, manifest: Manifest, trusted: Checkpoint) -> None:
    """Every entry from the first on: none altered, missing, moved or slipped in."""
    hashes: list[bytes] = []
    erasures, signed = Erasures(), leaves_of(folder)
    size, trusted_root = 0, EMPTY_ROOT if trusted.size == 0 else None
    for size, text in enumerate(lines_of(folder), 1):
        line = line_read(text, size - 1)
        if next(signed, None) != line.leaf:
            raise Altered(f"Entry {line.index} is not the one that was exported.", line.index)
        tree_add(hashes, size - 1, line.leaf)
        erasures.note(line)
        if size == trusted.size:
            trusted_root = tree_root(hashes)
    if size < max(manifest.size, trusted.size):
        why = f"The log ends after {size} entries; there were {max(manifest.size, trusted.size)}."
        if size == manifest.size:
            why += f" If it was exported before they came, take the checkpoint of {size} entries."
        raise Altered(why, size)
    if next(signed, None) is not None or size > manifest.size:
        raise Altered("There are more entries than the log had.", manifest.size)
    if trusted_root != trusted.root:
        raise Altered(f"The first {trusted.size} entries are not those of the checkpoint.")
    if tree_root(hashes) != manifest.root:
        raise Altered("The entries are not those that the log signed when it made the export.")
    erasures.check()


def bridge_check(folder: Path, manifest: Manifest, trusted: Checkpoint) -> None:
    """The tree that the proofs lead to is the checkpoint's, or grew out of it."""
    path: list[bytes] = []
    if trusted.size != manifest.size:
        bridges = json.loads((folder / "bridges.json").read_text("utf-8"))
        if str(trusted.size) not in bridges:
            raise Altered(
                f"The bundle is proved against the log of {manifest.size} entries and holds no "
                f"proof from {trusted.size}: take the checkpoint of {manifest.size} entries."
            )
        path = [_hash(step) for step in bridges[str(trusted.size)]]
    if not consistency_holds(
        old=trusted.size,
        new=manifest.size,
        old_root=trusted.root,
        new_root=manifest.root,
        path=path,
    ):
        raise Altered("The log the bundle was taken from is not the one of the checkpoint.")


def selection_check(folder: Path, manifest: Manifest, trusted: Checkpoint) -> None:
    """Each entry of the bundle stands in the log where it says."""
    bridge_check(folder, manifest, trusted)
    erasures, before, count = Erasures(), -1, 0
    for text in lines_of(folder):
        line = line_read(text, None)
        if line.index <= before:
            raise Altered(f"Entry {line.index} is there twice or out of order.", line.index)
        if line.path is None or not inclusion_holds(
            index=line.index, size=manifest.size, leaf=line.leaf, path=line.path, root=manifest.root
        ):
            raise Altered(f"Entry {line.index} is not the one of the log.", line.index)
        erasures.note(line)
        before, count = line.index, count + 1
    if count != manifest.entries:
        raise Altered(f"The bundle had {manifest.entries} entries and has {count}.")
    erasures.check()


def files_check(folder: Path, manifest: Manifest) -> None:
    """Every file of the export is, byte for byte, the one that the log signed."""
    for name in sorted(manifest.digests):
        path = folder / name
        if "/" in name or not path.is_file() or digest_of(path) != manifest.digests[name]:
            raise Altered(f"{name} is not the file that was exported.")


def export_open(folder: Path, note: str, key: Key | None) -> tuple[Manifest, Checkpoint]:
    """The export's manifest and the checkpoint, both signed by one key. Raises Altered."""
    stated = [key_read(line) for line in (folder / "log.vkey").read_text("utf-8").splitlines()]
    text, signer = note_open(note, [key] if key else stated, what="The checkpoint")
    trusted = checkpoint_read(text)
    signed = (folder / "manifest.note").read_text("utf-8")
    manifest = manifest_read(note_open(signed, [signer], what="The manifest")[0])
    if trusted.origin != signer.name:
        raise Altered("The checkpoint is of another log than its key.")
    return manifest, trusted


def export_check(folder: Path, manifest: Manifest, trusted: Checkpoint) -> str:
    """Check what the folder holds; says in words what was found to agree. Raises Altered."""
    if trusted.size == 0 or (trusted.size > manifest.size and not manifest.whole):
        raise Altered(f"A checkpoint of {trusted.size} entries says nothing about this export.")
    (whole_check if manifest.whole else selection_check)(folder, manifest, trusted)
    files_check(folder, manifest)
    words = f"{manifest.entries} entries agree with the checkpoint of {trusted.size} entries"
    if manifest.whole and manifest.size > trusted.size:
        words += f"; those after it ({manifest.size - trusted.size}) rest on the log's signature"
    return words + "."


def report(folder: Path, note: str, key: Key | None = None) -> dict[str, Any]:
    """Check the export in the folder against the checkpoint in the note; what is printed."""
    size, root, ok, first_bad = None, None, False, None
    try:
        manifest, trusted = export_open(folder, note, key)
        size, root = manifest.size, base64.b64encode(manifest.root).decode()
        why = export_check(folder, manifest, trusted)
        ok = True
    except Altered as found:
        first_bad, why = found.first_bad, found.why
    except (OSError, ValueError, TypeError, AttributeError) as error:
        why = f"A file of the export cannot be read ({type(error).__name__})."
    return {"size": size, "root": root, "ok": ok, "first_bad": first_bad, "why": why}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check an export of an evidence log.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--key", type=Path)
    wanted = parser.parse_args(arguments)
    try:
        note = wanted.checkpoint.read_text("utf-8")
        key = key_read(wanted.key.read_text("utf-8")) if wanted.key else None
        if not wanted.folder.is_dir():
            raise NotADirectoryError(wanted.folder)
    except (OSError, ValueError, Altered) as error:
        sys.stderr.write(f"Cannot be used: {error}\n")
        return 2
    found = report(wanted.folder, note, key)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
