"""Looking into the sandbox, and answering from it as a borrower would."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from doorstep.channels.message import Incoming
from doorstep.channels.sandbox import sandbox_read
from doorstep.dispatch.gateways import sandbox_folder
from doorstep.dispatch.inbound import inbound_receive
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.models import Act, Inbound
from doorstep.kernel.errors import Refused


def kept_messages(*, acts: Sequence[Act]) -> dict[int, dict[str, Any]]:
    """What the sandbox kept of these acts, by act; those it never had are left out."""
    found = {
        act.pk: sandbox_read(folder=sandbox_folder(), channel=act.channel, reference=act.reference)
        for act in acts
    }
    return {key: kept for key, kept in found.items() if kept is not None}


def reply_pretend(*, act: Act, text: str, at: datetime) -> Inbound:
    """A reply to a message in the sandbox, as if its receiver had written it. Raises Refused where
    the sandbox has no such message."""
    kept = kept_messages(acts=[act]).get(act.pk)
    if kept is None:
        raise Refused("The sandbox has no such message.", code="NOT_IN_SANDBOX")
    incoming = Incoming(key=f"sandbox-{reference_make()}", sender=kept["to"], text=text, at=at)
    return inbound_receive(channel=act.channel, incoming=incoming, at=at)
