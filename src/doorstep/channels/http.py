"""What every gateway spoken to by HTTP shares: how its answers and its silence are read.

A connection that never came about, a 4xx and a 429 mean: surely not taken. A 5xx, a broken
connection or no answer mean doubt, because gateways are known to answer so after they took a
message.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from doorstep.channels.message import (
    Accepted,
    Fetched,
    Incoming,
    InDoubt,
    NotAccepted,
    Report,
    Standing,
)
from doorstep.kernel.errors import InputError, Where

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NEVER_LEFT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol,
)  # fmt: skip
IN_FLIGHT = 48


class Lines:
    """Connections to one gateway, each with a client of its own, handed out one request at a time.

    One client for all would look through every connection and everybody waiting at each request.
    """

    def __init__(self, *, url: str, timeout: float, headers: Mapping[str, str]) -> None:
        """Raises InputError for an address that is not https (this machine's own may be http)."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise InputError(
                f"{url!r} is no https address.",
                code="BAD_SETTING",
                hint="Messages about people leave encrypted, or not at all.",
                where=Where(field="url"),
            )
        verify = ssl.create_default_context() if parts.scheme == "https" else False
        self._clients = [
            httpx.AsyncClient(
                base_url=url.rstrip("/"), timeout=timeout, headers=dict(headers), verify=verify,
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                trust_env=False,
            )
            for _ in range(IN_FLIGHT)
        ]  # fmt: skip
        self._free: asyncio.LifoQueue[httpx.AsyncClient] = asyncio.LifoQueue()
        for client in self._clients:
            self._free.put_nowait(client)

    @asynccontextmanager
    async def line(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that nobody else is using; the one used last, so that few stay connected."""
        client = await self._free.get()
        try:
            yield client
        finally:
            self._free.put_nowait(client)

    async def close(self) -> None:
        """Let every connection go."""
        for client in self._clients:
            await client.aclose()


async def posted(lines: Lines, path: str, **request: Any) -> Accepted:
    """Post a message; what the answer means, as Accepted, NotAccepted or InDoubt."""
    try:
        async with lines.line() as client:
            answer = await client.post(path, **request)
    except NEVER_LEFT as error:
        raise NotAccepted(
            f"The gateway cannot be reached ({type(error).__name__}).",
            code="NO_GATEWAY",
            again=True,
        ) from None
    except httpx.HTTPError as error:
        raise InDoubt(
            f"The gateway did not answer ({type(error).__name__}).", code="NO_ANSWER"
        ) from None
    return _read(answer)


def _read(answer: httpx.Response) -> Accepted:
    if answer.is_success or answer.status_code == httpx.codes.CONFLICT:  # 409: it has it already
        return Accepted(gateway_reference=str(_json(answer).get("id", ""))[:128])
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise NotAccepted(
            "The gateway asks us to slow down.", code="THROTTLED", again=True, wait=_wait(answer)
        )
    if answer.is_client_error:
        raise NotAccepted(
            f"The gateway refused the message: {_json(answer).get('error', answer.status_code)}.",
            code="REJECTED",
            again=False,
        )
    raise InDoubt(f"The gateway answered {answer.status_code}.", code="GATEWAY_ERROR")


def _wait(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 3600.0) if text.isdigit() else 1.0


async def asked(lines: Lines, path: str) -> Standing:
    """Where the message at `path` stands."""
    try:
        async with lines.line() as client:
            answer = await client.get(path)
    except httpx.HTTPError:
        return Standing.CANNOT_TELL
    if answer.status_code == httpx.codes.NOT_FOUND:
        return Standing.NOT_KNOWN
    state = _json(answer).get("state") if answer.is_success else None
    known = {each.value: each for each in Standing}
    return known.get(str(state), Standing.CANNOT_TELL)


async def fetched(lines: Lines, path: str, cursor: str) -> Fetched:
    """Receipts and messages to us after the cursor; nothing where the gateway does not answer."""
    try:
        async with lines.line() as client:
            answer = await client.get(path, params={"after": cursor})
    except httpx.HTTPError:
        return Fetched(cursor=cursor)
    told = _json(answer) if answer.is_success else {}
    return Fetched(
        reports=[_report(row) for row in told.get("reports", [])],
        incoming=[_incoming(row) for row in told.get("incoming", [])],
        cursor=str(told.get("cursor", cursor)),
    )


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        key=str(row["key"]),
        standing=Standing(row["state"]),
        at=datetime.fromisoformat(row["at"]),
        reference=str(row.get("reference", "")),
        gateway_reference=str(row.get("id", "")),
        detail=str(row.get("detail", ""))[:200],
    )


def _incoming(row: Mapping[str, Any]) -> Incoming:
    return Incoming(
        key=str(row["key"]),
        sender=str(row["from"]),
        text=str(row["text"]),
        at=datetime.fromisoformat(row["at"]),
    )


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
