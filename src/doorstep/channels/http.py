"""What every gateway spoken to by HTTP shares: how its answers and its silence are read.

A connection that never came about, a 4xx and a 429 mean: surely not taken. A 5xx, a broken
connection or no answer mean doubt, because gateways are known to answer so after they took a
message.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from doorstep.channels.http_line import Answer, Line, NeverLeft, Place, Unanswered
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
IN_FLIGHT = 64
CONFLICT, THROTTLED, NOT_FOUND = 409, 429, 404


class Lines:
    """Connections to one gateway, handed out one request at a time."""

    def __init__(self, *, url: str, timeout: float, headers: Mapping[str, str]) -> None:
        """Raises InputError for an address that is not https (this machine's own may be http)."""
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        if not host or not (secure or (parts.scheme == "http" and host in LOOPBACK)):
            raise InputError(
                f"{url!r} is no https address.",
                code="BAD_SETTING",
                hint="Messages about people leave encrypted, or not at all.",
                where=Where(field="url"),
            )
        place = Place(
            host=host,
            port=parts.port or (443 if secure else 80),
            tls=ssl.create_default_context() if secure else None,
            timeout=timeout,
        )
        self._path = parts.path.rstrip("/")
        named = {"Host": parts.netloc.rpartition("@")[2], "Accept": "application/json", **headers}
        self._headers = _written(named)
        self._lines = [Line(place) for _ in range(IN_FLIGHT)]
        self._free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
        for line in self._lines:
            self._free.put_nowait(line)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The gateway's answer, over the connection used last, so that few stay connected.

        `path` comes quoted, `content` as JSON. Raises NeverLeft, Unanswered.
        """
        written = f"{method} {self._path}{path} HTTP/1.1\r\n{self._headers}"
        if headers:
            written += _written(headers)
        if content is not None:
            written += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        line = await self._free.get()
        try:
            return await line.ask(written.encode("latin-1") + b"\r\n" + (content or b""))
        finally:
            self._free.put_nowait(line)

    async def close(self) -> None:
        """Let every connection go."""
        for line in self._lines:
            line.drop()


def _written(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def as_json(body: Mapping[str, Any]) -> bytes:
    """A body as gateways take it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def posted(
    lines: Lines, path: str, content: bytes, headers: Mapping[str, str] | None = None
) -> Accepted:
    """Post a message; what the answer means, as Accepted, NotAccepted or InDoubt."""
    try:
        answer = await lines.ask("POST", path, content=content, headers=headers)
    except NeverLeft as error:
        raise NotAccepted(
            f"The gateway cannot be reached ({error}).", code="NO_GATEWAY", again=True
        ) from None
    except Unanswered as error:
        raise InDoubt(f"The gateway did not answer ({error}).", code="NO_ANSWER") from None
    return _read(answer)


def _read(answer: Answer) -> Accepted:
    if _taken(answer) or answer.status == CONFLICT:  # it has it already
        return Accepted(gateway_reference=str(_json(answer).get("id", ""))[:128])
    if answer.status == THROTTLED:
        raise NotAccepted(
            "The gateway asks us to slow down.", code="THROTTLED", again=True, wait=_wait(answer)
        )
    if 400 <= answer.status < 500:
        raise NotAccepted(
            f"The gateway refused the message: {_json(answer).get('error', answer.status)}.",
            code="REJECTED",
            again=False,
        )
    raise InDoubt(f"The gateway answered {answer.status}.", code="GATEWAY_ERROR")


def _taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _wait(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 3600.0) if text.isdigit() else 1.0


async def asked(lines: Lines, path: str) -> Standing:
    """Where the message at `path` stands."""
    try:
        answer = await lines.ask("GET", path)
    except (NeverLeft, Unanswered):
        return Standing.CANNOT_TELL
    if answer.status == NOT_FOUND:
        return Standing.NOT_KNOWN
    state = _json(answer).get("state") if _taken(answer) else None
    known = {each.value: each for each in Standing}
    return known.get(str(state), Standing.CANNOT_TELL)


async def fetched(lines: Lines, path: str, cursor: str) -> Fetched:
    """Receipts and messages to us after the cursor; nothing where the gateway does not answer."""
    try:
        answer = await lines.ask("GET", f"{path}?after={quote(cursor, safe='')}")
    except (NeverLeft, Unanswered):
        return Fetched(cursor=cursor)
    told = _json(answer) if _taken(answer) else {}
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


def _json(answer: Answer) -> Mapping[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
