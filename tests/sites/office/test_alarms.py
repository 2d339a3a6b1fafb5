"""Alarms in the office: the strip, the list, one alarm from the first look to the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from doorstep.kernel import clock
from doorstep.visits.models import Alarm, AlarmStep, PlannedVisit, RiskAssessment
from doorstep.visits.services.alarms import alarms_due
from doorstep.visits.services.safety import timer_start
from doorstep.workforce.models import Encounter, PersonalDataAccess, Staff
from doorstep.workforce.roles import Role
from tests.factories import make_address, make_branch, make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def missed(*, name: str = "桃源路") -> tuple[Alarm, Staff]:
    """An alarm of a crew that did not check in, and the leader of its branch."""
    now, branch = clock.now(), make_branch()
    leader = make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    crew = make_crew(plan=make_field_plan(branch=branch, at=now), at=now)
    visit = make_visit(crew=crew, at=now)
    visit.address = make_address(borrower=visit.case.borrower, text=f"云川市松林区{name}88号")
    visit.save()
    timer_start(visit=visit, by=agents_of(crew)[0], at=now - 2 * HOUR)
    (alarm,) = alarms_due(at=now)
    return alarm, leader


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def page(client: Client, name: str, *args: int) -> str:
    answer = client.get(reverse(f"office:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_strip_names_the_crew_and_notes_that_the_leader_saw_it() -> None:
    alarm, leader = missed()
    client = signed_in(leader)
    shown = page(client, "alarm_strip")
    assert all(str(agent) in shown for agent in agents_of(alarm.crew))
    assert reverse("office:alarm", args=[alarm.pk]) in shown
    assert AlarmStep.objects.get(staff=leader).seen_at is not None


def test_the_strip_hangs_on_every_page_of_those_who_see_alarms_and_is_empty_when_all_is_well() -> (
    None
):
    leader = make_staff(Role.TEAM_LEADER, branch=make_branch())
    assert 'id="alarm-strip"' in page(signed_in(leader), "today")
    assert page(signed_in(leader), "alarm_strip").strip() == ""
    agent = make_staff(Role.FIELD_AGENT)
    assert 'id="alarm-strip"' not in page(signed_in(agent), "today")


def test_asking_for_the_strip_does_not_keep_a_session_alive() -> None:
    client = signed_in(make_staff(Role.TEAM_LEADER, branch=make_branch()))
    page(client, "today")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page(client, "alarm_strip")
    assert not [q for q in asked if q["sql"].startswith(("UPDATE", "INSERT"))]
    with CaptureQueriesContext(connection) as asked:
        page(client, "alarms")
    assert [q for q in asked if "django_session" in q["sql"] and q["sql"].startswith("UPDATE")]


def test_an_open_alarm_counts_on_today() -> None:
    _alarm, leader = missed()
    shown = page(signed_in(leader), "today")
    assert reverse("office:alarms") in shown
    assert "警报" in shown


def test_strip_and_list_ask_the_same_however_many_alarms(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    leader = missed()[1]
    client = signed_in(leader)
    page(client, "alarm_strip")
    counts = {}
    for name in ("alarm_strip", "alarms"):
        with CaptureQueriesContext(connection) as asked:
            page(client, name)
        counts[name] = len(asked)
    Alarm.objects.update(branch=None)
    for _ in range(3):
        missed()
    Alarm.objects.update(branch=leader.branch)
    AlarmStep.objects.all().delete()
    for name, most in counts.items():
        with django_assert_num_queries(most):
            page(client, name)


def test_a_leader_takes_ticks_and_ends_an_alarm_and_the_address_is_assessed_anew() -> None:
    alarm, leader = missed()
    client = signed_in(leader)
    shown = page(client, "alarm", alarm.pk)
    assert "桃源路88号" in shown  # help must know where to go
    assert PersonalDataAccess.objects.get(staff=leader).what == "address"
    client.post(reverse("office:alarm_taken", args=[alarm.pk]))
    client.post(reverse("office:alarm_step", args=[alarm.pk]), {"step": "police"})
    client.post(
        reverse("office:alarm_ended", args=[alarm.pk]),
        {
            "how": "对方持刀威胁，已离开", "weight": "4", "factor": ["weapon", "nonsense"],
            "follow_up_on": (clock.today() + timedelta(days=1)).isoformat(),
        },
    )  # fmt: skip
    alarm.refresh_from_db()
    assert (alarm.taken_by, alarm.ended_by) == (leader, leader)
    assert list(alarm.steps_done) == ["police"]
    assert Encounter.objects.get().weight == 4
    assessed = RiskAssessment.objects.get()
    assert (assessed.level, assessed.address) == ("high", PlannedVisit.objects.get().address)
    assert "weapon" in assessed.factors


def test_what_cannot_be_ended_says_why_and_stays_open() -> None:
    alarm, leader = missed()
    client = signed_in(leader)
    client.post(reverse("office:alarm_taken", args=[alarm.pk]))
    answer = client.post(
        reverse("office:alarm_ended", args=[alarm.pk]), {"how": "", "weight": "x"}, follow=True
    )
    assert "请写明如何结束" in answer.content.decode()
    alarm.refresh_from_db()
    assert alarm.ended_at is None


def test_an_auditor_reads_without_the_address_and_another_branch_sees_nothing() -> None:
    alarm, _leader = missed()
    shown = page(signed_in(make_staff(Role.AUDITOR)), "alarm", alarm.pk)
    assert "桃源路88号" not in shown
    assert "云川市松林区****" in shown
    assert not PersonalDataAccess.objects.exists()
    stranger = signed_in(make_staff(Role.TEAM_LEADER, branch=make_branch()))
    assert stranger.get(reverse("office:alarm", args=[alarm.pk])).status_code == 404
    assert stranger.post(reverse("office:alarm_taken", args=[alarm.pk])).status_code == 404
