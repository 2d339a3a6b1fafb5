"""A gateway by HTTP (SMS, or the bridge of a messenger) on loopback, faithful and with faults.

Not idempotent, as real ones: the same reference twice is two messages, and `references` shows them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.faults import Faults

REASONS = {200: "OK", 404: "Not Found", 422: "Unprocessable", 429: "Too Many", 500: "Error"}


@dataclass
class HttpGateway:
    """Accepted messages by our reference, receipts, and what people wrote back."""

    faults: Faults = field(default_factory=Faults)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    requests: int = 0
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    keep_seen: bool = False
    lines: Path | None = None  # every reference taken, a line each
    _reports: list[dict[str, Any]] = field(default_factory=list)
    _incoming: list[dict[str, Any]] = field(default_factory=list)
    _when: dict[str, float] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def start(self, port: int = 0) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", port, backlog=1000)

    @property
    def references(self) -> Counter[str]:
        return Counter(message["reference"] for message in self.accepted)

    def reply(self, *, sender: str, text: str) -> None:
        """Somebody writes to us."""
        key = f"in-{next(self._numbers)}"
        self._incoming.append({"key": key, "from": sender, "text": text, "at": now()})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, target, _version = line.decode().split()
                headers = {}
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.strip().lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if not await self._answer(method, target, headers, body, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(
        self,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        writer: asyncio.StreamWriter,
    ) -> bool:
        parts = urlsplit(target)
        if method == "POST" and parts.path == "/messages":
            return await self._take(headers, body, writer)
        if parts.path == "/reports":
            after = parse_qs(parts.query).get("after", [""])[0]
            write(writer, 200, self._told(int(after or 0)))
            return True
        reference = unquote(parts.path.removeprefix("/messages/"))
        known = reference in self._when
        if known and time.monotonic() - self._when[reference] >= self.faults.unknown_seconds:
            write(writer, 200, {"state": "delivered"})
        else:
            write(writer, 404, {"error": "no such message"})
        return True

    async def _take(
        self, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        self.requests += 1
        if self.keep_seen:
            self.seen.append((headers, body))
        fault = self.faults.draw()
        if self.faults.answer_seconds:
            await asyncio.sleep(self.faults.answer_seconds)
        if fault == "broken_before":
            return False
        if fault in ("throttled", "rejected", "error_before"):
            self.refused += 1
            status = {"throttled": 429, "rejected": 422, "error_before": 500}[fault]
            write(writer, status, {"error": fault}, {"Retry-After": "0"})
            return True
        number = self._accept(json.loads(body))
        if fault == "silent_after":
            await asyncio.sleep(3600)
        if fault == "broken_after":
            return False
        write(writer, 500 if fault == "error_after" else 200, {"id": number})
        return True

    def _accept(self, message: dict[str, Any]) -> str:
        number = f"g{next(self._numbers)}"
        self.accepted.append(message)
        reference = message["reference"]
        if self.lines is not None:
            with self.lines.open("a") as out:
                out.write(f"{reference}\n")
        self._when.setdefault(reference, time.monotonic())
        report = {
            "key": f"r-{number}", "reference": reference, "id": number, "state": "delivered",
            "at": now(), "_from": time.monotonic(),
        }  # fmt: skip
        if self.faults.receipts == "late":
            report["_from"] += self.faults.late_seconds
        if self.faults.receipts != "never":
            self._reports.append(report)
        if self.faults.receipts == "twice":
            self._reports.append(report)
        return number

    def _told(self, after: int) -> dict[str, Any]:
        """Reports and replies past the cursor, up to the first that is not due yet."""
        due = []
        for report in self._reports[after : after + 1000]:
            if report["_from"] > time.monotonic():
                break
            due.append({k: v for k, v in report.items() if not k.startswith("_")})
        return {"reports": due, "incoming": self._incoming, "cursor": str(after + len(due))}


def write(
    writer: asyncio.StreamWriter,
    status: int,
    body: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    content = json.dumps(body).encode()
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    writer.write(
        f"HTTP/1.1 {status} {REASONS.get(status, '')}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n{more}\r\n".encode()
        + content
    )


def now() -> str:
    return datetime.now(tz=UTC).isoformat()  # noqa: TID251
