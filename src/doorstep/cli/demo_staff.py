"""Accounts of the example bank: all nine roles, in several branches and teams. Demo mode only."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from doorstep.kernel.errors import Refused
from doorstep.simulator.city import BRANCHES, branch_points
from doorstep.simulator.sign_in import PASSWORD
from doorstep.workforce.models import Branch, Staff, Team
from doorstep.workforce.roles import Role

DESK, FIELD = "电话组", "外访组"
LEADER_NAMES = ("方念慈", "江予安", "温如玉")
DESK_NAMES = ("林晓禾", "周以宁", "何思远", "唐语晴", "宋佳音", "梁文心")
FIELD_NAMES = (
    "高立诚", "罗明远", "石若兰", "傅雨桐", "韩松年", "冯致和", "苗秋实", "尹书宁", "曹景行",
    "彭启明", "柳安然", "贺知微", "陶令仪", "白乐天", "邵清源", "秦望舒", "穆如风", "崔明澈",
)  # fmt: skip
STAFFED = 3  # branches with people of their own; the others are served by the manager's desk


@dataclass(frozen=True)
class Person:
    """One demo account; `branch` is a position in BRANCHES, `team` a name within it."""

    username: str
    name: str
    role: Role
    branch: int | None = None
    team: str | None = None


PEOPLE = (
    Person("manager", "沈若溪", Role.COLLECTIONS_MANAGER),
    Person("analyst", "陆知行", Role.ANALYST),
    Person("approver", "顾清让", Role.APPROVER, 0),
    Person("compliance", "许慎言", Role.COMPLIANCE_OFFICER),
    Person("auditor", "严复礼", Role.AUDITOR),
    Person("admin", "钟守一", Role.ADMINISTRATOR),
    *(
        Person(f"{word}{branch * size + place + 1}", name, role, branch, team)
        for word, role, team, size, names in (
            ("leader", Role.TEAM_LEADER, DESK, 1, LEADER_NAMES),
            ("desk", Role.DESK_AGENT, DESK, 2, DESK_NAMES),
            ("field", Role.FIELD_AGENT, FIELD, 6, FIELD_NAMES),
        )
        for branch in range(STAFFED)
        for place, name in enumerate(names[branch * size : (branch + 1) * size])
    ),
)  # fmt: skip


@transaction.atomic
def branches_make() -> None:
    """The branches of the made-up city, on its map, and two teams in each that has people; those
    that exist stay."""
    points = branch_points()
    Branch.objects.bulk_create(
        [
            Branch(code=code, name=name, latitude=points[code][0], longitude=points[code][1])
            for code, name in BRANCHES.items()
        ],
        ignore_conflicts=True,
    )
    for branch in Branch.objects.filter(code__in=points, latitude=None):
        branch.latitude, branch.longitude = points[branch.code]
        branch.save(update_fields=["latitude", "longitude"])
    Team.objects.bulk_create(
        [
            Team(branch_id=code, name=team)
            for code in list(BRANCHES)[:STAFFED]
            for team in (DESK, FIELD)
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def staff_make() -> dict[str, Staff]:
    """The demo accounts by username; those that exist stay as they are.

    Raises Refused outside demo mode: their password is no secret.
    """
    if settings.MODE != "demo":
        raise Refused(
            "Demo accounts exist in demo mode only.",
            code="NOT_DEMO",
            hint="Unset DOORSTEP_MODE, and use a state directory of its own.",
        )
    branches_make()
    codes = list(BRANCHES)
    teams = {(team.branch_id, team.name): team for team in Team.objects.all()}
    there = set(Staff.objects.values_list("username", flat=True))
    password = make_password(PASSWORD)
    Staff.objects.bulk_create(
        [
            Staff(
                username=person.username,
                password=password,
                display_name=person.name,
                role=person.role,
                branch_id=None if person.branch is None else codes[person.branch],
                team=teams.get((codes[person.branch or 0], person.team or "")),
            )
            for person in PEOPLE
            if person.username not in there
        ]
    )
    return {staff.username: staff for staff in Staff.objects.all()}
