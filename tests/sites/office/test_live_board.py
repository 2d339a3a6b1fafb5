"""The live board: crews while they work, steps, overdue words, alarms; and telling a crew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from doorstep.kernel import clock
from doorstep.kernel.errors import InputError, Refused
from doorstep.visits.models import Alarm, CrewDay, DeskNote, Position, SafetyTimer
from doorstep.visits.selectors.records import desk_notes_since
from doorstep.visits.services.desk import desk_tell
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_branch, make_case, make_staff
from tests.visits.doors import told
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> CrewDay:
    now = clock.now()
    plan = make_field_plan(branch=make_branch(), at=now, first_day=clock.today())
    return make_crew(plan=plan, at=now)


@pytest.fixture
def leader(crew: CrewDay) -> Staff:
    return make_staff(Role.TEAM_LEADER, branch=crew.plan.branch)


def board(staff: Staff, **headers: str) -> str:
    client = Client()
    client.force_login(staff)
    answer = client.get(reverse("office:visits_live"), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def place(crew: CrewDay) -> Position:
    return Position.objects.create(
        crew=crew, latitude=30.4321, longitude=104.1234, at=clock.now(), by=agents_of(crew)[0]
    )


def test_a_crew_at_work_is_seen_with_its_step(crew: CrewDay, leader: Staff) -> None:
    visit = make_visit(crew=crew, at=clock.now(), state="under_way")
    place(crew)
    told(visit, "step", {"step": "identity", "how": "done"}, topic="step:identity")
    shown = board(leader)
    for words in (str(agents_of(crew)[0]), "30.4321", "出示身份", 'hx-trigger="every 5s"'):
        assert words in shown, words
    assert visit.case.borrower.name not in shown


def test_where_a_crew_is_shows_within_its_hours_only(crew: CrewDay, leader: Staff) -> None:
    place(crew)
    CrewDay.objects.filter(pk=crew.pk).update(
        begins_at=clock.now() - timedelta(hours=9), ends_at=clock.now() - timedelta(hours=2)
    )
    assert "30.4321" not in board(leader)
    CrewDay.objects.filter(pk=crew.pk).update(ends_at=clock.now() + timedelta(hours=1))
    assert "30.4321" in board(leader)
    CrewDay.objects.filter(pk=crew.pk).update(off_at=clock.now())
    assert "30.4321" not in board(leader)


def test_an_overdue_word_and_an_alarm_stand_out(crew: CrewDay, leader: Staff) -> None:
    now = clock.now()
    visit = make_visit(crew=crew, at=now, state="under_way")
    SafetyTimer.objects.create(
        visit=visit, crew=crew, began_at=now - timedelta(hours=1),
        due_at=now - timedelta(minutes=2), alarm_at=now + timedelta(minutes=8),
    )  # fmt: skip
    with translation.override("zh-hans"):
        overdue = gettext("Check-in overdue")
    assert overdue in board(leader)
    alarm = Alarm.objects.create(
        kind="sos", crew=crew, visit=visit, branch=crew.plan.branch, key="k", raised_at=now,
        steps_done={"crew_well": {"by": leader.pk, "at": now.isoformat()}},
    )  # fmt: skip
    shown = board(leader)
    assert reverse("office:alarm", args=[alarm.pk]) in shown


def test_other_branches_see_nothing_of_it(crew: CrewDay) -> None:
    other = make_staff(Role.TEAM_LEADER, branch=make_branch())
    assert str(agents_of(crew)[0]) not in board(other)
    client = Client()
    client.force_login(make_staff(Role.DESK_AGENT))
    assert client.get(reverse("office:visits_live")).status_code == 403


def test_its_own_asking_gets_the_moving_part_alone(crew: CrewDay, leader: Staff) -> None:
    part = board(leader, **{"HX-Request": "true"})
    assert part.lstrip().startswith('<div id="live-board"')
    assert "<form" not in part


def test_the_board_asks_the_same_however_many_crews_are_out(crew: CrewDay, leader: Staff) -> None:
    def more(one: CrewDay) -> None:
        visit = make_visit(
            crew=one, case=make_case(branch=one.plan.branch), at=clock.now(), state="under_way"
        )
        told(visit, "step", {"step": "arrive", "how": "done"}, topic="step:arrive")
        place(one)
        desk_tell(crew=one, text="注意门口有狗", by=leader, at=clock.now())
        Alarm.objects.create(
            kind="sos", crew=one, branch=one.plan.branch, key=f"k{one.pk}", raised_at=clock.now()
        )

    more(crew)
    board(leader)
    with CaptureQueriesContext(connection) as one:
        board(leader)
    for _each in range(4):
        more(make_crew(plan=crew.plan, at=clock.now()))
    with CaptureQueriesContext(connection) as five:
        board(leader)
    assert len(five) == len(one)


def test_the_desk_tells_a_crew_and_its_phones_are_told(crew: CrewDay, leader: Staff) -> None:
    visit = make_visit(crew=crew, at=clock.now())
    before = clock.now() - timedelta(seconds=1)
    client = Client()
    client.force_login(leader)
    address = reverse("office:crew_told")
    client.post(address, {"to": f"{crew.pk}/{visit.pk}", "text": " 客户来电：\n晚到十分钟 "})
    (note,) = desk_notes_since(staff_id=agents_of(crew)[1].pk, cursor=before)
    assert (note.visit, note.text) == (visit, "客户来电： 晚到十分钟")
    assert desk_notes_since(staff_id=leader.pk, cursor=before) == []
    assert (
        desk_notes_since(staff_id=agents_of(crew)[1].pk, cursor=clock.now() + timedelta(minutes=1))
        == []
    )
    assert "晚到十分钟" in board(leader)


@pytest.mark.parametrize("to", ["", "x", "٣", "9" * 40, "-1", "1/", "/", "\x00"])
def test_to_nobody_nothing_is_told(crew: CrewDay, leader: Staff, to: str) -> None:
    client = Client()
    client.force_login(leader)
    assert client.post(reverse("office:crew_told"), {"to": to, "text": "x"}).status_code == 302
    assert not DeskNote.objects.exclude(crew=crew).exists()


def test_a_crew_off_work_or_of_another_visit_is_not_told(crew: CrewDay, leader: Staff) -> None:
    other = make_crew(plan=crew.plan, at=clock.now())
    visit = make_visit(crew=other, at=clock.now())
    now = clock.now()
    with pytest.raises(InputError):
        desk_tell(crew=crew, text="x", by=leader, at=now, visit=visit)
    with pytest.raises(InputError):
        desk_tell(crew=crew, text=" \x00 ", by=leader, at=now)
    with pytest.raises(Refused) as late:
        desk_tell(crew=crew, text="x", by=leader, at=now + timedelta(days=1))
    assert late.value.code == "OUTSIDE_WORK"
    with pytest.raises(Refused):
        desk_tell(crew=crew, text="x", by=agents_of(crew)[0], at=now)
    assert not DeskNote.objects.exists()
