"""One SMPP session: bound once, many requests in flight, answers matched by sequence number."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import deque
from dataclasses import dataclass

from doorstep.channels.smpp_pdu import (
    ANSWER,
    HEADER,
    BrokenPdu,
    Command,
    Pdu,
    Short,
    Status,
    bind_encode,
    header_decode,
    short_decode,
)


class NotBound(ConnectionError):  # noqa: N818
    """No session: nothing was sent."""


class Lost(ConnectionError):  # noqa: N818
    """The request was written and no answer came."""


@dataclass(frozen=True)
class Address:
    """Where the message centre is and who we are there."""

    host: str
    port: int
    system_id: str
    password: str
    timeout: float = 10.0
    window: int = 100


class Session:
    """A bound transceiver. `delivered` holds deliver_sm not yet answered; their numbers are told
    apart from those of every other session by its `token`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: Address
    ) -> None:
        self._reader, self._writer, self._address = reader, writer, address
        self._sequence = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._window = asyncio.Semaphore(address.window)
        self.delivered: deque[tuple[int, Short]] = deque()
        self.alive = True
        self.token = secrets.token_hex(6)
        self._reading = asyncio.create_task(self._read_all())

    @classmethod
    async def bound(cls, address: Address, *, secure: bool) -> Session:
        """Connect and bind. Raises NotBound."""
        try:
            opening = asyncio.open_connection(address.host, address.port, ssl=secure or None)
            reader, writer = await asyncio.wait_for(opening, address.timeout)
        except (OSError, TimeoutError) as error:
            raise NotBound(f"The message centre cannot be reached ({error}).") from None
        session = cls(reader, writer, address)
        body = bind_encode(system_id=address.system_id, password=address.password)
        try:
            answer = await session.request(Command.BIND_TRANSCEIVER, body)
        except (NotBound, Lost) as error:
            await session.close()
            raise NotBound(str(error)) from None
        if answer.status != Status.OK:
            await session.close()
            raise NotBound(f"The message centre refused the bind (status {answer.status:#04x}).")
        return session

    async def request(self, command: Command, body: bytes = b"") -> Pdu:
        """Send and wait for the answer. NotBound: surely not written. Lost: nobody knows."""
        async with self._window:
            if not self.alive:
                raise NotBound("The session has ended.")
            sequence = next(self._sequence)
            answer: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
            self._waiting[sequence] = answer
            self._writer.write(Pdu(command, 0, sequence, body).encode())
            try:
                async with asyncio.timeout(self._address.timeout):
                    await self._writer.drain()
                    return await answer
            except (OSError, TimeoutError) as error:
                raise Lost(f"No answer from the message centre ({error}).") from None
            finally:
                self._waiting.pop(sequence, None)

    def answer(self, sequence: int) -> None:
        """Tell the message centre that a deliver_sm is safely ours."""
        if self.alive:
            command = Command.DELIVER_SM | ANSWER
            self._writer.write(Pdu(command, Status.OK, sequence, b"\0").encode())

    async def close(self) -> None:
        """End the session, politely where it still stands."""
        if self.alive:
            self._writer.write(Pdu(Command.UNBIND, 0, next(self._sequence)).encode())
        self._reading.cancel()
        self._end("The session was closed.")

    async def _read_all(self) -> None:
        try:
            while True:
                size, head = header_decode(await self._reader.readexactly(HEADER.size))
                body = await self._reader.readexactly(size - HEADER.size)
                self._take(Pdu(head.command, head.status, head.sequence, body))
        except (OSError, EOFError, BrokenPdu) as error:
            self._end(f"The message centre ended the session ({type(error).__name__}).")

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & ANSWER:
            waiting = self._waiting.get(pdu.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(pdu)
        elif pdu.command == Command.DELIVER_SM:
            self.delivered.append((pdu.sequence, short_decode(pdu.body)))
        elif pdu.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            answer = Pdu(pdu.command | ANSWER, Status.OK, pdu.sequence)
            self._writer.write(answer.encode())
        else:
            nack = Pdu(Command.GENERIC_NACK, Status.SYSTEM_ERROR, pdu.sequence)
            self._writer.write(nack.encode())

    def _end(self, why: str) -> None:
        self.alive = False
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Lost(why))
