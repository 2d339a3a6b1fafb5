"""Home: what waits for whom, the book by bucket, and in how many queries."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.cases.steps import Step
from doorstep.portfolio.models import BookState
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_book,
    make_borrower,
    make_case,
    make_cases,
    make_movement,
    make_run,
    make_staff,
    make_team,
    make_verification_task,
)

pytestmark = pytest.mark.django_db


def home(staff: Staff, query: str = "", language: str = "en") -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(staff)
    answer = client.get(f"/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def tallies(page: str) -> dict[str, str]:
    """The counts of "What needs me": words to number."""
    found = re.findall(r"<strong>([\d,]+)</strong><span>([^<]+)</span></a></li>", page)
    return {words: number for number, words in found}


def charts(page: str) -> list[dict[str, Any]]:
    blocks = re.findall(r'<script id="chart-[^"]+" type="application/json">(.*?)</script>', page)
    return [json.loads(block) for block in blocks]


def test_counts_are_of_the_steps_that_wait_a_persons_decision_first() -> None:
    make_run()
    make_cases(count=3, step=Step.CALL)
    make_case(step=Step.REVIEW)
    make_case(step=Step.WAIT)
    page = home(make_staff(Role.COLLECTIONS_MANAGER))
    assert tallies(page) == {"cases nobody has": "5", "Review by a person": "1", "Call": "3"}
    assert page.index("Review by a person") < page.index("<span>Call</span>")
    assert 'href="/cases/?step=call"' in page


def test_everybody_counts_only_what_they_may_see() -> None:
    make_run()
    team = make_team()
    agent = make_staff(Role.DESK_AGENT, team=team)
    make_case(step=Step.CALL, team=team, assignee=agent)
    make_case(step=Step.CALL, team=team)
    make_case(step=Step.CALL)
    assert tallies(home(agent)) == {"Call": "1"}
    leader = make_staff(Role.TEAM_LEADER, team=team)
    assert tallies(home(leader)) == {"case nobody has": "1", "Call": "2"}
    assert tallies(home(make_staff(Role.ADMINISTRATOR))) == {}


def test_verification_and_release_wait_for_those_who_may() -> None:
    make_run()
    case = make_case(step=Step.WAIT)
    make_verification_task(borrower=case.borrower)
    manager, approver = make_staff(Role.COLLECTIONS_MANAGER), make_staff(Role.APPROVER)
    make_book(business_date=ON.replace(day=21), state=BookState.AWAITING_RELEASE)
    assert tallies(home(manager))["contact to verify"] == "1"
    assert tallies(home(manager))["book to release"] == "1"
    assert tallies(home(approver)) == {"book to release": "1"}


def test_nobody_is_asked_to_release_their_own_book() -> None:
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    make_book(state=BookState.AWAITING_RELEASE, brought_by=manager)
    assert "book to release" not in tallies(home(manager))


def test_charts_add_up_and_say_what_they_show() -> None:
    make_run()
    make_case(bucket=1, due_total=30_00)
    make_case(bucket=2, due_total=50_05)
    make_case(bucket=2, due_total=20_00, currency="JPY")
    page = home(make_staff(Role.ANALYST))
    yuan, yen, customers = charts(page)
    assert yuan["series"][0]["values"] == [30.0, 50.05]
    assert yen["series"][0]["values"] == [2000.0], "a yen has no smaller unit"
    assert customers["series"][0]["values"] == [1, 2]
    assert customers["categories"] == ["M1\n1–30", "M2\n31–60"]
    assert customers["links"] == ["/cases/?bucket=1", "/cases/?bucket=2"]
    assert "CN¥80.05 is overdue; M2 holds the most of it" in page


def test_a_charts_figures_come_as_a_workbook() -> None:
    make_cases(count=2, bucket=1)
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.ANALYST))
    answer = client.get("/?export=customers")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows == [("Bucket, days past due", "Customers"), ("M1 1–30", 2)]


def test_movements_open_who_moved() -> None:
    make_run()
    for kind in ("entered", "entered", "cured"):
        make_movement(borrower=make_borrower(), kind=kind)
    page = home(make_staff(Role.COLLECTIONS_MANAGER))
    assert "<span>New overdue</span><strong>2</strong>" in page
    assert 'href="/movements/?kind=cured"' in page


def test_before_the_first_night_home_says_what_to_do() -> None:
    page = home(make_staff(Role.COLLECTIONS_MANAGER))
    assert "Nothing here yet" in page
    assert 'href="/books/"' in page
    assert "Nothing here yet" in home(make_staff(Role.DESK_AGENT))


def test_a_failed_night_is_told_to_those_who_see_nights() -> None:
    run = make_run(state="failed", error="disk full")
    page = home(make_staff(Role.TEAM_LEADER))
    assert "stopped before its end" in page
    assert f'href="/runs/{run.pk}/"' in page
    assert "stopped before its end" not in home(make_staff(Role.DESK_AGENT))


@pytest.mark.parametrize(
    ("language", "title"), [("zh-CN", "今日"), ("zh-TW", "需要我處理"), ("en", "What needs me")]
)
def test_home_speaks_the_language_of_who_reads_it(language: str, title: str) -> None:
    assert title in home(make_staff(Role.DESK_AGENT), language=language)


def test_home_takes_the_same_queries_for_few_and_many_cases() -> None:
    make_run()
    client = Client()
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))

    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as found:
            client.get("/")
        return [query["sql"] for query in found]

    make_case(step=Step.CALL)
    few = queries()
    for bucket, step in enumerate((Step.CALL, Step.LETTER, Step.REMIND, Step.REVIEW), start=1):
        make_cases(count=5, step=step, bucket=bucket)
    many = queries()
    assert len(few) == len(many) == 25, "\n".join(many)
