"""Calls are made by a person. Nothing is on the wire: a clearance opens the script, once."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.channels.door import Door
from doorstep.channels.message import Accepted, Fetched, Message, Standing
from doorstep.guard.clearance import Clearance


class CallDesk:
    """The desk: what the caller needs is shown only to a clearance."""

    name = "phone"
    knows_within: float | None = None

    def __init__(self, *, door: Door) -> None:
        self._door = door

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Open the script for this number; the call itself is the caller's."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        return Accepted(gateway_reference="desk")

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Only the caller knows."""
        return Standing.CANNOT_TELL

    async def fetch(self, cursor: str) -> Fetched:
        """Nothing comes by itself."""
        return Fetched(cursor=cursor)

    async def confirm(self, keys: Sequence[str]) -> None:
        """Nothing to confirm."""

    async def close(self) -> None:
        """Nothing to let go."""
