"""Scenes drawn by chance, most at the edges: a minute to eight, the sixth call, day seven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from doorstep.guard.action import Action
from doorstep.guard.facts import Facts
from doorstep.rules.counters import Contact, Counter, Measure, Proposed, counters_count
from doorstep.rules.values import NOTHING, Value
from tests.guard.oracle import ZONE, Happened, Scene, Window
from tests.rulepacks.kit import DETAILS, ORDINARY, book

KINDS = ("call", "call", "message", "visit", "letter")
CHANNELS = {
    "call": ("phone",), "message": ("sms", "email"), "visit": ("visit",), "letter": ("letter",),
}  # fmt: skip
PURPOSES = ("collect",) * 6 + ("service", "reply", "notice", "locate", "serve")
RECIPIENTS = ("borrower",) * 14 + (
    "guarantor", "representative", "contact", "contact", "third_party", "workplace", "unknown",
)  # fmt: skip
FLAGS = (
    "bankrupt", "complaint_open", "dispute_open", "dispute_annotated", "held",
    "agreement_performing", "stop_requested", "vulnerable", "represented", "minor", "deceased",
    "hardship_open", "workplace_restricted", "stale", "agreed_more_attempts",
    "guarantee_contract", "incapacitated", "borrower_unreachable", "contact_stop_requested",
    "discloses_debt",
)  # fmt: skip
OFTEN = {
    "agreed_more_attempts": 0.2, "borrower_unreachable": 0.3, "discloses_debt": 0.2,
    "contact_stop_requested": 0.2, "guarantee_contract": 0.4,
}  # fmt: skip
RESULTS = {
    "call": (
        "effective_conversation", "conversation", "refused", "no_answer", "no_answer", "busy",
        "switched_off", "voicemail", "not_in_service", "failed", "wrong_party", "",
    ),
    "message": ("sent", "delivered", "failed", "cancelled", ""),
    "visit": ("met", "no_answer", "cancelled", ""),
    "letter": ("sent", "failed", "cancelled", ""),
}  # fmt: skip
WINDOWS: tuple[tuple[Window, ...], ...] = (
    ((0, 22 * 60, 23 * 60),), ((0, 10 * 60, 12 * 60),), ((2, 7 * 60, 9 * 60),),
    ((0, 18 * 60, 24 * 60),), ((6, 0, 24 * 60), (7, 0, 24 * 60)), ((0, 7 * 60, 22 * 60 + 30),),
)  # fmt: skip
# Histories that run up to one cap or wait; the first two leave everything to chance.
TODAY = (0, 0, 0, 0, 0, 0, 1)
OWN = {"direction": ("out",), "recipient": ("borrower",), "purpose": ("collect",)}
FOCUS: tuple[dict[str, tuple[Any, ...]], ...] = (
    {}, {},
    {**OWN, "kind": ("call",), "back": TODAY, "result": ("effective_conversation", "refused", "")},
    {**OWN, "kind": ("call",), "back": TODAY, "style": ("notice",) * 4 + ("interactive",)},
    {**OWN, "kind": ("call",), "back": TODAY, "number": ("n1",),
     "result": ("no_answer", "busy", "switched_off", "no_answer", "")},
    {**OWN, "kind": ("message",), "back": (1, 2, 3, 5, 6, 7), "result": ("sent", "delivered")},
    {**OWN, "kind": ("call",), "back": (0, 1, 2, 3, 4, 5), "number": ("n1",),
     "result": ("no_answer", "busy", "voicemail")},
)  # fmt: skip
LETTER = (
    "holder", "balance", "cause", "law", "rights", "duties", "query_way", "pay_way",
    "dispute_way", "evidence_way", "contact", "seal", "complaint_way",
)  # fmt: skip
EDGES = [h * 60 for h in (0, 7, 8, 9, 10, 12, 18, 19, 21, 22, 23)] + [8 * 60 + 30, 22 * 60 + 30]
NUDGES = np.array([-60_000_000, -1_000_000, -1, 0, 0, 0, 1, 1_000_000, 60_000_000])
FIRST = date(2026, 2, 2)
STREAKS = (Measure.STREAK_CALLS, Measure.STREAK_DAYS)
COUNTERS: dict[str, tuple[Counter, ...]] = {
    kind: tuple(
        counter
        for name, counter in book().counters.items()
        if name in ORDINARY and (kind in counter.kinds or counter.measure in STREAKS)
    )
    for kind in DETAILS
}


def scenes(number: int, seed: int, *, days: int = 300) -> Iterator[Scene]:
    """So many scenes, the same for the same seed. All that is random is drawn at once."""
    chance = np.random.default_rng(seed)
    drawn = {
        "pick": chance.integers(0, 1 << 30, (number, 12)),
        "rare": chance.random((number, 10)),
        "flags": chance.random((number, len(FLAGS))),
        "day": chance.integers(0, days, number),
        "minute": chance.integers(0, 24 * 60, number),
        "nudge": NUDGES[chance.integers(0, len(NUDGES), number)],
        "many": chance.integers(0, 9, number),
        "past": chance.integers(0, 1 << 30, (number, 9, 9)),
    }
    for n in range(number):
        yield _scene({name: column[n] for name, column in drawn.items()})


def _scene(drawn: dict[str, Any]) -> Scene:
    pick, rare = [int(x) for x in drawn["pick"]], drawn["rare"]
    at = _moment(drawn)
    kind = KINDS[pick[0] % len(KINDS)]
    quiet = rare[0] < 0.35  # a scene in which nothing but clocks and caps can speak
    focus = FOCUS[pick[11] % len(FOCUS)]
    drawn_flags = zip(FLAGS, drawn["flags"], strict=True)
    flags = [f for f, x in drawn_flags if x < (OFTEN.get(f, 0) if quiet else OFTEN.get(f, 0.05))]
    return Scene(
        at=at,
        kind=kind,
        channel=CHANNELS[kind][pick[1] % len(CHANNELS[kind])],
        purpose=PURPOSES[pick[2] % (6 if quiet else len(PURPOSES))],
        recipient=RECIPIENTS[pick[3] % (14 if quiet else len(RECIPIENTS))],
        number=("n1", "n1", "n2")[pick[4] % 3],
        style=("interactive", "interactive", "notice")[pick[5] % 3],
        step=("approach", "approach", "talk")[pick[6] % 3],
        place=("home", "home", "workplace")[pick[7] % 3],
        product=("consumer", "credit_card")[pick[8] % 2],
        consent=_windows(rare[1], pick[9]),
        agreed=_windows(rare[2], pick[10]),
        refused=_windows(rare[3], pick[11]),
        solar=time(pick[9] % 24, pick[10] % 2 * 59) if rare[4] < 0.1 else None,
        holiday_until=_day(at, rare[5], pick[1]),
        promise_until=None if quiet else _day(at, rare[6], pick[2]),
        no_contact_until=None if quiet else _day(at, rare[7], pick[3]),
        refused_channels=(("sms", "phone"), ("letter",), ("visit", "email"))[pick[0] % 3]
        if rare[8] < 0.06
        else (),
        happened=tuple(_happened(at, row, focus) for row in drawn["past"][: drawn["many"]]),
        flags=frozenset(flags),
    )


def _moment(drawn: dict[str, Any]) -> datetime:
    minute = int(drawn["minute"])
    if minute % 4:  # three in four at an edge
        minute = EDGES[minute % len(EDGES)]
    start = datetime.combine(FIRST + timedelta(days=int(drawn["day"])), time(), ZONE)
    moment = start + timedelta(minutes=minute, microseconds=int(drawn["nudge"]))
    return moment if minute % 2 else moment.astimezone(UTC)


def _windows(rare: float, pick: int) -> tuple[Window, ...]:
    return WINDOWS[pick % len(WINDOWS)] if rare < 0.12 else ()


def _day(at: datetime, rare: float, pick: int) -> date | None:
    day = at.astimezone(ZONE).date()
    return day + timedelta(days=pick % 4 - 1) if rare < 0.06 else None


def _happened(at: datetime, row: Any, focus: dict[str, tuple[Any, ...]]) -> Happened:
    turns = iter(int(x) for x in row)

    def one_of(name: str, otherwise: tuple[Any, ...]) -> Any:
        choices = focus.get(name, otherwise)
        return choices[next(turns) % len(choices)]

    kind = one_of("kind", ("call", "call", "call", "message", "visit", "letter"))
    back = one_of("back", (0, 0, 0, 1, 2, 3, 5, 6, 7, 8, 13, 14, 30, 31))
    local = at.astimezone(ZONE)
    edge = datetime.combine(local.date() - timedelta(days=back), time(), ZONE)
    moment = edge + timedelta(seconds=one_of("clock", (0, 1, 3600, 7 * 3600, 86399)))
    return Happened(
        at=min(moment, local),
        kind=kind,
        result=one_of("result", RESULTS[kind]),
        number=one_of("number", ("n1", "n1", "n1", "n2")),
        direction=one_of("direction", ("out", "out", "out", "out", "out", "in")),
        recipient=one_of("recipient", ("borrower",) * 4 + ("guarantor",)),
        purpose=one_of("purpose", ("collect", "collect", "collect", "service")),
        style=one_of("style", ("interactive", "notice")),
    )


def action_of(scene: Scene) -> Action:
    """The scene's act as it is put to the guard."""
    details = {**DETAILS[scene.kind], "recorded": True, "id_shown": True}
    details.pop("channel")
    details.pop("place", None)
    if scene.kind == "visit":
        details |= {"step": scene.step, "authorised_until": scene.local.date() + timedelta(9)}
    if scene.kind == "call":
        details["call_style"] = scene.style
    return Action(
        kind=scene.kind, channel=scene.channel, at=scene.at, zone="Asia/Shanghai",
        recipient=scene.recipient, contact_point=scene.number, purpose=scene.purpose,
        place=scene.place, details=details,
    )  # fmt: skip


