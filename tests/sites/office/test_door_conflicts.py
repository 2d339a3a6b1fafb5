"""What phones told differently, or could not be taken in: shown side by side, and settled."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from doorstep.kernel import clock
from doorstep.visits.models import DoorConflict, DoorEvent, DoorHead, PlannedVisit
from doorstep.workforce.models import Device, Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, make_staff
from tests.visits.door.rows import make_conflict, make_door_event
from tests.visits.fieldwork import make_crew, make_field_plan, make_visit
from tests.visits.taping import make_phone
from tests.workforce.people import make_agent

pytestmark = pytest.mark.django_db
PAGE = reverse("office:door_conflicts")


@pytest.fixture
def visit() -> PlannedVisit:
    plan = make_field_plan(at=AT)
    return make_visit(crew=make_crew(plan=plan, members=[make_agent(branch=plan.branch)]))


@pytest.fixture
def leader(visit: PlannedVisit) -> Staff:
    return make_staff(Role.TEAM_LEADER, branch=visit.plan.branch)


@pytest.fixture
def page(client: Client, leader: Staff) -> Client:
    client.force_login(leader)
    return client


def settle(page: Client, conflict: DoorConflict, **sent: Any) -> str:
    path = reverse("office:door_conflict_settled", args=[conflict.pk])
    return page.post(path, sent, follow=True).content.decode()


def test_both_versions_stand_side_by_side_and_today_leads_there(
    page: Client, visit: PlannedVisit
) -> None:
    waits = f'href="{PAGE}" class="amber"'
    assert waits not in page.get(reverse("office:today")).content.decode()
    conflict = make_conflict(visit=visit)
    shown = page.get(PAGE).content.decode()
    for words in ("在哪里谈", str(conflict.stood.staff), "是", "否"):
        assert words in shown, words
    assert waits in page.get(reverse("office:today")).content.decode()


def test_one_is_kept_with_a_reason_and_the_other_stays(page: Client, visit: PlannedVisit) -> None:
    conflict = make_conflict(visit=visit)
    settle(page, conflict, keep=conflict.other_id, why="")
    settle(page, conflict, keep="perhaps", why="两人核对过")
    assert DoorConflict.objects.get().settled_at is None
    settle(page, conflict, keep=conflict.other_id, why="两人核对过")
    conflict.refresh_from_db()
    assert (conflict.kept_id, conflict.settled_why) == (conflict.other_id, "两人核对过")
    assert DoorHead.objects.get().event_id == conflict.other_id
    assert DoorEvent.objects.get(pk=conflict.stood_id).state == "aside"
    path = reverse("office:door_conflict_settled", args=[conflict.pk])
    assert page.post(path, {"keep": conflict.stood_id, "why": "又想了想"}).status_code == 404


def test_what_could_not_be_taken_in_is_tried_again_or_set_aside(
    page: Client, visit: PlannedVisit
) -> None:
    why = {"code": "FAULT", "message": "暂时收不进来"}
    first, second = (
        make_door_event(visit=visit, state="refused", outcome=why, kind="declined", topic=topic)
        for topic in ("declined:1", "declined:2")
    )
    assert "暂时收不进来" in page.get(PAGE).content.decode()
    page.post(reverse("office:door_event_settled", args=[first.pk]), {"deed": "retry"})
    assert DoorEvent.objects.get(pk=first.pk).state == "applied"
    path = reverse("office:door_event_settled", args=[second.pk])
    page.post(path, {"deed": "aside", "why": " "})
    assert DoorEvent.objects.get(pk=second.pk).state == "refused"
    page.post(path, {"deed": "aside", "why": "已在个案里补记"})
    second.refresh_from_db()
    assert (second.state, second.outcome["aside_why"]) == ("aside", "已在个案里补记")


def test_another_branchs_are_neither_seen_nor_settled(client: Client, visit: PlannedVisit) -> None:
    conflict = make_conflict(visit=visit)
    client.force_login(make_staff(Role.TEAM_LEADER, branch=make_agent().branch))
    assert str(conflict.stood.staff) not in client.get(PAGE).content.decode()
    path = reverse("office:door_conflict_settled", args=[conflict.pk])
    assert client.post(path, {"keep": str(conflict.stood_id), "why": "没有关系"}).status_code == 404


def test_many_take_as_many_queries_as_one(page: Client, visit: PlannedVisit) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            page.get(PAGE)
        return len(made)

    make_conflict(visit=visit)
    count()
    first = count()
    for _each in range(3):
        make_conflict(visit=make_visit(crew=visit.crew))  # type: ignore[arg-type]
    assert count() == first


def test_the_file_of_a_colleague_lists_phones_and_revokes_them(page: Client, leader: Staff) -> None:
    agent = make_agent(branch=leader.branch)
    device = make_phone(agent).device
    shown = page.get(reverse("office:staff_file", args=[agent.pk])).content.decode()
    assert device.name in shown
    path = reverse("office:staff_phone_revoked", args=[device.pk])
    assert path in shown
    page.post(path, {"why": ""})
    assert Device.objects.get().revoked_at is None
    page.post(path, {"why": "手机丢了"})
    device.refresh_from_db()
    assert (device.revoked_by, device.revoked_why) == (leader, "手机丢了")
    assert device.revoked_at is not None
    assert device.revoked_at <= clock.now()
    shown = page.get(reverse("office:staff_file", args=[agent.pk])).content.decode()
    assert "手机丢了" in shown
    assert path not in shown
