"""A whole field day as rows: crews that go round, appointments, and visits left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from doorstep.cases.models import Case
from doorstep.visits.models import CrewDay, FieldPlan, PlannedVisit
from doorstep.workforce.models import Branch, Staff, Vehicle
from doorstep.workforce.roles import Role
from tests.factories import ON, make_address, make_borrower, make_branch, make_case, make_staff
from tests.visits.fieldwork import make_crew, make_field_plan, make_visit

SOUTH, WEST = 18.01, 129.01
NAMES = ("高立诚", "罗明远", "石若兰", "方念慈", "江远舟", "白知夏", "陆青禾", "苏望舒")
REGIONS = ("990101", "澜川市望澜区"), ("990102", "澜川市青禾区"), ("990103", "澜川市柳汀区")
BECAUSE = [
    {"code": "benefit", "minor": 9_800, "share": 0.08, "counted": 123_456},
    {"code": "waited", "minor": 320, "factor": 1.03, "days": 3},
    {"code": "time_at_the_door", "minor": -3_000, "minutes": 30},
]
WHY = ("NO_TIME_LEFT", "NOT_WORTH_IT", "NO_TIME_LEFT", "OUTSIDE_HOURS", "NO_ADDRESS")


@dataclass(frozen=True)
class Board:
    """A plan with its crews; `visits` are the planned ones in the order of crews and times."""

    plan: FieldPlan
    crews: tuple[CrewDay, ...]
    visits: tuple[PlannedVisit, ...]
    left_out: tuple[PlannedVisit, ...]
    agents: tuple[Staff, ...]


def instant(on: date, clock: str) -> datetime:
    """A time of day in Shanghai, as people write it: 09:30."""
    hour, minute = map(int, clock.split(":"))
    return datetime.combine(on, time(hour, minute), UTC) - timedelta(hours=8)


def make_located_branch(*, name: str = "望澜支行", **fields: Any) -> Branch:
    """A branch that is on the map of the made-up city."""
    branch = make_branch(name=name, **fields)
    branch.latitude, branch.longitude = SOUTH, WEST
    branch.save()
    return branch


def make_board(
    *, branch: Branch | None = None, on: date = ON, crews: int = 3, visits: int = 5,
    left_out: int = 4, state: str = "draft", case: Case | None = None, **fields: Any,
) -> Board:  # fmt: skip
    """Crews of two, each with visits every 70 minutes from 9:20 on, the third one promised; the
    first visit is to `case`, where one is given."""
    plan = make_field_plan(
        branch=branch or make_located_branch(), at=instant(on, "07:00"), state=state,
        first_day=on,
        figures={"travel_seconds": 3_600 * crews}, **fields,
    )  # fmt: skip
    made = [_crew(plan, number, on) for number in range(crews)]
    planned = [
        _visit(made[at // visits], at, at % visits, on, case if not at else None)
        for at in range(crews * visits)
    ]
    out = [_left_out(plan, number, on) for number in range(left_out)]
    people = tuple(member.staff for crew in made for member in crew.members.all())
    return Board(plan, tuple(made), tuple(planned), tuple(out), people)


def _crew(plan: FieldPlan, number: int, on: date) -> CrewDay:
    names = NAMES[2 * number % 8 : 2 * number % 8 + 2]
    return make_crew(
        plan=plan, day=on, key=f"crew-{number}",
        begins_at=instant(on, "08:30"), ends_at=instant(on, "17:30"),
        leaves_at=instant(on, "08:50"), back_at=instant(on, "16:40"),
        rest_at=instant(on, "12:00"), rest_until=instant(on, "12:45"),
        members=[
            make_staff(Role.FIELD_AGENT, branch=plan.branch, display_name=name) for name in names
        ],
        vehicle=Vehicle.objects.create(
            branch=plan.branch, plate=f"澜A{plan.pk}{number}", seats=5, range_km=300
        ),
    )  # fmt: skip


def _visit(crew: CrewDay, at: int, place: int, on: date, case: Case | None) -> PlannedVisit:
    begins = instant(on, "09:20") + timedelta(minutes=70 * place)
    crew_number = int(crew.key.removeprefix("crew-"))
    return make_visit(
        crew=crew, case=case or _case(crew.plan, at), at=begins, place=place + 1,
        arrives_at=begins - timedelta(minutes=5), value=4_000 + 700 * at, because=BECAUSE,
        windows=[[instant(on, "09:00").isoformat(), instant(on, "17:00").isoformat()]],
        required=place == 2, risk="high" if at == 1 else "low",
        latitude=SOUTH + 0.006 * (place % 3) + 0.012 * crew_number - 0.006,
        longitude=WEST + 0.008 * place - 0.012,
    )  # fmt: skip


def _left_out(plan: FieldPlan, number: int, on: date) -> PlannedVisit:
    why = WHY[number % len(WHY)]
    case = _case(plan, number)
    located = why != "NO_ADDRESS"
    return PlannedVisit.objects.create(
        plan=plan, case=case, minutes=30, value=1_500 + number, because=BECAUSE, why=why,
        address=case.borrower.addresses.first() if located else None, state="left_out",
        latitude=SOUTH + 0.02 + 0.003 * number if located else None,
        longitude=WEST + 0.02 if located else None,
        windows=[[instant(on, "09:00").isoformat(), instant(on, "17:00").isoformat()]],
    )  # fmt: skip


def _case(plan: FieldPlan, number: int) -> Case:
    code, name = REGIONS[number % len(REGIONS)]
    borrower = make_borrower(
        name=f"{['欧阳', '司马', '诸葛', '上官'][number % 4]}小明", branch=plan.branch
    )
    make_address(borrower=borrower, text=f"{name}听潮路{number + 1}号", division_code=code)
    return make_case(borrower=borrower, branch=plan.branch, step="propose_visit")
