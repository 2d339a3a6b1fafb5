"""What the guard answers: the strictest rule wins, the default is no, and it says why."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from doorstep.guard.action import Action
from doorstep.guard.decide import decide
from doorstep.guard.facts import Facts, Known
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.rules.pack import Rulebook, rulebook_load
from doorstep.rules.values import NOTHING
from tests.rules.writing import facts_file, pack_file, permission, rule_file

TEN = datetime(2026, 5, 12, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai, a Tuesday
QUIET: dict[str, Any] = {
    "outcome": "not_before",
    "reason": {"zh": "夜", "en": "night"},
    "values": [{"from": date(2026, 1, 1), "quiet_from": time(22), "quiet_to": time(8)}],
    "rule": {
        "when": "clock_between(local_time, quiet_from, quiet_to)",
        "unless": "within_hours(local_at, consent_hours)",
        "not_before": "next_clock(local_at, quiet_to)",
        "silence": {"consent_hours": []},
    },
}
CAP: dict[str, Any] = {
    "outcome": "not_before",
    "rule": {"when": "calls_today >= 3", "not_before": "start_of(days_after(local_day, 1))"},
}


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = facts_file(tmp_path)
    pack_file(folder)
    return folder


def answer(packs: Path | Rulebook, at: datetime = TEN, /, **known: Any) -> Verdict:
    book = packs if isinstance(packs, Rulebook) else rulebook_load(packs)
    facts = Facts({n: v if isinstance(v, Known) else Known(v) for n, v in known.items()})
    return decide(rulebook=book, action=call(at), facts=facts, at=at)


def call(at: datetime, **parts: Any) -> Action:
    return Action(kind="call", channel="phone", at=at, zone="Asia/Shanghai", **parts)


def test_no_rules_permit_nothing(packs: Path) -> None:
    verdict = answer(packs)
    assert verdict.outcome is Outcome.FORBID
    assert verdict.rules == ("NO-PERMISSION",)


def test_a_permission_without_a_word_against_it_permits(packs: Path) -> None:
    permission(packs)
    verdict = answer(packs)
    assert (verdict.outcome, verdict.reasons, verdict.packs) == (Outcome.PERMIT, (), ("cn-1",))
    assert verdict.permitted


def test_a_permission_that_cannot_be_decided_does_not_permit(packs: Path) -> None:
    permission(packs, rule={"when": "calls_today < 3"})
    assert answer(packs).missing == ("calls_today",)
    assert answer(packs).outcome is Outcome.FORBID
    assert answer(packs, calls_today=2).outcome is Outcome.PERMIT
    assert answer(packs, calls_today=3).outcome is Outcome.FORBID


def test_a_permission_for_one_channel_does_not_reach_an_act_on_none(packs: Path) -> None:
    permission(packs, applies_to={"channels": ["phone"]})
    book = rulebook_load(packs)
    assert answer(book).outcome is Outcome.PERMIT
    letterless = Action(kind="call", at=TEN, zone="Asia/Shanghai")
    verdict = decide(rulebook=book, action=letterless, facts=Facts(), at=TEN)
    assert verdict.outcome is Outcome.FORBID


def test_the_strictest_of_several_rules_wins_and_all_are_named(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-FORBID", rule={"when": "calls_today >= 3"})
    rule_file(packs, "R-ASK", outcome="ask", rule={"when": "calls_today >= 2"})
    rule_file(
        packs,
        "R-WAIT",
        outcome="not_before",
        rule={"when": "calls_today >= 1", "not_before": "days_after(local_at, 1)"},
    )
    book = rulebook_load(packs)
    outcomes = [answer(book, calls_today=n).outcome for n in range(4)]
    assert outcomes == [Outcome.PERMIT, Outcome.NOT_BEFORE, Outcome.ASK, Outcome.FORBID]
    worst = answer(book, calls_today=3)
    assert set(worst.rules) == {"R-FORBID", "R-ASK", "R-WAIT"}
    assert worst.not_before is None
    assert worst.facts_used["calls_today"] == 3


def test_a_reason_carries_words_source_and_confidence(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    (reason,) = answer(packs, calls_today=4).reasons
    assert reason.as_dict() == {
        "rule": "R-1", "outcome": "forbid", "zh": "今天 4 次。", "en": "4 today.",
        "source": "A law 1", "confidence": "seen-primary", "reviewed": False, "missing": [],
    }  # fmt: skip


def test_night_is_left_at_the_first_minute_of_the_morning(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-QUIET", **QUIET)
    book = rulebook_load(packs)
    night = datetime(2026, 5, 12, 14, 0, tzinfo=UTC)
    verdict = answer(book, night)
    assert verdict.outcome is Outcome.NOT_BEFORE
    assert verdict.not_before == datetime(2026, 5, 13, 0, 0, tzinfo=UTC)
    assert answer(book, night - timedelta(microseconds=1)).outcome is Outcome.PERMIT
    assert answer(book, verdict.not_before).outcome is Outcome.PERMIT
    assert answer(book, night, consent_hours=("22:00-23:00",)).outcome is Outcome.PERMIT


def test_a_cap_that_lifts_at_midnight_is_told_as_the_next_morning(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-CAP", **CAP)
    rule_file(packs, "R-QUIET", **QUIET)
    verdict = answer(packs, calls_today=3)
    assert verdict.not_before == datetime(2026, 5, 13, 0, 0, tzinfo=UTC)
    assert verdict.rules == ("R-CAP",)


def test_a_wait_whose_end_nobody_knows_forbids(packs: Path) -> None:
    permission(packs)
    rule_file(
        packs,
        "R-1",
        outcome="not_before",
        reason={"zh": "停", "en": "stop"},
        rule={"when": "given(stop_on)", "not_before": "next_within(local_at, consent_hours)"},
    )
    verdict = answer(packs, stop_on=date(2026, 1, 1), consent_hours=())
    assert (verdict.outcome, verdict.not_before) == (Outcome.FORBID, None)


def test_a_fact_nobody_knows_forbids_by_name_or_asks_where_it_may(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    verdict = answer(packs)
    assert (verdict.outcome, verdict.missing) == (Outcome.FORBID, ("calls_today",))
    assert verdict.reasons[0].words["zh"] == "「夜间不打扰」无法判断,还不知道:当日通话次数。"
    rule_file(packs, "R-1", rule={"when": "not reachable"}, reason={"zh": "无", "en": "no"})
    assert answer(packs).outcome is Outcome.ASK
    assert answer(packs).missing == ("reachable",)


def test_only_what_leaves_the_rule_open_is_asked_for(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1", rule={"when": "calls_today >= 3 and (reachable or recorded)"})
    book = rulebook_load(packs)
    assert answer(book, calls_today=1).outcome is Outcome.PERMIT
    assert answer(book, calls_today=3, recorded=True).outcome is Outcome.FORBID
    assert answer(book, calls_today=3, recorded=False).missing == ("reachable",)


def test_a_fact_too_old_is_unknown_whatever_silence_means(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1", rule={"when": "calls_today >= 3", "silence": {"calls_today": 0}})
    book = rulebook_load(packs)
    fresh = Known(0, TEN - timedelta(minutes=15))
    stale = Known(0, TEN - timedelta(minutes=15, microseconds=1))
    assert answer(book).outcome is Outcome.PERMIT
    assert answer(book, calls_today=fresh).outcome is Outcome.PERMIT
    verdict = answer(book, calls_today=stale)
    assert verdict.outcome is Outcome.FORBID
    assert (verdict.missing, verdict.stale) == ((), ("calls_today",))


def test_conditions_are_gathered_and_a_broken_one_forbids(packs: Path) -> None:
    permission(packs)
    for name, fact in (("R-1", "recorded"), ("R-2", "reachable")):
        rule_file(
            packs,
            name,
            outcome="permit_if",
            reason={"zh": "要", "en": "must"},
            rule={"when": "kind == 'call'", "conditions": [fact]},
        )
    book = rulebook_load(packs)
    verdict = answer(book)
    assert verdict.outcome is Outcome.PERMIT_IF
    assert verdict.conditions == ("reachable", "recorded")
    assert answer(book, recorded=True).conditions == ("reachable",)
    assert answer(book, recorded=True, reachable=True).outcome is Outcome.PERMIT
    broken = answer(book, recorded=False)
    assert (broken.outcome, broken.conditions) == (Outcome.FORBID, ())


def test_a_warning_and_a_duty_change_nothing_but_are_told(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-WARN", severity="warn")
    rule_file(packs, "R-DUTY", severity="require", outcome="require")
    rule_file(packs, "R-INFO", severity="info", outcome="none")
    verdict = answer(packs, calls_today=3)
    assert verdict.outcome is Outcome.PERMIT
    assert {reason.rule: reason.outcome for reason in verdict.reasons} == {
        "R-WARN": "warn", "R-DUTY": "require",
    }  # fmt: skip
    assert verdict.duties == ("R-DUTY",)
    unknown = answer(packs)
    assert (unknown.outcome, unknown.duties) == (Outcome.PERMIT, ("R-DUTY",))
    assert set(unknown.missing) == {"calls_today"}


def test_a_contact_under_way_that_is_stopped_must_end(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    book = rulebook_load(packs)
    assert answer(book, calls_today=3, under_way=True).end_contact
    assert not answer(book, calls_today=3, under_way=False).end_contact
    assert not answer(book, calls_today=2, under_way=True).end_contact


def test_an_exception_lifts_just_the_rule_it_names(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    rule_file(packs, "R-2", rule={"when": "calls_today >= 5"})
    permission(packs, "E-1", exception_to=["R-1"], rule={"when": "recorded"})
    book = rulebook_load(packs)
    assert answer(book, calls_today=3, recorded=True).outcome is Outcome.PERMIT
    assert answer(book, calls_today=3, recorded=False).outcome is Outcome.FORBID
    assert answer(book, calls_today=3).outcome is Outcome.FORBID  # unknown does not lift
    assert answer(book, calls_today=5, recorded=True).rules == ("R-2",)


def test_an_exception_can_itself_be_lifted(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    permission(packs, "E-1", exception_to=["R-1"])
    permission(packs, "E-2", exception_to=["E-1"], rule={"when": "recorded"})
    book = rulebook_load(packs)
    assert answer(book, calls_today=3, recorded=False).outcome is Outcome.PERMIT
    assert answer(book, calls_today=3, recorded=True).outcome is Outcome.FORBID


def test_an_exception_alone_permits_nothing(packs: Path) -> None:
    rule_file(packs, "R-1")
    permission(packs, "E-1", exception_to=["R-1"])
    assert answer(packs, calls_today=3).rules == ("NO-PERMISSION",)


def test_every_zone_the_borrower_may_be_in_must_allow_it(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-QUIET", **QUIET)
    book = rulebook_load(packs)
    at = datetime(2026, 4, 7, 12, 30, tzinfo=UTC)  # 08:30 in New York, 07:30 in Chicago
    eastern = Action(kind="call", channel="phone", at=at, zone="America/New_York")
    either = Action(
        kind="call",
        channel="phone",
        at=at,
        zone="America/New_York",
        other_zones=("America/Chicago",),
    )
    assert decide(rulebook=book, action=eastern, facts=Facts(), at=at).outcome is Outcome.PERMIT
    verdict = decide(rulebook=book, action=either, facts=Facts(), at=at)
    assert verdict.outcome is Outcome.NOT_BEFORE
    assert verdict.not_before == datetime(2026, 4, 7, 13, 0, tzinfo=UTC)


def test_the_wall_clock_decides_on_the_night_the_clocks_change(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-QUIET", **QUIET)
    book = rulebook_load(packs)
    late = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)  # 00:00 in New York, clocks go on at 02:00
    action = Action(kind="call", channel="phone", at=late, zone="America/New_York")
    verdict = decide(rulebook=book, action=action, facts=Facts(), at=late)
    assert verdict.not_before == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)  # 08:00 summer time


def test_the_values_of_the_local_day_decide(packs: Path) -> None:
    permission(packs)
    rule_file(
        packs,
        "R-1",
        rule={"when": "calls_today >= most"},
        values=[{"from": date(2026, 1, 1), "most": 5}, {"from": date(2026, 5, 12), "most": 3}],
    )
    book = rulebook_load(packs)
    before = datetime(2026, 5, 11, 15, 59, tzinfo=UTC)  # 23:59 on the 11th in Shanghai
    assert answer(book, before, calls_today=3).outcome is Outcome.PERMIT
    assert answer(book, before + timedelta(minutes=1), calls_today=3).outcome is Outcome.FORBID


def test_rules_not_yet_or_no_longer_in_force_and_drafts_say_nothing(packs: Path) -> None:
    permission(packs)
    source = {"title": "A", "article": "1", "force": "law", "confidence": "seen-primary"}
    rule_file(packs, "R-SOON", source={**source, "in_force": date(2026, 5, 13)})
    rule_file(packs, "R-GONE", until=date(2026, 5, 12))
    rule_file(packs, "R-DRAFT", source={**source, "draft": True})
    book = rulebook_load(packs)
    assert answer(book, calls_today=9).outcome is Outcome.PERMIT
    assert answer(book, TEN + timedelta(days=1), calls_today=9).rules == ("R-SOON",)
    assert answer(book, TEN - timedelta(days=1), calls_today=9).rules == ("R-GONE",)


def test_a_pack_past_its_review_asks_a_person_and_still_forbids(packs: Path) -> None:
    pack_file(packs, more="review_due = 2026-05-11")
    permission(packs)
    rule_file(packs, "R-1")
    book = rulebook_load(packs)
    verdict = answer(book, calls_today=0)
    assert (verdict.outcome, verdict.rules) == (Outcome.ASK, ("REVIEW-OVERDUE",))
    assert "cn-1" in verdict.reasons[0].words["en"]
    assert answer(book, calls_today=3).outcome is Outcome.FORBID
    assert answer(book, TEN - timedelta(days=1), calls_today=0).outcome is Outcome.PERMIT


def test_a_register_is_believed_before_the_act_and_the_act_about_itself(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1", rule={"when": "calls_today >= 3 or kind == 'letter'"})
    book = rulebook_load(packs)
    lying = call(TEN, details={"calls_today": 0})
    facts = Facts.of("counters", calls_today=3)
    assert decide(rulebook=book, action=lying, facts=facts, at=TEN).outcome is Outcome.FORBID
    facts = Facts.of("nobody", calls_today=0, kind="letter", something_else=1)
    assert decide(rulebook=book, action=call(TEN), facts=facts, at=TEN).outcome is Outcome.PERMIT


def test_known_to_be_nothing_is_not_unknown(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1", rule={"when": "local_day >= stop_on"})
    book = rulebook_load(packs)
    assert answer(book, stop_on=NOTHING).outcome is Outcome.PERMIT
    assert answer(book, stop_on=date(2026, 5, 13)).outcome is Outcome.PERMIT
    assert answer(book, stop_on=date(2026, 5, 12)).outcome is Outcome.FORBID
    assert answer(book).missing == ("stop_on",)


def test_the_verdict_is_plain_json_with_the_same_keys_always(packs: Path) -> None:
    permission(packs)
    rule_file(packs, "R-1")
    keys = [
        "outcome", "at", "reasons", "not_before", "conditions", "duties", "end_contact",
        "missing", "stale", "facts_used", "packs",
    ]  # fmt: skip
    assert list(answer(packs).as_dict()) == keys
    used = answer(packs, calls_today=3).as_dict()
    assert list(used) == keys
    assert used["facts_used"] == {"calls_today": 3, "kind": "call"}
    assert used["at"] == "2026-05-12T02:00:00+00:00"


def test_times_without_a_zone_are_not_accepted(packs: Path) -> None:
    book = rulebook_load(packs)
    with pytest.raises(ValueError, match="time zone"):
        call(TEN.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        decide(rulebook=book, action=call(TEN), facts=Facts(), at=TEN.replace(tzinfo=None))
