"""Acts abroad drawn by chance, most at the edges: a second to nine, the day the clocks change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from doorstep.guard.action import Action
from doorstep.guard.facts import Facts
from doorstep.rules.counters import Contact, Counter, Proposed, counters_count
from doorstep.rules.values import NOTHING, Value
from tests.guard.oracle_abroad import OTHERS, Abroad, Past, Window
from tests.rulepacks.kit import book
from tests.rulepacks.test_abroad_guard import ALL

Thing = TypeVar("Thing")
PLACES = ("us", "us", "us", "uk", "uk", "in", "tw", "hk")
ZONES = {
    "us": (
        ("America/New_York",), ("America/Chicago",), ("America/Phoenix",), ("Pacific/Honolulu",),
        ("America/New_York", "America/Los_Angeles"),
    ),
    "uk": (("Europe/London",),), "in": (("Asia/Kolkata",),), "tw": (("Asia/Taipei",),),
    "hk": (("Asia/Hong_Kong",),),
}  # fmt: skip
KINDS = ("call",) * 5 + ("message",) * 2 + (
    "visit", "visit", "letter", "third_party_enquiry", "disclosure", "skip_trace", "fee_change",
    "legal_referral", "placement",
)  # fmt: skip
CHANNELS = {"message": ("sms", "email"), "visit": ("visit",), "letter": ("letter",)}
RECIPIENTS = ("borrower",) * 12 + ("guarantor", *OTHERS)
EDGES = [time(h) for h in (0, 7, 8, 9, 12, 15, 19, 21, 22)] + [time(8, 1), time(20, 59)]
NUDGES = [timedelta(microseconds=n) for n in (-60_000_000, -1_000_000, -1, 0, 0, 0, 1, 1_000_000)]
DAYS = [
    date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 29), date(2026, 5, 10), date(2026, 8, 12),
    date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 2), date(2026, 12, 25),
]  # fmt: skip
WINDOWS: tuple[tuple[Window, ...], ...] = (
    ((21 * 60, 23 * 60),), ((9 * 60, 12 * 60),), ((0, 24 * 60),), ((19 * 60, 22 * 60 + 30),),
)  # fmt: skip
RESULTS = (
    "no_answer", "no_answer", "voicemail", "busy", "not_in_service", "failed", "conversation",
    "effective_conversation", "refused", "",
)  # fmt: skip
# How often each is so; what the law asks for stands most of the time.
FLAGS = {
    "bankrupt": 0.05, "time_barred": 0.3, "massachusetts": 0.3, "represented": 0.05, "cease": 0.05,
    "discloses_debt": 0.5, "moratorium": 0.08, "crisis": 0.05, "dispute_open": 0.05,
    "identity_verified": 0.9, "vulnerable": 0.08, "notice_given": 0.9, "agency_made_known": 0.9,
    "asks_for_payment": 0.5, "guarantee_contract": 0.5, "says_who_and_why": 0.5, "badge": 0.9,
    "recorded": 0.9, "anonymous": 0.05,
}  # fmt: skip
# Flags that are facts of the same name, and may be unknown to whoever decides.
SAME = (
    "bankrupt", "represented", "discloses_debt", "dispute_open", "identity_verified",
    "notice_given", "anonymous",
)  # fmt: skip
ORDINARY = {place.pack: place.known for place in ALL}


def one(chance: np.random.Generator, things: Sequence[Thing]) -> Thing:
    """One of the things."""
    return things[int(chance.integers(len(things)))]


def abroad(number: int, seed: int) -> Iterator[tuple[Abroad, str]]:
    """So many scenes, and for one in six the flag nobody knows; the same for the same seed."""
    chance = np.random.default_rng(seed)
    for _ in range(number):
        scene = _scene(chance)
        yield scene, one(chance, SAME) if chance.random() < 1 / 6 else ""


def _scene(chance: np.random.Generator) -> Abroad:
    place, kind = one(chance, PLACES), one(chance, KINDS)
    zones = one(chance, ZONES[place])
    local = datetime.combine(one(chance, DAYS), one(chance, EDGES), ZoneInfo(zones[0]))
    at = local.astimezone(UTC) + one(chance, NUDGES)
    if chance.random() < 0.25:
        at += timedelta(minutes=int(chance.integers(24 * 60)))
    rare = chance.random(6)
    drawn = chance.random(len(FLAGS))
    return Abroad(
        place=place,
        zones=zones,
        at=at,
        kind=kind,
        channel=one(chance, CHANNELS.get(kind, ("phone",))),
        purpose=one(chance, ("collect", "collect", "collect", "locate", "service")),
        recipient=one(chance, RECIPIENTS),
        personal=bool(rare[0] < 0.7),
        consent=one(chance, WINDOWS) if rare[1] < 0.2 else (),
        consent_clock=one(chance, EDGES) if rare[1] < 0.15 else None,
        agreed=one(chance, WINDOWS) if rare[2] < 0.1 and place == "uk" else (),
        refused=one(chance, WINDOWS) if rare[3] < 0.1 else (),
        refused_channels=one(chance, (("phone",), ("sms", "letter"))) if rare[4] < 0.1 else (),
        past=() if len(zones) > 1 else _past(chance, at, zones[0]),
        since=at.date() - timedelta(days=one(chance, (-2, 0, 1, 2, 29, 30, 31, 59, 60, 61)))
        if rare[5] < 0.8
        else None,
        flags=frozenset(f for f, x in zip(FLAGS, drawn, strict=True) if x < FLAGS[f]),
    )


def _past(chance: np.random.Generator, at: datetime, zone: str) -> tuple[Past, ...]:
    """Up to eight earlier contacts; or up to ten calls that only rang."""
    silent = chance.random() < 0.25
    local = at.astimezone(ZoneInfo(zone))
    found = []
    for _ in range(int(chance.integers(5, 11)) if silent else int(chance.integers(9))):
        back = one(
            chance,
            one(chance, (range(8), (0, 0, 0, 0, 1)))
            if silent
            else (0, 0, 1, 2, 3, 5, 6, 7, 8, 29, 30),
        )
        clock = one(chance, (time(0), time(0, 1), time(10), time(23, 59, 59)))
        moment = datetime.combine(local.date() - timedelta(days=back), clock, local.tzinfo)
        found.append(
            Past(
                at=min(moment, at),
                kind="call" if silent else one(chance, ("call", "call", "call", "message")),
                result="no_answer" if silent else one(chance, RESULTS),
                direction=one(chance, ("out",) * 7 + ("in",)),
                personal=bool(chance.random() < 0.7),
            )
        )
    return tuple(found)


def action_abroad(scene: Abroad, unknown: str = "") -> Action:
    """The scene's act as it is put to the guard, by an agency."""
    details: dict[str, Value] = {
        "recorded": scene.on("recorded"), "asks_for_payment": scene.on("asks_for_payment"),
        "anonymous": scene.on("anonymous"), "false_name": False, "id_shown": True,
        "authorised_until": scene.at.date() + timedelta(days=9),
    }  # fmt: skip
    details.pop(unknown, None)
    return Action(
        kind=scene.kind, channel=scene.channel, at=scene.at, zone=scene.zones[0],
        other_zones=scene.zones[1:], recipient=scene.recipient, purpose=scene.purpose,
        contact_point="n1", actor="agency", debts=("A",), details=details,
    )  # fmt: skip


