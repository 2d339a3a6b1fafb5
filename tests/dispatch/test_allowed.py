"""What may be done now, why not more, and when: as the guard itself says hour by hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.cases.models import Case
from doorstep.dispatch.allowed import OPEN, SHUT, Allowed, Way, case_allowed
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import CallResult
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.guard.verdict import Outcome
from doorstep.workforce.roles import Role
from tests.dispatch.outbox import AT, make_act, make_owing_case
from tests.factories import (
    make_address,
    make_borrower,
    make_case,
    make_contact,
    make_contact_point,
    make_hold,
    make_loan,
    make_promise,
    make_staff,
)

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
NIGHT = AT.replace(hour=15)  # 23:00 in China


def allowed(case: Case, at: datetime = AT) -> Allowed:
    case.refresh_from_db()
    return case_allowed(case=case, at=at, rulebook=rulebook_current())


def way(case: Case, channel: str, at: datetime = AT) -> Way:
    return next(each for each in allowed(case, at).ways if each.channel == channel)


def test_by_day_a_message_may_go_at_once_and_the_week_shows_its_hours() -> None:
    found = way(make_owing_case(), "sms")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.PERMIT
    assert found.earliest == AT
    assert [(f"{s.start:%a %H:%M}", s.state) for s in found.week[:4]] == [
        ("Fri 10:00", OPEN), ("Fri 21:00", SHUT), ("Sat 09:00", OPEN), ("Sat 21:00", SHUT),
    ]  # fmt: skip
    assert found.week[-1].end == datetime(2026, 11, 27, tzinfo=CHINA)
    assert all(a.end == b.start for a, b in zip(found.week, found.week[1:], strict=False))


def test_by_night_it_says_when_the_next_call_may_be_to_the_minute() -> None:
    found = way(make_owing_case(), "phone", NIGHT)
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.NOT_BEFORE
    assert found.earliest == found.verdict.not_before
    assert found.earliest == datetime(2026, 11, 21, 8, 30, tzinfo=CHINA)


def test_a_call_is_open_under_the_condition_that_it_is_recorded() -> None:
    found = way(make_owing_case(), "phone")
    assert found.verdict is not None
    assert found.verdict.conditions == ("recorded",)
    assert found.week[0].state == OPEN


def test_a_visit_is_asked_about_as_it_would_be_planned() -> None:
    case = make_owing_case()
    assert way(case, "visit").verdict is None
    make_address(borrower=case.borrower, state="verified")
    found = way(case, "visit")
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.PERMIT_IF
    assert set(found.verdict.conditions) == {"id_shown", "recorded"}
    assert found.assumes is not None
    assert found.assumes["agents"] == 2


def test_what_forbids_beside_the_clock_shuts_the_week_and_names_no_moment() -> None:
    case = make_owing_case()
    make_hold(borrower=case.borrower, kind="complaint")
    found = way(case, "sms")
    assert found.verdict is not None
    assert not found.verdict.permitted
    assert found.earliest is None
    assert {span.state for span in found.week} <= {SHUT, "ask"}


def test_a_promise_that_ends_within_the_week_opens_the_day_after_its_grace() -> None:
    case = make_owing_case()
    make_promise(borrower=case.borrower, due_on=AT.date() + timedelta(days=1), grace_days=1)
    found = way(case, "sms")
    assert found.verdict is not None
    assert not found.verdict.permitted
    assert found.earliest == datetime(2026, 11, 23, 9, tzinfo=CHINA)


def test_calls_used_up_today_open_again_tomorrow() -> None:
    case = make_owing_case()
    for hour in (0, 1):
        make_contact(
            borrower=case.borrower, at=AT - timedelta(minutes=30 + hour), channel="call",
            result="right_party", direction="out",
        )  # fmt: skip
    make_contact(borrower=case.borrower, at=AT - timedelta(minutes=5), channel="call",
                 result="right_party", direction="out")  # fmt: skip
    found = way(case, "phone")
    assert found.earliest is not None
    assert found.earliest.date() > AT.date()


def test_a_number_that_rests_is_not_called_before_the_desk_would_take_it() -> None:
    case = make_owing_case()
    call = make_act(case=case, kind="call", channel="phone")
    again = AT + timedelta(hours=2)
    CallResult.objects.create(
        act=call, outcome="no_answer", by=make_staff(Role.DESK_AGENT), at=AT, again_at=again
    )
    found = way(case, "phone")
    assert (found.rests_until, found.earliest) == (again, again)
    assert (found.week[0].state, found.week[0].end) == (SHUT, again)


def test_the_customers_own_clock_decides() -> None:
    borrower = make_borrower(time_zone="Europe/London")
    make_loan(borrower=borrower)
    make_contact_point(borrower=borrower)
    found = way(make_case(borrower=borrower), "sms")  # 02:00 in London
    assert found.verdict is not None
    assert found.verdict.outcome is Outcome.NOT_BEFORE
    assert found.earliest == datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize("at", [AT, NIGHT, AT.replace(hour=0, minute=47)])
def test_the_week_is_what_the_guard_says_of_every_hour(at: datetime) -> None:
    """The guard asked about an act planned for each hour, one by one, against the band."""
    case = make_owing_case()
    make_contact(borrower=case.borrower, at=AT - timedelta(days=2), channel="sms")
    found = way(case, "sms", at)
    hours = [at.replace(minute=0) + timedelta(hours=n) for n in range(1, 120)]
    acts = [
        make_act(case=case, planned_from=h, planned_until=h + timedelta(hours=1)) for h in hours
    ]
    verdicts = acts_screen(acts=acts, at=at, rulebook=rulebook_current())
    band = {hour: next(s.state for s in found.week if s.start <= hour < s.end) for hour in hours}
    said = {h: OPEN if v.permitted else SHUT for h, v in zip(hours, verdicts, strict=True)}
    # What is too old by then is no part of the band: it says what the clock leaves open.
    fresh = [h for h, v in zip(hours, verdicts, strict=True) if not v.stale]
    assert len(fresh) > 20
    assert {h: band[h] for h in fresh} == {h: said[h] for h in fresh}


def test_the_answer_is_stable_json_and_its_queries_are_fixed() -> None:
    case = make_owing_case()
    make_address(borrower=case.borrower, state="verified")
    with CaptureQueriesContext(connection) as first:
        found = allowed(case).as_dict()
    assert list(found) == ["case", "borrower", "zone", "at", "ways"]
    assert [w["channel"] for w in found["ways"]] == [
        "sms", "email", "messenger", "phone", "visit", "letter",
    ]  # fmt: skip
    assert set(found["ways"][0]) == {
        "kind", "channel", "reachable", "verdict", "earliest", "rests_until", "assumes", "week",
    }  # fmt: skip
    more: Any = make_contact_point
    for number in range(3):
        more(borrower=case.borrower, value=f"+861990000009{number}")
        make_loan(borrower=case.borrower)
        make_contact(borrower=case.borrower, at=AT - timedelta(days=number + 1), channel="call")
    with CaptureQueriesContext(connection) as second:
        allowed(case)
    assert len(second) == len(first) <= 30
