"""Deeds on exams: begun with questions drawn, ended with a mark."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import NotFound, Refused
from doorstep.workforce.courses import Course, Drawn, courses, exam_draw, exam_mark
from doorstep.workforce.models import Sitting, Staff
from doorstep.workforce.roles import Permission

A_DAY = timedelta(hours=24)
ATTEMPTS_A_DAY = 3


def course_of(key: str) -> Course:
    """The course of that name. Raises NotFound."""
    if key not in courses():
        raise NotFound(_("There is no such course."), code="NO_COURSE")
    return courses()[key]


def exam_begin(*, staff: Staff, course: str, seed: int, at: datetime) -> Sitting:
    """Draw an exam for somebody, or give back the one they are sitting.

    An exam nobody ended in time counts as failed. Raises Refused after three attempts that failed
    within 24 hours, or without permission.
    """
    if not staff.may(Permission.SIT_EXAMS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    chosen = course_of(course)
    sitting = Sitting.objects.filter(staff=staff, course=course, ended_at=None).first()
    if sitting is not None and not _over(sitting, chosen, at):
        return sitting
    if sitting is not None:
        exam_end(sitting=sitting, answers={}, by=staff, at=at, on=at.date())
    failed = Sitting.objects.filter(
        staff=staff, course=course, passed=False, ended_at__gt=at - A_DAY
    )
    if failed.count() >= ATTEMPTS_A_DAY:
        raise Refused(
            _("Three attempts failed within a day."),
            code="TOO_MANY_ATTEMPTS",
            hint=_("Read the course again and come back tomorrow."),
        )
    drawn = [[each.question, list(each.order)] for each in exam_draw(chosen, seed=seed)]
    try:
        with transaction.atomic():
            return Sitting.objects.create(
                staff=staff, course=course, version=chosen.version, questions=drawn,
                began_at=at, pass_mark=chosen.pass_mark,
            )  # fmt: skip
    except IntegrityError:  # begun in another window at the same time
        return Sitting.objects.get(staff=staff, course=course, ended_at=None)


@transaction.atomic
def exam_end(
    *, sitting: Sitting, answers: Mapping[str, int], by: Staff, at: datetime, on: date
) -> Sitting:
    """Mark an exam; what was not answered, or came after the time, is wrong. `on` is today.

    A pass counts from today for the days of its course, today included. Raises Refused for
    somebody else's exam or one that was ended.
    """
    sitting = Sitting.objects.select_for_update(of=("self",)).get(pk=sitting.pk)
    if sitting.staff_id != by.pk or sitting.ended_at is not None:
        raise Refused(_("This is not an exam you are sitting."), code="NOT_YOURS")
    course = course_of(sitting.course)
    late = _over(sitting, course, at)
    drawn = drawn_of(sitting)
    sitting.answers = {} if late else dict(answers)
    sitting.right = 0 if late else exam_mark(drawn, answers)
    sitting.ended_at = at
    sitting.passed = sitting.right >= sitting.pass_mark
    if sitting.passed:
        sitting.valid_until = on + timedelta(days=course.valid_days - 1)
    sitting.save()
    body = {
        "course": course.key, "version": sitting.version, "right": sitting.right,
        "of": len(drawn), "pass_mark": sitting.pass_mark, "passed": sitting.passed, "late": late,
    }  # fmt: skip
    evidence_append(entries=[Entry(kind="exam", subject="", agent=by.username, body=body)], at=at)
    return sitting


def drawn_of(sitting: Sitting) -> tuple[Drawn, ...]:
    """The questions of a sitting as they were put."""
    return tuple(Drawn(question, tuple(order)) for question, order in sitting.questions)


def _over(sitting: Sitting, course: Course, at: datetime) -> bool:
    return at - sitting.began_at > timedelta(minutes=course.minutes)
