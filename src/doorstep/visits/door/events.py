"""An event as a phone sends it: read strictly, and known again by what it says. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from doorstep.evidence.verify import canonical
from doorstep.kernel.errors import InputError, Where
from doorstep.visits.door.steps import DONE, HOW, SKIPPED, WHO, door

MOST_BODY = 1024**2
MOST_TEXT = 4000
ADDING = frozenset({"note", "position", "recording_gap", "check_in"})
"""Kinds that only add up: each event is a topic of its own, so that two never conflict."""
KINDS = ADDING | {
    "step", "dispute", "affordability", "agreement", "declined", "recording", "leave_now", "report",
}  # fmt: skip
CHECK_INS = ("arrived", "well", "left")
TOPIC = re.compile(r"[a-z_]{1,24}(:[A-Za-z0-9_.-]{1,54})?")
MOST_NUMBER = 2**53


@dataclass(frozen=True)
class DoorEventIn:
    """What happened at the door of a visit, as the phone wrote it down. `sha256` is of the whole
    event as it was sent; `says` of kind, topic and body alone."""

    id: UUID
    visit: int
    kind: str
    topic: str
    after: UUID | None
    at: datetime
    clock_at: datetime
    number: int
    body: Mapping[str, Any]
    sha256: str
    says: str


def event_read(raw: object) -> DoorEventIn:
    """An event from what a phone sent. Raises InputError BAD_EVENT that names the part that cannot
    be used: an unknown kind, a topic that is not of the kind, a step skipped without a reason."""
    if not isinstance(raw, dict):
        raise _bad("event")
    kind, topic, body = raw.get("kind"), raw.get("topic"), raw.get("body", {})
    if not isinstance(kind, str) or kind not in KINDS:
        raise _bad("kind")
    if not isinstance(topic, str) or not TOPIC.fullmatch(topic):
        raise _bad("topic")
    if not isinstance(body, dict) or len(json.dumps(body)) > MOST_BODY:
        raise _bad("body")
    event_id = _uuid(raw.get("id"), "id")
    _check_topic(kind, topic, event_id, body)
    CHECKS.get(kind, _anything)(body)
    return DoorEventIn(
        id=event_id, visit=_number(raw.get("visit"), "visit"), kind=kind, topic=topic,
        after=None if raw.get("after") is None else _uuid(raw["after"], "after"),
        at=_instant(raw.get("at"), "at"), clock_at=_instant(raw.get("clock_at"), "clock_at"),
        number=_number(raw.get("number"), "number"), body=body, sha256=_digest(raw),
        says=_digest({"kind": kind, "topic": topic, "body": body}),
    )  # fmt: skip


def says_of(*, kind: str, topic: str, body: Mapping[str, Any]) -> str:
    """What `DoorEventIn.says` is of an event that is kept."""
    return _digest({"kind": kind, "topic": topic, "body": dict(body)})


def _check_topic(kind: str, topic: str, event_id: UUID, body: Mapping[str, Any]) -> None:
    if kind == "step":
        fits = topic == f"step:{body.get('step')}"
    elif kind in ADDING:
        fits = topic == f"{kind}:{event_id}"
    elif kind == "report":
        fits = topic == "report"
    else:
        fits = topic.partition(":")[0] == kind
    if not fits:
        raise _bad("topic")


def _step(body: Mapping[str, Any]) -> None:
    code, how = body.get("step"), body.get("how")
    step = door().step(code) if isinstance(code, str) else None
    if step is None:
        raise _bad("body.step")
    if how not in HOW:
        raise _bad("body.how")
    if how == SKIPPED and not (step.may_skip and _is_text(body.get("why"))):
        raise _bad("body.why")
    if how != DONE:
        return
    if code == "who_is_there" and body.get("who") not in WHO:
        raise _bad("body.who")
    if code in ("consent_record", "consent_enter") and not isinstance(body.get("given"), bool):
        raise _bad("body.given")


def _check_in(body: Mapping[str, Any]) -> None:
    if body.get("what") not in CHECK_INS:
        raise _bad("body.what")


def _why(body: Mapping[str, Any]) -> None:
    if not _is_text(body.get("why")):
        raise _bad("body.why")


def _text(body: Mapping[str, Any]) -> None:
    if not _is_text(body.get("text")):
        raise _bad("body.text")


def _anything(_body: Mapping[str, Any]) -> None:
    """What lands with the report is read there."""


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "step": _step, "check_in": _check_in, "leave_now": _why, "note": _text, "dispute": _text,
}  # fmt: skip


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= MOST_TEXT


def _uuid(value: object, name: str) -> UUID:
    try:
        if isinstance(value, str) and len(value) == 36:
            return UUID(value)
    except ValueError:
        pass
    raise _bad(name)


def _number(value: object, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NUMBER:
        return value
    raise _bad(name)


def _instant(value: object, name: str) -> datetime:
    try:
        if isinstance(value, str) and len(value) <= 40:
            found = datetime.fromisoformat(value)
            if found.tzinfo is not None and 2000 <= found.year <= 2200:
                return found.astimezone(UTC)
    except ValueError:
        pass
    raise _bad(name)


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(values)).hexdigest()


def _bad(name: str) -> InputError:
    return InputError(
        f"This event cannot be used: {name}.", code="BAD_EVENT", where=Where(field=name)
    )
