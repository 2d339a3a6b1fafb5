"""SMS straight to a message centre by SMPP 3.4 (bind_transceiver).

A message centre can be asked (query_sm) only by the id it gave. Where its answer was lost we have
no id: then a receipt settles the doubt, recognised by our number in `user_message_reference`
together with the number it went to, or else a person does.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime

from doorstep.channels.door import Door
from doorstep.channels.message import (
    Accepted,
    Fetched,
    Incoming,
    InDoubt,
    Message,
    NotAccepted,
    Report,
    Standing,
)
from doorstep.channels.smpp_pdu import (
    RECEIPT,
    Command,
    Short,
    State,
    Status,
    Tag,
    cut,
    query_decode,
    query_encode,
    receipt_fields,
)
from doorstep.channels.smpp_session import Address, Lost, NotBound, Session
from doorstep.guard.clearance import Clearance

AGAIN = {Status.THROTTLED, Status.QUEUE_FULL}
DOUBT = {Status.SYSTEM_ERROR, Status.UNKNOWN_ERROR}
STANDINGS: dict[int, Standing] = {
    State.ENROUTE: Standing.ACCEPTED,
    State.ACCEPTED: Standing.ACCEPTED,
    State.DELIVERED: Standing.DELIVERED,
    State.EXPIRED: Standing.FAILED,
    State.DELETED: Standing.FAILED,
    State.UNDELIVERABLE: Standing.FAILED,
    State.REJECTED: Standing.FAILED,
}
STAT = {"DELIVRD": Standing.DELIVERED, "ACCEPTD": Standing.ACCEPTED, "ENROUTE": Standing.ACCEPTED}


class SmsSmpp:
    """A transceiver that binds when it is first needed and again after the session was lost."""

    name = "sms"
    knows_within: float | None = None

    def __init__(
        self,
        *,
        door: Door,
        address: Address,
        sender: str,
        clock: Callable[[], datetime],
        secure: bool = True,
    ) -> None:
        self._door = door
        self._address = address
        self._sender = sender
        self._clock = clock
        self._secure = secure
        self._session: Session | None = None
        self._binding = asyncio.Lock()

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Submit the message and wait for the message centre's id."""
        self._door.open(clearance=clearance, message=message, channel=self.name)
        body = Short(
            source=self._sender,
            destination=message.to,
            text=message.text,
            registered_delivery=1,
            optional={Tag.USER_MESSAGE_REFERENCE: struct.pack(">H", short_of(message.reference))},
        ).encode()
        try:
            answer = await (await self._bound()).request(Command.SUBMIT_SM, body)
        except NotBound as error:
            raise NotAccepted(str(error), code="NO_GATEWAY", again=True) from None
        except Lost as error:
            raise InDoubt(str(error), code="NO_ANSWER") from None
        return _read(answer.status, answer.body)

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Ask by the message centre's id; without one nobody can be asked."""
        if not gateway_reference:
            return Standing.CANNOT_TELL
        body = query_encode(message_id=gateway_reference, source=self._sender)
        try:
            answer = await (await self._bound()).request(Command.QUERY_SM, body)
        except (NotBound, Lost):
            return Standing.CANNOT_TELL
        if answer.status != Status.OK:
            return Standing.CANNOT_TELL
        return _standing(query_decode(answer.body))

    async def fetch(self, cursor: str) -> Fetched:
        """What the message centre delivered to us; it is answered when `confirm` is called.

        Message centres count anew in each session, so a number alone would let somebody's reply
        pass for one that was kept already.
        """
        try:
            session = await self._bound()
        except NotBound:
            return Fetched(cursor=cursor)
        waiting = list(session.delivered)
        reports = [self._report(short) for _, short in waiting if short.esm_class & RECEIPT]
        incoming = [
            Incoming(
                key=f"{session.token}:{number}",
                sender=short.source,
                text=short.text,
                at=self._clock(),
            )
            for number, short in waiting
            if not short.esm_class & RECEIPT
        ]
        keys = [str(number) for number, _ in waiting]
        return Fetched(reports=reports, incoming=incoming, cursor=cursor, keys=keys)

    async def confirm(self, keys: Sequence[str]) -> None:
        """Answer the deliver_sm that are safely kept; the others come again."""
        session = self._session
        if session is None:
            return
        kept = set(keys)
        for number, short in list(session.delivered):
            if str(number) in kept:
                session.answer(number)
                session.delivered.remove((number, short))

    async def close(self) -> None:
        """Unbind."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _bound(self) -> Session:
        async with self._binding:
            if self._session is None or not self._session.alive:
                self._session = await Session.bound(self._address, secure=self._secure)
            return self._session

    def _report(self, short: Short) -> Report:
        fields = receipt_fields(short.text)
        message_id = _text(short.optional.get(Tag.RECEIPTED_MESSAGE_ID)) or fields.get("id", "")
        stat = fields.get("stat", "")
        state = short.optional.get(Tag.MESSAGE_STATE)
        standing = _standing(state[0]) if state else STAT.get(stat, Standing.FAILED)
        number = short.optional.get(Tag.USER_MESSAGE_REFERENCE)
        hint = f"{struct.unpack('>H', number)[0]}@{short.source}" if number else ""
        return Report(
            key=f"{message_id}:{standing.value}",
            standing=standing,
            at=self._clock(),
            reference=hint,
            gateway_reference=message_id,
            detail=f"{stat} {fields.get('err', '')}".strip(),
        )


def short_of(reference: str) -> int:
    """The 16 bits of our reference that fit into user_message_reference."""
    return zlib.crc32(reference.encode()) & 0xFFFF


def _read(status: int, body: bytes) -> Accepted:
    if status == Status.OK:
        return Accepted(gateway_reference=cut(body)[0])
    if status in AGAIN:
        raise NotAccepted("The message centre is full.", code="THROTTLED", again=True, wait=1.0)
    if status in DOUBT:
        raise InDoubt(f"The message centre answered {status:#04x}.", code="GATEWAY_ERROR")
    raise NotAccepted(
        f"The message centre refused the message (status {status:#04x}).",
        code="REJECTED",
        again=False,
    )


def _standing(state: int) -> Standing:
    return STANDINGS.get(state, Standing.CANNOT_TELL)


def _text(octets: bytes | None) -> str:
    return octets.rstrip(b"\0").decode("latin-1") if octets else ""
