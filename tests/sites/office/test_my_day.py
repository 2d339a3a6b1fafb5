"""A crew's day on its phone, and the SOS that must always get through."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse

from doorstep.dispatch.models import Act
from doorstep.kernel import clock
from doorstep.sites.office.sos import SALT, sos_token
from doorstep.visits.models import Alarm, CrewDay, PlannedVisit, Position, SafetyTimer
from doorstep.visits.watch import watch_once
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.dispatch.field_world import begins, crew_of, make_visit_due
from tests.factories import make_branch, make_hold, make_staff
from tests.visits.fieldwork import agents_of, make_crew, make_field_plan, make_visit

pytestmark = pytest.mark.django_db
PLACE = {"latitude": "30.12", "longitude": "104.5"}


@pytest.fixture
def crew() -> CrewDay:
    now, branch = clock.now(), make_branch()
    make_staff(Role.TEAM_LEADER, branch=branch, display_name="方念慈")
    plan = make_field_plan(branch=branch, at=now, first_day=clock.today())
    return make_crew(plan=plan, at=now)


@pytest.fixture
def agent(crew: CrewDay) -> Staff:
    return agents_of(crew)[0]


@pytest.fixture
def phone(client: Client, agent: Staff) -> Client:
    client.force_login(agent)
    return client


def the_day(phone: Client) -> str:
    return phone.get(reverse("office:my_day")).content.decode()


def tap(phone: Client, deed: str, visit: PlannedVisit) -> str:
    answer = phone.post(reverse(f"office:{deed}", args=[visit.pk]), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch, client: Client) -> PlannedVisit:
    """A visit of a published day whose hour has come, and its crew's phone at the door."""
    visit = make_visit_due()
    monkeypatch.setattr(clock, "now", lambda: begins(visit))
    client.force_login(agents_of(crew_of(visit))[0])
    return visit


def test_arrive_well_leave(client: Client, due: PlannedVisit) -> None:
    phone, visit = client, due
    assert "我们到门口了" in the_day(phone)
    assert "我们已离开" in tap(phone, "visit_arrived", visit)
    due = SafetyTimer.objects.get().due_at
    tap(phone, "visit_well", visit)
    assert SafetyTimer.objects.get().extended == 1
    assert SafetyTimer.objects.get().due_at >= due
    tap(phone, "visit_left", visit)
    assert SafetyTimer.objects.get().ended_how == "left"
    visit.refresh_from_db()
    assert visit.state == "done"


def test_the_guard_is_asked_at_the_door_and_a_second_tap_does_not_ask_again(
    client: Client, due: PlannedVisit
) -> None:
    assert "可以敲门" in tap(client, "visit_arrived", due)
    assert Act.objects.get(reference=due.act).state == "cleared"
    tap(client, "visit_arrived", due)
    assert SafetyTimer.objects.count() == 1


def test_nobody_rings_where_a_complaint_came_in_on_the_way(
    client: Client, due: PlannedVisit
) -> None:
    make_hold(borrower=due.case.borrower, kind="complaint")
    assert "不要敲门" in tap(client, "visit_arrived", due)
    assert not SafetyTimer.objects.exists()
    due.refresh_from_db()
    assert due.state == "planned"


def test_nobody_rings_an_hour_before_the_time(
    client: Client, due: PlannedVisit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: begins(due) - timedelta(hours=1))
    assert "不在当前时间的计划中" in tap(client, "visit_arrived", due)
    assert not SafetyTimer.objects.exists()


def test_a_tap_that_cannot_be_says_why(phone: Client, crew: CrewDay) -> None:
    visit = make_visit(crew=crew, at=clock.now(), state="cancelled")
    assert "不要敲门" in tap(phone, "visit_arrived", visit)
    assert "没有计时" in tap(phone, "visit_left", visit)
    assert not SafetyTimer.objects.exists()


def test_another_crews_stop_does_not_exist_for_me(phone: Client, crew: CrewDay) -> None:
    visit = make_visit(crew=make_crew(plan=crew.plan), at=clock.now())
    assert phone.post(reverse("office:visit_arrived", args=[visit.pk])).status_code == 404


def test_the_page_asks_the_same_however_many_stops(
    phone: Client, crew: CrewDay, django_assert_max_num_queries: object
) -> None:
    for _ in range(8):
        make_visit(crew=crew, at=clock.now())
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        the_day(phone)


def test_somebody_without_a_crew_has_an_empty_day_and_still_an_sos(client: Client) -> None:
    client.force_login(make_staff(Role.FIELD_AGENT))
    shown = the_day(client)
    assert "今天没有" in shown
    assert reverse("office:sos") in shown