def facts_of(scene: Scene) -> Facts:
    """The scene's facts as the registers and the counters would give them."""
    facts: dict[str, Value] = {**ORDINARY, **_counted(scene)}
    facts |= {flag: flag in scene.flags for flag in FLAGS if flag != "stale"}
    facts |= {
        "product": scene.product,
        "contact_point_state": "stale" if scene.on("stale") else "verified",
        "solar_time": scene.solar or NOTHING,
        "holiday_until": scene.holiday_until or NOTHING,
        "promise_running": scene.promise_until is not None,
        "promise_until": scene.promise_until or NOTHING,
        "no_contact_until": scene.no_contact_until or NOTHING,
        "refused_channels": scene.refused_channels,
        "consent_hours": _lines(scene.consent),
        "agreed_hours": _lines(scene.agreed),
        "refused_hours": _lines(scene.refused),
    }
    if scene.kind == "letter" and scene.product == "credit_card":
        facts["contains"] = (*LETTER, "lender")
    return Facts.of("scene", **facts)


def _counted(scene: Scene) -> dict[str, Value]:
    contacts = [
        Contact(
            at=one.at, kind=one.kind, channel=CHANNELS[one.kind][0], direction=one.direction,
            result=one.result, recipient=one.recipient, person=one.recipient, number=one.number,
            registered=one.number == "n1", actor=one.actor, style=one.style, purpose=one.purpose,
        )
        for one in scene.happened
    ]  # fmt: skip
    act = Proposed(at=scene.at, zone=ZONE, person=scene.recipient, number=scene.number)
    counted = counters_count(counters=COUNTERS[scene.kind], contacts=contacts, act=act)
    return {**counted, "first_contact": False}


def _lines(windows: tuple[Window, ...]) -> tuple[str, ...]:
    return tuple(
        f"{day or '*'} {a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for day, a, b in windows
    )
