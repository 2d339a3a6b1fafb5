"""Days made up by seed: whatever roster, papers, borrowers and law are like, no plan holds a visit
without a valid pair, authority, window or skill; and the door looks again anyway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from doorstep.dispatch.visit_acts import visit_clear
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.kernel.errors import Refused
from doorstep.visits.models import CrewDay, FieldPlan, PlannedVisit
from doorstep.visits.services.risk import risk_approve, risk_assess
from doorstep.workforce.models import (
    AuthorityLetter,
    Branch,
    Leave,
    Particulars,
    RosterDay,
    Sitting,
    Skill,
    Staff,
    Tie,
    Weight,
)
from doorstep.workforce.services import encounter_record, letter_revoke
from tests.dispatch.field_world import (
    TOMORROW,
    begins,
    crew_of,
    make_appointment,
    make_field_branch,
    make_manager,
    make_open_plan,
    make_rostered,
    make_visit_case,
)
from tests.dispatch.outbox import Clock
from tests.factories import AT, ON, make_hold, make_promise

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")
SEEDS = range(12)
COURSES = {"law", "conduct", "safety", "objections"}


T = TypeVar("T")


class Draw:
    """Chance with a seed, in the words of this file."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def random(self) -> float:
        return float(self.generator.random())

    def randint(self, least: int, most: int) -> int:
        return int(self.generator.integers(least, most + 1))

    def uniform(self, least: float, most: float) -> float:
        return float(self.generator.uniform(least, most))

    def choice(self, some: Sequence[T]) -> T:
        return some[self.randint(0, len(some) - 1)]

    def sample(self, some: Sequence[T], count: int) -> list[T]:
        return [some[n] for n in self.generator.permutation(len(some))[:count]]


def a_team(draw: Draw, branch: Branch, manager: Staff) -> list[Staff]:
    """Agents of whom some lack something, are away, at rest, or new."""
    team = []
    for _ in range(draw.randint(1, 8)):
        agent = make_rostered(
            branch=branch, shift=draw.choice(["day", "early", "late"]), days=2,
            particulars={
                "gender": draw.choice(["female", "", "male"]),
                "experienced_from": draw.choice([ON, ON, ON + timedelta(days=90)]),
            },
        )  # fmt: skip
        for code in draw.sample(["english", "wu", "hardship_counselling"], draw.randint(0, 2)):
            Skill.objects.create(staff=agent, code=code)
        _something_wrong(draw, agent, manager)
        team.append(agent)
    return team


def _something_wrong(draw: Draw, agent: Staff, manager: Staff) -> None:
    match draw.randint(0, 9):
        case 0:
            Particulars.objects.filter(staff=agent).update(vetted_until=ON)
        case 1:
            Sitting.objects.filter(staff=agent, course="safety").delete()
        case 2:
            AuthorityLetter.objects.filter(staff=agent).update(valid_until=ON)
        case 3:
            Leave.objects.create(
                staff=agent, first=TOMORROW, last=TOMORROW, kind="sick", written_by=manager
            )
        case 4:
            encounter_record(
                agents=[agent], borrower_id="C0", weight=Weight.INCIDENT, by=agent, at=AT, on=ON
            )  # fmt: skip


def some_borrowers(draw: Draw, branch: Branch, team: list[Staff], manager: Staff) -> None:
    """Borrowers of whom some may not be visited, or not by everybody, or not at every hour."""
    leader = make_manager()
    for _ in range(draw.randint(1, 14)):
        case = make_visit_case(
            branch=branch, north=draw.uniform(-6, 6), east=draw.uniform(-6, 6),
            placed=draw.random() > 0.1, borrower={"language": draw.choice(["zh-Hans", "en"])},
            due_total=draw.choice([400_000, 1_500_000, 4_000_000]), bucket=draw.randint(1, 5),
        )  # fmt: skip
        if draw.random() < 0.15:
            make_hold(borrower=case.borrower, kind=draw.choice(["complaint", "dispute"]))
        if draw.random() < 0.1:
            make_promise(borrower=case.borrower)
        if draw.random() < 0.3:
            factors = draw.choice([["dog"], ["threats"], ["weapon"], ["several_people"]])
            made = risk_assess(case=case, factors=factors, by=manager, at=AT, on=ON)
            if made.level == "high" and draw.random() < 0.5:
                risk_approve(assessment=made, by=leader, at=AT)
        if team and draw.random() < 0.3:
            Tie.objects.create(
                staff=draw.choice(team), borrower_id=case.borrower_id, kind="acquaintance",
                stated_by=manager, stated_at=AT,
            )  # fmt: skip
        if draw.random() < 0.3:
            start = AT + timedelta(hours=draw.randint(16, 28))
            make_appointment(
                case=case, by=manager, from_at=start, until_at=start + timedelta(hours=1),
                wishes={"woman": draw.random() < 0.5},
            )  # fmt: skip


