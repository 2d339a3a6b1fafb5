"""A message centre by SMPP 3.4 on loopback, with faults. Written from the specification and
decoding by itself, so that a mistake of the client's codec is not shared."""

from __future__ import annotations

import asyncio
import itertools
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.faults import Faults

BIND, SUBMIT, DELIVER, QUERY, ENQUIRE, UNBIND = 0x09, 0x04, 0x05, 0x03, 0x15, 0x06
RESP = 0x80000000


@dataclass
class Smsc:
    """Accepted messages in order; receipts as deliver_sm until they are answered."""

    faults: Faults = field(default_factory=Faults)
    password: str = "secret"
    accepted: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[bytes] = field(default_factory=list)
    answered: int = 0
    binds: int = 0
    lines: Path | None = None  # every message taken, a line each: its user reference and number
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _lines: list[asyncio.StreamWriter] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def start(self, port: int = 0) -> asyncio.Server:
        self._loop = asyncio.get_running_loop()
        return await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.append(writer)
        try:
            while True:
                size, command, status, sequence = struct.unpack(
                    ">IIII", await reader.readexactly(16)
                )
                body = await reader.readexactly(size - 16)
                if not await self._answer(command, status, sequence, body, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._lines.remove(writer)
            writer.close()

    async def _answer(
        self, command: int, status: int, sequence: int, body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        match command:
            case 0x09:
                fields = body.split(b"\0")
                good = fields[1].decode() == self.password
                self.binds += good
                send(writer, BIND | RESP, 0 if good else 0x0D, sequence, b"SMSC\0")
                if good:
                    for waiting in self.unanswered:
                        send(writer, DELIVER, 0, next(self._numbers), waiting)
            case 0x04:
                task = asyncio.create_task(self._submit(sequence, body, writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case 0x03:
                message_id = body.split(b"\0")[0]
                known = any(m["id"].encode() == message_id for m in self.accepted)
                answer = message_id + b"\0" + b"\0" + bytes((2, 0))
                send(writer, QUERY | RESP, 0 if known else 0x67, sequence, answer)
            case 0x15:
                send(writer, ENQUIRE | RESP, 0, sequence, b"")
            case 0x06:
                send(writer, UNBIND | RESP, 0, sequence, b"")
                return False
            case 0x80000005:
                self.answered += 1
                self.unanswered = self.unanswered[1:]
        return True

    async def _submit(self, sequence: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        if not await self._take(sequence, body, writer):
            writer.close()

    async def _take(self, sequence: int, body: bytes, writer: asyncio.StreamWriter) -> bool:
        fault = self.faults.draw()
        if self.faults.answer_seconds:
            await asyncio.sleep(self.faults.answer_seconds)
        if fault in ("throttled", "rejected"):
            status = 0x58 if fault == "throttled" else 0x0B
            send(writer, SUBMIT | RESP, status, sequence, b"")
            return True
        if fault in ("broken_before", "error_before"):
            return False
        message = submit_read(body)
        message["id"] = f"m{next(self._numbers)}"
        self.accepted.append(message)
        if self.lines is not None:
            with self.lines.open("a") as out:
                out.write(f"{message['user_reference']}@{message['destination']}\n")
        if fault == "broken_after":
            self._receipt(message)
            return False
        if fault == "error_after":
            send(writer, SUBMIT | RESP, 0x08, sequence, b"")
        elif fault != "silent_after":
            send(writer, SUBMIT | RESP, 0, sequence, message["id"].encode() + b"\0")
        self._receipt(message)
        return True

    def _receipt(self, message: dict[str, Any]) -> None:
        if self.faults.receipts == "never":
            return
        for _ in range(2 if self.faults.receipts == "twice" else 1):
            self._deliver(receipt_make(message))

    def deliver(self, body: bytes) -> None:
        """Give a deliver_sm to whoever is bound, and keep it until it is answered.

        May be called from a test's own thread: the centre's loop does the giving, so that a
        bind under way cannot give it a second time.
        """
        assert self._loop is not None, "the message centre is not started"
        self._loop.call_soon_threadsafe(self._deliver, body)

    def _deliver(self, body: bytes) -> None:
        self.unanswered.append(body)
        for line in self._lines[-1:]:
            if not line.is_closing():
                send(line, DELIVER, 0, next(self._numbers), body)


def send(
    writer: asyncio.StreamWriter, command: int, status: int, sequence: int, body: bytes
) -> None:
    writer.write(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)


def submit_read(body: bytes) -> dict[str, Any]:
    at = body.index(b"\0") + 1 + 2
    source, at = cstring(body, at)
    destination, at = cstring(body, at + 2)
    at += 3
    _schedule, at = cstring(body, at)
    _validity, at = cstring(body, at)
    coding, size = body[at + 2], body[at + 4]
    text, at = body[at + 5 : at + 5 + size], at + 5 + size
    optional = {}
    while at < len(body):
        tag, length = struct.unpack_from(">HH", body, at)
        optional[tag] = body[at + 4 : at + 4 + length]
        at += 4 + length
    text = optional.get(0x0424, text)
    return {
        "source": source.decode(),
        "destination": destination.decode(),
        "text": text.decode("utf-16-be" if coding == 8 else "ascii"),
        "user_reference": struct.unpack(">H", optional[0x0204])[0],
    }


def cstring(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.index(b"\0", at)
    return body[at:end], end + 1


def receipt_make(message: dict[str, Any]) -> bytes:
    """A delivery receipt as in appendix B, with the optional parameters of version 3.4."""
    text = (
        f"id:{message['id']} sub:001 dlvrd:001 submit date:2611201000 done date:2611201001 "
        "stat:DELIVRD err:000 text:"
    ).encode()
    optional = struct.pack(">HHH", 0x0204, 2, message["user_reference"])
    optional += struct.pack(">HHB", 0x0427, 1, 2)
    identity = message["id"].encode() + b"\0"
    optional += struct.pack(">HH", 0x001E, len(identity)) + identity
    return (
        deliver_make(
            source=message["destination"], destination=message["source"], text=text, esm_class=4
        )
        + optional
    )


def deliver_make(
    *, source: str, destination: str, text: bytes, esm_class: int = 0, coding: int = 0
) -> bytes:
    return (
        b"\0" + b"\1\1" + source.encode() + b"\0" + b"\1\1" + destination.encode() + b"\0"
        + bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0, len(text))) + text
    )  # fmt: skip
