"""Which channel is served by what: `channels.toml` in DOORSTEP_HOME; in the demo, the sandbox.

A channel that nobody set up sends nothing: its acts wait until they are too late. In demo mode
nothing but the sandbox is ever opened, whatever the file says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

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
from doorstep.dispatch.keys import address_key, clearance_key
from doorstep.kernel.errors import InputError, Where

WRITTEN = ("sms", "email", "letter", "messenger")
DESK = "phone"
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Setup:
    """One table of `channels.toml`: the adapter and its words."""

    channel: str
    adapter: str
    words: Mapping[str, Any]


def door_make(clock: Clock) -> Door:
    """A door with this installation's keys, shut."""
    return Door(clearance_key=clearance_key(), address_key=address_key(), clock=clock)


def channels_open(*, door: Door, clock: Clock) -> dict[str, Channel]:
    """The written channels of this installation, by name. InputError names what cannot be used."""
    return {
        setup.channel: channel_make(setup, door=door, clock=clock) for setup in setups_current()
    }


def desk_open(*, door: Door) -> dict[str, Channel]:
    """The call desk."""
    return {DESK: CallDesk(door=door)}


def setups_current() -> list[Setup]:
    """What this installation has set up."""
    if settings.MODE == "demo":
        return [Setup(name, "sandbox", {}) for name in WRITTEN]
    path = Path(settings.CHANNELS_FILE)
    return setups_read(path) if path.is_file() else []


def setups_read(path: Path) -> list[Setup]:
    """The tables of a file. Raises InputError for what is no channel or no adapter."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"Not readable as TOML: {error}.", code="BAD_SETTING", where=Where(file=path.name)
        ) from None
    found = []
    for channel, words in tables.items():
        adapter = words.get("adapter", "") if isinstance(words, dict) else ""
        if channel not in WRITTEN or (channel, adapter) not in ADAPTERS:
            known = ", ".join(f"{c}: {a}" for c, a in sorted(ADAPTERS))
            raise InputError(
                f"{channel} with adapter {adapter!r} is no channel Doorstep has.",
                code="BAD_SETTING",
                hint=f"Known are {known}.",
                where=Where(file=path.name, field=channel),
            )
        found.append(Setup(channel, adapter, words))
    return found


def channel_make(setup: Setup, *, door: Door, clock: Clock) -> Channel:
    """The adapter of a setup. Raises InputError naming the word that is missing or unknown."""
    if setup.adapter == "sandbox":
        return Sandbox(door=door, name=setup.channel, folder=sandbox_folder(), clock=clock)
    words = {name: value for name, value in setup.words.items() if name != "adapter"}
    if "secret_file" in words:
        words["secret"] = _secret(setup.channel, words.pop("secret_file"))
    try:
        return ADAPTERS[(setup.channel, setup.adapter)](door, clock, words)
    except TypeError as error:
        raise InputError(
            f"{str(error).split(') ')[-1]}.",
            code="BAD_SETTING",
            hint="docs/howto/gateways.md lists what each adapter takes.",
            where=Where(file="channels.toml", field=setup.channel),
        ) from None


def sandbox_folder() -> Path:
    """Where the sandbox keeps what would have been sent."""
    return Path(settings.HOME) / "sandbox"


def letters_folder() -> Path:
    """Where print batches lie."""
    return Path(settings.HOME) / "letters"


def _secret(channel: str, name: str) -> str:
    try:
        return Path(name).read_text("utf-8").strip()
    except OSError as error:
        raise InputError(
            f"The secret cannot be read ({error.strerror}).",
            code="BAD_SETTING",
            where=Where(file="channels.toml", field=f"{channel}.secret_file"),
        ) from None


def _smpp(door: Door, clock: Clock, words: dict[str, Any]) -> Channel:
    sender, secure = words.pop("sender"), words.pop("tls", True)
    address = Address(password=words.pop("secret"), **words)
    return SmsSmpp(door=door, address=address, sender=sender, clock=clock, secure=secure)


def _smtp(door: Door, clock: Clock, words: dict[str, Any]) -> Channel:
    if "returns" in words:
        words["returns"] = Path(words["returns"])
    server = MailServer(password=words.pop("secret", ""), **words)
    return EmailSmtp(door=door, server=server, clock=clock)


ADAPTERS: dict[tuple[str, str], Callable[[Door, Clock, dict[str, Any]], Channel]] = {
    ("sms", "http"): lambda door, clock, words: SmsHttp(door=door, **words),
    ("sms", "smpp"): _smpp,
    ("email", "smtp"): _smtp,
    ("messenger", "webhook"): lambda door, clock, words: Messenger(door=door, clock=clock, **words),
    ("letter", "print"): lambda door, clock, words: Letter(
        door=door, folder=letters_folder(), clock=clock, **words
    ),
    **{
        (name, "sandbox"): lambda door, clock, words: Sandbox(door=door, clock=clock, **words)
        for name in WRITTEN
    },
}
