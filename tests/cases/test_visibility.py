"""Who sees which cases."""

from __future__ import annotations

import pytest

from doorstep.cases.selectors import cases_visible_to
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role, Scope, scope_of
from tests.factories import make_branch, make_case, make_staff, make_team

pytestmark = pytest.mark.django_db


def seen(staff: Staff) -> set[int]:
    return set(cases_visible_to(staff=staff).values_list("pk", flat=True))


def test_a_desk_agent_sees_what_is_assigned_to_them_and_nothing_else() -> None:
    agent = make_staff(Role.DESK_AGENT)
    mine = make_case(assignee=agent)
    make_case(assignee=make_staff(Role.DESK_AGENT))
    make_case()
    assert seen(agent) == {mine.pk}


def test_a_team_leader_sees_the_team_and_not_its_neighbours_in_the_branch() -> None:
    branch = make_branch()
    team, other = make_team(branch=branch), make_team(branch=branch)
    ours = make_case(team=team)
    make_case(team=other)
    assert seen(make_staff(Role.TEAM_LEADER, team=team)) == {ours.pk}


def test_an_approver_sees_the_branch_and_not_the_next_one() -> None:
    branch = make_branch()
    ours = make_case(branch=branch)
    make_case(branch=make_branch())
    make_case()
    assert seen(make_staff(Role.APPROVER, branch=branch)) == {ours.pk}


def test_a_manager_sees_every_case_open_or_closed() -> None:
    cases = {make_case().pk, make_case(branch=make_branch()).pk}
    assert seen(make_staff(Role.COLLECTIONS_MANAGER)) == cases


def test_an_administrator_of_accounts_sees_no_case() -> None:
    make_case()
    assert seen(make_staff(Role.ADMINISTRATOR)) == set()


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.APPROVER])
def test_without_team_or_branch_only_own_cases_are_seen(role: Role) -> None:
    """A case without branch or team must not match a member of staff without one."""
    staff = make_staff(role)
    own = make_case(assignee=staff)
    make_case()
    assert seen(staff) == {own.pk}


@pytest.mark.parametrize("role", list(Role))
def test_an_account_that_is_switched_off_sees_nothing(role: Role) -> None:
    staff = make_staff(role, is_active=False)
    make_case(assignee=staff)
    assert scope_of(role) in Scope
    assert seen(staff) == set()
