"""Agents with their papers, ready to be made worse by a test."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from doorstep.workforce.courses import courses, exam_draw
from doorstep.workforce.letter import LetterText
from doorstep.workforce.models import (
    AuthorityLetter,
    Branch,
    Particulars,
    Photograph,
    RosterDay,
    Shift,
    Sitting,
    Staff,
)
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_branch, make_staff

TEXT = LetterText(
    lender={"zh-Hans": "云川银行股份有限公司", "zh-Hant": "雲川銀行", "en": "Yunchuan Bank"},
    address={"zh-Hans": "云川市", "zh-Hant": "雲川市", "en": "Yunchuan"},
    hotline="400-000-0000",
    verify_at="https://check.yunchuan-bank.example",
)
COURSES = ("law", "conduct", "safety", "objections")
_numbers = itertools.count(1)


def a_picture(*, size: tuple[int, int] = (600, 800), form: str = "JPEG", **more: Any) -> bytes:
    """A picture of nobody."""
    written = BytesIO()
    Image.new(more.pop("mode", "RGB"), size, more.pop("colour", "#557799")).save(
        written, form, **more
    )
    return written.getvalue()


def make_particulars(*, staff: Staff, **fields: Any) -> Particulars:
    """Everything about somebody in order."""
    values = {
        "work_id": f"W{next(_numbers):05}",
        "vetted_until": ON + timedelta(days=200),
        "confidential_on": ON - timedelta(days=100),
        "experienced_from": ON - timedelta(days=10),
    } | fields
    return Particulars.objects.create(staff=staff, **values)


def make_letter(
    *, staff: Staff, valid_from: date = ON, valid_until: date = ON + timedelta(days=60), **more: Any
) -> AuthorityLetter:
    """A letter without its document."""
    number = next(_numbers)
    issuer = more.pop("issued_by", None) or make_staff(Role.COLLECTIONS_MANAGER)
    return AuthorityLetter.objects.create(
        number=f"AL-2026-{number:08}", code="ABCD-2345", staff=staff, lender="云川银行股份有限公司",
        valid_from=valid_from, valid_until=valid_until, issued_by=issuer, issued_at=AT, **more,
    )  # fmt: skip


def make_sitting(*, staff: Staff, course: str = "law", **fields: Any) -> Sitting:
    """An exam under way."""
    drawn = exam_draw(courses()[course], seed=1)
    values = {
        "version": courses()[course].version,
        "questions": [[each.question, list(each.order)] for each in drawn],
        "began_at": AT,
        "pass_mark": courses()[course].pass_mark,
    } | fields
    return Sitting.objects.create(staff=staff, course=course, **values)


def make_pass(
    *, staff: Staff, course: str, valid_until: date = ON + timedelta(days=300)
) -> Sitting:
    """An exam that was passed."""
    return make_sitting(
        staff=staff, course=course, ended_at=AT - timedelta(hours=1), right=10, passed=True,
        valid_until=valid_until, began_at=AT - timedelta(hours=2),
    )  # fmt: skip


def make_photograph(*, staff: Staff) -> Photograph:
    """A photograph as it is kept."""
    return Photograph.objects.create(
        staff=staff, jpeg=a_picture(size=(480, 640)), taken_in_at=AT, taken_in_by=staff
    )


def make_agent(
    *,
    branch: Branch | None = None,
    courses: Sequence[str] = COURSES,
    particulars: Mapping[str, Any] | None = None,
    letter: Mapping[str, Any] | bool = True,
    **fields: Any,
) -> Staff:
    """A field agent whose papers are all in order; `letter=False` leaves the letter out."""
    staff = make_staff(Role.FIELD_AGENT, branch=branch or make_branch(), **fields)
    make_particulars(staff=staff, **(particulars or {}))
    make_photograph(staff=staff)
    for course in courses:
        make_pass(staff=staff, course=course)
    if letter:
        make_letter(staff=staff, **(letter if isinstance(letter, dict) else {}))
    return staff


def make_roster_day(
    *, letter: AuthorityLetter, day: date = ON, at: datetime = AT, **fields: Any
) -> RosterDay:
    """A day on the roster, written past the service."""
    values = {"shift": Shift.DAY, "papers_until": day, "written_by": letter.issued_by} | fields
    return RosterDay.objects.create(
        staff=letter.staff, day=day, letter=letter, written_at=at, **values
    )
