"""The night and the desk follow every protection as a hold; a complaint at 9:42 stops the step."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.cases.models import Case, WorkItem
from doorstep.cycle.services import night_run
from doorstep.portfolio.models import Borrower, Loan
from doorstep.protections.models import Complaint
from doorstep.protections.night import NightHold, begun_by_business_date, night_hold
from doorstep.protections.selectors import night_holds
from doorstep.protections.services import (
    claim_settle,
    complaint_answer,
    complaint_contact_resume,
    complaint_open,
    dispute_open,
    hardship_record,
    legal_stop_record,
    preference_record,
    representative_record,
    stop_request_record,
    vulnerability_record,
    workplace_restriction_record,
)
from doorstep.treatment.holds import SEVERITY
from tests.cycle.books import ON
from tests.cycle.test_night import lender, load
from tests.factories import ON as DAY_OF_CASE
from tests.factories import (
    make_borrower,
    make_case,
    make_contact_point,
    make_instalments,
    make_loan,
    make_work_item,
)
from tests.protections.making import guard, news, officer

ZONE = "Asia/Shanghai"
AT = datetime.fromisoformat("2026-04-01T02:10:00+08:00")  # the night after the book's day
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE = dict.fromkeys(("complains", "disputes", "died", "stops", "fine"), 12)


@pytest.mark.django_db
def test_a_night_leaves_alone_whoever_is_protected(home: Path) -> None:
    load(lender(LATE), home)
    people = Borrower.objects.in_bulk()
    complaint_open(news=news(people["complains"], at=AT - DAY), words="so")
    dispute_open(news=news(people["disputes"], at=AT - DAY), loan=Loan.objects.get(pk="L-disputes"))
    legal_stop_record(news=news(people["died"], at=AT - DAY, claimed=True), bar="deceased")
    stop_request_record(news=news(people["stops"], at=AT - DAY), scope="channel", channel="sms")
    night_run(on=ON, by=None, at=AT)
    kinds = dict(Case.objects.values_list("borrower_id", "hold_kind"))
    assert kinds == {
        "complains": "complaint", "disputes": "dispute", "died": "deceased", "stops": "", "fine": ""
    }  # fmt: skip
    assert Case.objects.get(borrower="complains").step == "none"


@pytest.mark.django_db
def test_a_complaint_after_midnight_counts_in_the_night_that_runs_then(home: Path) -> None:
    load(lender(LATE), home)
    complaint_open(news=news(Borrower.objects.get(pk="complains"), at=AT - HOUR), words="so")
    night_run(on=ON, by=None, at=AT)
    assert Case.objects.get(borrower="complains").hold_kind == "complaint"


@pytest.mark.django_db
def test_what_ended_or_was_not_so_holds_nobody(home: Path) -> None:
    load(lender(LATE), home)
    people, by = Borrower.objects.in_bulk(), officer()
    complaint = complaint_open(news=news(people["complains"], at=AT - 9 * DAY), words="so")
    answered = complaint_answer(
        of=complaint, outcome="upheld", answer="Sorry", by=by, at=AT - 8 * DAY
    )
    complaint_contact_resume(of=answered, why="Agreed", by=by, at=AT - 7 * DAY)
    claim = legal_stop_record(news=news(people["died"], at=AT - 9 * DAY, claimed=True), bar="minor")
    claim_settle(claim, confirmed=False, why="Born 1990", by=by, at=AT - 8 * DAY)
    night_run(on=ON, by=None, at=AT)
    assert not Case.objects.exclude(hold_kind="").exists()


def overdue_case() -> Case:
    borrower = make_borrower()
    make_contact_point(borrower=borrower)
    loan = make_loan(borrower=borrower)
    make_instalments(loan=loan, count=1, paid=0, first_due_on=DAY_OF_CASE - timedelta(days=12))
    case = make_case(borrower=borrower, step="call", reason="friendly_first")
    make_work_item(case=case)
    return case


@pytest.mark.django_db
def test_i_want_to_complain_stops_the_call_of_five_past_ten() -> None:
    """Story 3, as far as protections go."""
    case, by = overdue_case(), officer()
    at = datetime.fromisoformat("2026-11-21T09:42:00+08:00")
    complaint = complaint_open(
        news=news(case.borrower, reference="inbound:77", at=at), words="我要投诉"
    )
    case.refresh_from_db()
    assert (case.step, case.hold_kind) == ("none", "complaint")
    assert WorkItem.objects.get().status == "withdrawn"
    assert (complaint.owner, complaint.due_on) == (by, date(2026, 12, 6))
    answered = complaint_answer(
        of=complaint, outcome="upheld", answer="We are sorry.", by=by, at=at + HOUR
    )
    case.refresh_from_db()
    assert case.hold_kind == "complaint", "an answer alone lets nobody call"
    complaint_contact_resume(of=answered, why="He wants the plan.", by=by, at=at + 2 * HOUR)
    case.refresh_from_db()
    assert case.hold_kind == ""
    assert WorkItem.objects.filter(status="open").count() == 1


@pytest.mark.django_db
def test_if_the_case_cannot_be_decided_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    case = overdue_case()
    Case.objects.update(ladder_version="of another house")
    with pytest.raises(Exception, match="another house"):
        complaint_open(news=news(case.borrower), words="so")
    assert not Complaint.objects.exists()


def test_every_kind_that_rests_contact_has_words_and_a_place_in_the_ladder() -> None:
    rows = [
        guard("complaint"), guard("dispute", loan_id="L1"), guard("hardship"),
        guard("vulnerability", handling=("ask_first",)), guard("deceased"), guard("bankruptcy"),
        guard("police_no_contact"), guard("minor"), guard("stop_request", scope="all"),
        guard("representative", instead=True),
    ]  # fmt: skip
    holds = [night_hold(row, zone=ZONE) for row in rows]
    assert {hold.kind for hold in holds if hold} == set(SEVERITY) - {"agreement", "promise"}


@pytest.mark.django_db
def test_gentle_protections_leave_the_ladder_to_the_guard() -> None:
    person = make_borrower()
    vulnerability_record(news=news(person), cause="age", handling=["large_print"])
    stop_request_record(news=news(person), scope="number", number="+86199")
    preference_record(news=news(person), stance="refuses", subject="channel", channel="call")
    workplace_restriction_record(news=news(person), forbidden_by="employer")
    representative_record(news=news(person), role="family", name="欧阳大海", document="Letter")
    assert night_holds(at=AT) == []


def test_days_are_the_lenders_and_an_end_at_midnight_belongs_to_the_day_before() -> None:
    row = guard(
        "complaint",
        starts_at=datetime.fromisoformat("2026-11-20T23:30:00+00:00"),
        ends_at=datetime.fromisoformat("2026-11-25T00:00:00+08:00"),
    )
    assert night_hold(row, zone=ZONE) == NightHold(
        "C1", "complaint", date(2026, 11, 21), None, date(2026, 11, 24)
    )


def test_what_begins_tomorrow_does_not_hold_tonight() -> None:
    hold = NightHold("C1", "complaint", ON + timedelta(days=2), None, None)
    tonight = begun_by_business_date(hold, business_date=ON, today=ON + timedelta(days=1))
    assert tonight.starts_on == ON + timedelta(days=2)
    by_then = begun_by_business_date(hold, business_date=ON, today=ON + timedelta(days=2))
    assert by_then.starts_on == ON


@pytest.mark.django_db
def test_the_whole_book_is_read_in_a_fixed_number_of_queries() -> None:
    counts = []
    for _round in range(2):
        for _person in range(5):
            person = make_borrower()
            hardship_record(news=news(person))
            vulnerability_record(news=news(person), cause="age", handling=["pause"])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            holds = night_holds(at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(holds) == 20
    assert holds == sorted(holds, key=lambda hold: (hold.borrower_id, hold.kind))
