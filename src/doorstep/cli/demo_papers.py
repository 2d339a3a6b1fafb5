"""Papers, rosters and vehicles of the example bank's field agents: most in order, a few ending.

Everything is done by the same services a page calls. What is there stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageDraw

from doorstep.kernel.errors import Refused
from doorstep.outreach.authority import letter_text
from doorstep.outreach.selectors import lender_current
from doorstep.simulator.city import DISTRICT_METRES, LATITUDE, LONGITUDE, METRES_A_DEGREE
from doorstep.workforce.models import Branch, Particulars, Shift, Staff, Vehicle, Weight
from doorstep.workforce.papers import COURSES, Deed
from doorstep.workforce.roles import Role
from doorstep.workforce.services import (
    encounter_record,
    exam_begin,
    exam_end,
    letter_issue,
    particulars_keep,
    photograph_keep,
    roster_day_write,
    skills_keep,
    vehicle_keep,
)

LONG, WEEKS = 80, 2
WOMEN = (2, 3, 4, 7, 8, 11, 13, 16, 17)
SKILLS = (
    ("mandarin", "cantonese"), ("mandarin", "hardship_counselling"), ("mandarin", "wu"),
    ("mandarin", "sign_language", "hardship_counselling"),
)  # fmt: skip
SHIFTS = (Shift.DAY, Shift.DAY, Shift.EARLY, Shift.LATE)
SHIRTS = ("#35607a", "#6b5876", "#4f6f52", "#8a5a44")


@dataclass(frozen=True)
class Flaw:
    """What is not quite in order with somebody: days until it ends; a course never passed."""

    letter_days: int = LONG
    vetting_days: int = 300
    untrained: str = ""


FLAWS = {2: Flaw(letter_days=6), 6: Flaw(vetting_days=12), 11: Flaw(untrained="safety")}


def papers_make(
    *, staff: Mapping[str, Staff], at: datetime, progress: Callable[[float], None]
) -> None:
    """Papers for all field and desk agents, vehicles, and two weeks of rosters from today on."""
    if Particulars.objects.exists():
        return
    people = [each for each in staff.values() if each.role in (Role.FIELD_AGENT, Role.DESK_AGENT)]
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    with transaction.atomic():
        vehicles = _vehicles(staff["manager"])
        _encounters([staff["field1"], staff["field2"]], on, at)
        for done, each in enumerate(people, start=1):
            number = int(each.username.removeprefix("field").removeprefix("desk"))
            _papers(each, number, staff["manager"], on, at)
            if each.role == Role.FIELD_AGENT:
                _roster(each, number, vehicles[str(each.branch_id)], staff["manager"], on, at)
            progress(done / len(people))


def _papers(staff: Staff, number: int, manager: Staff, on: date, at: datetime) -> None:
    field = staff.role == Role.FIELD_AGENT
    flaw = FLAWS.get(number, Flaw()) if field else Flaw()
    degrees = DISTRICT_METRES / METRES_A_DEGREE
    particulars_keep(
        staff=staff, work_id=f"{'W' if field else 'D'}{20260000 + number}", by=manager, at=at,
        phone=f"+86190000{number:05}", vetted_until=on + timedelta(days=flaw.vetting_days),
        confidential_on=on - timedelta(days=200),
        experienced_from=on - timedelta(days=30) if number % 3 else on + timedelta(days=60),
        gender="female" if number in WOMEN else "",
        home=(LATITUDE + number * degrees / 7, LONGITUDE + degrees / 3) if field else None,
    )  # fmt: skip
    for course in COURSES[Deed.VISIT if field else Deed.CALL]:
        if course != flaw.untrained:
            _exam(staff, course, number, on, at)
    if not field:
        return
    skills_keep(staff=staff, codes=SKILLS[number % len(SKILLS)], by=manager)
    photograph_keep(staff=staff, raw=_portrait(number), by=manager, at=at)
    text = letter_text(lender=lender_current(), language="zh-Hans")
    last = on + timedelta(days=flaw.letter_days)
    try:
        letter_issue(
            staff=staff, text=text, valid_from=on, valid_until=last, by=manager, at=at
        )  # fmt: skip
    except Refused:
        return  # nobody gets a letter before the training


def _exam(staff: Staff, course: str, number: int, on: date, at: datetime) -> None:
    """Sat in earnest, with every answer right."""
    sitting = exam_begin(staff=staff, course=course, seed=number, at=at)
    answers = {question: order.index(0) for question, order in sitting.questions}
    exam_end(sitting=sitting, answers=answers, by=staff, at=at, on=on)


def _portrait(number: int) -> bytes:
    """A drawn head and shoulders: nobody's face."""
    picture = Image.new("RGB", (480, 640), "#dfe6ea")
    pen = ImageDraw.Draw(picture)
    skin, hair = "#e3bd9c", ("#2b2522", "#3f322b", "#57504c")[number % 3]
    pen.rounded_rectangle((70, 430, 410, 760), 140, SHIRTS[number % len(SHIRTS)])
    pen.rounded_rectangle((200, 360, 280, 470), 36, skin)
    pen.ellipse((140, 110, 340, 330), hair)
    pen.ellipse((155, 150, 325, 390), skin)
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def _vehicles(manager: Staff) -> dict[str, list[Vehicle]]:
    """Two cars for each branch that has field agents."""
    found: dict[str, list[Vehicle]] = {}
    branches = Branch.objects.filter(staff__role=Role.FIELD_AGENT).distinct().order_by("code")
    for place, branch in enumerate(branches):
        found[branch.code] = [
            vehicle_keep(
                branch=branch, plate=f"例A{10000 + 10 * place + car}", seats=4 + car,
                range_km=380 + 60 * car, by=manager,
            )
            for car in (1, 2)
        ]  # fmt: skip
    return found


def _roster(
    staff: Staff, number: int, vehicles: list[Vehicle], manager: Staff, on: date, at: datetime
) -> None:
    """Five days of each of two weeks, so that somebody works on every day; days on which something
    is missing stay empty."""
    monday = on - timedelta(days=on.weekday())
    for offset in range(7 * WEEKS):
        day = monday + timedelta(days=offset)
        if day < on or day.weekday() in {2 * number % 7, (2 * number + 1) % 7}:
            continue
        try:
            roster_day_write(
                staff=staff, day=day, shift=SHIFTS[number % len(SHIFTS)], by=manager, at=at, on=on,
                vehicle=vehicles[number % 2],
            )  # fmt: skip
        except Refused:
            continue


def _encounters(agents: list[Staff], on: date, at: datetime) -> None:
    """Something hard a few days ago, so that loads differ; before anybody is rostered, since what
    was known then would take the days of today back."""
    ago = at - timedelta(days=9)
    encounter_record(
        agents=agents, borrower_id="C000001", weight=Weight.VERY_HARD, by=agents[0], at=ago,
        on=on - timedelta(days=9), note="门口有人大声辱骂，已离开。",
    )  # fmt: skip
