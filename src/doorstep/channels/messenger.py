"""Instant messengers and app push by webhook: a signed POST that a bridge of the lender takes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import quote

from doorstep.channels.door import Door
from doorstep.channels.http import Lines, as_json, asked, fetched, posted
from doorstep.channels.message import Accepted, Fetched, Message, Standing
from doorstep.guard.clearance import Clearance

SIGNATURE = "X-Doorstep-Signature"
MOMENT = "X-Doorstep-Moment"


class Messenger:
    """Every request is signed over its moment and body, so that the bridge knows it is ours."""

    name = "messenger"

    def __init__(
        self,
        *,
        door: Door,
        url: str,
        secret: str,
        clock: Callable[[], datetime],
        timeout: float = 10.0,
        knows_within: float | None = 900.0,
    ) -> None:
        self._door = door
        self._secret = secret.encode()
        self._clock = clock
        self.knows_within = knows_within
        self._lines = Lines(url=url, timeout=timeout, headers={})

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Hand the message to the bridge, signed."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        body = as_json(
            {
                "reference": message.reference,
                "account": message.to,
                "text": message.text,
                "language": message.language,
            }
        )
        moment = self._clock().isoformat()
        headers = {MOMENT: moment, SIGNATURE: signature(self._secret, moment, body)}
        return await posted(self._lines, "/messages", body, headers)

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Ask the bridge by our own reference."""
        return await asked(self._lines, f"/messages/{quote(reference, safe='')}")

    async def fetch(self, cursor: str) -> Fetched:
        """Receipts and replies since the cursor."""
        return await fetched(self._lines, "/reports", cursor)

    async def confirm(self, keys: Sequence[str]) -> None:
        """The cursor alone confirms."""

    async def close(self) -> None:
        """Let connections go."""
        await self._lines.close()


def signature(secret: bytes, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over the moment, a line feed and the body, in hexadecimal."""
    return hmac.new(secret, moment.encode() + b"\n" + body, hashlib.sha256).hexdigest()
