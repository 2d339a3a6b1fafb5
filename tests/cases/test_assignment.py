"""Giving cases to people: what can be given, what cannot and why, and the record of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.cases.assignment import assignment_check, cases_assign, people_for
from doorstep.cases.models import Assignment, Case
from doorstep.kernel.errors import Refused
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_branch, make_case, make_cases, make_staff, make_team

pytestmark = pytest.mark.django_db


def test_a_manager_gives_cases_and_each_keeps_a_record() -> None:
    manager, team = make_staff(Role.COLLECTIONS_MANAGER), make_team()
    agent = make_staff(Role.DESK_AGENT, team=team)
    cases = make_cases(count=3, branch=team.branch)
    done = cases_assign(cases=Case.objects.all(), to=agent, by=manager, at=AT)
    assert (done.can, done.cannot) == (3, {})
    assert set(Case.objects.values_list("assignee", "team")) == {(agent.pk, team.pk)}
    records = Assignment.objects.order_by("case_id")
    assert [r.case_id for r in records] == [case.pk for case in cases]
    assert {(r.assignee_id, r.by_id, r.at) for r in records} == {(agent.pk, manager.pk, AT)}


def test_what_cannot_be_given_is_counted_by_its_first_reason_and_left_alone() -> None:
    manager, here = make_staff(Role.COLLECTIONS_MANAGER), make_branch()
    agent = make_staff(Role.DESK_AGENT, branch=here)
    make_case(branch=here)
    make_case(branch=here, status="closed", closed_on=ON)
    make_case(branch=make_branch())
    make_case(branch=here, assignee=agent)
    make_case(branch=make_branch(), status="closed", closed_on=ON)
    check = assignment_check(cases=Case.objects.all(), to=agent, by=manager)
    assert check.can == 1
    assert check.cannot == {"closed": 2, "other_branch": 1, "already": 1}
    assert check.can + check.refused == Case.objects.count()
    before = set(Case.objects.exclude(branch=here, status="open").values_list("pk", "assignee"))
    cases_assign(cases=Case.objects.all(), to=agent, by=manager, at=AT)
    after = set(Case.objects.exclude(branch=here, status="open").values_list("pk", "assignee"))
    assert after == before
    assert Assignment.objects.count() == 1


def test_a_team_leader_cannot_reach_beyond_the_team_even_with_the_case_numbers() -> None:
    branch = make_branch()
    team, other = make_team(branch=branch), make_team(branch=branch)
    leader = make_staff(Role.TEAM_LEADER, team=team)
    agent = make_staff(Role.DESK_AGENT, team=team)
    ours, theirs = make_case(team=team), make_case(team=other)
    nobodys = make_case()
    wanted = Case.objects.filter(pk__in=[ours.pk, theirs.pk, nobodys.pk])
    done = cases_assign(cases=wanted, to=agent, by=leader, at=AT)
    assert (done.can, done.cannot) == (1, {"outside_scope": 2})
    theirs.refresh_from_db()
    assert theirs.assignee is None


def test_a_case_without_a_branch_can_be_given_to_anybody() -> None:
    agent = make_staff(Role.DESK_AGENT, branch=make_branch())
    make_case()
    manager = make_staff(Role.COLLECTIONS_MANAGER)
    assert assignment_check(cases=Case.objects.all(), to=agent, by=manager).can == 1


def test_taking_back_leaves_cases_that_nobody_had() -> None:
    manager, agent = make_staff(Role.COLLECTIONS_MANAGER), make_staff(Role.DESK_AGENT)
    make_case(assignee=agent)
    make_case()
    done = cases_assign(cases=Case.objects.all(), to=None, by=manager, at=AT)
    assert (done.can, done.cannot) == (1, {"already": 1})
    assert not Case.objects.filter(assignee__isnull=False).exists()


@pytest.mark.parametrize("role", [Role.DESK_AGENT, Role.ANALYST, Role.AUDITOR])
def test_who_may_not_assign_is_refused(role: Role) -> None:
    staff = make_staff(role)
    make_case(assignee=staff)
    with pytest.raises(Refused) as refused:
        cases_assign(cases=Case.objects.all(), to=staff, by=staff, at=AT)
    assert refused.value.code == "NOT_YOURS_TO_ASSIGN"
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("role", "active"), [(Role.DESK_AGENT, False), (Role.ANALYST, True), (Role.ADMINISTRATOR, True)]
)
def test_nobody_gets_cases_who_cannot_work_them(role: Role, active: bool) -> None:
    manager, target = make_staff(Role.COLLECTIONS_MANAGER), make_staff(role, is_active=active)
    make_case()
    with pytest.raises(Refused) as refused:
        cases_assign(cases=Case.objects.all(), to=target, by=manager, at=AT)
    assert refused.value.code == "CANNOT_TAKE_CASES"
    assert target not in people_for(by=manager)


def test_a_leader_cannot_give_cases_to_the_next_team() -> None:
    team = make_team()
    leader, other = make_staff(Role.TEAM_LEADER, team=team), make_staff(Role.DESK_AGENT)
    make_case(team=team)
    with pytest.raises(Refused):
        cases_assign(cases=Case.objects.all(), to=other, by=leader, at=AT)


def test_many_cases_need_as_many_queries_as_few() -> None:
    manager, agent = make_staff(Role.COLLECTIONS_MANAGER), make_staff(Role.DESK_AGENT)
    counts = []
    for many in (3, 40):
        make_cases(count=many)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert cases_assign(cases=Case.objects.all(), to=agent, by=manager, at=AT).can == many
        counts.append(len(queries))
    assert counts[0] == counts[1]
