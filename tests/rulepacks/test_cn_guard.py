"""Mainland China as the guard decides it: what an ordinary day permits, and what stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from doorstep.guard.action import Action
from doorstep.guard.verdict import Outcome
from doorstep.rules.values import NOTHING, Value
from tests.rulepacks.kit import A_TUESDAY, LAW, ORDINARY, act, asked, book, shanghai

KINDS = ("message", "call", "letter", "visit")
TOMORROW = date(2026, 5, 13)


@pytest.mark.parametrize("kind", KINDS)
def test_an_ordinary_overdue_borrower_may_be_turned_to(kind: str) -> None:
    verdict = asked(act(kind))
    assert verdict.outcome is Outcome.PERMIT, verdict.as_dict()
    assert verdict.packs == ("cn-2026.1", "house-default-2026.1")


STOPS: list[tuple[str, Value, Outcome, str]] = [
    ("contract_basis", False, Outcome.FORBID, "NO-PERMISSION"),
    ("overdue", False, Outcome.FORBID, "NO-PERMISSION"),
    ("settled", True, Outcome.FORBID, "CN-PIPL-47"),
    ("no_contact_until", A_TUESDAY, Outcome.FORBID, "CN-PSAP-50"),
    ("deceased", True, Outcome.FORBID, "HOUSE-DECEASED"),
    ("bankrupt", True, Outcome.FORBID, "HOUSE-BANKRUPT"),
    ("minor", True, Outcome.FORBID, "HOUSE-MINOR"),
    ("dispute_open", True, Outcome.FORBID, "HOUSE-DISPUTE"),
    ("complaint_open", True, Outcome.FORBID, "HOUSE-COMPLAINT"),
    ("represented", True, Outcome.FORBID, "HOUSE-REPRESENTED"),
    ("held", True, Outcome.FORBID, "HOUSE-HELD"),
    ("agreement_performing", True, Outcome.FORBID, "HOUSE-PLAN"),
    ("vulnerable", True, Outcome.ASK, "HOUSE-VULNERABLE"),
    ("stop_requested", True, Outcome.ASK, "HOUSE-STOP"),
    ("behaviours", ("FB-VIOLENCE",), Outcome.FORBID, "CN-CBA-COERCION"),
]


@pytest.mark.parametrize(("name", "value", "outcome", "rule"), STOPS, ids=lambda v: str(v)[:20])
@pytest.mark.parametrize("kind", KINDS)
def test_one_thing_stops_every_way_of_contact(
    kind: str, name: str, value: Any, outcome: Outcome, rule: str
) -> None:
    verdict = asked(act(kind), **{name: value})
    assert verdict.outcome is outcome
    assert rule in verdict.rules


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", sorted({name for name, *_ in STOPS} | {"contact_point_state", "first_contact"})
)
def test_a_fact_nobody_gave_forbids_and_is_named(kind: str, name: str) -> None:
    if kind == "visit" and name == "contact_point_state":
        return
    given: dict[str, Any] = {"contains": ()} if name == "first_contact" else {}
    verdict = asked(act(kind), leave_out=name, **given)
    assert verdict.outcome in (Outcome.FORBID, Outcome.ASK)
    assert name in verdict.missing


@pytest.mark.parametrize(
    ("kind", "last", "first_again"),
    [("message", time(20, 59), time(9)), ("call", time(20, 59), time(8, 30))],
)
def test_the_house_keeps_away_from_the_edges_of_the_night(
    kind: str, last: time, first_again: time
) -> None:
    assert asked(act(kind, shanghai(last))).outcome is Outcome.PERMIT
    late = asked(act(kind, shanghai(time(21))))
    assert late.outcome is Outcome.NOT_BEFORE
    assert late.not_before == shanghai(first_again, TOMORROW)
    assert asked(act(kind, shanghai(time(21, 59))), LAW).outcome is Outcome.PERMIT
    assert asked(act(kind, shanghai(time(22))), LAW).outcome is Outcome.NOT_BEFORE


def test_a_visit_keeps_to_nine_to_seven() -> None:
    assert asked(act("visit", shanghai(time(18, 59)))).outcome is Outcome.PERMIT
    assert asked(act("visit", shanghai(time(19)))).not_before == shanghai(time(9), TOMORROW)
    assert asked(act("visit", shanghai(time(8, 59)))).not_before == shanghai(time(9))


def test_an_answer_may_go_out_at_night() -> None:
    assert asked(act("message", shanghai(time(22, 30)), purpose="reply")).outcome is Outcome.PERMIT


@pytest.mark.parametrize(
    ("kind", "facts", "rule", "again"),
    [
        ("message", {"messages_today": 1}, "HOUSE-MESSAGE-DAY", TOMORROW),
        (
            "message", {"messages_7_days": 3, "messages_first_on": date(2026, 5, 7)},
            "HOUSE-MESSAGE-WEEK", date(2026, 5, 14),
        ),
        (
            "letter", {"letters_14_days": 1, "letters_first_on": date(2026, 5, 1)},
            "HOUSE-LETTER-14", date(2026, 5, 15),
        ),
        (
            "visit", {"visits_7_days": 1, "visits_first_on": date(2026, 5, 6)},
            "HOUSE-VISIT-7", TOMORROW,
        ),
        ("call", {"calls_effective_today": 3}, "CN-GBT-VOICE-3", TOMORROW),
        ("call", {"attempts_unanswered_today_number": 6}, "HOUSE-ATTEMPT-6", TOMORROW),
        ("call", {"holiday_until": date(2026, 5, 14)}, "HOUSE-HOLIDAY", date(2026, 5, 15)),
        (
            "message", {"promise_running": True, "promise_until": date(2026, 5, 20)},
            "HOUSE-PROMISE", date(2026, 5, 21),
        ),
    ],
)  # fmt: skip
def test_a_full_cap_says_when_it_opens_again(
    kind: str, facts: dict[str, Any], rule: str, again: date
) -> None:
    verdict = asked(act(kind), **facts)
    assert verdict.outcome is Outcome.NOT_BEFORE
    assert rule in verdict.rules
    assert verdict.not_before is not None
    assert verdict.not_before.date() == again


def test_six_unanswered_attempts_warn_by_the_guidance_and_stop_by_the_house() -> None:
    facts: dict[str, Any] = {"attempts_unanswered_today_number": 6}
    by_law = asked(act("call"), LAW, **facts)
    assert by_law.outcome is Outcome.PERMIT
    assert [r.outcome for r in by_law.reasons if r.rule == "CN-CBA-ATTEMPT-6"] == ["warn"]
    assert asked(act("call"), **facts).outcome is Outcome.NOT_BEFORE
    more = asked(act("call"), **facts, agreed_more_attempts=True)
    assert more.outcome is Outcome.PERMIT


def test_a_running_plan_still_gets_its_own_reminder() -> None:
    plan: dict[str, Any] = {"agreement_performing": True, "product": "credit_card"}
    assert asked(act("message", purpose="service"), **plan).outcome is Outcome.PERMIT
    assert asked(act("message", purpose="collect"), LAW, **plan).rules == ("CN-CC-70-STOP",)


def test_hardship_is_talked_about_by_a_person_and_never_at_the_door() -> None:
    assert asked(act("message"), hardship_open=True).outcome is Outcome.ASK
    assert asked(act("visit"), hardship_open=True).outcome is Outcome.FORBID


def test_a_call_is_recorded_or_not_made() -> None:
    silent = asked(act("call", details={"recorded": False}))
    assert silent.outcome is Outcome.FORBID
    assert "CN-CBA-CALL-REC" in silent.rules
    planned = act("call")
    details = {k: v for k, v in planned.details.items() if k != "recorded"}
    to_come = asked(replace(planned, details=details))
    assert (to_come.outcome, to_come.conditions) == (Outcome.PERMIT_IF, ("recorded",))


def visit(**details: Any) -> Any:
    return act("visit", details=details)


@pytest.mark.parametrize(
    ("details", "rule"),
    [
        ({"agents": 1}, "CN-CBA-VISIT-TWO"),
        ({"id_shown": False}, "CN-CBA-VISIT-TWO"),
        ({"authorised_until": date(2026, 5, 11)}, "HOUSE-AUTHORITY"),
        ({"authorised_until": NOTHING}, "HOUSE-AUTHORITY"),
        ({"staff_qualified": False}, "CN-NIFA-STAFF"),
        ({"visit_risk": "high", "dark": True}, "HOUSE-DARK"),
        ({"step": "accept_cash"}, "HOUSE-CASH"),
        ({"step": "post_notice"}, "CN-CBA-PUBLIC-POSTING"),
        ({"step": "enter_home", "entry_consent": False}, "CN-CBA-ENTRY"),
        ({"step": "film_inside", "film_consent": False}, "CN-CIVIL-1033-HOME"),
        ({"step": "talk", "asked_to_leave": True}, "HOUSE-LEAVE"),
        ({"recorded": False}, "HOUSE-VISIT-CONDITIONS"),
    ],
)
def test_a_visit_that_is_not_as_it_should_be_is_not_made(
    details: dict[str, Any], rule: str
) -> None:
    verdict = asked(visit(**details))
    assert verdict.outcome is Outcome.FORBID
    assert rule in verdict.rules


def test_a_planned_visit_is_permitted_on_conditions() -> None:
    planned = visit()
    details = {k: v for k, v in planned.details.items() if k not in ("id_shown", "recorded")}
    verdict = asked(replace(planned, details=details))
    assert verdict.outcome is Outcome.PERMIT_IF
    assert verdict.conditions == ("id_shown", "recorded")


def test_filming_inside_needs_a_word_of_its_own() -> None:
    inside: dict[str, Any] = {"step": "film_inside", "entry_consent": True}
    assert asked(visit(**inside)).outcome is Outcome.FORBID
    assert asked(visit(**inside, film_consent=True)).outcome is Outcome.PERMIT


def test_a_refused_channel_rests_and_the_others_do_not() -> None:
    assert asked(act("message"), refused_channels=("sms",)).outcome is Outcome.FORBID
    assert asked(act("letter"), refused_channels=("sms",)).outcome is Outcome.PERMIT


def test_hours_the_borrower_called_inconvenient_are_kept() -> None:
    verdict = asked(act("call"), refused_hours=("* 09:00-12:00",))
    assert verdict.not_before == shanghai(time(12))


def test_a_number_that_may_be_somebody_elses_is_confirmed_first() -> None:
    assert asked(act("message"), contact_point_state="stale").outcome is Outcome.ASK
    assert asked(act("message"), contact_point_state="third_party").outcome is Outcome.FORBID
    assert asked(act("message"), contact_point_state="wrong").outcome is Outcome.FORBID


@pytest.mark.parametrize("state", ["wrong", "third_party"])
def test_nobody_goes_to_a_door_that_is_not_the_borrowers(state: str) -> None:
    assert asked(act("visit"), contact_point_state=state).outcome is Outcome.FORBID


@pytest.mark.parametrize("stop", ["dispute_open", "agreement_performing", "held", "settled"])
@pytest.mark.parametrize("kind", ["placement", "legal_referral"])
def test_what_is_stopped_is_not_handed_on_either(kind: str, stop: str) -> None:
    handed = Action(kind=kind, at=shanghai(), zone="Asia/Shanghai")
    known = {"human_reviewed": True, "agency_listed": True, "agency_violations": False}
    known["agency_reviewed_on"] = A_TUESDAY
    assert asked(handed, **known).outcome is Outcome.PERMIT
    assert asked(handed, **known, **{stop: True}).outcome is Outcome.FORBID


@pytest.mark.parametrize("recipient", ["third_party", "workplace", "unknown"])
@pytest.mark.parametrize("purpose", ["collect", "locate", "service", "notice"])
@pytest.mark.parametrize("kind", ["message", "call", "letter", "visit"])
def test_nobody_else_is_turned_to_whatever_for(kind: str, purpose: str, recipient: str) -> None:
    verdict = asked(act(kind, recipient=recipient, purpose=purpose), LAW)
    assert verdict.outcome is Outcome.FORBID


REACH: dict[str, Any] = {
    "borrower_unreachable": True, "failed_days_registered": 3, "failed_calls_registered": 3,
    "discloses_debt": False,
}  # fmt: skip


def test_a_contact_person_may_be_asked_neutrally_after_three_failed_days() -> None:
    neutral = act("call", recipient="contact", purpose="locate")
    assert asked(neutral, **REACH).outcome is Outcome.PERMIT
    for name, value in (
        ("borrower_unreachable", False), ("failed_days_registered", 2), ("discloses_debt", True),
        ("contact_stop_requested", True),
    ):  # fmt: skip
        assert asked(neutral, **{**REACH, name: value}).outcome is Outcome.FORBID, name
    pressing = act("call", recipient="contact", purpose="collect")
    assert asked(pressing, **REACH).outcome is Outcome.FORBID


def test_a_guarantor_is_bound_by_the_contract_alone() -> None:
    call = act("call", recipient="guarantor")
    assert asked(call, guarantee_contract=True).outcome is Outcome.PERMIT
    assert asked(call, guarantee_contract=False).outcome is Outcome.FORBID
    assert "guarantee_contract" in asked(call).missing


def test_an_agency_acts_only_after_notice_and_not_from_a_private_phone() -> None:
    call = act("call", actor="agency", details={"device": "private"})
    on_platform = act("call", actor="agency", details={"device": "platform"})
    assert asked(on_platform, outsource_notice_given=True).outcome is Outcome.PERMIT
    assert asked(on_platform, outsource_notice_given=False).outcome is Outcome.FORBID
    verdict = asked(call, LAW, outsource_notice_given=True, private_device_consent=False)
    assert verdict.rules == ("CN-CBA-PRIVATE-PHONE",)
    allowed = asked(call, outsource_notice_given=True, private_device_consent=True)
    assert allowed.rules == ("HOUSE-PLATFORM",)


def test_a_card_letter_lacks_nothing_the_law_asks_for() -> None:
    assert asked(act("letter"), product="credit_card").rules == ("CN-CC-69-LETTER",)
    whole = book().rule("CN-CC-69-LETTER").rows[-1].values["required"]
    assert asked(act("letter"), product="credit_card", contains=whole).outcome is Outcome.PERMIT


def test_every_fact_of_the_ordinary_borrower_is_in_the_catalogue() -> None:
    assert ORDINARY.keys() <= book().catalogue.keys()
