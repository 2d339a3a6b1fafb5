"""Hours, caps and stops of the United States, Great Britain, India, Taiwan and Hong Kong, a second
time, by hand from the statutes: plain loops over what happened, nothing of the program.

`unlawful` names everything that stands against an act; where it names nothing the law as written
here leaves the act free. It may be laxer than the packs, which hold more than hours, caps and
stops; it is never meant to be stricter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

# A window of every day of the week: first minute, minute after the last.
Window = tuple[int, int]
CONTACTS = ("call", "message", "visit", "letter", "third_party_enquiry", "disclosure")
OTHERS = ("contact", "third_party", "workplace", "unknown")
SPOKE = ("conversation", "effective_conversation", "refused")
NEVER_RANG = ("busy", "not_in_service", "failed")


@dataclass(frozen=True)
class Past:
    """An earlier contact about the same debt. An empty result: nobody knows yet."""

    at: datetime
    kind: str = "call"
    result: str = "no_answer"
    direction: str = "out"
    personal: bool = True


@dataclass(frozen=True)
class Abroad:
    """An act in one of the five places. `zones` is where the borrower may be, one or two."""

    place: str
    zones: tuple[str, ...]
    at: datetime
    kind: str = "call"
    channel: str = "phone"
    purpose: str = "collect"
    recipient: str = "borrower"
    personal: bool = True
    consent: tuple[Window, ...] = ()
    consent_clock: time | None = None
    agreed: tuple[Window, ...] = ()
    refused: tuple[Window, ...] = ()
    refused_channels: tuple[str, ...] = ()
    past: tuple[Past, ...] = ()
    since: date | None = None  # breathing space, or the end of a treatment, or a written cease
    flags: frozenset[str] = field(default_factory=frozenset)

    def on(self, *names: str) -> bool:
        return any(name in self.flags for name in names)


def unlawful(scene: Abroad) -> set[str]:
    """What stands against the act; it must be lawful wherever the borrower may be."""
    found: set[str] = set()
    for zone in scene.zones:
        local = scene.at.astimezone(ZoneInfo(zone))
        found |= {"us": usa, "uk": britain, "in": india, "tw": taiwan, "hk": hong_kong}[
            scene.place
        ](scene, local)
    return found


def usa(scene: Abroad, local: datetime) -> set[str]:
    """12 CFR 1006 for a collector; 940 CMR 7.04 in Massachusetts; the stay of 11 USC 362."""
    said: set[str] = set()
    consumer = scene.recipient == "borrower"
    if scene.on("bankrupt") and scene.kind in (*CONTACTS, "legal_referral", "fee_change"):
        said.add("bankruptcy stays everything")
    if scene.kind == "legal_referral" and scene.on("time_barred"):
        said.add("no suit on a debt that is time-barred")
    if scene.kind not in CONTACTS:
        return said
    outside = not time(8, 0) < local.time() < time(21, 0)  # the statute: after 8, before 9 p.m.
    given = scene.consent_clock is not None and time(8) < scene.consent_clock < time(21)
    if outside and not (inside(scene.consent, local) and given):
        said.add("inconvenient hour")
    if inside(scene.refused, local) and not inside(scene.consent, local):
        said.add("hour the consumer called inconvenient")
    if scene.channel in scene.refused_channels:
        said.add("medium the consumer refused")
    if scene.kind == "call":
        said |= seven_in_seven(scene, local)
    if scene.on("massachusetts") and scene.channel in ("phone", "sms"):
        said |= two_in_seven(scene, local)
    if consumer and scene.on("represented"):
        said.add("represented by an attorney")
    if consumer and scene.on("cease") and scene.since and scene.since <= local.date():
        said.add("written wish to be left alone")
    if scene.recipient in OTHERS and (scene.purpose != "locate" or scene.on("discloses_debt")):
        said.add("third person told of a debt")
    return said


def seven_in_seven(scene: Abroad, local: datetime) -> set[str]:
    said: set[str] = set()
    placed = 0
    for one in scene.past:
        ago = days_ago(one, local)
        if one.kind != "call" or not 0 <= ago < 7:
            continue
        placed += one.direction == "out" and one.result not in NEVER_RANG
        if one.result in SPOKE:
            said.add("a conversation opened seven quiet days")
    if placed >= 7:
        said.add("more than seven calls in seven days")
    return said


def two_in_seven(scene: Abroad, local: datetime) -> set[str]:
    week = month = 0
    for one in scene.past:
        ago = days_ago(one, local)
        if one.kind in ("call", "message") and one.direction == "out":
            week += one.personal and 0 <= ago < 7
            month += not one.personal and 0 <= ago < 30
    full = week >= 2 if scene.personal else month >= 2
    return {"Massachusetts: the third in its window"} if full else set()


def britain(scene: Abroad, local: datetime) -> set[str]:
    """CONC 7 and the breathing space; no clock in the text, 08:00 to 21:00 is our reading."""
    said: set[str] = set()
    if scene.kind not in CONTACTS:
        return said
    consented = inside(scene.consent, local)
    if not time(8) <= local.time() < time(21) and not consented:
        said.add("unreasonable hour")
    if inside(scene.refused, local) and not consented:
        said.add("hour the customer asked us to avoid")
    if scene.agreed and not inside(scene.agreed, local):
        said.add("outside the hours agreed")
    if scene.channel in scene.refused_channels:
        said.add("way the customer asked us to avoid")
    collects = scene.purpose == "collect"
    if collects and scene.on("moratorium") and 0 <= days_since(scene, local) < 60:
        said.add("breathing space")
    if collects and scene.on("crisis"):
        said |= {"mental health crisis moratorium"} if days_since(scene, local) <= 30 else set()
    if collects and scene.on("dispute_open"):
        said.add("a dispute suspends recovery")
    if scene.on("discloses_debt") and scene.recipient in OTHERS:
        said.add("third person told of a debt")
    if scene.on("discloses_debt") and not scene.on("identity_verified"):
        said.add("not known to be the customer")
    if scene.kind == "visit" and scene.on("vulnerable"):
        said.add("visit to somebody vulnerable")
    if scene.kind == "visit" and not scene.on("notice_given"):
        said.add("visit without notice")
    return said


def india(scene: Abroad, local: datetime) -> set[str]:
    """RBI 2022: no call before 8 and after 19; RBI 2008: who calls is made known."""
    said: set[str] = set()
    if scene.kind == "call" and not time(8) <= local.time() <= time(19):
        said.add("call before 8 or after 19")
    if scene.kind in ("call", "visit") and not scene.on("agency_made_known"):
        said.add("agency not made known")
    if scene.kind in CONTACTS and scene.channel == "phone" and calls_today(scene, local) >= 5:
        said.add("persistent calling")
    if scene.kind in CONTACTS and scene.recipient in OTHERS:
        said.add("family, referees and friends are left alone")
    return said


def taiwan(scene: Abroad, local: datetime) -> set[str]:
    """Article 14: seven in the morning to ten at night; no third persons; 16: notice, list."""
    said: set[str] = set()
    if scene.kind not in CONTACTS:
        return said
    if not time(7) <= local.time() <= time(22) and not inside(scene.consent, local):
        said.add("before 7 or after 22")
    pressed = scene.on("asks_for_payment") and scene.recipient in OTHERS
    if pressed and not scene.on("guarantee_contract"):
        said.add("third person pressed")
    if scene.recipient in OTHERS and not scene.on("says_who_and_why"):
        said.add("third person asked without saying who and why")
    if not scene.on("agency_made_known"):
        said.add("agency not made known")
    if scene.kind == "visit" and not (scene.on("badge") and scene.on("recorded")):
        said.add("visit without badge or recording")
    return said


def hong_kong(scene: Abroad, local: datetime) -> set[str]:
    """Code of Banking Practice 43; no clock and no number in it: 08:00-21:00, 5 and 2 are ours."""
    said: set[str] = set()
    if scene.on("bankrupt") and scene.kind in (*CONTACTS, "legal_referral", "fee_change"):
        said.add("bankrupt")
    if scene.kind not in CONTACTS:
        return said
    if not time(8) <= local.time() < time(21) and not inside(scene.consent, local):
        said.add("unreasonable hour")
    pressed = scene.on("asks_for_payment") and scene.recipient in (*OTHERS, "guarantor")
    if pressed and not scene.on("guarantee_contract"):
        said.add("third person pressed")
    today = calls_today(scene, local)
    if scene.channel == "phone" and today >= 5:
        said.add("persistent calling")
    if scene.recipient in OTHERS and today >= 2:
        said.add("pestering for whereabouts")
    if scene.on("anonymous"):
        said.add("anonymous call")
    return said


def inside(windows: tuple[Window, ...], local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(first <= minute < end for first, end in windows)


def days_ago(one: Past, local: datetime) -> int:
    return (local.date() - one.at.astimezone(local.tzinfo).date()).days


def days_since(scene: Abroad, local: datetime) -> int:
    return (local.date() - scene.since).days if scene.since else -1


def calls_today(scene: Abroad, local: datetime) -> int:
    return sum(
        one.kind == "call" and one.direction == "out" and days_ago(one, local) == 0
        for one in scene.past
    )


def worse(scene: Abroad, unknown: str) -> list[Abroad]:
    """The scene as it may be, where nobody knows one of its flags."""
    return [
        replace(scene, flags=scene.flags | {unknown}),
        replace(scene, flags=scene.flags - {unknown}),
    ]
