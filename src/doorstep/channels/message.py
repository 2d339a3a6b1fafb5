"""What is sent, and what a channel can say about it afterwards. Words only; no network here."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from doorstep.guard.clearance import Clearance
from doorstep.kernel.errors import DoorstepError
from doorstep.outreach.render import digest_of


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to one person. `reference` is ours and unique; `to` is what the channel reaches
    (a number, an account, a postal address in lines), `kind` what that is (mobile, email, ...).

    `medium`, `language`, `subject`, `text` and `html` are what outreach rendered; `body` is the
    text with its marks for headings and lists, which only paper needs; `large` asks for large
    print.
    """

    reference: str
    to: str
    kind: str
    medium: str
    text: str
    subject: str = ""
    html: str = ""
    body: str = ""
    language: str = "zh-Hans"
    large: bool = False

    @property
    def sha256(self) -> str:
        """The digest of exactly what the person would read."""
        return digest_of(self.medium, self.language, self.subject, self.text, self.html)


def contact_point_key(*, key: bytes, kind: str, value: str) -> str:
    """The key of a number or address: the same for the same number wherever it stands, and useless
    to whoever has no `key`. A clearance is sealed over it, so it opens for this number alone."""
    digest = hmac.digest(key, f"{kind}\n{value}".encode(), "sha256").hex()
    return f"{kind}:{digest[:24]}"


@dataclass(frozen=True)
class Accepted:
    """The gateway has taken the message. `gateway_reference` is its own name for it, if any."""

    gateway_reference: str = ""


class NotAccepted(DoorstepError):  # noqa: N818
    """The message surely was not taken. `again`: it may be tried later, after `wait` seconds."""

    def __init__(self, message: str, *, code: str, again: bool, wait: float = 0.0) -> None:
        super().__init__(message, code=code)
        self.again = again
        self.wait = wait


class InDoubt(DoorstepError):  # noqa: N818
    """Nobody can say whether the message was taken: it must not be sent again."""


class Standing(StrEnum):
    """Where a message stands, as the gateway says."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"  # taken, and could not be delivered
    NOT_KNOWN = "not_known"  # the gateway knows no such message
    CANNOT_TELL = "cannot_tell"  # this gateway cannot be asked, or did not answer


@dataclass(frozen=True, kw_only=True)
class Report:
    """A receipt. `key` is the gateway's own name for this very receipt: the same twice is one."""

    key: str
    standing: Standing
    at: datetime
    reference: str = ""
    gateway_reference: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message that a person sent to us."""

    key: str
    sender: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a gateway had to tell. `cursor` is where to go on next time."""

    reports: Sequence[Report] = ()
    incoming: Sequence[Incoming] = ()
    cursor: str = ""
    keys: Sequence[str] = field(default=())


class Channel(Protocol):
    """An adapter. `send` is the only way out, and it opens to a clearance alone."""

    name: str
    knows_within: float | None
    """Seconds after which the gateway surely knows what it has taken; None: it never says so."""

    async def send(self, clearance: Clearance, message: Message) -> Accepted:
        """Send; raises Refused (clearance), NotAccepted or InDoubt."""

    async def standing(self, *, reference: str, gateway_reference: str) -> Standing:
        """Where a message stands. Never raises: a gateway that does not answer cannot tell."""

    async def fetch(self, cursor: str) -> Fetched:
        """Receipts and messages to us after the cursor; kept until `confirm`."""

    async def confirm(self, keys: Sequence[str]) -> None:
        """What bears these keys is safely in our database."""

    async def close(self) -> None:
        """Let connections go."""
