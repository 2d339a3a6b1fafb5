"""The shipped packs, and the facts of lawful acts to start a story from."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.guard.action import Action
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts
from doorstep.guard.verdict import Verdict
from doorstep.rules.pack import Rulebook, rulebook_load
from doorstep.rules.values import NOTHING, Value

PACKS = Path(__file__).resolve().parents[2] / "rulepacks"
SHANGHAI = ZoneInfo("Asia/Shanghai")
A_TUESDAY = date(2026, 5, 12)
LAW = ("cn",)
LAW_AND_HOUSE = ("cn", "house-default")

# Nothing stands against contact: what the registers say about an ordinary overdue borrower.
ORDINARY: dict[str, Value] = {
    "contract_basis": True, "overdue": True, "settled": False, "product": "consumer",
    "lender_kind": "bank", "solar_time": NOTHING, "contact_point_state": "verified",
    "number_registered": True, "behaviours": (), "discloses_debt": True,
    "contains": ("lender", "borrower", "amount", "due_date", "pay_channels", "hotline"),
    "due_date_reminder": False, "first_contact": False,
    "deceased": False, "incapacitated": False, "bankrupt": False, "minor": False,
    "no_contact_until": NOTHING, "dispute_open": False, "dispute_annotated": True,
    "complaint_open": False, "hardship_open": False, "vulnerable": False, "represented": False,
    "stop_requested": False, "contact_stop_requested": False, "workplace_restricted": False,
    "held": False, "consent_hours": (), "agreed_hours": (), "refused_hours": (),
    "refused_channels": (), "agreed_more_attempts": False, "promise_running": False,
    "promise_until": NOTHING, "agreement_performing": False, "holiday_until": NOTHING,
    "calls_effective_today": 0, "calls_connected_today": 0, "attempts_unanswered_today_number": 0,
    "failed_days_registered": 0, "failed_calls_registered": 0, "visits_7_days": 0,
    "visits_first_on": NOTHING, "messages_today": 0, "messages_7_days": 0,
    "messages_first_on": NOTHING, "letters_14_days": 0, "letters_first_on": NOTHING,
}  # fmt: skip
DETAILS: dict[str, dict[str, Value]] = {
    "message": {"channel": "sms"},
    "call": {"channel": "phone", "call_style": "interactive", "recorded": True, "place": "home"},
    "letter": {"channel": "letter"},
    "visit": {
        "channel": "visit", "place": "home", "step": "approach", "agents": 2, "recorded": True,
        "id_shown": True, "visit_risk": "low", "dark": False, "authorised_until": A_TUESDAY,
        "staff_qualified": True, "asked_to_leave": False,
    },
}  # fmt: skip


@lru_cache(maxsize=4)
def book(*packs: str) -> Rulebook:
    """The shipped rulebook; only the named packs, if any are named."""
    return rulebook_load(PACKS).only(packs=packs) if packs else rulebook_load(PACKS)


def shanghai(clock: time = time(10), day: date = A_TUESDAY) -> datetime:
    """An instant on the clock of Shanghai."""
    return datetime.combine(day, clock, tzinfo=SHANGHAI)


def act(kind: str, at: datetime | None = None, **parts: Any) -> Action:
    """An act on an ordinary overdue borrower, to be changed by `parts`."""
    details = {**DETAILS[kind], **parts.pop("details", {})}
    channel = str(parts.pop("channel", details.pop("channel")))
    place = str(parts.pop("place", details.pop("place", "")))
    return Action(
        kind=kind, at=at or shanghai(), zone="Asia/Shanghai", channel=channel, place=place,
        contact_point="p1", details=details, **parts,
    )  # fmt: skip


def asked(
    action: Action, packs: tuple[str, ...] = LAW_AND_HOUSE, *, leave_out: str = "", **known: Any
) -> Verdict:
    """What the guard says to the act, an ordinary borrower's facts changed by `known`."""
    facts = {**ORDINARY, **known}
    facts.pop(leave_out, None)
    return decide(
        rulebook=book(*packs), action=action, facts=Facts.of("test", **facts), at=action.at
    )
