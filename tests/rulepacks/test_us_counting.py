"""Regulation F's counts against a second reading of the rule, written without our counters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.check import case_check
from tests.rulepacks.kit import book
from tests.rulepacks.test_abroad_cases import TOOLS

ZONES = ("America/New_York", "Pacific/Honolulu", "America/Los_Angeles")
OWED = ("A", "L1", "L2")
OWING = (["A"], ["L1"], ["L2"], ["A", "L2"])
ACCOUNTS = {"L1": "ACC-9", "L2": "ACC-9"}
DAYS = 8
ACT = datetime(2026, 3, 9, 15, tzinfo=UTC)


# What may set one call apart from an unanswered one of ours to the consumer.
ODDITIES: tuple[dict[str, str], ...] = (
    {"ch": "sms"}, {"dir": "in"}, {"to": "friend"}, {"by": "collector2"},
    {"res": "voicemail"}, {"res": "busy_signal"}, {"res": "not_in_service"}, {"num": "n2"},
    {"res": "conversation"}, {"res": "conversation", "dir": "in"},
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn, oddities: Sequence[dict[str, str]] = ({},)) -> dict[str, Any]:
    """One earlier call in the days before the act, over the night the clocks change."""
    minutes = draw(st.integers(1, DAYS * 24 * 60))
    return {
        "t": (ACT - timedelta(minutes=minutes)).isoformat(), "ch": "phone", "dir": "out",
        "res": "no_answer", "to": "consumer", "num": "n1", "by": "collector1",
        "debts": draw(st.sampled_from((["A"], ["A"], ["A", "L1"]) if not oddities[0] else OWING)),
        **draw(st.sampled_from(oddities)),
    }  # fmt: skip


HISTORIES = st.tuples(
    st.lists(calls(), min_size=7, max_size=9), st.lists(calls(ODDITIES), max_size=5)
).map(lambda parts: [*parts[0], *parts[1]])
DEBTS = st.sampled_from((["A"], ["A"], ["A", "L1"], ["L2"]))
CONSENTS = st.none() | st.tuples(st.integers(1, DAYS * 24 * 60), st.sampled_from(OWED))


def particular(debts: list[str]) -> set[str]:
    return {ACCOUNTS.get(debt, debt) for debt in debts}


class Reading:
    """12 CFR 1006.14(b) read once more: plainly, one debt and one call at a time."""

    def __init__(self, prior: list[dict[str, Any]], zone: str, consent: Any) -> None:
        self.zone = ZoneInfo(zone)
        self.consent = consent and (ACT - timedelta(minutes=consent[0]), consent[1])
        self.calls = [
            (datetime.fromisoformat(one["t"]), one) for one in prior
            if one["ch"] == "phone" and one["by"] == "collector1" and one["to"] == "consumer"
        ]  # fmt: skip

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def talks(self, debt: str) -> list[datetime]:
        return [
            at for at, one in self.calls
            if one["res"] == "conversation" and debt in particular(one["debts"])
        ]  # fmt: skip

    def asked_for(self, at: datetime, debt: str) -> bool:
        if self.consent is None or debt != ACCOUNTS.get(self.consent[1], self.consent[1]):
            return False
        since = self.consent[0]
        ended = [talk for talk in self.talks(debt) if since < talk < at]
        return at >= since and (self.day(at) - self.day(since)).days <= 6 and not ended

    def forbids(self, debts: list[str]) -> bool:
        keys = particular(debts)
        if all(self.asked_for(ACT, debt) for debt in keys):
            return False
        return any(self.too_many(debt) or self.too_soon(debt) for debt in keys)

    def too_many(self, debt: str) -> bool:
        first = self.day(ACT) - timedelta(days=6)
        counted = [
            at for at, one in self.calls
            if one["dir"] == "out" and debt in particular(one["debts"]) and self.day(at) >= first
            and one["res"] not in ("busy_signal", "not_in_service") and not self.asked_for(at, debt)
        ]  # fmt: skip
        return len(counted) + 1 > 7

    def too_soon(self, debt: str) -> bool:
        return any((self.day(ACT) - self.day(talk)).days < 7 for talk in self.talks(debt))


@settings(max_examples=150, deadline=None)
@given(prior=HISTORIES, debts=DEBTS, zone=st.sampled_from(ZONES), consent=CONSENTS)
def test_the_counts_of_calls_are_those_of_a_second_reading(
    prior: list[dict[str, Any]], debts: list[str], zone: str, consent: Any
) -> None:
    facts: dict[str, Any] = {
        "tz": zone,
        "prior": prior,
        "debts": [
            {"id": "L1", "type": "student_loan", "serviced_under": "ACC-9"},
            {"id": "L2", "type": "student_loan", "serviced_under": "ACC-9"},
            {"id": "A", "type": "credit_card", "serviced_under": "ACC-9"},
        ],
    }
    if consent is not None:
        at = ACT - timedelta(minutes=consent[0])
        facts["consent"] = {
            "kind": "direct_prior_more_calls", "t": at.isoformat(), "debt": consent[1],
        }  # fmt: skip
    action = {
        "ch": "phone", "dir": "out", "t": ACT.isoformat(), "to": "consumer", "num": "n1",
        "debts": debts,
    }  # fmt: skip
    case = Case("T", ("US-REGF-7IN7", "US-REGF-7AFTER"), facts, action, "us")
    said = case_check(case, book(), TOOLS)
    assert (said.verdict == "deny") is Reading(prior, zone, consent).forbids(debts)
    if said.verdict == "deny":
        assert said.not_before is not None
        assert said.not_before > ACT


@settings(max_examples=200, deadline=None)
@given(
    minute=st.integers(0, 365 * 24 * 60),
    second=st.sampled_from([0, 1, 59]),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
)
def test_a_contact_is_only_possible_where_it_is_day_wherever_the_consumer_may_be(
    minute: int, second: int, zones: list[str]
) -> None:
    instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute, seconds=second)
    action = {"ch": "sms", "t": instant.isoformat(), "to": "consumer"}
    case = Case("T", ("US-REGF-TIME",), {"tz": zones}, action, "us")
    clocks = [instant.astimezone(ZoneInfo(zone)) for zone in zones]
    seconds = [c.hour * 3600 + c.minute * 60 + c.second + c.microsecond / 1e6 for c in clocks]
    day = all(8 * 3600 < second < 21 * 3600 for second in seconds)
    assert case_check(case, book(), TOOLS).verdict == ("allow" if day else "deny")