def test_a_place_is_kept_at_work_and_nonsense_is_not(phone: Client, crew: CrewDay) -> None:
    address = reverse("office:position")
    assert phone.post(address, PLACE).status_code == 200
    assert Position.objects.get().crew == crew
    for bad in ({}, {"latitude": "999", "longitude": "1"}, {"latitude": "x", "longitude": "nan"}):
        assert phone.post(address, bad).status_code == 409
    CrewDay.objects.update(
        begins_at=clock.now() - timedelta(hours=9), ends_at=clock.now() - timedelta(hours=2)
    )
    assert phone.post(address, PLACE).status_code == 409


# ---- SOS ----


def sos(client: Client, **sent: str) -> int:
    return client.post(reverse("office:sos"), sent).status_code


def test_one_tap_alerts_the_leader_and_the_crew_sees_who_was_alerted(
    phone: Client, agent: Staff, home: Path
) -> None:
    assert sos(phone, key="k1", **PLACE) == 200
    assert sos(phone, key="k1") == 200
    alarm = Alarm.objects.get()
    assert (alarm.raised_by, alarm.latitude) == (agent, 30.12)
    assert alarm.alerted.get().staff.display_name == "方念慈"
    assert "方念慈" in the_day(phone)
    assert not list((home / "sos").iterdir())


@pytest.mark.parametrize("bad", [{}, {"latitude": "north"}, {"latitude": "91", "longitude": "1"}])
def test_an_sos_is_never_refused_for_want_of_a_place(
    phone: Client, bad: dict[str, str], home: Path
) -> None:
    assert sos(phone, key="k", **bad) == 200
    assert Alarm.objects.get().latitude is None


def test_a_phones_token_serves_without_session_and_a_false_one_does_not(
    client: Client, agent: Staff, home: Path
) -> None:
    assert sos(client, key="k", token="made up") == 302  # to the sign-in page
    assert sos(client, key="k", token=signing.dumps("x", salt=SALT)) == 302
    assert sos(client, key="k", token=signing.dumps(agent.pk, salt="other")) == 302
    assert not Alarm.objects.exists()
    assert sos(Client(enforce_csrf_checks=True), key="k", token=sos_token(staff=agent)) == 200
    assert Alarm.objects.get().raised_by == agent


def test_a_phone_that_asks_for_json_gets_it(client: Client, agent: Staff, home: Path) -> None:
    answer = client.post(
        reverse("office:sos"),
        {"key": "k", "token": sos_token(staff=agent)},
        headers={"accept": "application/json"},
    )
    assert json.loads(answer.content)["alerted"] is True


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the lock is SQLite's")
@pytest.mark.django_db(transaction=True)
def test_an_sos_while_the_database_is_locked_waits_on_the_disk_and_is_taken_in(
    client: Client, home: Path
) -> None:
    agent = make_staff(Role.FIELD_AGENT, branch=make_branch())
    token = sos_token(staff=agent)
    locked = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    began = clock.now()
    try:
        answer = client.post(reverse("office:sos"), {"key": "k", "token": token})
    finally:
        locked.execute("ROLLBACK")
        locked.close()
    assert answer.status_code == 202
    assert "还没有通知到任何人" in answer.content.decode()
    assert "110" in answer.content.decode()
    assert clock.now() - began < timedelta(seconds=10)
    assert not Alarm.objects.exists()
    watch_once(home=home, clock=clock.now)
    alarm = Alarm.objects.get()
    assert (alarm.raised_by, alarm.kind) == (agent, "sos")
    assert began <= alarm.raised_at <= clock.now()
    watch_once(home=home, clock=clock.now)
    assert Alarm.objects.count() == 1
    assert not list((home / "sos").iterdir())


def test_with_a_full_disk_the_database_alone_serves(
    phone: Client, home: Path, settings: object
) -> None:
    (home / "sos").write_text("a file where the folder should be", "utf-8")
    assert sos(phone, key="k") == 200
    assert Alarm.objects.count() == 1


def test_a_broken_file_is_put_aside_and_hinders_no_other(
    agent: Staff, client: Client, home: Path
) -> None:
    (home / "sos").mkdir()
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"at": 1}'), ("d", '{"key": "k"}')):
        (home / "sos" / f"{name}.json").write_text(text, "utf-8")
    good = {"key": "k", "staff": agent.pk, "at": clock.now().isoformat()}
    (home / "sos" / "e.json").write_text(json.dumps(good), "utf-8")
    watch_once(home=home, clock=clock.now)
    assert Alarm.objects.get().raised_by == agent
    assert sorted(p.name for p in (home / "sos").iterdir()) == [f"{n}.broken" for n in "abcd"]


@pytest.mark.django_db(transaction=True)
def test_an_sos_sent_many_times_at_once_is_one_alarm(home: Path) -> None:
    agent = make_staff(Role.FIELD_AGENT, branch=make_branch())
    make_staff(Role.COLLECTIONS_MANAGER)
    token, told = sos_token(staff=agent), []

    def send() -> None:
        told.append(sos(Client(), key="same", token=token))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch_once(home=home, clock=clock.now)
    assert set(told) <= {200, 202}
    assert Alarm.objects.count() == 1
    assert Alarm.objects.get().alerted.count() == 1
