"""Handing cleared acts to their channels, many in flight at a time, and what each one said."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from doorstep.channels.door import Door
from doorstep.channels.message import Channel, InDoubt, NotAccepted
from doorstep.dispatch.clearing import Ready
from doorstep.kernel.errors import Refused


class Said(StrEnum):
    """What is known after a send."""

    ACCEPTED = "accepted"
    NOT_TAKEN = "not_taken"  # surely not taken; may be tried again
    REJECTED = "rejected"  # surely not taken, and never will be
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True)
class Answer:
    """What became of one send. `wait`: seconds the gateway asked us to wait."""

    ready: Ready
    said: Said
    code: str = ""
    gateway_reference: str = ""
    wait: float = 0.0


async def all_sent(
    *, ready: Sequence[Ready], channels: Mapping[str, Channel], door: Door
) -> list[Answer]:
    """Send every cleared act through its channel, together; one answer each."""
    door.admit(each.clearance.id for each in ready)
    try:
        return list(await asyncio.gather(*(_sent(each, channels) for each in ready)))
    finally:
        door.forget(each.clearance.id for each in ready)


async def _sent(ready: Ready, channels: Mapping[str, Channel]) -> Answer:
    try:
        accepted = await channels[ready.channel].send(ready.clearance, ready.message)
    except NotAccepted as error:
        said = Said.NOT_TAKEN if error.again else Said.REJECTED
        return Answer(ready, said, error.code, wait=error.wait)
    except InDoubt as error:
        return Answer(ready, Said.IN_DOUBT, error.code)
    except Refused as error:
        return Answer(ready, Said.NOT_TAKEN, error.code)
    except Exception as error:
        return Answer(ready, Said.IN_DOUBT, type(error).__name__[:64])
    return Answer(ready, Said.ACCEPTED, gateway_reference=accepted.gateway_reference)
