"""What phones tell: once each, never overwritten, followed by what it means, kept when it cannot
be."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from doorstep.dispatch import door_events
from doorstep.dispatch.door_events import conflict_settle
from doorstep.dispatch.models import Act, Incident
from doorstep.dispatch.visit_acts import visit_acts_make
from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import Opener
from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Refused
from doorstep.protections.models import Dispute
from doorstep.visits.models import (
    DoorConflict,
    DoorEvent,
    DoorHead,
    PlannedVisit,
    SafetyTimer,
    VisitRecord,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_hold, make_staff
from tests.sites.field.phones import EVENTS, crew_today, event, phones_of, sent, step, stop_of
from tests.visits.doors import PNG
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit
from tests.visits.taping import Phone, make_phone
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
CHANGES = "/field/api/changes/"


@pytest.fixture
def visit() -> PlannedVisit:
    return stop_of(crew_today())


@pytest.fixture
def phones(visit: PlannedVisit) -> list[Phone]:
    assert visit.crew is not None
    return phones_of(visit.crew)


def closing(visit: PlannedVisit, **fields: Any) -> dict[str, Any]:
    assert visit.crew is not None
    body = {
        "outcome": "not_met", "said": "没有人应门。", "reasons": [], "situation": "",
        "promise": None, "hardship": None, "contact_facts": [], "shown": [], "people": [],
        "mood": "", "uncleared_why": "没有网络",
        "signatures": [{"staff": each.pk, "png": PNG} for each in agents_of(visit.crew)],
    }  # fmt: skip
    return event(visit, "report", body=body | fields)


def test_an_event_applies_once_however_often_it_is_sent(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    told = event(visit)
    assert sent(phones[0], told, told) == [("applied", ""), ("already", "")]
    assert sent(phones[0], told) == [("already", "")]
    assert sent(phones[0], told | {"body": {"text": "另一句"}}) == [("refused", "ID_TWICE")]
    assert DoorEvent.objects.get().body == {"text": "门口有狗"}


def test_what_is_applied_is_in_the_evidence_by_its_digest_alone(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    sent(phones[0], event(visit))
    leaf = Leaf.objects.select_related("subject", "sealed").get(kind="visit.door_event")
    document = Opener().read(leaf)
    assert document is not None
    assert document["body"]["sha256"] == DoorEvent.objects.get().sha256
    assert "门口有狗" not in json.dumps(document, ensure_ascii=False)
    assert document["agent"] == phones[0].staff.username


def test_a_topic_has_one_head_and_what_came_without_knowing_it_waits_for_a_person(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    first = step(visit, "consent_enter", given=True)
    knew = step(visit, "consent_enter", given=False, after=first["id"])
    blind = step(visit, "consent_enter", given=False, extra="other")
    assert sent(phones[0], first, knew) == [("applied", ""), ("applied", "")]
    assert sent(phones[1], blind) == [("conflict", "")]
    assert str(DoorHead.objects.get().event_id) == knew["id"]
    told = phones[0].ask("GET", CHANGES).json()["conflicts"]
    assert told == [
        {"topic": "step:consent_enter", "visit": visit.pk, "ids": [knew["id"], blind["id"]]}
    ]
    assert sent(phones[1], blind) == [("conflict", "")]
    assert DoorConflict.objects.count() == 1


def test_two_phones_that_say_the_same_do_not_differ(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    one, other = step(visit, "identity", shown=True), step(visit, "identity", shown=True)
    later = step(visit, "identity", shown=True, checked=True, after=other["id"])
    assert sent(phones[0], one) == [("applied", "")]
    assert sent(phones[1], other, later) == [("applied", ""), ("applied", "")]
    assert str(DoorHead.objects.get().event_id) == later["id"]
    assert not DoorConflict.objects.exists()


def test_what_only_adds_up_never_differs(visit: PlannedVisit, phones: list[Phone]) -> None:
    for phone in phones:
        told = (event(visit), event(visit, "recording_gap"))
        assert {state for state, _code in sent(phone, *told)} == {"applied"}


def test_the_other_phone_hears_of_it_and_ones_own_does_not(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    told = event(visit)
    sent(phones[0], told)
    (heard,) = phones[1].ask("GET", CHANGES).json()["events"]
    assert (heard["id"], heard["body"], heard["staff"]) == (
        told["id"], told["body"], phones[0].staff.pk,
    )  # fmt: skip
    assert phones[0].ask("GET", CHANGES).json()["events"] == []
    cursor = phones[1].ask("GET", CHANGES).json()["cursor"]
    again = phones[1].ask("GET", f"{CHANGES}?after={cursor}").json()["events"]
    assert [each["id"] for each in again] == [told["id"]]  # within the overlap
    DoorEvent.objects.update(changed_at=clock.now() - timedelta(minutes=5))
    assert phones[1].ask("GET", f"{CHANGES}?after={cursor}").json()["events"] == []


def test_a_plan_made_anew_on_the_way_changes_nothing(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    assert visit.crew is not None
    first = step(visit, "identity", shown=True)
    sent(phones[0], first)
    old, visit.crew.plan.state = visit.crew.plan, "superseded"
    old.save()
    plan = make_field_plan(branch=old.branch, at=clock.now(), first_day=clock.today())
    crew = make_crew(plan=plan, members=agents_of(visit.crew), at=clock.now())
    anew = make_visit(crew=crew, case=visit.case, at=clock.now())
    second = step(anew, "identity", shown=False, after=first["id"])
    assert sent(phones[0], second) == [("applied", "")]
    assert sent(phones[1], step(visit, "identity", shown="later")) == [("conflict", "")]
    (stop,) = phones[0].ask("GET", "/field/api/day/").json()["stops"]
    assert (stop["visit"], stop["was"]) == (anew.pk, [visit.pk])


def test_another_crews_visit_and_one_that_is_none_are_refused_alike(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    stranger = make_phone(make_agent())
    assert sent(stranger, event(visit)) == [("refused", "NO_VISIT")]
    assert sent(phones[0], event(10**9), event(2**53)) == [("refused", "NO_VISIT")] * 2
    assert not DoorEvent.objects.exists()


def bad_events(visit: int) -> list[object]:
    good = event(visit)
    skipped = step(visit, "options", how="skipped")
    return [
        None, 7, "x", [], {}, good | {"id": 7}, good | {"id": "x"}, good | {"kind": []},
        good | {"kind": "unknown"}, good | {"topic": "note"}, good | {"topic": 5},
        good | {"topic": "note:" + "x" * 80}, good | {"visit": "1"}, good | {"visit": True},
        good | {"visit": -1}, good | {"visit": 1.5}, good | {"after": "x"}, good | {"after": 5},
        good | {"at": "gestern"}, good | {"at": "2026-01-01T00:00:00"}, good | {"at": 5},
        good | {"at": "9999-12-31T23:59:59-12:00"}, good | {"clock_at": None},
        good | {"number": -1}, good | {"number": "1"}, good | {"body": []}, good | {"body": "x"},
        good | {"body": {}}, good | {"body": {"text": 5}}, good | {"body": {"text": "x" * 5000}},
        skipped, step(visit, "identity", how="skipped", why="keine Lust"), step(visit, "nothing"),
        step(visit, "who_is_there"), step(visit, "who_is_there", who="dog"),
        step(visit, "consent_record", given="yes"), step(visit, "identity", how="perhaps"),
        event(visit, "check_in", body={"what": "asleep"}),
        event(visit, "check_in", body={"what": ["left"]}), event(visit, "leave_now", body={}),
        step(visit, "who_is_there", who=["borrower"]), step(visit, "identity", how=""),
        event(visit, "report", topic="report:2"), event(visit, "agreement", topic="declined"),
    ]  # fmt: skip


def test_what_is_no_event_is_refused_and_the_next_is_taken(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    wrong = bad_events(visit.pk)
    results = sent(phones[0], *wrong, event(visit))
    assert results[-1] == ("applied", "")
    assert {state for state, _code in results[:-1]} == {"refused"}
    assert {code for _state, code in results[:-1]} == {"BAD_EVENT"}
    assert DoorEvent.objects.count() == 1


def test_too_many_at_once_are_refused(visit: PlannedVisit, phones: list[Phone]) -> None:
    answer = phones[0].ask("POST", EVENTS, {"events": [event(visit)] * 201})
    assert (answer.status_code, answer.json()["code"]) == (413, "TOO_LARGE")


def test_arriving_starts_the_timer_and_leaving_ends_it(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    early = clock.now() - timedelta(hours=2)
    assert sent(phones[0], event(visit, "check_in", at=early)) == [("applied", "")]
    timer = SafetyTimer.objects.get()
    assert timer.began_at > clock.now() - timedelta(minutes=1)  # not overdue already
    assert phones[1].ask("GET", CHANGES).json()["timers"][0]["visit"] == visit.pk
    left = event(visit, "check_in", body={"what": "left"})
    assert sent(phones[1], left) == [("applied", "")]
    timer.refresh_from_db()
    assert timer.ended_how == "left"


def test_a_check_in_that_does_not_fit_is_kept_and_changes_nothing(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    assert sent(phones[0], event(visit, "check_in", body={"what": "well"})) == [("applied", "")]
    assert DoorEvent.objects.get().outcome["code"] == "NO_TIMER"


def test_a_bill_that_is_challenged_opens_a_dispute_at_once(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    told = event(visit, "dispute")
    assert sent(phones[0], told, told) == [("applied", ""), ("already", "")]
    assert Dispute.objects.filter(borrower=visit.case.borrower).count() == 1


def test_the_report_lands_once_and_another_waits_for_a_person(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    told = closing(visit)
    assert sent(phones[0], told, told) == [("applied", ""), ("already", "")]
    other = closing(visit, said="有人在家，但没有开门。")
    assert sent(phones[1], other) == [("conflict", "")]
    assert str(VisitRecord.objects.get().event) == told["id"]
    leader = make_staff(Role.TEAM_LEADER, branch=visit.plan.branch)
    conflict = DoorConflict.objects.get()
    with pytest.raises(Refused) as refused:
        conflict_settle(
            conflict=conflict, keep=conflict.other_id, why="更准确", by=leader, at=clock.now()
        )
    assert refused.value.code == "RECORDED"
    conflict_settle(
        conflict=conflict, keep=conflict.stood_id, why="已经归档", by=leader, at=clock.now()
    )
    assert DoorEvent.objects.get(pk=other["id"]).state == "aside"


def test_a_report_that_cannot_land_is_kept_and_lands_when_it_can(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    told = closing(visit)
    worse = told | {"body": told["body"] | {"signatures": []}}
    (result,) = sent(phones[0], worse)
    assert result[0] == "refused"
    kept = DoorEvent.objects.get()
    assert (kept.state, kept.outcome["code"]) == ("refused", result[1])
    assert not VisitRecord.objects.exists()
    assert not DoorHead.objects.exists()
    assert sent(phones[0], worse) == [result]
    better = closing(visit) | {"after": told["id"]}
    assert sent(phones[0], better) == [("applied", "")]
    assert VisitRecord.objects.count() == 1


def test_a_fault_of_ours_keeps_no_phone_from_sending_the_rest(
    visit: PlannedVisit, phones: list[Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_told: object) -> None:
        raise ZeroDivisionError

    told = event(visit, "dispute")
    with monkeypatch.context() as patch:
        patch.setitem(door_events.FOLLOWED, "dispute", broken)
        assert sent(phones[0], told, event(visit)) == [("refused", "FAULT"), ("applied", "")]
    assert sent(phones[0], told) == [("applied", "")]
    assert DoorEvent.objects.get(pk=told["id"]).state == "applied"


def waiting(visit: PlannedVisit) -> PlannedVisit:
    """The visit as it waits at the door for its crew."""
    visit_acts_make(
        visits=[visit], by=make_staff(Role.COLLECTIONS_MANAGER),
        at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    return visit


def test_a_ring_the_guard_forbids_is_recorded_and_opens_an_incident(
    visit: PlannedVisit, phones: list[Phone]
) -> None:
    make_hold(borrower=waiting(visit).case.borrower)
    told = step(visit, "clearance", offline=True, may=True)
    assert sent(phones[0], told, told) == [("applied", ""), ("already", "")]
    assert Incident.objects.count() == 1
    assert DoorEvent.objects.get().outcome["code"] == "NOT_CLEARED"


def test_a_phone_that_said_no_clears_nothing(visit: PlannedVisit, phones: list[Phone]) -> None:
    sent(phones[0], step(waiting(visit), "clearance", offline=True, may=False))
    assert Act.objects.get().state == "queued"
    assert not Incident.objects.exists()
    sent(phones[0], step(visit, "identity", shown=True))  # and yet they rang
    assert Incident.objects.count() == 1


def conflict_between(visit: PlannedVisit, phones: list[Phone]) -> DoorConflict:
    sent(phones[0], step(visit, "consent_enter", given=True))
    sent(phones[1], step(visit, "consent_enter", given=False))
    return DoorConflict.objects.get()


@pytest.fixture
def leader(visit: PlannedVisit) -> Staff:
    return make_staff(Role.TEAM_LEADER, branch=visit.plan.branch)


def test_a_person_keeps_one_of_two_and_both_stay_readable(
    visit: PlannedVisit, phones: list[Phone], leader: Staff
) -> None:
    conflict = conflict_between(visit, phones)
    conflict_settle(
        conflict=conflict, keep=conflict.other_id, why="同事在门内听到的", by=leader,
        at=clock.now(),
    )  # fmt: skip
    states = dict(DoorEvent.objects.values_list("pk", "state"))
    assert states == {conflict.stood_id: "aside", conflict.other_id: "applied"}
    assert DoorHead.objects.get().event_id == conflict.other_id
    (heard,) = phones[0].ask("GET", CHANGES).json()["events"]
    assert heard["id"] == str(conflict.other_id)
    said = phones[0].ask("GET", CHANGES).json()
    assert said["conflicts"] == []
    assert said["settled"] == [
        {"topic": "step:consent_enter", "visit": visit.pk, "kept": str(conflict.other_id),
         "aside": [str(conflict.stood_id)]}
    ]  # fmt: skip
    with pytest.raises(Refused):
        conflict_settle(
            conflict=conflict, keep=conflict.stood_id, why="还是这一份", by=leader, at=clock.now()
        )


def test_a_third_version_is_held_against_the_one_that_stands_by_then(
    visit: PlannedVisit, phones: list[Phone], leader: Staff
) -> None:
    first = conflict_between(visit, phones)
    third = make_phone(staff=phones[1].staff)
    sent(third, step(visit, "consent_enter", given=False, who="配偶"))
    second = DoorConflict.objects.exclude(pk=first.pk).get()
    seen = second.stood_id
    conflict_settle(conflict=first, keep=first.other_id, why="听到的", by=leader, at=clock.now())
    second.refresh_from_db()
    assert second.stood_id == first.other_id != seen
    with pytest.raises(Refused) as stale:
        conflict_settle(conflict=second, keep=seen, why="原来的", by=leader, at=clock.now())
    assert stale.value.code == "STALE"
    conflict_settle(conflict=second, keep=second.stood_id, why="还是它", by=leader, at=clock.now())
    settled = phones[0].ask("GET", CHANGES).json()["settled"]
    assert [(each["kept"], each["aside"]) for each in settled] == [
        (str(first.other_id), [str(seen)]), (str(first.other_id), [str(second.other_id)]),
    ]  # fmt: skip


def test_settling_needs_a_reason_one_of_the_two_and_somebody_who_may(
    visit: PlannedVisit, phones: list[Phone], leader: Staff
) -> None:
    conflict = conflict_between(visit, phones)
    for keep, why, fault in (
        (conflict.stood_id, "", InputError), (uuid4(), "就是它了", Refused),
    ):  # fmt: skip
        with pytest.raises(fault):
            conflict_settle(conflict=conflict, keep=keep, why=why, by=leader, at=clock.now())
    for by in (phones[0].staff, make_staff(Role.TEAM_LEADER), make_staff(Role.AUDITOR)):
        with pytest.raises(Refused):
            conflict_settle(
                conflict=conflict, keep=conflict.stood_id, why="就是它了", by=by, at=clock.now()
            )
    assert DoorConflict.objects.get().settled_at is None


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"[]", b"7", b"null", b"{", b'{"events": NaN}', b'{"events": [1e999]}',
        b'{"events": "\\u0000"}', b'{"a": "\\ud800"}', b'{"a\\u0000": 1}', b'{"events": {}}',
        b'{"events":' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"events": [' + b"9" * 5000 + b"]}",
        b'{"events": [' + b"1," * 10 + b'"' + b"x" * 5_000_000 + b'"]}',
    ],
)  # fmt: skip
def test_wild_bodies_are_refused_by_name(phones: list[Phone], raw: bytes) -> None:
    answer = phones[0].ask("POST", EVENTS, raw)
    assert answer.status_code in (400, 413)
    assert set(answer.json()) == {"code", "message", "hint"}


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "%00", "1e3", "%EF%BC%99"])
def test_a_cursor_that_is_none_is_refused(phones: list[Phone], after: str) -> None:
    assert phones[0].ask("GET", f"{CHANGES}?after={after}").status_code == 400


def test_nothing_is_told_to_who_only_has_a_session(visit: PlannedVisit) -> None:
    assert visit.crew is not None
    client = Client()
    client.force_login(agents_of(visit.crew)[0])
    assert client.post(EVENTS, {}, content_type="application/json").status_code == 401
