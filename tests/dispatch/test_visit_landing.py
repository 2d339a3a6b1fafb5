"""What happened at the door lands in the books: all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from doorstep.cases.models import Contact
from doorstep.dispatch.models import Act, Incident
from doorstep.dispatch.visit_landing import dispute_land, report_land, uncleared_visit_record
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Dispute, Hardship
from doorstep.visits.models import (
    Appointment,
    CrewDay,
    PlannedVisit,
    SafetyTimer,
    VisitRecord,
    VisitSignature,
)
from doorstep.visits.selectors.records import document_of
from doorstep.workforce.roles import Role
from tests.agreements.offers import Desk
from tests.factories import AT, ON, make_borrower, make_contact_point, make_loan, make_staff
from tests.visits.doors import Word, cleared, heard, report, steps
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db
END = AT + timedelta(minutes=40)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def crew(desk: Desk) -> CrewDay:
    return make_crew(plan=make_field_plan(branch=desk.branch))


@pytest.fixture
def visit(desk: Desk, crew: CrewDay) -> PlannedVisit:
    """A visit that the guard has let the crew ring for."""
    return cleared(make_visit(crew=crew, case=desk.case))


def landed(visit: PlannedVisit, word: Word | None = None, **more: Any) -> VisitRecord:
    assert visit.crew is not None
    events = more.pop("events", steps())
    return report_land(
        visit=visit, event=word or report(visit.crew, at=END, **more), by=agents_of(visit.crew)[0],
        at=END, events=events,
    )  # fmt: skip


def test_the_record_holds_time_place_people_steps_and_what_was_said(visit: PlannedVisit) -> None:
    record = landed(visit, events=steps(at=END, skipped="options"))
    told = record.contents
    assert (record.outcome, record.late, record.cleared) == ("declined", False, True)
    assert told["place"]["arrived"]["distance_m"] == 18
    assert [each["name"] for each in told["crew"]] == [str(a) for a in agents_of(visit.crew)]  # type: ignore[arg-type]
    left_out = next(each for each in told["steps"] if each["step"] == "options")
    assert (left_out["how"], left_out["why"]) == ("skipped", "客户要求先说还款")
    assert {each["what"]: each["given"] for each in told["consents"]} == {
        "purpose": True, "consent_record": False, "consent_enter": True,
    }  # fmt: skip
    pdf, digest = document_of(record)
    assert pdf.startswith(b"%PDF")
    assert len(digest) == 64
    assert VisitSignature.objects.filter(record=record, about="report").count() == 2
    visit.refresh_from_db()
    assert (visit.state, visit.outcome) == ("done", "declined")
    assert Act.objects.get(reference=visit.act).outcome == "right_party"


def test_the_same_report_lands_once_and_another_never(visit: PlannedVisit) -> None:
    assert visit.crew is not None
    word = report(visit.crew, at=END)
    first = landed(visit, word)
    assert landed(visit, word) == first
    with pytest.raises(Refused) as refused:
        landed(visit)
    assert refused.value.code == "RECORDED"
    assert VisitRecord.objects.count() == 1


def test_a_visit_planned_anew_has_one_record_all_the_same(desk: Desk, visit: PlannedVisit) -> None:
    landed(visit)
    again = make_crew(
        plan=make_field_plan(branch=desk.branch, state="superseded"),
        members=agents_of(visit.crew),  # type: ignore[arg-type]
    )
    with pytest.raises(Refused):
        landed(make_visit(crew=again, case=desk.case), report(again, at=END))


def test_a_promise_is_kept_to_the_minor_unit(desk: Desk, visit: PlannedVisit) -> None:
    promise = {"loan": desk.loan.pk, "amount": 50_055, "currency": "CNY",
               "due_on": (ON + timedelta(days=5)).isoformat()}  # fmt: skip
    record = landed(visit, outcome="promised", promise=promise)
    given = desk.case.borrower.promises.get(pk=record.landed["promise"])
    assert (given.amount, given.due_on, given.loan) == (50_055, ON + timedelta(days=5), desk.loan)
    assert record.contents["amounts"][0]["minor"] == 50_055


@pytest.mark.parametrize(
    ("promise", "field"),
    [
        ({"amount": 1.5}, "amount"), ({"amount": True}, "amount"), ({"amount": -1}, "amount"),
        ({"amount": 10**30}, "amount"), ({"amount": "50"}, "amount"),
        ({"due_on": "soon"}, "due_on"),
        ({"currency": 5}, "currency"), ({"currency": "USD"}, "promise"), ({"loan": "x"}, "loan"),
        ({"amount": 0}, "amount"), ({"due_on": "9999-01-01"}, "due_on"),
    ],
)  # fmt: skip
def test_a_promise_that_cannot_be_lands_nothing(
    desk: Desk, visit: PlannedVisit, promise: dict[str, Any], field: str
) -> None:
    whole = {"loan": desk.loan.pk, "amount": 50_000, "currency": "CNY", "due_on": ON.isoformat()}
    with pytest.raises(InputError) as error:
        landed(visit, outcome="promised", promise=whole | promise)
    assert error.value.where.field == field
    assert not VisitRecord.objects.exists()
    visit.refresh_from_db()
    assert visit.state == "planned"


def test_a_bill_challenged_is_a_dispute_at_once_and_once(desk: Desk, visit: PlannedVisit) -> None:
    assert visit.crew is not None
    word = Word("dispute", {"loan": desk.loan.pk, "text": "这笔费用没有收到过通知"}, AT)
    agent = agents_of(visit.crew)[1]
    opened = dispute_land(visit=visit, event=word, by=agent, at=AT)
    assert opened.loan == desk.loan
    record = landed(visit, events=[*steps(), heard(word)])
    assert record.landed["disputes"] == [opened.pk]
    assert Dispute.objects.filter(borrower=desk.case.borrower).count() == 1
    assert record.contents["disputes"] == ["这笔费用没有收到过通知"]


@pytest.mark.parametrize(
    "body",
    [
        None, [], {"text": ""}, {"text": 5}, {"text": "x", "loan": "other"},
        {"text": "x", "loan": 5},
    ],
)  # fmt: skip
def test_a_dispute_about_nothing_is_refused(visit: PlannedVisit, body: Any) -> None:
    assert visit.crew is not None
    with pytest.raises(InputError):
        dispute_land(
            visit=visit, event=Word("dispute", body, AT), by=agents_of(visit.crew)[0], at=AT
        )
    assert not Dispute.objects.exists()


def test_hardship_and_means_told_at_the_door_are_kept(desk: Desk, visit: PlannedVisit) -> None:
    form = {
        "household": {"adults": 1, "children": 0}, "willing": True,
        "lines": [{"group": "income", "code": "wage", "minor": 300_000}], "events": [],
    }  # fmt: skip
    record = landed(
        visit, hardship={"cause": "illness", "note": "住院"},
        events=[*steps(), heard(Word("affordability", form, AT))],
    )  # fmt: skip
    assert Hardship.objects.get(pk=record.landed["hardship"]).cause == "illness"
    stated = desk.case.affordability.get(pk=record.landed["affordability"])
    assert (stated.state, stated.income_minor) == ("stated", 300_000)


def test_numbers_are_verified_or_marked_wrong(desk: Desk, visit: PlannedVisit) -> None:
    old = make_contact_point(borrower=desk.case.borrower, value="+8613912340001")
    facts = [
        {"kind": "mobile", "value": "139 1234 0001", "state": "wrong"},
        {"kind": "mobile", "value": "13712345679", "state": "verified"},
        {"kind": "address", "value": "", "state": "verified"},
    ]
    landed(visit, contact_facts=facts)
    old.refresh_from_db()
    assert old.state == "wrong"
    fresh = desk.case.borrower.contact_points.get(value="+8613712345679")
    assert (fresh.state, fresh.verified_how) == ("verified", "visit")
    assert visit.address is not None
    visit.address.refresh_from_db()
    assert visit.address.state == "verified"


@pytest.mark.parametrize(
    "fact",
    [
        {"kind": "mobile", "value": "123", "state": "verified"}, {"kind": "mobile"}, "x", 5,
        {"kind": "fax", "value": "13712345678", "state": "verified"},
        {"kind": "mobile", "value": "13712345679", "state": "wrong"},
        {"kind": "email", "value": "no address", "state": "verified"},
        {"kind": "mobile", "value": "\x00", "state": "verified"},
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_lands_nothing(visit: PlannedVisit, fact: Any) -> None:
    with pytest.raises(InputError):
        landed(visit, contact_facts=[fact])
    assert not VisitRecord.objects.exists()


def test_a_visit_nobody_cleared_is_recorded_and_opens_one_incident(
    desk: Desk, crew: CrewDay
) -> None:
    visit = make_visit(crew=crew, case=desk.case)
    agent = agents_of(crew)[0]
    told: dict[str, Any] = {
        "visit": visit,
        "why": "没有网络，先敲了门",
        "when": AT,
        "by": agent,
        "at": AT,
    }
    incident = uncleared_visit_record(**told)
    assert uncleared_visit_record(**told) == incident
    record = landed(visit, uncleared_why="没有网络，先敲了门")
    assert (record.cleared, record.landed["incident"]) == (False, incident.pk)
    assert Incident.objects.count() == 1
    contact = Contact.objects.get(incident=incident)
    assert (contact.origin, contact.result) == ("uncleared", "right_party")


def test_a_crew_that_left_before_ringing_opens_no_incident(desk: Desk, crew: CrewDay) -> None:
    record = landed(make_visit(crew=crew, case=desk.case), outcome="left_early", events=[])
    assert record.cleared
    assert not Incident.objects.exists()


def test_the_appointment_is_kept_and_the_timer_ends(desk: Desk, visit: PlannedVisit) -> None:
    assert visit.crew is not None
    visit.appointment = Appointment.objects.create(
        case=desk.case, proposed_through="phone", from_at=AT, until_at=AT + timedelta(hours=1),
        code="417", state="agreed", proposed_by=desk.agent, proposed_at=AT, address=visit.address,
    )  # fmt: skip
    visit.state = "under_way"
    visit.save()
    SafetyTimer.objects.create(
        visit=visit, crew=visit.crew, began_at=AT, due_at=END, alarm_at=END + timedelta(minutes=5)
    )
    landed(visit, events=steps(at=AT + timedelta(minutes=30)))
    visit.appointment.refresh_from_db()
    assert visit.appointment.state == "kept"
    assert SafetyTimer.objects.get().ended_at == END


def test_nobody_there_is_an_appointment_missed(desk: Desk, visit: PlannedVisit) -> None:
    visit.appointment = Appointment.objects.create(
        case=desk.case, proposed_through="notice", code="417", proposed_by=desk.agent,
        offered=[[AT.isoformat(), (AT + timedelta(hours=1)).isoformat()]], proposed_at=AT,
        address=visit.address,
    )  # fmt: skip
    visit.save()
    landed(visit, outcome="not_met", events=steps(at=AT + timedelta(minutes=30), who="nobody"))
    visit.appointment.refresh_from_db()
    assert visit.appointment.state == "missed"


def test_a_third_party_can_promise_nothing(desk: Desk, visit: PlannedVisit) -> None:
    promise = {"loan": None, "amount": 5_000, "currency": "CNY", "due_on": ON.isoformat()}
    for outcome, who in (("third_party", "borrower"), ("promised", "third_party")):
        with pytest.raises(InputError) as error:
            landed(visit, outcome=outcome, promise=promise, events=steps(who=who))
        assert error.value.code == "NOT_THE_CUSTOMER"
    assert not VisitRecord.objects.exists()


def test_two_of_the_crew_sign_and_nobody_else(visit: PlannedVisit) -> None:
    assert visit.crew is not None
    first, second = agents_of(visit.crew)
    whole = report(visit.crew).body["signatures"]
    stranger = {**whole[1], "staff": make_staff(Role.FIELD_AGENT).pk}
    for signatures in (whole[:1], [whole[0], whole[0]], [whole[0], stranger], [], None):
        with pytest.raises(InputError) as error:
            landed(visit, signatures=signatures)
        assert error.value.code == "TWO_SIGN"
    for png in ("", "!!!", "aGVsbG8", 5, None, "A" * 2_000_000):
        with pytest.raises(InputError):
            landed(visit, signatures=[whole[0], {"staff": second.pk, "png": png}])
    with pytest.raises(Refused):
        report_land(visit=visit, event=report(visit.crew), by=make_staff(Role.FIELD_AGENT), at=END)
    assert not VisitRecord.objects.exists()
    assert first != second


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "won"}, {"outcome": None}, {"outcome": []}, {"said": ""}, {"said": 5},
        {"said": "\x00\ud800"}, {"reasons": "x"}, {"shown": ["x"] * 500}, {"hardship": "x"},
        {"hardship": {"cause": "laziness"}}, {"promise": "x"}, {"contact_facts": {}},
        {"outcome": "agreed"}, {"outcome": "promised"}, {"signatures": "x"},
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_lands_nothing(visit: PlannedVisit, fields: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        landed(visit, **fields)
    assert not VisitRecord.objects.exists()


@pytest.mark.parametrize("body", [None, [], "x", 5, {}])
def test_what_is_no_report_lands_nothing(visit: PlannedVisit, body: Any) -> None:
    with pytest.raises(InputError):
        landed(visit, Word("report", body, END))


def test_filed_the_next_day_it_is_late_and_says_how(visit: PlannedVisit) -> None:
    assert visit.crew is not None
    record = report_land(
        visit=visit, event=report(visit.crew, at=END), by=agents_of(visit.crew)[0],
        at=END + timedelta(days=1), events=steps(),
    )  # fmt: skip
    assert (record.late, record.late_why) == (True, "sent_later")


def test_small_pictures_in_the_words_never_keep_a_record_from_being_filed(
    visit: PlannedVisit,
) -> None:
    record = landed(visit, said="客户很友好 😀 \ue000", mood="👍")
    assert document_of(record)[0].startswith(b"%PDF")


def test_a_loan_of_somebody_else_is_never_promised_for(visit: PlannedVisit) -> None:
    promise = {
        "loan": make_loan(borrower=make_borrower()).pk,
        "amount": 1,
        "currency": "CNY",
        "due_on": ON.isoformat(),
    }
    with pytest.raises(InputError):
        landed(visit, outcome="promised", promise=promise)
