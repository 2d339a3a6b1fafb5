"""The hours the planner gets are the guard's own, minute for minute, cut by what was agreed, by the
length of the visit and by daylight."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.cases.models import Case
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.visit_checks import Going, visits_check
from doorstep.dispatch.visit_windows import Ask, Windows, visit_windows
from doorstep.portfolio.models import Address
from doorstep.visits.daylight import sun_up
from tests.dispatch.field_world import (
    TOMORROW,
    make_appointment,
    make_crew,
    make_field_branch,
    make_manager,
    make_visit_case,
)
from tests.factories import AT, ON, make_contact, make_hold, make_promise

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")


def windows(case: Case, *, days: int = 1, at: datetime = AT, **ask: Any) -> Windows:
    found = visit_windows(
        cases=[case], addresses={case.pk: address(case)}, first=TOMORROW, days=days, at=at,
        rulebook=rulebook_current(), asks={case.pk: Ask(**ask)},
    )  # fmt: skip
    return found[case.pk]


def address(case: Case) -> Address:
    found = case.borrower.addresses.first()
    assert found is not None
    return found


def clocks(found: Windows) -> list[tuple[str, str]]:
    return [
        (f"{start.astimezone(CHINA):%d %H:%M}", f"{end.astimezone(CHINA):%d %H:%M}")
        for start, end in found.spans
    ]


def a_case(**fields: Any) -> Case:
    return make_visit_case(branch=make_field_branch(), **fields)


def test_a_visit_is_over_when_the_hours_for_visits_end() -> None:
    assert clocks(windows(a_case(), minutes=30)) == [("21 09:00", "21 18:30")]
    assert clocks(windows(a_case(), minutes=90)) == [("21 09:00", "21 17:30")]


def test_a_week_has_its_hours_every_day_and_none_that_are_over() -> None:
    assert len(windows(a_case(), days=3).spans) == 3
    noon = datetime.combine(TOMORROW, time(12), CHINA)
    assert clocks(windows(a_case(), at=noon)) == [("21 12:00", "21 18:30")]
    later = datetime.combine(TOMORROW + timedelta(days=1), time(1), CHINA)
    assert windows(a_case(), at=later).spans == ()


def test_an_appointment_narrows_the_hours_and_never_widens_them() -> None:
    case, manager = a_case(), make_manager()
    agreed = make_appointment(case=case, by=manager)
    assert clocks(windows(case, appointment=agreed)) == [("21 14:00", "21 15:00")]
    agreed.from_at = datetime.combine(TOMORROW, time(18), CHINA)
    agreed.until_at = agreed.from_at + timedelta(hours=3)
    assert clocks(windows(case, appointment=agreed)) == [("21 18:00", "21 18:30")]
    agreed.from_at = datetime.combine(TOMORROW, time(22), CHINA)
    agreed.until_at = agreed.from_at + timedelta(hours=1)
    found = windows(case, appointment=agreed)
    assert (found.spans, found.why) == ((), "OUTSIDE_APPOINTMENT")


def test_what_must_be_done_by_daylight_is_over_by_sunset() -> None:
    case = a_case()
    (span,) = windows(case, daylight_only=True, minutes=30, risk="high").spans
    place = address(case)
    assert place.latitude is not None
    assert place.longitude is not None
    sun = sun_up(on=TOMORROW, latitude=place.latitude, longitude=place.longitude)
    assert sun is not None
    assert span[1] <= sun[1] - timedelta(minutes=30) < span[1] + timedelta(minutes=1)
    evening = make_appointment(
        case=case, by=make_manager(), from_at=datetime.combine(TOMORROW, time(18), CHINA),
        until_at=datetime.combine(TOMORROW, time(19), CHINA),
    )  # fmt: skip
    found = windows(case, daylight_only=True, risk="high", appointment=evening)
    assert (found.spans, found.why) == ((), "OUTSIDE_APPOINTMENT")


@pytest.mark.parametrize("kind", ["complaint", "dispute"])
def test_what_the_guard_forbids_has_no_hours_and_its_verdict(kind: str) -> None:
    case = a_case()
    make_hold(borrower=case.borrower, kind=kind)
    found = windows(case, days=7)
    assert (found.spans, found.why) == ((), "GUARD")
    assert found.verdict is not None
    assert found.verdict.outcome == "forbid"


def test_a_promise_that_runs_shuts_the_days_it_runs_and_not_the_next() -> None:
    case = a_case()
    make_promise(borrower=case.borrower, due_on=ON + timedelta(days=2))
    found = windows(case, days=7)
    assert found.spans[0][0].astimezone(CHINA).date() == ON + timedelta(days=3)


def test_a_borrower_visited_this_week_is_not_visited_again_in_it() -> None:
    case = a_case()
    make_contact(borrower=case.borrower, channel="visit", at=AT - timedelta(days=1))
    found = windows(case, days=7)
    assert all(start.astimezone(CHINA).date() >= ON + timedelta(days=6) for start, _ in found.spans)


def test_every_minute_of_a_window_is_permitted_and_the_minutes_around_it_are_not() -> None:
    """Asked anew through the check of planned visits, with real people."""
    branch = make_field_branch()
    crew = tuple(agent.pk for agent in make_crew(branch=branch))
    case = make_visit_case(branch=branch)
    minute = timedelta(minutes=1)
    for start, end in windows(case, minutes=30).spans:
        moments = [start - minute, start, start + 17 * minute, end, end + 2 * minute]
        going = [
            Going(case, address(case), crew, moment, moment + 30 * minute, "low")
            for moment in moments
        ]
        verdicts = visits_check(going=going, at=AT, rulebook=rulebook_current())
        assert [verdict.permitted for verdict in verdicts] == [False, True, True, True, False]


def test_the_number_of_queries_is_the_same_for_many() -> None:
    counts = []
    for many in (2, 12):
        branch = make_field_branch()
        cases = [make_visit_case(branch=branch, north=n) for n in range(many)]
        with CaptureQueriesContext(connection) as captured:
            visit_windows(
                cases=cases, addresses={case.pk: address(case) for case in cases},
                first=TOMORROW, days=2, at=AT, rulebook=rulebook_current(),
            )  # fmt: skip
        counts.append(len(captured) - many)  # each address is read by this test itself
    assert counts[0] == counts[1], counts
