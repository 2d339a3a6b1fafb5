"""Doors, clearances and messages for the tests of channels."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from doorstep.channels.door import Door
from doorstep.channels.message import Message, contact_point_key
from doorstep.guard.clearance import Clearance, clearance_seal

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CLEARANCE_KEY = b"c" * 32
ADDRESS_KEY = b"a" * 32
_numbers = itertools.count(1)


def door_made() -> Door:
    return Door(clearance_key=CLEARANCE_KEY, address_key=ADDRESS_KEY, clock=lambda: AT)


def message_made(**fields: Any) -> Message:
    values = {
        "reference": f"ref{next(_numbers):04}",
        "to": "+8619900000001",
        "kind": "mobile",
        "medium": "sms",
        "text": "某银行提醒:您的账单已到期,请通过官方渠道查询。",
    }
    return Message(**(values | fields))


def clearance_for(message: Message, *, channel: str, door: Door | None, **fields: Any) -> Clearance:
    """A clearance of this very message; admitted at `door`, as dispatch does after its claim."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"k{number}",
        "case": "1",
        "recipient_ref": "C1",
        "contact_point": contact_point_key(key=ADDRESS_KEY, kind=message.kind, value=message.to),
        "channel": channel,
        "content_sha256": message.sha256,
        "not_before": AT - timedelta(seconds=1),
        "not_after": AT + timedelta(minutes=5),
        "packs": ("cn@1",),
        "log_index": number,
    }
    sealed = clearance_seal(key=fields.pop("key", CLEARANCE_KEY), **(values | fields))
    if door is not None:
        door.admit([sealed.id])
    return sealed
