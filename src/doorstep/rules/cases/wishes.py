"""What the borrower said about being contacted: times, channels, numbers; and what they began."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from doorstep.rules.cases import moment
from doorstep.rules.cases.case_file import ABSENT, Case
from doorstep.rules.cases.deed import channel_of
from doorstep.rules.cases.wording import (
    channels_in,
    channels_refused,
    hours_in,
    hours_readable,
    shows,
)
from doorstep.rules.cases.words import Facts, Tools, instant
from doorstep.rules.values import NOTHING


def facts(case: Case, tools: Tools) -> Facts:
    """Times, channels and numbers refused or agreed to, and the last contact they began."""
    return _consent(case) | _refused(case) | _inbound(case)


def _consent(case: Case) -> Facts:
    """Direct prior consent to other hours, and in what contact it was given."""
    consent = case.get("facts.direct_prior_consent")
    if not isinstance(consent, dict):
        return {}
    found: Facts = {"consent_hours": _hours(consent.get("allow"))}
    given = str(consent.get("given", ""))
    if at := _local(case, given):
        found["consent_given_clock"] = at.time()
    if shows("disorder", given) or shows("order", given):
        found["consent_in_order"] = not shows("disorder", given)
    return found


def _refused(case: Case) -> Facts:
    found: Facts = {}
    if case.has("facts.designated"):
        denied = case.get("facts.designated.deny")
        words = hours_in(case.text("facts.designated.words"))
        found["refused_hours"] = _hours(denied) if isinstance(denied, list) else words
    elif statement := case.text("facts.statement"):
        found["refused_hours"] = hours_in(statement) if shows("refuses", statement) else ()
    if case.has("facts.request"):
        found |= _request(case.get("facts.request"))
    if case.has("facts.oral_cease") or case.text("facts.inbound.text"):
        asked = found.get("refused_channels")
        known = asked if isinstance(asked, tuple) else ()
        found["refused_channels"] = tuple(dict.fromkeys((*known, *_closed(case))))
        found.setdefault("refused_numbers", ())
    if "refused_numbers" in found and not case.has("action.num"):
        found["number"] = NOTHING
    return found


def _request(request: Any) -> Facts:
    """A request in words, or as a mapping: `not_number: mobile1`."""
    channels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    only = False
    for name, value in request.items() if isinstance(request, dict) else [("", request)]:
        text = str(value)
        if "number" in name or "address" in name:
            numbers += tuple(map(str, value)) if isinstance(value, list) else (text,)
        elif windows := hours_in(text):
            hours, only = hours + windows, only or "only" in text.lower()
        else:
            channels += channels_refused(f"{name.replace('_', ' ')} {text}")
    return {
        "refused_channels": tuple(dict.fromkeys(channels)),
        "refused_numbers": numbers,
        "refused_hours": () if only else hours,
        "agreed_hours": hours if only else (),
    }


def _closed(case: Case) -> tuple[str, ...]:
    """The channels closed by words spoken or by an opt-out word in what the borrower sent."""
    closed: tuple[str, ...] = ()
    if case.has("facts.oral_cease"):
        closed += channels_in(case.text("facts.oral_cease")) or ("phone",)
    if shows("opts_out", case.text("facts.inbound.text")):
        closed += (channel_of(case.text("facts.inbound.ch")),)
    return closed


def _inbound(case: Case) -> Facts:
    if not case.has("facts.inbound"):
        return {}
    return {
        "inbound_channel": channel_of(case.text("facts.inbound.ch")) or NOTHING,
        "inbound_at": _local(case, case.text("facts.inbound.t")),
        "inbound_answered": case.truth("facts.inbound.replied_once") is True,
        "is_reply": case.truth("action.reply_to_inbound") is True,
        "consented_channels": channels_in(case.text("facts.inbound.direct_prior_consent")),
    }


def _hours(windows: Any) -> tuple[str, ...] | None:
    """The windows of a list; None (not known) where one of them cannot be read."""
    if windows in (None, ABSENT, ""):
        return ()
    listed = [str(one) for one in (windows if isinstance(windows, list) else [windows])]
    read = hours_readable(listed)
    return read if len(read) == len(listed) else None


def _local(case: Case, text: str) -> datetime | None:
    at = instant(text)
    zone = moment.zones(case)[0]
    if at is None or at.tzinfo is None:
        return at.replace(tzinfo=zone) if at and zone else None
    return at.astimezone(zone) if zone else at
