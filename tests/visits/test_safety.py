"""Timers, alarms, SOS and positions: who is told what, when, and what nobody can do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.evidence.models import Leaf
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.models import Alarm, CrewDay, PlannedVisit, Position, SafetyTimer
from doorstep.visits.safety import (
    CREW_WELL,
    LANGUAGES,
    Place,
    emergency,
    place_of,
    sos_key,
    timer_times,
    timer_times_well,
)
from doorstep.visits.selectors.safety import alarms_open, crew_of, timers_overdue
from doorstep.visits.services.alarms import (
    alarm_end,
    alarm_step_tick,
    alarm_take,
    alarms_due,
    alarms_seen,
    sos_raise,
)
from doorstep.visits.services.safety import (
    position_keep,
    positions_forget,
    timer_end,
    timer_extend,
    timer_start,
)
from doorstep.workforce.models import Encounter, EncounterAgent, Staff, Weight
from doorstep.workforce.roles import Permission, Role, role_may
from tests.factories import AT, ON, make_branch, make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

MINUTE = timedelta(minutes=1)
# 30 minutes planned, 10 of slack, 5 of grace.
ALARM_AT = AT + 45 * MINUTE


@pytest.fixture
def crew(db: None) -> CrewDay:
    return make_crew()


@pytest.fixture
def visit(crew: CrewDay) -> PlannedVisit:
    return make_visit(crew=crew)


def agent_of(crew: CrewDay) -> Staff:
    return agents_of(crew)[0]


def the_leader(crew: CrewDay, role: Role = Role.TEAM_LEADER) -> Staff:
    return make_staff(role, branch=crew.plan.branch)


def running(visit: PlannedVisit) -> SafetyTimer:
    assert visit.crew is not None
    return timer_start(visit=visit, by=agent_of(visit.crew), at=AT)


def test_a_timer_runs_as_long_as_the_visit_and_a_little_and_then_alarms(
    visit: PlannedVisit,
) -> None:
    timer = running(visit)
    assert (timer.due_at, timer.alarm_at) == (AT + 40 * MINUTE, ALARM_AT)
    assert alarms_due(at=ALARM_AT - timedelta(seconds=1)) == []
    (alarm,) = alarms_due(at=ALARM_AT)
    assert (alarm.kind, alarm.visit_id, alarm.branch) == ("missed", visit.pk, visit.plan.branch)


def test_an_alarm_is_raised_once_however_often_it_is_looked_for(visit: PlannedVisit) -> None:
    running(visit)
    assert [len(alarms_due(at=ALARM_AT + n * MINUTE)) for n in range(4)] == [1, 0, 0, 0]
    assert Alarm.objects.count() == 1


def test_leaving_in_time_ends_it_without_an_alarm_and_the_visit_is_done(
    visit: PlannedVisit,
) -> None:
    timer = running(visit)
    timer_end(timer=timer, by=timer.crew.members.last().staff, at=ALARM_AT - MINUTE)
    assert alarms_due(at=ALARM_AT + timedelta(days=1)) == []
    visit.refresh_from_db()
    assert visit.state == "done"


def test_saying_that_all_is_well_gives_time_but_not_for_ever(visit: PlannedVisit) -> None:
    timer, by = running(visit), agent_of(visit.crew)
    timer = timer_extend(timer=timer, by=by, at=AT + 39 * MINUTE)
    assert timer.due_at == AT + 59 * MINUTE
    for _ in range(emergency().most_well - 1):
        timer = timer_extend(timer=timer, by=by, at=AT + 39 * MINUTE)
    with pytest.raises(Refused, match="组长"):
        timer_extend(timer=timer, by=by, at=AT + 39 * MINUTE)
    assert len(alarms_due(at=AT + 64 * MINUTE)) == 1


def test_a_second_tap_on_arrive_changes_nothing_and_another_door_is_refused(
    crew: CrewDay, visit: PlannedVisit
) -> None:
    first = running(visit)
    assert timer_start(visit=visit, by=agents_of(crew)[1], at=AT + MINUTE) == first
    with pytest.raises(Refused) as refused:
        timer_start(visit=make_visit(crew=crew), by=agent_of(crew), at=AT + MINUTE)
    assert refused.value.code == "STILL_THERE"


def test_only_the_crew_itself_starts_extends_or_ends_its_timer(visit: PlannedVisit) -> None:
    stranger = make_staff(Role.FIELD_AGENT, branch=visit.plan.branch)
    leader = the_leader(visit.crew)
    timer = running(visit)
    for who in (stranger, leader):
        with pytest.raises(Refused):
            timer_end(timer=timer, by=who, at=AT)
        with pytest.raises(Refused):
            timer_extend(timer=timer, by=who, at=AT)
        with pytest.raises(Refused):
            timer_start(visit=make_visit(crew=visit.crew), by=who, at=AT)


@pytest.mark.parametrize("state", ["cancelled", "done"])
def test_a_visit_that_is_not_planned_is_not_begun(visit: PlannedVisit, state: str) -> None:
    PlannedVisit.objects.filter(pk=visit.pk).update(state=state)
    with pytest.raises(Refused, match="不要"):
        running(visit)


def test_a_visit_of_a_draft_is_not_begun(db: None) -> None:
    visit = make_visit(crew=make_crew(plan=make_field_plan(state="draft")))
    with pytest.raises(Refused):
        running(visit)


def test_leaving_after_the_day_was_replanned_ends_the_visit_in_the_new_plan_too(
    crew: CrewDay, visit: PlannedVisit
) -> None:
    timer = running(visit)
    crew.plan.state = "superseded"
    crew.plan.save()
    follower = make_crew(
        plan=make_field_plan(branch=crew.plan.branch, follows=crew.plan), members=agents_of(crew)
    )
    same = make_visit(crew=follower, case=visit.case, state="under_way")
    timer_end(timer=timer, by=agent_of(crew), at=AT + MINUTE)
    same.refresh_from_db()
    assert same.state == "done"


def test_a_check_in_after_the_alarm_is_ticked_and_a_person_still_ends_it(
    visit: PlannedVisit,
) -> None:
    timer, by = running(visit), agent_of(visit.crew)
    (alarm,) = alarms_due(at=ALARM_AT)
    timer_extend(timer=timer, by=by, at=ALARM_AT + MINUTE)
    timer_end(timer=timer, by=by, at=ALARM_AT + 2 * MINUTE)
    alarm.refresh_from_db()
    assert alarm.steps_done[CREW_WELL]["by"] == by.pk
    assert alarm.ended_at is None


# ---- who is told ----


def told(alarm: Alarm) -> list[tuple[int, str]]:
    return [(s.level, s.staff.role) for s in alarm.alerted.order_by("level", "pk")]


def test_the_leader_is_told_first_then_the_branch_then_the_manager(visit: PlannedVisit) -> None:
    for role in (Role.TEAM_LEADER, Role.APPROVER):
        the_leader(visit.crew, role)
        make_staff(role, branch=make_branch())  # of another branch: never told
    everybody = {(0, "team_leader"), (1, "approver"), (2, "collections_manager")}
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    assert set(told(alarm)) == {(0, "team_leader")}
    alarms_due(at=ALARM_AT + 3 * MINUTE - timedelta(seconds=1))
    assert set(told(alarm)) == {(0, "team_leader")}
    alarms_due(at=ALARM_AT + 3 * MINUTE)
    assert set(told(alarm)) == everybody - {(2, "collections_manager")}
    alarms_due(at=ALARM_AT + 6 * MINUTE)
    assert set(told(alarm)) == everybody
    alarms_due(at=ALARM_AT + 60 * MINUTE)
    assert [level for level, _ in told(alarm)] == [0, 1, 2]


def test_a_level_without_anybody_is_passed_over_at_once(visit: PlannedVisit) -> None:
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    assert told(alarm) == [(2, "collections_manager")]


def test_nobody_else_is_told_once_somebody_has_taken_it(visit: PlannedVisit) -> None:
    leader = the_leader(visit.crew)
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    alarm_take(alarm=alarm, by=leader, at=ALARM_AT + MINUTE)
    alarms_due(at=ALARM_AT + 10 * MINUTE)
    assert told(alarm) == [(0, "team_leader")]
    with pytest.raises(Refused) as refused:
        alarm_take(alarm=alarm, by=the_leader(visit.crew), at=ALARM_AT + 2 * MINUTE)
    assert refused.value.code == "TAKEN_ALREADY"
    assert alarm_take(alarm=alarm, by=leader, at=ALARM_AT + 2 * MINUTE).taken_at == (
        ALARM_AT + MINUTE
    )


def test_an_alarm_taken_and_neglected_is_free_again_and_goes_on_up(visit: PlannedVisit) -> None:
    leader = the_leader(visit.crew)
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    taken_at = ALARM_AT + MINUTE
    alarm_take(alarm=alarm, by=leader, at=taken_at)
    alarm_step_tick(alarm=alarm, step="call_crew", by=leader, at=taken_at + 5 * MINUTE)
    alarms_due(at=taken_at + 15 * MINUTE - timedelta(seconds=1))
    alarm.refresh_from_db()
    assert alarm.taken_by == leader
    alarms_due(at=taken_at + 15 * MINUTE)
    alarm.refresh_from_db()
    assert (alarm.taken_by, alarm.ended_at) == (None, None)
    assert alarm.steps_done["neglected"]["by"] == leader.pk
    assert told(alarm) == [(0, "team_leader"), (2, "collections_manager")]
    assert alarm_take(alarm=alarm, by=leader, at=taken_at + 16 * MINUTE).taken_by == leader


def test_a_screen_that_showed_it_is_noted_once(visit: PlannedVisit) -> None:
    leader = the_leader(visit.crew)
    running(visit)
    alarms_due(at=ALARM_AT)
    shown = alarms_open(by=leader)
    assert alarms_seen(alarms=shown, by=leader, at=ALARM_AT + MINUTE) == 1
    assert alarms_seen(alarms=shown, by=leader, at=ALARM_AT + 2 * MINUTE) == 0
    assert Alarm.objects.get().alerted.get(staff=leader).seen_at == ALARM_AT + MINUTE


def test_each_sees_alarms_of_their_branch_and_those_of_none(visit: PlannedVisit) -> None:
    running(visit)
    alarms_due(at=ALARM_AT)
    nobodys = sos_raise(key="k", by=make_staff(Role.FIELD_AGENT), at=AT)
    sees = {
        "leader": alarms_open(by=the_leader(visit.crew)).count(),
        "stranger": list(alarms_open(by=make_staff(Role.TEAM_LEADER, branch=make_branch()))),
        "auditor": alarms_open(by=make_staff(Role.AUDITOR)).count(),
        "agent": alarms_open(by=agent_of(visit.crew)).count(),
    }
    assert sees == {"leader": 2, "stranger": [nobodys], "auditor": 2, "agent": 0}


def test_a_timer_whose_alarm_could_not_be_written_yet_shows_all_the_same(
    visit: PlannedVisit,
) -> None:
    running(visit)
    leader = the_leader(visit.crew)
    assert timers_overdue(by=leader, at=ALARM_AT).count() == 1
    assert timers_overdue(by=leader, at=ALARM_AT - MINUTE).count() == 0
    assert timers_overdue(by=make_staff(Role.ANALYST), at=ALARM_AT).count() == 0
    alarms_due(at=ALARM_AT)
    assert timers_overdue(by=leader, at=ALARM_AT).count() == 0


# ---- SOS ----


def test_an_sos_is_one_alarm_however_often_it_is_sent(crew: CrewDay, visit: PlannedVisit) -> None:
    running(visit)
    by = agent_of(crew)
    alarms = {sos_raise(key="tap-1", by=by, at=AT + n * MINUTE).pk for n in range(3)}
    assert len(alarms) == 1
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.crew, alarm.visit, alarm.raised_by) == ("sos", crew, visit, by)
    assert sos_raise(key="tap-2", by=by, at=AT).pk not in alarms
    assert sos_raise(key="tap-1", by=agents_of(crew)[1], at=AT).pk not in alarms


def test_an_sos_of_somebody_on_no_crew_without_place_is_raised(db: None) -> None:
    alarm = sos_raise(key="", by=make_staff(Role.FIELD_AGENT), at=AT)
    assert (alarm.crew, alarm.visit, alarm.latitude) == (None, None, None)


def test_an_sos_rings_at_once_and_leaves_the_timer_running(visit: PlannedVisit) -> None:
    leader = the_leader(visit.crew)
    timer = running(visit)
    alarm = sos_raise(key="k", by=agent_of(visit.crew), at=AT, place=Place(30.5, 104.1))
    assert alarm.alerted.get().staff == leader
    timer.refresh_from_db()
    assert timer.ended_at is None


@given(st.text(), st.integers(min_value=1), st.datetimes())
def test_any_key_a_phone_makes_up_serves(key: str, staff_id: int, at: datetime) -> None:
    made = sos_key(staff_id=staff_id, key=key, at=at)
    assert made == sos_key(staff_id=staff_id, key=key, at=at)
    assert len(made) <= 64


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.none()),
    st.one_of(st.text(), st.floats(), st.integers(), st.none()),
)
def test_what_is_no_place_is_none_and_never_an_error(latitude: object, longitude: object) -> None:
    found = place_of(latitude, longitude)
    assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)


# ---- the end ----


def an_alarm_taken(visit: PlannedVisit) -> tuple[Alarm, Staff]:
    leader = the_leader(visit.crew)
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    return alarm_take(alarm=alarm, by=leader, at=ALARM_AT), leader


def test_an_alarm_ends_with_how_and_is_followed_up_and_the_crew_rests(visit: PlannedVisit) -> None:
    alarm, leader = an_alarm_taken(visit)
    alarm_end(
        alarm=alarm, how="威胁，已离开", by=leader, at=ALARM_AT + MINUTE, on=ON,
        weight=Weight.INCIDENT, follow_up_on=ON + timedelta(days=2),
    )  # fmt: skip
    kept = Encounter.objects.get()
    assert (kept.borrower_id, kept.weight) == (visit.case.borrower_id, Weight.INCIDENT)
    assert set(EncounterAgent.objects.values_list("staff", flat=True)) == {
        each.pk for each in agents_of(visit.crew)
    }
    assert all(row.rests_until for row in EncounterAgent.objects.all())
    assert Leaf.objects.filter(kind="alarm").count() == 1


def test_a_false_alarm_weighs_on_nobody(visit: PlannedVisit) -> None:
    alarm, leader = an_alarm_taken(visit)
    alarm_end(alarm=alarm, how="忘了按", by=leader, at=ALARM_AT, on=ON)
    assert not Encounter.objects.exists()
    assert not alarms_open(by=leader).exists()


def test_an_alarm_does_not_end_untaken_unsaid_or_without_a_day_to_talk(
    visit: PlannedVisit,
) -> None:
    leader = the_leader(visit.crew)
    running(visit)
    (alarm,) = alarms_due(at=ALARM_AT)
    with pytest.raises(Refused, match="先"):
        alarm_end(alarm=alarm, how="好了", by=leader, at=ALARM_AT, on=ON)
    alarm_take(alarm=alarm, by=leader, at=ALARM_AT)
    with pytest.raises(InputError):
        alarm_end(alarm=alarm, how=" ", by=leader, at=ALARM_AT, on=ON)
    with pytest.raises(InputError):
        alarm_end(alarm=alarm, how="伤", by=leader, at=ALARM_AT, on=ON, weight=Weight.HARD)
    assert alarms_open(by=leader).exists()


def test_steps_are_ticked_once_by_those_who_may(visit: PlannedVisit) -> None:
    alarm, leader = an_alarm_taken(visit)
    alarm_step_tick(alarm=alarm, step="police", by=leader, at=ALARM_AT)
    again = alarm_step_tick(alarm=alarm, step="police", by=leader, at=ALARM_AT + MINUTE)
    assert again.steps_done == {"police": {"by": leader.pk, "at": ALARM_AT.isoformat()}}
    with pytest.raises(InputError):
        alarm_step_tick(alarm=alarm, step="shout", by=leader, at=ALARM_AT)
    with pytest.raises(Refused):
        alarm_step_tick(alarm=alarm, step="police", by=agent_of(visit.crew), at=ALARM_AT)
    elsewhere = make_staff(Role.TEAM_LEADER, branch=make_branch())
    with pytest.raises(Refused):
        alarm_take(alarm=alarm, by=elsewhere, at=ALARM_AT)


# ---- places ----


def test_a_place_is_kept_at_work_and_not_beyond_and_forgotten_afterwards(crew: CrewDay) -> None:
    by, here = agent_of(crew), Place(30.1, 104.2)
    position_keep(crew=crew, place=here, by=by, at=AT)
    position_keep(crew=crew, place=Place(30.2, 104.3), by=by, at=AT + MINUTE)
    assert Position.objects.get().latitude == 30.2
    margin = emergency().margin
    for late in (crew.ends_at + margin + MINUTE, crew.begins_at - margin - MINUTE):
        with pytest.raises(Refused) as refused:
            position_keep(crew=crew, place=here, by=by, at=late)
        assert refused.value.code == "OUTSIDE_WORK"
    with pytest.raises(Refused):
        position_keep(crew=crew, place=here, by=make_staff(Role.FIELD_AGENT), at=AT)
    assert positions_forget(at=crew.ends_at) == 0
    assert positions_forget(at=crew.ends_at + margin + MINUTE) == 1


def test_the_last_place_of_a_crew_stands_on_its_alarm(visit: PlannedVisit) -> None:
    running(visit)
    position_keep(crew=visit.crew, place=Place(30.1, 104.2), by=agent_of(visit.crew), at=AT)
    (alarm,) = alarms_due(at=ALARM_AT)
    assert (alarm.latitude, alarm.longitude) == (30.1, 104.2)


def test_somebody_is_in_a_crew_during_its_hours(crew: CrewDay) -> None:
    by = agent_of(crew)
    assert crew_of(staff=by, at=AT) == crew
    assert crew_of(staff=by, at=crew.ends_at + timedelta(hours=2)) is None


# ---- the plan in the file ----


def test_every_step_is_said_in_every_language_and_every_level_may_take_an_alarm() -> None:
    plan = emergency()
    for step in plan.steps:
        assert set(step.words) == set(LANGUAGES)
        assert all(step.words.values())
    assert CREW_WELL in plan.step_codes()
    for level in plan.levels:
        assert role_may(level.role, Permission.TAKE_ALARMS)
    assert [level.after for level in plan.levels] == sorted(level.after for level in plan.levels)


@given(
    st.floats(min_value=1, max_value=600),
    st.floats(min_value=0, max_value=600),
)
def test_being_well_never_brings_an_alarm_nearer(minutes: float, later: float) -> None:
    plan = emergency()
    first = timer_times(began_at=AT, minutes=minutes, plan=plan)
    then = timer_times_well(due_at=first.due_at, at=AT + timedelta(minutes=later), plan=plan)
    assert first.alarm_at >= first.due_at > AT
    assert then.alarm_at >= first.alarm_at
