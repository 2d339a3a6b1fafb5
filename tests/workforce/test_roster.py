"""Rosters: nobody with anything missing, on leave or at rest; the database says so too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.equipment import equipment, equipment_for
from doorstep.workforce.models import (
    AuthorityLetter,
    Encounter,
    RosterDay,
    Shift,
    Staff,
    Vehicle,
    Weight,
)
from doorstep.workforce.papers import Paper
from doorstep.workforce.roles import Role
from doorstep.workforce.selectors import agents_on, incidents_with, loads_of
from doorstep.workforce.services import (
    encounter_record,
    leave_end,
    leave_write,
    particulars_keep,
    roster_day_withdraw,
    roster_day_write,
    tie_state,
    vehicle_keep,
    vehicle_out,
)
from doorstep.workforce.services.roster import NotRostered
from tests.factories import AT, ON, make_branch, make_staff
from tests.workforce.people import make_agent, make_letter, make_roster_day

pytestmark = pytest.mark.django_db
TOMORROW = ON + timedelta(days=1)


def manager() -> Staff:
    return make_staff(Role.COLLECTIONS_MANAGER)


def write(staff: Staff, day: date = TOMORROW, **more: Any) -> RosterDay:
    values = {"shift": Shift.DAY, "by": manager(), "at": AT, "on": ON} | more
    return roster_day_write(staff=staff, day=day, **values)


def code_of(staff: Staff, day: date = TOMORROW, **more: Any) -> str:
    with pytest.raises(NotRostered) as caught:
        write(staff, day, **more)
    return caught.value.code


def test_an_agent_with_papers_in_order_is_rostered_once_a_day_until_they_end() -> None:
    agent = make_agent(letter={"valid_until": TOMORROW})
    row = write(agent)
    assert (row.papers_until, row.letter.staff) == (TOMORROW, agent)
    assert code_of(agent) == "ROSTERED"
    with pytest.raises(NotRostered) as caught:
        write(agent, TOMORROW + timedelta(days=1))
    assert [(e.paper, e.ended_on) for e in caught.value.missing] == [(Paper.LETTER, TOMORROW)]


def test_the_database_itself_refuses_a_day_after_the_papers_end() -> None:
    letter = make_letter(staff=make_agent(letter=False))
    with pytest.raises(IntegrityError), transaction.atomic():
        make_roster_day(letter=letter, day=TOMORROW, papers_until=ON)
    assert make_roster_day(letter=letter, day=TOMORROW, papers_until=TOMORROW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_roster_day(letter=letter, day=TOMORROW)


def test_yesterday_desk_agents_and_others_branches_are_refused() -> None:
    agent = make_agent()
    assert code_of(agent, ON - timedelta(days=1)) == "DAY_OVER"
    assert write(agent, ON)
    assert code_of(make_staff(Role.DESK_AGENT)) == "NO_FIELD_AGENT"
    stranger = make_staff(Role.TEAM_LEADER, branch=make_branch())
    with pytest.raises(Refused, match="网点"):
        write(agent, by=stranger)
    with pytest.raises(Refused):
        write(agent, by=make_staff(Role.FIELD_AGENT, branch=agent.branch))


def test_leave_takes_rostered_days_back_and_keeps_new_ones_away_to_its_last_day() -> None:
    agent, by = make_agent(), manager()
    row = write(agent)
    leave = leave_write(staff=agent, first=TOMORROW, last=TOMORROW, kind="sick", by=by, at=AT)
    row.refresh_from_db()
    assert row.withdrawn_why == "leave"
    assert code_of(agent) == "ON_LEAVE"
    assert write(agent, TOMORROW + timedelta(days=1))
    leave_end(leave=leave, by=by)
    assert write(agent)
    with pytest.raises(InputError):
        leave_write(staff=agent, first=TOMORROW, last=ON, kind="sick", by=by, at=AT)


def test_after_an_incident_both_rest_for_three_days_and_their_load_is_known() -> None:
    branch, by = make_branch(), manager()
    one, other = make_agent(branch=branch), make_agent(branch=branch)
    row = write(one)
    encounter_record(
        agents=[one, other], borrower_id="C1", weight=Weight.INCIDENT, by=by, at=AT, on=ON
    )
    row.refresh_from_db()
    assert row.withdrawn_at == AT
    assert code_of(other, ON + timedelta(days=3)) == "AT_REST"
    assert write(other, ON + timedelta(days=4))
    assert incidents_with(borrower_id="C1") == (frozenset({one.pk, other.pk}),)
    assert loads_of(staff_ids=[one.pk], on=ON + timedelta(days=27)) == {one.pk: 4}
    assert loads_of(staff_ids=[one.pk], on=ON + timedelta(days=28)) == {}


def test_a_hard_encounter_weighs_without_rest_and_may_be_told_by_whoever_lived_it() -> None:
    agent = make_agent()
    encounter_record(agents=[agent], borrower_id="C1", weight=Weight.HARD, by=agent, at=AT, on=ON)
    assert loads_of(staff_ids=[agent.pk], on=ON) == {agent.pk: 1}
    assert write(agent)
    with pytest.raises(Refused):
        encounter_record(
            agents=[agent], borrower_id="C1", weight=Weight.HARD, by=make_agent(), at=AT, on=ON
        )
    with pytest.raises(InputError):
        encounter_record(agents=[], borrower_id="C1", weight=Weight.HARD, by=agent, at=AT, on=ON)
    assert Encounter.objects.count() == 1


def test_particulars_that_run_out_earlier_take_days_back() -> None:
    agent = make_agent()
    row = write(agent, ON + timedelta(days=5))
    kept = agent.particulars
    particulars_keep(
        staff=agent, work_id=kept.work_id, by=manager(), at=AT,
        confidential_on=kept.confidential_on, vetted_until=ON + timedelta(days=4),
    )  # fmt: skip
    row.refresh_from_db()
    assert row.withdrawn_at == AT


def test_a_work_id_is_one_persons_and_nobody_writes_their_own() -> None:
    one, other = make_agent(), make_agent()
    with pytest.raises(Refused) as caught:
        particulars_keep(staff=one, work_id=other.particulars.work_id, by=manager(), at=AT)
    assert caught.value.code == "WORK_ID_TAKEN"
    leader = make_staff(Role.TEAM_LEADER, branch=make_branch())
    with pytest.raises(Refused) as caught:
        particulars_keep(staff=leader, work_id="W9", by=leader, at=AT)
    assert caught.value.code == "OWN_PAPERS"


def test_a_vehicle_carries_its_seats_of_its_own_branch_and_rests_when_out() -> None:
    branch, by = make_branch(), manager()
    car = vehicle_keep(branch=branch, plate="例A00001", seats=1, range_km=300, by=by)
    one, other = make_agent(branch=branch), make_agent(branch=branch)
    row = write(one, vehicle=car)
    assert code_of(other, vehicle=car) == "VEHICLE_OUT"
    assert code_of(make_agent(), vehicle=car) == "VEHICLE_ELSEWHERE"
    vehicle_out(vehicle=car, first=TOMORROW, last=TOMORROW, by=by)
    row.refresh_from_db()
    assert (row.vehicle, row.withdrawn_at) == (None, None)
    assert code_of(other, vehicle=car) == "VEHICLE_OUT"
    assert write(other, TOMORROW + timedelta(days=1), vehicle=car)
    with pytest.raises(InputError):
        vehicle_keep(branch=branch, plate="例A00002", seats=0, range_km=300, by=by)
    with pytest.raises(Refused):
        vehicle_keep(branch=make_branch(), plate="例A00001", seats=4, range_km=300, by=by)
    assert Vehicle.objects.count() == 1


def test_pairs_are_made_of_who_is_rostered_and_may_go(django_assert_num_queries: Any) -> None:
    branch, by = make_branch(), manager()
    people = [make_agent(branch=branch) for _each in range(3)]
    for each in people[:2]:
        write(each)
    tie_state(staff=people[0], borrower_id="C1", kind="relative", by=people[0], at=AT)
    with django_assert_num_queries(11):
        some = agents_on(staff=Staff.objects.filter(branch=branch), on=TOMORROW, at=AT)
    assert {each.id for each in some if each.rostered} == {each.pk for each in people[:2]}
    assert [each.id for each in some if "C1" in each.ties] == [people[0].pk]
    assert all(each.experienced and not each.missing for each in some)
    roster_day_withdraw(row=RosterDay.objects.get(staff=people[0]), why="by hand", by=by, at=AT)
    assert AuthorityLetter.objects.count() == 3


def test_every_trip_takes_what_every_trip_needs_and_what_its_kind_adds() -> None:
    assert [each.kind for each in equipment_for(["high_risk"])] == ["every", "high_risk"]
    assert [each.kind for each in equipment_for([])] == ["every"]
    for each in equipment().values():
        assert all(set(item) == {"zh-Hans", "zh-Hant", "en"} for item in each.items)
    with pytest.raises(KeyError):
        equipment_for(["moon"])
