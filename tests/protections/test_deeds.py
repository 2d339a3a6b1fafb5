"""Whether a protection forbade an act, as far as the act's record says."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.protections.deeds import Deed, forbidden, wrong_deeds
from doorstep.protections.safeguard import KINDS
from tests.factories import AT
from tests.protections.making import guard

ZONE = "Asia/Shanghai"


def deed(**fields: Any) -> Deed:
    values: dict[str, Any] = {
        "source": "contact",
        "reference": "K1",
        "borrower_id": "C1",
        "at": AT,
        "channel": "call",
        "result": "no_answer",
    }
    return Deed(**values | fields)


def said(kind: str, act: Deed | None = None, **fields: Any) -> bool | None:
    return forbidden(guard(kind, **fields), act or deed(), zone=ZONE)


@pytest.mark.parametrize(
    "kind", ["deceased", "bankruptcy", "police_no_contact", "minor", "complaint", "hardship"]
)
def test_what_rests_contact_forbids_every_way_of_it(kind: str) -> None:
    for channel in ("call", "sms", "email", "letter", "visit", "messenger", "push"):
        assert said(kind, deed(channel=channel)) is True


def test_nothing_was_wrong_before_it_took_effect_or_after_it_ended() -> None:
    start, end = AT - timedelta(hours=1), AT + timedelta(hours=1)
    for at, wrong in ((start, True), (end, False), (start - timedelta(microseconds=1), False)):
        assert said("complaint", deed(at=at), starts_at=start, ends_at=end) is wrong


def test_the_borrowers_own_call_and_what_never_arrived_are_not_wrong() -> None:
    assert said("complaint", deed(direction="in")) is False
    assert said("complaint", deed(result="failed")) is False
    assert said("complaint", deed(borrower_id="C2")) is False
    assert said("complaint", deed(result="no_answer")) is True, "it rang"


@pytest.mark.parametrize(
    ("kind", "purpose", "wrong"),
    [
        ("complaint", "reply", False),
        ("complaint", "service", False),
        ("complaint", "collect", True),
        ("complaint", "locate", True),
        ("deceased", "reply", True),
        ("police_no_contact", "notice", True),
        ("minor", "service", True),
        ("bankruptcy", "serve", False),
    ],
)
def test_what_asks_for_nothing_is_wrong_only_where_nobody_may_be_in_touch(
    kind: str, purpose: str, wrong: bool
) -> None:
    assert said(kind, deed(purpose=purpose)) is wrong


def test_a_receipt_by_a_channel_nobody_wants_is_wrong_and_an_answer_is_not() -> None:
    stop = {"scope": "channel", "channel": "sms"}
    assert said("stop_request", deed(channel="sms", purpose="service"), **stop) is True
    assert said("stop_request", deed(channel="sms", purpose="reply"), **stop) is False


def test_what_the_guard_cleared_knowingly_is_not_wrong() -> None:
    acts = [deed(reference=f"K{n}", at=AT + timedelta(hours=n), cleared=True) for n in (-1, 1)]
    found = wrong_deeds(safeguard=guard("complaint"), deeds=acts, known_at=AT, zone=ZONE)
    assert [wrong.deed.reference for wrong in found] == ["K-1"]


def test_a_dispute_forbids_its_loan_and_is_unsure_where_no_loan_is_named() -> None:
    assert said("dispute", deed(loans=("L1",)), loan_id="L1") is True
    assert said("dispute", deed(loans=("L2",)), loan_id="L1") is False
    assert said("dispute", deed(), loan_id="L1") is None
    assert said("dispute", deed(loans=("L1",)), loan_id="L1", component="fee") is None
    assert said("dispute", deed()) is True


def test_a_representative_instead_of_the_borrower_is_the_one_to_write_to() -> None:
    assert said("representative", deed(), instead=True) is True
    assert said("representative", deed(recipient="representative"), instead=True) is False
    assert said("representative", deed(), instead=False) is False


@pytest.mark.parametrize(
    ("stop", "act", "wrong"),
    [
        ({"scope": "all"}, {}, True),
        ({"scope": "channel", "channel": "sms"}, {"channel": "sms"}, True),
        ({"scope": "channel", "channel": "sms"}, {"channel": "call"}, False),
        ({"scope": "number", "number": "+1"}, {"number": "+1"}, True),
        ({"scope": "number", "number": "+1"}, {"number": "+2"}, False),
        ({"scope": "number", "number": "+1"}, {}, None),
        ({"scope": "number", "number": "+1"}, {"channel": "visit"}, False),
    ],
)
def test_a_stop_request(stop: dict[str, Any], act: dict[str, Any], wrong: bool | None) -> None:
    assert said("stop_request", deed(**act), **stop) is wrong


@pytest.mark.parametrize(
    ("handling", "act", "wrong"),
    [
        ("pause", {}, True),
        ("ask_first", {"channel": "letter"}, True),
        ("no_visits", {"channel": "visit"}, True),
        ("no_visits", {"channel": "call"}, False),
        ("no_calls", {"channel": "call"}, True),
        ("written_only", {"channel": "visit"}, True),
        ("written_only", {"channel": "letter"}, False),
        ("no_automation", {"actor_kind": "ai_voice"}, True),
        ("no_automation", {"actor_kind": "bank"}, False),
        ("large_print", {}, False),
    ],
)
def test_special_handling(handling: str, act: dict[str, Any], wrong: bool) -> None:
    assert said("vulnerability", deed(**act), handling=(handling,)) is wrong


@pytest.mark.parametrize(
    ("clock", "wrong"), [("09:59", True), ("10:00", False), ("16:59", False), ("17:00", True)]
)
def test_only_by_day_means_the_borrowers_day(clock: str, wrong: bool) -> None:
    at = datetime.fromisoformat(f"2026-11-20T{clock}:00+08:00")
    assert said("vulnerability", deed(at=at), handling=("daytime_only",)) is wrong


def test_a_refusal_forbids_its_hours_channel_or_place() -> None:
    hours: dict[str, Any] = {
        "stance": "refuses", "subject": "hours", "from_time": time(12), "to_time": time(14),
        "weekdays": "5",
    }  # fmt: skip
    noon = datetime.fromisoformat("2026-11-20T12:00:00+08:00")  # a Friday
    assert said("preference", deed(at=noon), **hours) is True
    assert said("preference", deed(at=noon, channel="letter"), **hours) is False
    assert said("preference", deed(at=noon + timedelta(hours=2)), **hours) is False
    refuses = {"stance": "refuses"}
    assert said("preference", deed(), subject="channel", channel="call", **refuses) is True
    assert said("preference", deed(), subject="place", place="home", **refuses) is False
    visit = deed(channel="visit")
    assert said("preference", visit, subject="place", place="home", **refuses) is None
    assert said("preference", deed(), stance="prefers", subject="channel", channel="sms") is False


def test_work_is_forbidden_where_the_record_says_it_was_at_work() -> None:
    at_work = deed(channel="visit", place="workplace")
    assert said("workplace", at_work, what="visits") is True
    assert said("workplace", at_work, what="calls") is False
    assert said("workplace", deed(channel="visit"), what="all") is None
    assert said("workplace", deed(channel="sms"), what="all") is False


def test_wrong_acts_come_in_the_order_they_happened() -> None:
    acts = [deed(reference=f"K{n}", at=AT - timedelta(minutes=n)) for n in (1, 3, 2)]
    found = wrong_deeds(safeguard=guard("complaint"), deeds=acts, known_at=AT, zone=ZONE)
    assert [wrong.deed.reference for wrong in found] == ["K3", "K2", "K1"]
    assert all(wrong.certain for wrong in found)


@given(
    kind=st.sampled_from(KINDS),
    channel=st.sampled_from(["call", "sms", "letter", "visit"]),
    minutes=st.integers(-10, 10),
    handling=st.sets(st.sampled_from(["pause", "no_calls", "daytime_only", "large_print"])),
)
def test_an_act_outside_the_time_of_a_protection_is_never_wrong(
    kind: str, channel: str, minutes: int, handling: set[str]
) -> None:
    row = guard(
        kind, starts_at=AT, ends_at=AT + timedelta(minutes=5), handling=tuple(sorted(handling)),
        scope="all", what="all", stance="refuses", subject="channel", channel=channel,
    )  # fmt: skip
    act = deed(channel=channel, at=AT + timedelta(minutes=minutes), loans=("L1",))
    if not 0 <= minutes < 5:
        assert forbidden(row, act, zone=ZONE) is False
