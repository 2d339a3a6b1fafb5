"""The guard over the packs abroad: an ordinary act passes; every fact it rests on is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from doorstep.guard.action import Action
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.rules.pack import Rulebook
from doorstep.rules.values import NOTHING, Value
from tests.rulepacks.kit import book

NOON = time(12)
DAY = date(2026, 8, 12)


@lru_cache
def law(pack: str) -> Rulebook:
    """The shipped rulebook with one pack alone."""
    return book().only(packs=(pack,))


@dataclass(frozen=True)
class Place:
    """An ordinary act on an ordinary borrower of one place, and what is known about it."""

    pack: str
    zone: str
    known: dict[str, Value]
    kind: str = "call"
    channel: str = "phone"
    details: dict[str, Value] = field(default_factory=dict)

    def asked(self, *, at: time = NOON, leave_out: str = "", **known: Any) -> Verdict:
        """What the guard says, some of what is known changed or left out."""
        moment = datetime.combine(DAY, at, ZoneInfo(self.zone))
        facts = {**self.known, **known}
        details = {**self.details}
        parts = {name: facts.pop(name) for name in ("recipient", "purpose") if name in facts}
        facts.pop(leave_out, None)
        details.pop(leave_out, None)
        action = Action(
            kind=self.kind, channel=self.channel, at=moment, zone=self.zone, actor="agency",
            contact_point="p1", details=details, **parts,
        )  # fmt: skip
        known_facts = Facts.of("test", **facts)
        return decide(rulebook=law(self.pack), action=action, facts=known_facts, at=moment)


US = Place(
    "us", "America/New_York",
    {
        "bankrupt": False, "behaviours": (), "caller_identified": True, "calls_today_number": 0,
        "cease_written_on": NOTHING, "contains": ("collection_attempt", "information_use"),
        "dispute_written_on": NOTHING, "validation_ends_on": NOTHING, "fees_asked": (),
        "fees_agreed": (), "first_contact": True, "limited_content": False, "point_use": "personal",
        "refused_channels": (), "refused_hours": (), "refused_numbers": (), "refused_places": (),
        "reg_f_calls_7_days": 0, "reg_f_conversations_7_days": 0, "represented": False,
        "state": "MA", "ma_contacts_7_days": 0, "ma_contacts_30_days": 0,
        "unanswered_5_minutes_number": 0, "workplace_restricted": False,
    },
)  # fmt: skip
UK = Place(
    "uk", "Europe/London",
    {
        "behaviours": (), "crisis_moratorium": False, "discloses_debt": True, "dispute_open": False,
        "identity_verified": True, "moratorium_from": NOTHING, "number_rates": (),
        "public_view": False, "notice_given": True,
    },
    kind="visit", channel="visit",
)  # fmt: skip
IN = Place(
    "in", "Asia/Kolkata",
    {"behaviours": (), "outsource_notice_given": True, "staff_qualified": True,
     "calls_today_person": 0},
    details={"anonymous": False},
)  # fmt: skip
TW = Place(
    "tw", "Asia/Taipei",
    {"behaviours": (), "outsource_notice_given": True, "agency_listed": True, "badge_worn": True},
    kind="visit", channel="visit", details={"recorded": True, "asks_for_payment": False},
)  # fmt: skip
HK = Place(
    "hk", "Asia/Hong_Kong",
    {"behaviours": (), "bankrupt": False, "calls_today_person": 0},
    details={"anonymous": False, "false_name": False},
)  # fmt: skip
ALL = (US, UK, IN, TW, HK)
# Facts that here another one decides without: a personal number is not at work, no count is high.
SPARED = {
    "us": {"calls_today_number", "unanswered_5_minutes_number", "ma_contacts_30_days",
           "fees_agreed", "refused_places", "validation_ends_on", "first_contact", "point_use",
           "state", "workplace_restricted"},
    "uk": {"number_rates", "discloses_debt"},
    "in": set(),
    "tw": {"asks_for_payment"},
    "hk": set(),
}  # fmt: skip


@pytest.mark.parametrize("place", ALL, ids=lambda place: place.pack)
def test_an_ordinary_act_at_noon_passes(place: Place) -> None:
    assert place.asked().outcome is Outcome.PERMIT


@pytest.mark.parametrize("place", ALL, ids=lambda place: place.pack)
def test_nothing_passes_when_nothing_is_known(place: Place) -> None:
    verdict = Place(place.pack, place.zone, {}, place.kind, place.channel).asked()
    assert verdict.outcome is Outcome.FORBID
    assert verdict.missing


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (place, name)
        for place in ALL
        for name in {**place.known, **place.details}
        if name not in SPARED[place.pack]
    ],
    ids=lambda value: value.pack if isinstance(value, Place) else value,
)
def test_an_act_that_rests_on_a_fact_nobody_gives_is_refused_by_its_name(
    place: Place, name: str
) -> None:
    verdict = place.asked(leave_out=name)
    assert verdict.outcome is Outcome.FORBID
    assert name in verdict.missing


@pytest.mark.parametrize(
    ("place", "late", "again"),
    [
        (US, time(21), "2026-08-13T08:01:00-04:00"),
        (UK, time(21, 30), "2026-08-13T08:00:00+01:00"),
        (IN, time(19, 5), "2026-08-13T08:00:00+05:30"),
        (TW, time(22, 10), "2026-08-13T07:00:00+08:00"),
        (HK, time(23), "2026-08-13T08:00:00+08:00"),
    ],
    ids=lambda value: value.pack if isinstance(value, Place) else None,
)
def test_what_is_too_late_today_is_possible_tomorrow(place: Place, late: time, again: str) -> None:
    verdict = place.asked(at=late)
    assert verdict.outcome is Outcome.NOT_BEFORE
    assert verdict.not_before is not None
    assert verdict.not_before.isoformat() == again


@pytest.mark.parametrize("place", ALL, ids=lambda place: place.pack)
def test_nobody_else_is_contacted_about_a_debt(place: Place) -> None:
    verdict = place.asked(
        recipient="third_party", relation="neighbour", minor=False, discloses_debt=True,
        asks_for_payment=True, contains=(),
    )  # fmt: skip
    assert verdict.outcome is Outcome.FORBID


def test_after_a_conversation_the_next_call_waits_for_the_eighth_day() -> None:
    """The clock of the night is added: midnight of that day is too early, 8:01 is not."""
    said = US.asked(
        reg_f_conversations_7_days=1, reg_f_conversation_day=DAY - timedelta(days=2),
        reg_f_conversations_clear_on=DAY + timedelta(days=5), reg_f_calls_clear_on=DAY,
    )  # fmt: skip
    assert said.outcome is Outcome.NOT_BEFORE
    assert said.not_before is not None
    assert said.not_before.isoformat() == "2026-08-17T08:01:00-04:00"
    rules = {reason.rule for reason in said.reasons}
    assert "US-REGF-7AFTER" in rules


def test_a_creditor_in_its_own_name_is_not_bound_by_regulation_f_but_by_massachusetts() -> None:
    calls = {"reg_f_calls_7_days": 9, "reg_f_calls_clear_on": DAY + timedelta(days=3)}
    own = US.asked(covered_collector=False, **calls)
    assert own.outcome is Outcome.PERMIT
    third = US.asked(covered_collector=False, ma_contacts_7_days=2, **calls)
    assert [reason.rule for reason in third.reasons] == ["US-MA-2IN7"]
    assert third.outcome is Outcome.FORBID


def test_every_reason_says_that_nobody_has_signed_the_pack() -> None:
    said = US.asked(bankrupt=True)
    assert [reason.reviewed for reason in said.reasons] == [False]
    assert {reason.words["zh"] for reason in said.reasons} == {"客户处于破产程序或债务已免除。"}


def test_breathing_space_ends_with_the_sixtieth_day() -> None:
    inside = UK.asked(moratorium_from=DAY - timedelta(days=59), moratorium_days=60)
    assert inside.outcome is Outcome.NOT_BEFORE
    after = UK.asked(moratorium_from=DAY - timedelta(days=60), moratorium_days=60)
    assert after.outcome is Outcome.PERMIT


def test_the_draft_of_india_stops_nothing_until_it_is_law() -> None:
    evening = Place("in", IN.zone, IN.known, "visit", "visit", {**IN.details, "id_shown": True})
    said = evening.asked(at=time(19, 30), authorised_until=DAY)
    assert said.outcome is Outcome.PERMIT
