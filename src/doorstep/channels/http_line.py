"""One connection to a gateway by HTTP/1.1, kept open, one request at a time.

It is our own, over httptools' parser, for two reasons: it tells whether a request can have left,
which is the difference between "surely not taken" and doubt; and a send costs a tenth of what it
costs through a general client.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from httptools import HttpParserError, HttpResponseParser

LONGEST_BODY = 16 << 20  # bytes; a gateway's answer is a few hundred


class NeverLeft(Exception):  # noqa: N818
    """There was no connection: not a byte of the request was sent."""


class Unanswered(Exception):  # noqa: N818
    """The request was sent, at least in part, and no whole answer came."""


@dataclass(frozen=True)
class Answer:
    """What a gateway answered; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Place:
    """Where a gateway is. `tls` None: in the clear, on this machine alone. Seconds for `timeout`,
    which holds for connecting and for answering."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    timeout: float


class _Reading:
    """An answer as far as it has come, in the words of httptools."""

    def __init__(self, answer: asyncio.Future[Answer]) -> None:
        self.answer = answer
        self.parser = HttpResponseParser(self)
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self.is_last = False

    def on_message_begin(self) -> None:
        if self.complete:
            raise ValueError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        if self.parser.get_status_code() < 200:  # an interim answer: the real one follows
            self.headers = {}
            return
        self.complete = True
        self.is_last = not self.parser.should_keep_alive()  # the parser tells only here

    def settle(self) -> None:
        """Hand the answer to whoever waits for it."""
        if not self.answer.done():
            status = self.parser.get_status_code()
            self.answer.set_result(Answer(status, self.headers, bytes(self.body)))

    def fail(self, why: str) -> None:
        """Tell whoever waits that there will be no answer."""
        if not self.answer.done():
            self.answer.set_exception(Unanswered(why))


class Line:
    """A connection that is made when it is needed, and made anew when it broke."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: _Connection | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send the request, whole as bytes, and wait for its answer. Raises NeverLeft, Unanswered.

        Whatever goes wrong, the connection is dropped: an answer that comes late is nobody's.
        """
        connection = self._connection
        if connection is None or not connection.is_open:
            connection = self._connection = await self._connected()
        try:
            return await connection.ask(request, timeout=self._place.timeout)
        except BaseException:
            self.drop()
            raise

    async def _connected(self) -> _Connection:
        place, loop = self._place, asyncio.get_running_loop()
        name = place.host if place.tls else None
        try:
            async with asyncio.timeout(place.timeout):
                _, connection = await loop.create_connection(
                    _Connection, place.host, place.port, ssl=place.tls, server_hostname=name
                )
        except (OSError, TimeoutError) as error:
            raise NeverLeft(type(error).__name__) from None
        return connection

    def drop(self) -> None:
        """Let the connection go; the next request makes another."""
        if self._connection is not None:
            self._connection.drop()
            self._connection = None


class _Connection(asyncio.Protocol):
    """One connection, from being made to being lost."""

    _transport: asyncio.Transport
    _reading: _Reading | None = None
    is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True

    async def ask(self, request: bytes, *, timeout: float) -> Answer:
        """The answer to one request."""
        loop = asyncio.get_running_loop()
        self._reading = reading = _Reading(loop.create_future())
        timer = loop.call_later(timeout, reading.fail, "no answer in time")
        try:
            self._transport.write(request)
            return await reading.answer
        finally:
            timer.cancel()
            self._reading = None

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer that is waited for; unasked ones end the connection."""
        reading = self._reading
        if reading is None:
            self.drop()
            return
        try:
            reading.parser.feed_data(data)
        except HttpParserError:
            self.drop()
            if not reading.complete:
                reading.fail("not HTTP")
        if len(reading.body) > LONGEST_BODY:
            reading.fail("too long")
        elif reading.complete:
            if reading.is_last:
                self.drop()
            reading.settle()

    def eof_received(self) -> None:
        """The end of the connection is the end of an answer that does not say how long it is."""
        reading = self._reading
        framed = {"content-length", "transfer-encoding"}
        if reading and reading.headers and not framed & reading.headers.keys():
            reading.settle()

    def connection_lost(self, error: Exception | None) -> None:
        """Closed, by whomever."""
        self.is_open = False
        if self._reading is not None:
            self._reading.fail("the connection broke")

    def drop(self) -> None:
        """Let it go, and whatever still comes."""
        self.is_open = False
        self._transport.abort()
