"""SMS through a gateway by HTTP. docs/howto/gateways.md says what the gateway must offer."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from doorstep.channels.door import Door
from doorstep.channels.http import Lines, as_json, asked, fetched, posted
from doorstep.channels.message import Accepted, Fetched, Message, Standing
from doorstep.guard.clearance import Clearance


class SmsHttp:
    """POST /messages with our reference; GET /messages/<reference>; GET /reports?after=<cursor>."""

    name = "sms"

    def __init__(
        self,
        *,
        door: Door,
        url: str,
        secret: str,
        sender: str = "",
        timeout: float = 10.0,
        knows_within: float | None = 900.0,
    ) -> None:
        self._door = door
        self._sender = sender
        self.knows_within = knows_within
        headers = {"Authorization": f"Bearer {secret}"}
        self._lines = Lines(url=url, timeout=timeout, headers=headers)

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Hand the message to the gateway under our reference."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        body = {
            "reference": message.reference,
            "to": message.to,
            "text": message.text,
            "sender": self._sender,
        }
        return await posted(self._lines, "/messages", as_json(body))

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Ask the gateway by our own reference."""
        return await asked(self._lines, f"/messages/{quote(reference, safe='')}")

    async def fetch(self, cursor: str) -> Fetched:
        """Receipts and replies since the cursor."""
        return await fetched(self._lines, "/reports", cursor)

    async def confirm(self, keys: Sequence[str]) -> None:
        """The cursor alone confirms."""

    async def close(self) -> None:
        """Let connections go."""
        await self._lines.close()
