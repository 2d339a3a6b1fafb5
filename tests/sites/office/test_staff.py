"""Staff accounts in the office."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import make_branch, make_staff, make_team

pytestmark = pytest.mark.django_db


def admin() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.ADMINISTRATOR))
    return client


def new(**values: object) -> dict[str, object]:
    return {
        "username": "lin",
        "display_name": "林晓",
        "role": "desk_agent",
        "language": "zh-hans",
    } | values


def test_a_new_account_can_sign_in_with_the_password_shown_once() -> None:
    team = make_team()
    text = admin().post("/staff/new/", new(team=team.pk)).content.decode()
    found = re.search(r"First password</dt><dd><code>([^<]+)", text)
    assert found
    made = Staff.objects.get(username="lin")
    assert made.check_password(found[1])
    assert (made.role, made.team, made.branch) == ("desk_agent", team, team.branch)
    answer = Client().post("/accounts/login/", {"login": "lin", "password": found[1]})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"role": "team_leader"}, "This role sees a team: choose which."),
        ({"role": "approver"}, "This role sees a branch: choose which."),
        ({"username": "taken"}, "This sign-in name is taken."),
        ({"username": "with space"}, "id_username"),
        ({"role": "king"}, "id_role"),
    ],
)
def test_an_account_that_cannot_be_says_why(values: dict[str, object], words: str) -> None:
    client = admin()
    make_staff(Role.ANALYST, username="taken")
    before = Staff.objects.count()
    text = client.post("/staff/new/", new(**values)).content.decode()
    assert words in text
    assert "errorlist" in text
    assert Staff.objects.count() == before


def test_a_team_of_another_branch_is_refused() -> None:
    text = admin().post("/staff/new/", new(team=make_team().pk, branch=make_branch().pk))
    assert "The team belongs to another branch." in text.content.decode()


def test_a_closed_account_is_out_at_once_and_can_be_opened_again() -> None:
    client, agent = admin(), make_staff(Role.DESK_AGENT)
    session = Client()
    session.force_login(agent)
    client.post(f"/staff/{agent.pk}/active/", {"active": "no"})
    assert session.get("/").status_code == 302
    assert "Closed" in client.get("/staff/").content.decode()
    client.post(f"/staff/{agent.pk}/active/", {"active": "yes"})
    agent.refresh_from_db()
    assert agent.is_active


def test_nobody_closes_their_own_account() -> None:
    client = admin()
    me = Staff.objects.get()
    answer = client.post(f"/staff/{me.pk}/active/", {"active": "no"}, follow=True)
    assert "only be closed by another administrator" in answer.content.decode()
    me.refresh_from_db()
    assert me.is_active


def test_who_only_sees_staff_finds_no_buttons() -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.AUDITOR))
    text = client.get("/staff/").content.decode()
    assert "Auditor" in text
    assert "New account" not in text
    assert "Close the account" not in text
