"""Nights: the list, one night in full, who moved, and starting one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from doorstep.cycle.models import BucketCount, RunStage, TransitionCount
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    AT,
    ON,
    make_book,
    make_borrower,
    make_case,
    make_movement,
    make_run,
    make_staff,
)

pytestmark = pytest.mark.django_db


def client_of(staff: Staff) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(staff)
    return client


def page(staff: Staff, path: str, **headers: str) -> str:
    answer = client_of(staff).get(path, headers=headers or None)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_finished_night_shows_stages_counts_and_what_changed() -> None:
    before = make_run(business_date=ON - timedelta(days=1))
    run = make_run(counts={"cases_open": 1234}, policy={"bucket_edges": [1, 31]})
    RunStage.objects.create(
        run=run, order=0, name="decisions", rows=20_000, seconds=61.2, peak_bytes=300 * 1024**2
    )
    for each, customers, overdue in ((before, 5, 10_000), (run, 3, 12_550)):
        BucketCount.objects.create(
            run=each, currency="CNY", bucket=2, borrowers=customers, overdue=overdue, balance=1
        )
    text = page(make_staff(Role.AUDITOR), f"/runs/{run.pk}/")
    assert "Decide the next step" in text
    assert "20,000" in text
    assert "1 min 01 s" in text
    assert "300.0" in text
    assert '<dt>Open cases</dt><dd class="figures">1,234</dd>' in text
    assert "M2+" in text
    assert "−2" in text
    assert "+CN¥25.50" in text


def test_transitions_are_shares_of_the_bucket_before() -> None:
    run = make_run(policy={"bucket_edges": [1, 31]})
    for before, after, balance in ((1, 0, 25), (1, 2, 75), (-1, 0, 10)):
        TransitionCount.objects.create(
            run=run, currency="CNY", before=before, after=after, loans=1, balance=balance
        )
    text = page(make_staff(Role.ANALYST), f"/runs/{run.pk}/")
    assert "25.0% · 1 loans · CN¥0.25" in text
    assert "75.0% · 1 loans · CN¥0.75" in text
    assert "New" in text


def test_a_failed_night_says_why_and_can_be_gone_on_with() -> None:
    run = make_run(state="failed", error="<b>disk</b> full")
    manager = page(make_staff(Role.COLLECTIONS_MANAGER), f"/runs/{run.pk}/")
    assert "&lt;b&gt;disk&lt;/b&gt; full" in manager
    assert "Go on from where it stopped" in manager
    assert "Go on from" not in page(make_staff(Role.AUDITOR), f"/runs/{run.pk}/")


def test_a_running_night_is_polled_and_reloads_when_it_ends() -> None:
    run = make_run(state="running", finished_at=None)
    staff = make_staff(Role.TEAM_LEADER)
    text = page(staff, f"/runs/{run.pk}/", **{"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in text
    assert "<html" not in text
    run.state, run.finished_at = "done", AT
    run.save()
    answer = client_of(staff).get(f"/runs/{run.pk}/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"


def test_starting_a_night_asks_the_worker_once() -> None:
    make_book(business_date=ON)
    client = client_of(make_staff(Role.COLLECTIONS_MANAGER))
    assert "Run the night now" in client.get("/runs/").content.decode()
    for _ in range(2):
        assert client.post("/runs/start/").status_code == 302
    task = DBTaskResult.objects.get()
    assert task.status == TaskResultStatus.READY
    assert task.args_kwargs["kwargs"]["on"] == ON.isoformat()
    text = client.get("/runs/").content.decode()
    assert "begins as soon as the worker is free" in text
    assert "Run the night now" not in text


def test_a_night_that_ran_is_not_started_again() -> None:
    make_run()
    client = client_of(make_staff(Role.COLLECTIONS_MANAGER))
    answer = client.post("/runs/start/", follow=True)
    assert "has run already" in answer.content.decode()
    assert not DBTaskResult.objects.exists()


def test_who_moved_is_masked_and_leads_to_the_case() -> None:
    make_run()
    case = make_case(borrower=make_borrower(name="欧阳小明"))
    make_movement(borrower=case.borrower, kind="worse", before="M1", after="M2")
    make_movement(borrower=make_borrower(), kind="cured", before="M1")
    text = page(make_staff(Role.COLLECTIONS_MANAGER), "/movements/?kind=worse")
    assert "欧***" in text
    assert "小明" not in text
    assert f'href="/cases/{case.pk}/"' in text
    assert "<td>M1</td><td>M2</td>" in text


def test_who_moved_stays_within_the_scope() -> None:
    make_run()
    agent = make_staff(Role.DESK_AGENT)
    mine, other = make_case(assignee=agent), make_case()
    for case in (mine, other):
        make_movement(borrower=case.borrower, kind="entered")
    text = page(agent, "/movements/")
    assert mine.borrower_id in text
    assert other.borrower_id not in text


@pytest.mark.parametrize("query", ["?kind=nonsense", "?on=2026-13-99", "?on=1999-01-01", "?page=x"])
def test_an_address_that_makes_no_sense_still_answers(query: str) -> None:
    make_run()
    page(make_staff(Role.COLLECTIONS_MANAGER), f"/movements/{query}")


def test_without_any_night_the_pages_say_so() -> None:
    staff = make_staff(Role.COLLECTIONS_MANAGER)
    assert "No night has run yet" in page(staff, "/runs/")
    assert "No night has run yet" in page(staff, "/movements/")
