"""The sandbox: keeps what would have been sent, as files, so that it can be looked at. For the
demo and for trials; nothing in it can reach anybody."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from doorstep.channels.door import Door
from doorstep.channels.message import Accepted, Fetched, InDoubt, Message, Report, Standing
from doorstep.guard.clearance import Clearance

REFERENCE = re.compile(r"[\w-]{1,64}")


class Sandbox:
    """Stands in for one channel (`name`): one file a message, written whole or not at all."""

    def __init__(
        self,
        *,
        door: Door,
        name: str,
        folder: Path,
        clock: Callable[[], datetime],
        knows_within: float | None = 180.0,
    ) -> None:
        self.knows_within = knows_within
        self._door = door
        self.name = name
        self._folder = folder / name
        self._clock = clock

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Keep the message; it counts as delivered at once."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        kept = {**asdict(message), "channel": self.name, "at": self._clock().isoformat()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            half = self._folder / f".{message.reference}.half"
            half.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
            os.link(half, self._path(message.reference))
            half.unlink()
        except OSError as error:
            raise InDoubt(f"The sandbox could not write ({error.strerror}).", code="DISK") from None
        return Accepted(gateway_reference=message.reference)

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """What is kept was delivered."""
        return Standing.DELIVERED if self._path(reference).exists() else Standing.NOT_KNOWN

    async def fetch(self, cursor: str) -> Fetched:
        """A receipt for every message kept since the cursor (the time of the last one seen)."""
        if not self._folder.is_dir():
            return Fetched(cursor=cursor)
        since = int(cursor or 0)
        files = [
            (entry.stat().st_mtime_ns, entry.name.removesuffix(".json"))
            for entry in os.scandir(self._folder)
            if entry.name.endswith(".json")
        ]
        fresh = sorted(each for each in files if each[0] >= since)
        at = self._clock()
        reports = [
            Report(key=name, standing=Standing.DELIVERED, at=at, reference=name)
            for _moment, name in fresh
        ]
        return Fetched(reports=reports, cursor=str(fresh[-1][0]) if fresh else cursor)

    async def confirm(self, keys: Sequence[str]) -> None:
        """The cursor alone confirms."""

    async def close(self) -> None:
        """Nothing to let go."""

    def _path(self, reference: str) -> Path:
        if not REFERENCE.fullmatch(reference):
            raise ValueError(f"{reference!r} is no reference of ours.")
        return self._folder / f"{reference}.json"


def sandbox_read(*, folder: Path, channel: str, reference: str) -> dict[str, Any] | None:
    """What the sandbox kept of a message; None when it has none."""
    path = folder / channel / f"{reference}.json"
    if not REFERENCE.fullmatch(reference) or not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return kept
