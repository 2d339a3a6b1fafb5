"""What a visit record holds, and whether it was filed in time. Pure.

The contents are those of the register of law for visit records: time and place with the point on
earth, who went and who was met, what was shown, consents with their times, what was recorded and
its gaps, what was said, amounts by currency, incidents, outcome, signatures (CN-CBA-VISIT-TWO,
CN-CBA-ENTRY, CN-CIVIL-1033-HOME, CN-CC-68-REC, CN-CC-69-DISPUTE, TW-14-VISIT, UK-CONC-7.9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.visits.door.steps import door

HOW = ("done", "skipped", "not_needed", "missing")
TALKED = ("agreed", "promised", "declined")
NOT_THE_BORROWER = ("not_met", "third_party")
IN_TIME, SENT_LATER, WRITTEN_LATER = "", "sent_later", "written_later"


@dataclass(frozen=True)
class Heard:
    """A word from the door: an event as the phone told it. `at` is the corrected time."""

    id: str
    kind: str
    topic: str
    body: Mapping[str, Any]
    at: datetime


def local_day_of(at: datetime, zone: str) -> date:
    """The borrower's calendar day of an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def lateness(*, visited_on: date, written_at: datetime, filed_at: datetime, zone: str) -> str:
    """Why a record is late: it was `written_later` than the borrower's day of the visit, or written
    in time and `sent_later`; empty for one filed the same day.

    >>> from datetime import timezone
    >>> at = datetime(2026, 3, 5, 9, tzinfo=timezone.utc)
    >>> lateness(visited_on=date(2026, 3, 5), written_at=at, filed_at=at, zone="Asia/Shanghai")
    ''
    """
    if local_day_of(filed_at, zone) <= visited_on:
        return IN_TIME
    return SENT_LATER if local_day_of(written_at, zone) <= visited_on else WRITTEN_LATER


def steps_told(events: Iterable[Heard]) -> list[dict[str, Any]]:
    """Every step of a visit in order with how it went, why it was left out, and when; a step the
    phone says nothing of is `missing`."""
    told = {
        str(each.body.get("step")): each for each in events if each.kind == "step"
    }  # the latest word on a step counts
    found = []
    for code in door().codes()[:-1]:
        each = told.get(code)
        if each is None:
            found.append({"step": code, "how": "missing", "why": "", "at": None})
            continue
        how = str(each.body.get("how", "done"))
        found.append(
            {
                "step": code,
                "how": how if how in HOW else "done",
                "why": line_of(each.body.get("why"), 300),
                "at": each.at.isoformat(),
            }
        )
    return found


def step_body(events: Iterable[Heard], code: str) -> Mapping[str, Any]:
    """What the phone told of one step; nothing where it was not done."""
    rows = [each for each in events if each.kind == "step" and each.body.get("step") == code]
    done = [each.body for each in rows if each.body.get("how", "done") == "done"]
    return done[-1] if done else {}


def consents_told(events: Sequence[Heard]) -> list[dict[str, Any]]:
    """Each consent that was asked for, apart: to talk, to be recorded, to enter."""
    found = []
    for code in ("purpose", "consent_record", "consent_enter"):
        for each in events:
            if each.kind != "step" or each.body.get("step") != code:
                continue
            done = each.body.get("how", "done") == "done"
            given = each.body.get("given", done and code == "purpose")
            found.append({"what": code, "given": given is True, "at": each.at.isoformat()})
    return found


def point_told(body: Mapping[str, Any]) -> dict[str, float] | None:
    """Where a phone was; None where it could not tell."""
    names = ("latitude", "longitude", "accuracy_m", "distance_m")
    found = {
        name: float(body[name])
        for name in names
        if isinstance(body.get(name), int | float) and not isinstance(body.get(name), bool)
    }
    return found if {"latitude", "longitude"} <= set(found) else None


def recordings_told(events: Iterable[Heard]) -> list[dict[str, Any]]:
    """Which recordings were begun and ended, and the gaps as the phone explained them."""
    found: dict[str, dict[str, Any]] = {}
    for each in events:
        if each.kind not in ("recording", "recording_gap"):
            continue
        key = line_of(each.body.get("recording"), 64)
        row = found.setdefault(key, {"recording": key, "begun": None, "ended": None, "gaps": []})
        if each.kind == "recording_gap":
            row["gaps"].append({"why": line_of(each.body.get("why"), 200),
                                "at": each.at.isoformat()})  # fmt: skip
        elif each.body.get("what") in ("begun", "ended"):
            row[each.body["what"]] = each.at.isoformat()
    return list(found.values())


def line_of(value: object, most: int) -> str:
    """A text of a phone without what no page and no database can hold; anything else is nothing.

    >>> line_of(" a\\x00b\\ud800 ", 10)
    'ab'
    """
    if not isinstance(value, str):
        return ""
    kept = "".join(
        each for each in value if each in "\n\t" or (each.isprintable() and each != "\x7f")
    )
    return kept.strip()[:most]