def a_generated_plan(seed: int) -> tuple[FieldPlan, Draw]:
    draw = Draw(seed)
    branch, manager = make_field_branch(), make_manager()
    team = a_team(draw, branch, manager)
    some_borrowers(draw, branch, team, manager)
    plan = make_open_plan(branch=branch, by=manager, days=draw.randint(1, 2), iterations=40)
    return plan_work(plan=plan, clock=Clock(AT)), draw


def planned(plan: FieldPlan) -> list[PlannedVisit]:
    rows = PlannedVisit.objects.filter(plan=plan, state="planned")
    return list(rows.select_related("case__borrower", "crew", "appointment", "plan"))


def faults(visit: PlannedVisit) -> list[str]:
    """What is wrong with a planned visit, read from the tables and not from the planner."""
    crew = crew_of(visit)
    people = [member.staff for member in crew.members.all()]
    start, end = begins(visit).astimezone(CHINA), visit.ends_at
    assert end is not None
    found = []
    if len({each.pk for each in people}) < 2:
        found.append("alone")
    if visit.needs and not set(visit.needs) <= set(
        Skill.objects.filter(staff__in=people).values_list("code", flat=True)
    ):
        found.append("skill")
    if not (9 <= start.hour < 20 and end.astimezone(CHINA).hour < 21):
        found.append("hours")
    if not crew.begins_at <= begins(visit) <= end <= crew.ends_at:
        found.append("shift")
    if visit.appointment and not (
        visit.appointment.from_at <= begins(visit) <= visit.appointment.until_at  # type: ignore[operator]
    ):
        found.append("appointment")
    wishes: dict[str, Any] = visit.appointment.wishes if visit.appointment else {}
    if wishes.get("woman") and not any(p.particulars.gender == "female" for p in people):
        found.append("woman")
    if visit.risk == "high" and start.hour >= 17:
        found.append("dark")
    return found + [fault for person in people for fault in _of_person(person, visit, crew)]


def _of_person(person: Staff, visit: PlannedVisit, crew: CrewDay) -> list[str]:
    day, found = crew.day, []
    letters = AuthorityLetter.objects.filter(
        staff=person, valid_from__lte=day, valid_until__gte=day, revoked_at=None
    )
    passed = Sitting.objects.filter(staff=person, passed=True, valid_until__gte=day)
    if not letters.exists():
        found.append("letter")
    if set(passed.values_list("course", flat=True)) != COURSES:
        found.append("course")
    if person.particulars.vetted_until is None or person.particulars.vetted_until < day:
        found.append("vetting")
    if not RosterDay.objects.filter(staff=person, day=day, withdrawn_at=None).exists():
        found.append("roster")
    if Leave.objects.filter(staff=person, first__lte=day, last__gte=day).exists():
        found.append("leave")
    if Tie.objects.filter(staff=person, borrower_id=visit.case.borrower_id).exists():
        found.append("tie")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_of_any_day_holds_a_visit_that_may_not_be_made(seed: int) -> None:
    plan, _draw = a_generated_plan(seed)
    if plan.state == "failed":
        assert plan.figures["failed"]["code"] == "NO_CREWS"
        assert not planned(plan)
        return
    for visit in planned(plan):
        assert faults(visit) == [], (seed, visit.pk)
    out = PlannedVisit.objects.filter(plan=plan).exclude(state="planned")
    assert all(row.state == "left_out" and row.why for row in out)
    assert plan.figures["candidates"] == PlannedVisit.objects.filter(plan=plan).count()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_door_lets_in_what_was_planned_and_looks_again_at_what_changed(seed: int) -> None:
    plan, draw = a_generated_plan(seed)
    if plan.state == "failed":
        return
    plan_publish(plan=plan, by=plan.made_by, at=AT)
    today = [visit for visit in planned(plan) if crew_of(visit).day == plan.first_day]
    lost: set[int] = set()
    for visit in sorted(today, key=begins):
        people = {member.staff_id for member in crew_of(visit).members.all()}
        if draw.random() < 0.4:
            lost |= _broken(draw, visit, begins(visit) - timedelta(minutes=1))
        stopped = bool(people & lost) or visit.case.borrower.holds.exists()
        visit.refresh_from_db()
        member = crew_of(visit).members.all()[0].staff
        answer = _at_the_door(visit, member)
        assert answer == ("refused" if stopped else "may"), (seed, visit.pk)


def _at_the_door(visit: PlannedVisit, member: Staff) -> str:
    try:
        asked = visit_clear(visit=visit, by=member, clock=Clock(begins(visit)))
    except Refused as error:
        return "refused" if error.code == "NOT_PLANNED_NOW" else error.code
    if asked.may:
        assert set(asked.conditions) == {"id_shown", "recorded"}
    return "may" if asked.may else "refused"


def _broken(draw: Draw, visit: PlannedVisit, at: datetime) -> set[int]:
    """Something that forbids this visit comes up after it was published; whose letter is gone."""
    if draw.random() < 0.5:
        make_hold(borrower=visit.case.borrower, kind="complaint")
        return set()
    person = crew_of(visit).members.all()[1].staff
    letter = AuthorityLetter.objects.get(staff=person)
    if letter.revoked_at is None:
        letter_revoke(letter=letter, why="lost", by=make_manager(), at=at)
    return {person.pk}
