"""Acts on borrowers, as far as their records say, and whether a safeguard forbade them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from doorstep.protections.safeguard import RESTS, Safeguard, in_hours

SPOKEN = ("call", "visit")
# Purposes that ask for nothing: an answer to the borrower, what must be told, a legal document.
ANSWERS = ("reply", "notice", "serve")
NO_CONTACT = ("deceased", "police_no_contact", "minor")
DAYTIME = (time(10), time(17))


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One act as recorded. What the record does not say is None or empty.

    `actor` is a name to show, `actor_kind` the catalogue's word.
    `source` and `reference` name the record (`contact` K000123, `act` ...); `loans` None: not said.
    `purpose` is the catalogue's word; empty counts as collecting. `cleared`: the guard allowed it,
    with all that was known then.
    """

    source: str
    reference: str
    borrower_id: str
    at: datetime
    channel: str
    result: str
    direction: str = "out"
    actor: str = ""
    actor_kind: str = ""
    recipient: str = "borrower"
    number: str = ""
    place: str = ""
    loans: tuple[str, ...] | None = None
    purpose: str = ""
    template: str = ""
    cleared: bool = False


@dataclass(frozen=True)
class Wrong:
    """An act that should not have happened; `certain` is false where its record says too little."""

    deed: Deed
    certain: bool


def wrong_deeds(
    *, safeguard: Safeguard, deeds: Iterable[Deed], known_at: datetime, zone: str
) -> list[Wrong]:
    """The acts the safeguard forbids, by time; `zone` is where the borrower's clock is read.

    What the guard cleared after the safeguard was known (`known_at`) it cleared knowingly.
    """
    judged = (
        (deed, forbidden(safeguard, deed, zone=zone))
        for deed in deeds
        if not (deed.cleared and deed.at >= known_at)
    )
    found = [Wrong(deed, certain=said is True) for deed, said in judged if said is not False]
    return sorted(found, key=lambda wrong: (wrong.deed.at, wrong.deed.source, wrong.deed.reference))


def forbidden(safeguard: Safeguard, deed: Deed, *, zone: str) -> bool | None:
    """Whether the safeguard forbids the act; None where the record says too little to be sure."""
    if deed.direction != "out" or deed.result == "failed" or not safeguard.is_active(at=deed.at):
        return False
    if deed.borrower_id != safeguard.borrower_id or _serves(safeguard, deed):
        return False
    if safeguard.rests_contact:
        return _rests(safeguard, deed)
    match safeguard.kind:
        case "stop_request":
            return _stopped(safeguard, deed)
        case "vulnerability":
            return _handled(safeguard, deed, zone)
        case "preference":
            return _refused(safeguard, deed, zone)
        case "workplace":
            return _at_work(safeguard, deed)
        case _:
            return False


def _serves(safeguard: Safeguard, deed: Deed) -> bool:
    """Whether the act is no collecting, and the safeguard stops collecting alone."""
    if safeguard.kind in NO_CONTACT:
        return False
    wishes = ("preference", "workplace", "vulnerability")
    asked = safeguard.kind in wishes or bool(safeguard.channel or safeguard.number)
    return deed.purpose in (ANSWERS if asked else (*ANSWERS, "service"))


def _rests(safeguard: Safeguard, deed: Deed) -> bool | None:
    if safeguard.kind == "representative" and deed.recipient == "representative":
        return False
    if safeguard.loan_id is None:
        return True
    if deed.loans is None:
        return None
    if safeguard.loan_id not in deed.loans:
        return False
    partly = safeguard.amount is not None or safeguard.component != "all"
    return None if partly else True


def _stopped(safeguard: Safeguard, deed: Deed) -> bool | None:
    if safeguard.scope == "channel":
        return deed.channel == safeguard.channel
    if not deed.number:
        return None if deed.channel not in ("visit", "letter") else False
    return deed.number == safeguard.number


def _handled(safeguard: Safeguard, deed: Deed, zone: str) -> bool:
    codes = set(safeguard.handling)
    if codes & RESTS:
        return True
    if deed.channel == "visit" and codes & {"no_visits", "written_only"}:
        return True
    if deed.channel == "call" and codes & {"no_calls", "written_only"}:
        return True
    if deed.actor_kind == "ai_voice" and "no_automation" in codes:
        return True
    clock = deed.at.astimezone(ZoneInfo(zone)).time()
    return (
        "daytime_only" in codes
        and deed.channel in (*SPOKEN, "sms", "messenger", "push")
        and not DAYTIME[0] <= clock < DAYTIME[1]
    )


def _refused(safeguard: Safeguard, deed: Deed, zone: str) -> bool | None:
    if safeguard.stance != "refuses":
        return False
    match safeguard.subject:
        case "hours":
            local = deed.at.astimezone(ZoneInfo(zone))
            return deed.channel not in ("letter", "email") and in_hours(safeguard, local=local)
        case "channel":
            return deed.channel == safeguard.channel
        case "place" if deed.channel == "visit":
            return deed.place == safeguard.place if deed.place else None
        case _:
            return False


def _at_work(safeguard: Safeguard, deed: Deed) -> bool | None:
    covered = {"all": SPOKEN, "calls": ("call",), "visits": ("visit",)}[safeguard.what]
    if deed.channel not in covered:
        return False
    if deed.place:
        return deed.place == "workplace"
    return None if deed.channel == "visit" else False
