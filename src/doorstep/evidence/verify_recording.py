"""Checks a copy of a visit's recording against the receipt that the borrower was given at the door.

    python verify_recording.py [DIR] --receipt FILE

DIR is the folder of the copy (the folder of this file when left out): `recording.json`, and in
`segments/` the sealed segments, or none of them when only their hashes were handed out. FILE holds
the text of the receipt, which is what its QR code says; never use the one of the folder. Prints one
JSON object and ends with 0 when all is sound, 1 when anything was altered, 2 when a file cannot be
read:

    {"segments": 42, "looked_at": 42, "head": "...", "ok": true, "first_bad": null, "why": "..."}

Needs Python 3.9 or later and `verify.py` beside it, nothing else. What is hashed and signed is
written down in docs/reference/recordings.md of the program.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

try:
    from doorstep.evidence.verify import Altered, signature_holds
except ImportError:  # beside verify.py, on a machine that Doorstep has never seen
    from verify import Altered, signature_holds  # type: ignore[import-not-found,no-redef]

FORM = "doorstep-recording-receipt/1"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


class Receipt(NamedTuple):
    """What the phone signed when a recording ended: how many segments, and the chain's head."""

    visit: int
    recording: str
    count: int  # type: ignore[assignment]
    head: bytes
    key: bytes
    signature: bytes


class Segment(NamedTuple):
    """A piece of a recording: the hash of its sealed bytes, when it began, how long it is."""

    sha: bytes
    started_ms: int
    length_ms: int


def chain_begin(*, visit: int, recording: str, nonce: bytes) -> bytes:
    """The head of a recording that has no segment yet."""
    text = f"doorstep-recording/1\n{visit}\n{recording}\n"
    return hashlib.sha256(text.encode() + nonce).digest()


def chain_add(head: bytes, seq: int, segment: Segment) -> bytes:
    """The head after segment number `seq`."""
    times = segment.started_ms.to_bytes(8, "big") + segment.length_ms.to_bytes(4, "big")
    return hashlib.sha256(head + seq.to_bytes(4, "big") + segment.sha + times).digest()


def head_text(*, visit: int, recording: str, count: int, head: bytes) -> bytes:
    """What the phone's key signs."""
    text = f"doorstep-recording-head/1\n{visit}\n{recording}\n{count}\n{head.hex()}"
    return text.encode()


def coded(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of a base64url text without padding. Raises ValueError when it is none."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("no base64url")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def receipt_text(receipt: Receipt) -> str:
    """A receipt as the QR code holds it: one field a line."""
    lines = [FORM, str(receipt.visit), receipt.recording, str(receipt.count), receipt.head.hex()]
    return "\n".join([*lines, coded(receipt.key), coded(receipt.signature)]) + "\n"


def receipt_read(text: str) -> Receipt:
    """A receipt from its text. Raises Altered when it is none."""
    try:
        form, visit, recording, count, head, key, signature = text.split()
        known = form == FORM and UUID.fullmatch(recording)
        known = known and NUMBER.fullmatch(visit) and NUMBER.fullmatch(count)
        found = Receipt(
            int(visit) if known else 0,
            recording,
            int(count) if known else 0,
            bytes.fromhex(head),
            decoded(key),
            decoded(signature),
        )
    except ValueError:
        known = None
    if not known or len(found.head) != 32:
        raise Altered("This is no receipt of a recording.")
    return found


def receipt_check(receipt: Receipt) -> None:
    """The phone that the receipt names signed it. Raises Altered."""
    message = head_text(
        visit=receipt.visit, recording=receipt.recording, count=receipt.count, head=receipt.head
    )
    if not signature_holds(key=receipt.key, message=message, signature=receipt.signature):
        raise Altered("The receipt is not signed by the phone that it names.")


def chain_check(
    *, receipt: Receipt, nonce: bytes, segments: Sequence[Segment], bodies: Iterable[bytes | None]
) -> int:
    """The segments are those that the head stands for; returns how many bodies were looked at.

    `bodies` are the sealed bytes in order, None where only the hash is known.
    Raises Altered.
    """
    head, looked_at = (
        chain_begin(visit=receipt.visit, recording=receipt.recording, nonce=nonce),
        0,
    )
    sealed = iter(bodies)
    for seq, segment in enumerate(segments):
        body = next(sealed, None)
        if body is not None and hashlib.sha256(body).digest() != segment.sha:
            raise Altered(f"Segment {seq} is not the one that was recorded.", seq)
        looked_at += body is not None
        head = chain_add(head, seq, segment)
    if len(segments) != receipt.count:
        least = min(len(segments), receipt.count)
        raise Altered(f"There are {len(segments)} segments; {receipt.count} were made.", least)
    if head != receipt.head:
        raise Altered("The segments are not those that were recorded, or not in that order.")
    return looked_at


def copy_read(folder: Path, receipt: Receipt) -> tuple[bytes, list[Segment]]:
    """The nonce and segments of the folder's `recording.json`. Raises Altered for another visit."""
    row = json.loads((folder / "recording.json").read_text("utf-8"))
    if (row["visit"], row["recording"]) != (receipt.visit, receipt.recording):
        raise Altered("The copy is of another recording than the receipt.")
    return decoded(row["nonce"]), [_segment(each) for each in row["segments"]]


def _segment(row: Any) -> Segment:
    sha, started_ms, length_ms = row
    found = Segment(bytes.fromhex(sha), started_ms, length_ms)
    fits = type(started_ms) is int and type(length_ms) is int and len(found.sha) == 32
    if not fits or not 0 <= started_ms < 2**64 or not 0 <= length_ms < 2**32:
        raise ValueError("no segment")
    return found


def bodies_of(folder: Path, count: int) -> Iterator[bytes | None]:
    """The sealed segments that lie in the folder, one at a time."""
    whole = (folder / "segments").is_dir()
    for seq in range(count):
        yield (folder / "segments" / f"{seq:05}.bin").read_bytes() if whole else None


def report(folder: Path, receipt_words: str) -> dict[str, Any]:
    """Check the copy in the folder against the receipt; what is printed."""
    count, looked_at, head, ok, first_bad = None, 0, None, False, None
    try:
        receipt = receipt_read(receipt_words)
        count, head = receipt.count, receipt.head.hex()
        receipt_check(receipt)
        nonce, segments = copy_read(folder, receipt)
        bodies = bodies_of(folder, len(segments))
        looked_at = chain_check(receipt=receipt, nonce=nonce, segments=segments, bodies=bodies)
        ok, why = (
            True,
            f"{count} segments are those that the phone signed for; {looked_at} were here.",
        )
    except Altered as found:
        first_bad, why = found.first_bad, found.why
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = f"A file of the copy cannot be read ({type(error).__name__})."
    return {
        "segments": count, "looked_at": looked_at, "head": head, "ok": ok,
        "first_bad": first_bad, "why": why,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check a copy of a visit's recording.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--receipt", type=Path, required=True)
    wanted = parser.parse_args(arguments)
    try:
        words = wanted.receipt.read_text("utf-8")
        if not wanted.folder.is_dir():
            raise NotADirectoryError(wanted.folder)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"Cannot be used: {error}\n")
        return 2
    found = report(wanted.folder, words)
    sys.stdout.write(json.dumps(found) + "\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
