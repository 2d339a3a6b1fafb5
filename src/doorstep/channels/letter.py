"""Letters as PDF in print batches: a folder a day, one file a letter, and a manifest at its close.

The print shop gets a closed batch only: every letter with its digest, pages counted by the shop.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from doorstep.channels.door import Door
from doorstep.channels.message import Accepted, Fetched, InDoubt, Message, NotAccepted, Standing
from doorstep.guard.clearance import Clearance
from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.outreach.letters import letter_pdf
from doorstep.outreach.render import Rendered, plain_text
from doorstep.outreach.words import Kind, Medium, Reading, Tone

MANIFEST = "manifest.csv"
COLUMNS = ("reference", "file", "sha256", "octets", "language", "at")


class Letter:
    """Puts letters into today's open batch below `folder`."""

    name = "letter"
    knows_within: float | None = 180.0

    def __init__(
        self, *, door: Door, folder: Path, sender: str, clock: Callable[[], datetime]
    ) -> None:
        self._door = door
        self._folder = folder
        self._sender = sender
        self._clock = clock
        self._printing = asyncio.Semaphore(2)

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Print the letter into the open batch."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        async with self._printing:
            return await asyncio.to_thread(self._print, message)

    def _print(self, message: Message) -> Accepted:
        at = self._clock()
        try:
            document = letter_pdf(
                rendered=rendered_of(message),
                address=message.to.splitlines(),
                sender=self._sender,
                reference=message.reference,
                at=at,
            )
        except DoorstepError as error:
            raise NotAccepted(error.message, code=error.code, again=False) from error
        batch = batch_open(self._folder, at=at)
        try:
            _keep(batch, message, document, at)
        except OSError as error:
            raise InDoubt(
                f"The letter could not be kept ({error.strerror}).", code="DISK"
            ) from None
        return Accepted(gateway_reference=f"{batch.name}/{message.reference}")

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """A letter whose entry is in a batch was taken."""
        found = any(self._folder.glob(f"*/{_safe(reference)}.json"))
        return Standing.ACCEPTED if found else Standing.NOT_KNOWN

    async def fetch(self, cursor: str) -> Fetched:
        """The post sends no receipts."""
        return Fetched(cursor=cursor)

    async def confirm(self, keys: Sequence[str]) -> None:
        """Nothing to confirm."""

    async def close(self) -> None:
        """Nothing to let go."""


def rendered_of(message: Message) -> Rendered:
    """The letter as outreach rendered it. Raises NotAccepted where the marked text for the paper is
    not the text that was cleared."""
    if plain_text(message.body) != message.text:
        raise NotAccepted(
            "The letter to be printed is not the text that was cleared.",
            code="CONTENT_DIFFERS",
            again=False,
        )
    return Rendered(
        template="",
        kind=Kind.LETTER,
        tone=Tone.PLAIN_FACTS,
        medium=Medium.LETTER,
        reading=Reading.PLAIN if message.large else Reading.USUAL,
        language=message.language,
        subject=message.subject,
        body=message.body,
        text=message.text,
        html=message.html,
        contains=frozenset(),
        sha256=message.sha256,
    )


def batch_open(folder: Path, *, at: datetime) -> Path:
    """Today's batch that is not closed yet: 2026-11-20-1, then -2 and so on."""
    number = 1
    while (folder / f"{at.date().isoformat()}-{number}" / MANIFEST).exists():
        number += 1
    batch = folder / f"{at.date().isoformat()}-{number}"
    batch.mkdir(parents=True, exist_ok=True)
    return batch


def batch_close(batch: Path) -> Path:
    """Write the manifest of a batch; nothing is added to it afterwards.

    Raises Refused when it is closed, empty, or a file does not bear the digest of its entry.
    """
    manifest = batch / MANIFEST
    if manifest.exists():
        raise Refused("This batch is closed already.", code="BATCH_CLOSED")
    entries: list[dict[str, Any]] = [
        json.loads(path.read_text("utf-8")) for path in sorted(batch.glob("*.json"))
    ]
    if not entries:
        raise Refused("This batch holds no letter.", code="BATCH_EMPTY")
    for entry in entries:
        if hashlib.sha256((batch / entry["file"]).read_bytes()).hexdigest() != entry["sha256"]:
            raise Refused(
                f"{entry['file']} was changed after it was made.",
                code="BATCH_CHANGED",
                hint="Take the letter out of the batch and find out who changed it.",
            )
    half = batch / f".{MANIFEST}"
    with half.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerows(entries)
    half.replace(manifest)
    return manifest


def _keep(batch: Path, message: Message, document: bytes, at: datetime) -> None:
    """The letter first, its entry last: what has an entry is whole."""
    name = _safe(message.reference)
    (batch / f"{name}.pdf").write_bytes(document)
    entry = {
        "reference": name,
        "file": f"{name}.pdf",
        "sha256": hashlib.sha256(document).hexdigest(),
        "octets": len(document),
        "language": message.language,
        "at": at.isoformat(),
    }
    half = batch / f".{name}.half"
    half.write_text(json.dumps(entry), "utf-8")
    half.replace(batch / f"{name}.json")


def _safe(reference: str) -> str:
    if not re.fullmatch(r"[\w-]{1,64}", reference):
        raise ValueError(f"{reference!r} is no reference of ours.")
    return reference
