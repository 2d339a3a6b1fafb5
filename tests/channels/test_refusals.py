"""Every adapter in the package stays shut to whatever is not a fresh clearance of this message."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import doorstep.channels
from doorstep.channels.call_desk import CallDesk
from doorstep.channels.door import Door
from doorstep.channels.email_smtp import EmailSmtp, MailServer
from doorstep.channels.letter import Letter
from doorstep.channels.message import Channel
from doorstep.channels.messenger import Messenger
from doorstep.channels.sandbox import Sandbox
from doorstep.channels.smpp_session import Address
from doorstep.channels.sms_http import SmsHttp
from doorstep.channels.sms_smpp import SmsSmpp
from doorstep.kernel.errors import Refused
from tests.channels.opening import AT, clearance_for, door_made, message_made

NOWHERE = "http://127.0.0.1:9"

MAKERS: dict[type, Callable[[Door, Path], Channel]] = {
    SmsHttp: lambda door, home: SmsHttp(door=door, url=NOWHERE, secret="s"),
    SmsSmpp: lambda door, home: SmsSmpp(
        door=door, address=Address("127.0.0.1", 9, "us", "secret"), sender="95599",
        clock=lambda: AT, secure=False,
    ),
    EmailSmtp: lambda door, home: EmailSmtp(
        door=door, clock=lambda: AT,
        server=MailServer(
            host="127.0.0.1", port=9, sender="a@bank.test", sender_name="Bank",
            return_domain="bank.test", security="none",
        ),
    ),
    Letter: lambda door, home: Letter(door=door, folder=home, sender="Bank", clock=lambda: AT),
    Messenger: lambda door, home: Messenger(
        door=door, url=NOWHERE, secret="s", clock=lambda: AT
    ),
    CallDesk: lambda door, home: CallDesk(door=door),
    Sandbox: lambda door, home: Sandbox(door=door, name="sms", folder=home, clock=lambda: AT),
}  # fmt: skip


def adapters() -> list[type]:
    """Every class of the package that sends, found by looking."""
    found = []
    for module in pkgutil.iter_modules(doorstep.channels.__path__):
        loaded = importlib.import_module(f"doorstep.channels.{module.name}")
        for _name, each in inspect.getmembers(loaded, inspect.isclass):
            if each.__module__ == loaded.__name__ and each is not Channel and hasattr(each, "send"):
                found.append(each)
    return found


def test_every_adapter_has_its_maker_here() -> None:
    assert set(adapters()) == set(MAKERS)


@pytest.mark.parametrize("adapter", adapters())
def test_send_takes_a_clearance_and_a_message_and_nothing_else(adapter: Any) -> None:
    assert list(inspect.signature(adapter.send).parameters) == ["self", "clearance", "message"]


def spoilt(kind: str, message: Any, channel: str, door: Door) -> Any:
    if kind == "missing":
        return None
    if kind == "not a clearance":
        return "let me through"
    good = clearance_for(message, channel=channel, door=door)
    if kind == "forged":
        return replace(good, not_after=good.not_after + timedelta(days=1))
    if kind == "sealed with another key":
        return clearance_for(message, channel=channel, door=door, key=b"x" * 32)
    if kind == "expired":
        return clearance_for(
            message, channel=channel, door=door,
            not_before=AT - timedelta(hours=1), not_after=AT - timedelta(microseconds=1),
        )  # fmt: skip
    if kind == "too early":
        return clearance_for(
            message, channel=channel, door=door, not_before=AT + timedelta(microseconds=1)
        )
    if kind == "of another text":
        return clearance_for(replace(message, text="别的话"), channel=channel, door=door)
    if kind == "of another number":
        return clearance_for(replace(message, to="+8619900000002"), channel=channel, door=door)
    if kind == "of another channel":
        return clearance_for(message, channel="visit", door=door)
    if kind == "used":
        door.open(clearance=good, message=message, channel=channel)
        return good
    assert kind == "not given out by the database"
    return clearance_for(message, channel=channel, door=None)


KINDS = {
    "missing": "CLEARANCE_MISSING",
    "not a clearance": "CLEARANCE_MISSING",
    "forged": "CLEARANCE_FORGED",
    "sealed with another key": "CLEARANCE_FORGED",
    "expired": "CLEARANCE_EXPIRED",
    "too early": "CLEARANCE_TOO_EARLY",
    "of another text": "CLEARANCE_MISMATCH",
    "of another number": "CLEARANCE_MISMATCH",
    "of another channel": "CLEARANCE_MISMATCH",
    "used": "CLEARANCE_USED",
    "not given out by the database": "CLEARANCE_USED",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adapter", MAKERS)
def test_it_refuses_before_a_socket_is_opened(
    adapter: type, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = door_made()
    channel = MAKERS[adapter](door, tmp_path)
    message = message_made()
    opened: list[Any] = []

    def connect(*arguments: Any) -> None:
        opened.append(arguments)

    async def attempt() -> None:
        monkeypatch.setattr(socket.socket, "connect", connect)
        with pytest.raises(Refused) as refusal:
            await channel.send(spoilt(kind, message, channel.name, door), message)
        assert refusal.value.code == KINDS[kind]
        await channel.close()

    asyncio.run(attempt())
    assert opened == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("adapter", [CallDesk, Sandbox])
def test_a_clearance_opens_once(adapter: type, tmp_path: Path) -> None:
    door = door_made()
    channel = MAKERS[adapter](door, tmp_path)
    message = message_made()
    clearance = clearance_for(message, channel=channel.name, door=door)

    async def twice() -> None:
        await channel.send(clearance, message)
        with pytest.raises(Refused) as refusal:
            await channel.send(clearance, message)
        assert refusal.value.code == "CLEARANCE_USED"

    asyncio.run(twice())


def test_even_a_refused_connection_uses_the_clearance_up(tmp_path: Path) -> None:
    """A second try needs a second clearance: facts may have changed meanwhile."""
    door = door_made()
    channel = MAKERS[SmsHttp](door, tmp_path)
    message = message_made()
    clearance = clearance_for(message, channel="sms", door=door)

    async def twice() -> None:
        with pytest.raises(Exception, match="cannot be reached"):
            await channel.send(clearance, message)
        with pytest.raises(Refused, match="used"):
            await channel.send(clearance, message)
        await channel.close()

    asyncio.run(twice())