def facts_abroad(scene: Abroad, unknown: str = "") -> Facts:
    """The scene's facts as registers and counters would give them, without what nobody knows."""
    local = scene.at.astimezone(ZoneInfo(scene.zones[0]))
    clock = scene.consent_clock
    facts: dict[str, Value] = {
        **ORDINARY[scene.place],
        **{name: scene.on(name) for name in SAME if name != "anonymous"},
        **_counted(scene, local),
        "relation": "self" if scene.recipient == "borrower" else "neighbour",
        "minor": False,
        "state": "MA" if scene.on("massachusetts") else "CA",
        "point_use": "personal" if scene.personal else "work",
        "time_barred": scene.on("time_barred"),
        "first_contact": False,
        "consent_hours": _lines(scene.consent),
        "consent_in_order": clock is not None,
        "consent_given_clock": clock or NOTHING,
        "agreed_hours": _lines(scene.agreed),
        "refused_hours": _lines(scene.refused),
        "refused_channels": scene.refused_channels,
        "cease_written_on": scene.since if scene.on("cease") and scene.since else NOTHING,
        "moratorium_from": scene.since if scene.on("moratorium") and scene.since else NOTHING,
        "crisis_moratorium": scene.on("crisis"),
        "treatment_ended_on": scene.since or NOTHING,
        "vulnerable": scene.on("vulnerable"),
        "outsource_notice_given": scene.on("agency_made_known"),
        "guarantee_contract": scene.on("guarantee_contract"),
        "badge_worn": scene.on("badge"),
        "contains": _said(scene),
        "opt_out_ways": ("reply",),
        "notice_practicable": True,
        "envelope_private": True,
        "envelope_shows_collector": False,
        "addressed_to": "named_person",
        "data_subjects_liable": True,
        "agency_listed": True,
    }
    facts.pop(unknown, None)
    return Facts.of("scene", **facts)


def _said(scene: Abroad) -> tuple[str, ...]:
    asked = ("identity", "purpose_locate") if scene.on("says_who_and_why") else ()
    return ("collection_attempt", "information_use", *asked)


@cache
def _counters(place: str) -> tuple[Counter, ...]:
    ids = {rule.id for pack in book().packs if pack.id == place for rule in pack.rules}
    known = book().counters.values()
    return tuple(counter for counter in known if ids.intersection(counter.rules))


def _counted(scene: Abroad, local: datetime) -> dict[str, Value]:
    contacts = [
        Contact(
            at=each.at, kind=each.kind, channel="phone" if each.kind == "call" else "sms",
            direction=each.direction, result=each.result, person=scene.recipient, number="n1",
            recipient=scene.recipient, personal=each.personal, debts=("A",), actor="agency",
        )
        for each in scene.past
    ]  # fmt: skip
    act = Proposed(
        at=scene.at, zone=ZoneInfo(scene.zones[0]), person=scene.recipient, number="n1",
        debts=("A",),
    )  # fmt: skip
    return counters_count(counters=_counters(scene.place), contacts=contacts, act=act)


def _lines(windows: tuple[Window, ...]) -> tuple[str, ...]:
    return tuple(f"* {a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in windows)
