"""What somebody might do to an export: eight ways, each by an outsider or by somebody who holds the
log's own signing key and makes everything inside the export agree again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from doorstep.evidence import verify
from doorstep.evidence.checkpoint import key_line, note_sign, public_key

NAME = "doorstep.example/evidence"
Row = dict[str, Any]


@dataclass
class Copy:
    """An export in memory, to be altered and written."""

    rows: list[Row]
    manifest: dict[str, Any]
    files: dict[str, bytes]
    rng: np.random.Generator
    touched: int | None = None  # the first entry that was altered
    keep: set[str] = field(default_factory=set)

    def pick(self) -> int:
        """The place of some entry."""
        return self.below(len(self.rows))

    def below(self, end: int) -> int:
        """Some number from 0."""
        return int(self.rng.integers(end))


def copy_of(folder: Path, rng: np.random.Generator) -> Copy:
    """The export in the folder."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    rows = [json.loads(line) for line in files["entries.jsonl"].splitlines()]
    manifest = json.loads(files["manifest.note"].decode().rpartition("\n\n")[0])
    return Copy(rows, manifest, files, rng)


def edit(copy: Copy) -> None:
    """One word of one entry: what was decided, when, of what kind, about whom, its salt …"""
    place = copy.pick()
    row = copy.rows[place]
    ways: list[Callable[[], Any]] = [
        lambda: row["document"]["body"].update(number=copy.rng.random()),
        lambda: row["document"].update(subject="C2", body={}),
        lambda: row["document"].update(agent="wang"),
        lambda: row.update(at=row["at"].replace("2026-11-20", "2026-11-19")),
        lambda: row.update(kind=row["kind"] + "s"),
        lambda: row.update(ref=hashlib.md5(row["ref"].encode()).hexdigest()),
        lambda: row.update(salt="00" * 32),
        lambda: row.update(commitment=hashlib.sha256(row["salt"].encode()).hexdigest()),
        lambda: row.update(document=None, salt=None),
    ]
    ways[copy.below(len(ways))]()
    copy.touched = row["index"]


def recommit(copy: Copy) -> None:
    """An entry rewritten together with its commitment."""
    place = copy.pick()
    row = copy.rows[place]
    row["document"]["body"] = {"verdict": ["forbid", "ask"][copy.below(2)]}
    content = verify.canonical(row["document"])
    row["commitment"] = verify.commitment_of(salt=bytes.fromhex(row["salt"]), content=content).hex()
    copy.touched = row["index"]


def delete(copy: Copy) -> None:
    """An entry taken away, the following left or moved up."""
    place = copy.pick()
    copy.touched = copy.rows.pop(place)["index"]
    _renumber(copy, place)


def insert(copy: Copy) -> None:
    """An entry slipped in: a made-up one or a copy of another."""
    place = copy.pick()
    other = (place + 1 + copy.below(len(copy.rows) - 1)) % len(copy.rows)
    row = json.loads(json.dumps(copy.rows[other]))
    row["index"] = copy.touched = copy.rows[place]["index"]
    copy.rows.insert(place, row)
    _renumber(copy, place + 1, by=1)


def reorder(copy: Copy) -> None:
    """Two entries change places."""
    first = copy.below(len(copy.rows) - 1)
    second = first + 1 + copy.below(len(copy.rows) - first - 1)
    rows = copy.rows
    rows[first], rows[second] = rows[second], rows[first]
    copy.touched = min(rows[first]["index"], rows[second]["index"])
    if copy.rng.random() < 0.5:
        rows[first]["index"], rows[second]["index"] = (
            rows[second]["index"], rows[first]["index"],
        )  # fmt: skip


def truncate(copy: Copy) -> None:
    """The end cut off."""
    keep = copy.pick()
    copy.touched = copy.rows[keep]["index"]
    del copy.rows[keep:]


def fork(copy: Copy) -> None:
    """Another history from some entry on, of the same length."""
    place = copy.pick()
    for row in copy.rows[place:]:
        row["document"]["body"] = {"verdict": "permit", "fork": copy.rng.random()}
        content = verify.canonical(row["document"])
        row["commitment"] = verify.commitment_of(
            salt=bytes.fromhex(row["salt"]), content=content
        ).hex()
    copy.touched = copy.rows[place]["index"]


def key_swap(copy: Copy) -> None:
    """The whole signed anew with another key, which takes the place of the log's."""
    seed = copy.rng.bytes(32)
    if copy.rng.random() < 0.5:
        recommit(copy)
    sealed_anew(copy, seed=seed)
    key = public_key(name=NAME, seed=seed)
    if copy.rng.random() < 0.5:
        copy.files["log.vkey"] += (key_line(key) + "\n").encode()
    else:
        copy.files["log.vkey"] = (key_line(key) + "\n").encode()
    copy.keep |= {"manifest.note", "entries.jsonl", "leaves.bin"}


WAYS = (edit, recommit, delete, insert, reorder, truncate, fork, key_swap)


def _renumber(copy: Copy, start: int, *, by: int = -1) -> None:
    if copy.rng.random() < 0.7:
        for row in copy.rows[start:]:
            row["index"] += by


def sealed_anew(copy: Copy, *, seed: bytes) -> None:
    """Rehash all: leaves, digests, size and root agree with the altered entries, and are signed."""
    hashes: list[bytes] = []
    leaves = [
        verify.leaf_hash(
            verify.leaf_of(
                at=row["at"],
                kind=row["kind"],
                ref=row["ref"],
                commitment=bytes.fromhex(row["commitment"]),
            )
        )
        for row in copy.rows
    ]
    for size, leaf in enumerate(leaves):
        verify.tree_add(hashes, size, leaf)
    _entries_into(copy)
    copy.manifest["entries"] = len(copy.rows)
    if copy.manifest["scope"] == "whole":
        copy.files["leaves.bin"] = b"".join(leaves)
        root = base64.b64encode(verify.tree_root(hashes)).decode()
        copy.manifest |= {"size": len(leaves), "root": root}
    for name in copy.manifest["files"]:
        copy.manifest["files"][name] = hashlib.sha256(copy.files[name]).hexdigest()
    text = json.dumps(copy.manifest, sort_keys=True) + "\n"
    copy.files["manifest.note"] = note_sign(text, name=NAME, seed=seed).encode()


def written(copy: Copy, folder: Path) -> Path:
    """The altered export in a folder."""
    if "entries.jsonl" not in copy.keep:
        _entries_into(copy)
    folder.mkdir(exist_ok=True)
    for name, content in copy.files.items():
        (folder / name).write_bytes(content)
    return folder


def _entries_into(copy: Copy) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in copy.rows]
    copy.files["entries.jsonl"] = "".join(lines).encode()
