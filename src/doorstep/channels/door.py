"""The lock of every channel: what a clearance must prove before anything leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from doorstep.channels.message import Message, contact_point_key
from doorstep.guard.clearance import Clearance, clearance_check
from doorstep.kernel.errors import Refused


class Door:
    """Opens once for each clearance that the database has just marked as used.

    `dispatch` marks the row first (only one can) and then admits its id here; a clearance whose id
    was not admitted, or went through already, is refused. A new door admits nothing.
    """

    def __init__(
        self, *, clearance_key: bytes, address_key: bytes, clock: Callable[[], datetime]
    ) -> None:
        self._clearance_key = clearance_key
        self._address_key = address_key
        self._clock = clock
        self._admitted: set[str] = set()

    def admit(self, ids: Iterable[str]) -> None:
        """Let these clearances through, once each."""
        self._admitted.update(ids)

    def forget(self, ids: Iterable[str]) -> None:
        """Take back what was admitted and not used."""
        self._admitted.difference_update(ids)

    def open(self, *, clearance: Clearance, message: Message, channel: str) -> None:
        """Refuses unless the clearance is ours, for exactly this message and now, and unused.

        Raises Refused: CLEARANCE_MISSING, _FORGED, _MISMATCH, _TOO_EARLY, _EXPIRED or _USED.
        """
        if not isinstance(clearance, Clearance):
            raise Refused(
                "Nothing is sent without a clearance.",
                code="CLEARANCE_MISSING",
                hint="Propose the act to dispatch, which asks the guard.",
            )
        clearance_check(
            clearance=clearance,
            key=self._clearance_key,
            channel=channel,
            contact_point=contact_point_key(
                key=self._address_key, kind=message.kind, value=message.to
            ),
            content_sha256=message.sha256,
            at=self._clock(),
        )
        if clearance.id not in self._admitted:
            raise Refused(
                "This clearance has been used, or the database did not give it out for use.",
                code="CLEARANCE_USED",
                hint="Nothing was sent. A clearance is good for one message.",
            )
        self._admitted.discard(clearance.id)
