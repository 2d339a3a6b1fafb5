"""My papers and training: what I hold, the courses, and the exams."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doorstep.kernel import clock
from doorstep.kernel.errors import DoorstepError
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.staff_file import file_of
from doorstep.sites.office.staff_words import said
from doorstep.sites.office.trip_pack import pack_code
from doorstep.workforce.courses import Course, courses
from doorstep.workforce.models import Sitting
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import letter_check
from doorstep.workforce.services import exam_begin, exam_end
from doorstep.workforce.services.training import drawn_of


@needs(Permission.SIT_EXAMS)
@require_GET
def training(request: StaffRequest) -> HttpResponse:
    """What I hold, what is missing, the courses I need, my days and my load."""
    context = file_of(request.user, load=True) | {"mine": True}
    return render(request, "office/people/file.html", context)


def _course_or_404(key: str) -> Course:
    if key not in courses():
        raise Http404
    return courses()[key]


@needs(Permission.SIT_EXAMS)
@require_GET
def training_course(request: StaffRequest, course: str) -> HttpResponse:
    """The points of a course, and my attempts at its exam."""
    chosen = _course_or_404(course)
    sittings = Sitting.objects.filter(staff=request.user, course=course).order_by("-began_at")
    context = {
        "course": chosen,
        "title": said(chosen.title),
        "about": said(chosen.about),
        "points": [{"said": said(each.why), "source": each.source} for each in chosen.questions],
        "sittings": sittings[:20],
    }
    return render(request, "office/people/course.html", context)


@needs(Permission.SIT_EXAMS)
@require_POST
def training_begin(request: StaffRequest, course: str) -> HttpResponse:
    """Draw an exam, or go on with the one I am sitting."""
    _course_or_404(course)
    try:
        sitting = exam_begin(
            staff=request.user, course=course, seed=secrets.randbits(32), at=clock.now()
        )
    except DoorstepError as refused:
        messages.error(request, str(refused))
        return redirect("office:training_course", course)
    return redirect("office:training_exam", sitting.pk)


@needs(Permission.SIT_EXAMS)
@require_http_methods(["GET", "POST"])
def training_exam(request: StaffRequest, sitting_id: int) -> HttpResponse:
    """The questions of my exam; afterwards each answer with its reason."""
    sitting = get_object_or_404(Sitting, pk=sitting_id, staff=request.user)
    course = _course_or_404(sitting.course)
    if request.method == "POST" and sitting.ended_at is None:
        try:
            sitting = exam_end(
                sitting=sitting, answers=_answers(request, sitting), by=request.user,
                at=clock.now(), on=clock.today(settings.TIME_ZONE),
            )  # fmt: skip
        except DoorstepError as refused:
            messages.error(request, str(refused))
        return redirect("office:training_exam", sitting.pk)
    context = {
        "sitting": sitting,
        "course": course,
        "title": said(course.title),
        "questions": _questions(course, sitting),
        "of": len(sitting.questions),
    }
    return render(request, "office/people/exam.html", context)


def _answers(request: StaffRequest, sitting: Sitting) -> dict[str, int]:
    sent = {name: request.POST.get(f"q-{name}", "") for name, _order in sitting.questions}
    return {name: int(value) for name, value in sent.items() if value in ("0", "1", "2", "3")}


def _questions(course: Course, sitting: Sitting) -> list[dict[str, Any]]:
    """The questions as put. What is right and why shows only when the exam is over; a question
    the bank no longer has is left out."""
    known = {each.id: each for each in course.questions}
    over = sitting.ended_at is not None
    found = []
    for drawn in drawn_of(sitting):
        if drawn.question not in known:
            continue
        question, given = known[drawn.question], sitting.answers.get(drawn.question)
        options = [
            {
                "place": place,
                "said": said(question.options[option]),
                "given": given == place,
                "right": over and option == 0,
            }
            for place, option in enumerate(drawn.order)
            if option < len(question.options)
        ]
        found.append(
            {"id": question.id, "ask": said(question.ask), "options": options,
             "why": said(question.why) if over else "",
             "wrong": over and not any(each["given"] and each["right"] for each in options)}
        )  # fmt: skip
    return found


@needs(Permission.SEE_CASES)
@require_GET
def letter_checked(request: StaffRequest) -> HttpResponse:
    """Somebody on the telephone asks whether a letter is real: number and code in, answer out."""
    number = request.GET.get("number", "").replace("\x00", "")[:40]
    code = request.GET.get("code", "").replace("\x00", "")[:40]
    context: dict[str, Any] = {"number": number, "code": code}
    if number and code and number.strip().upper().startswith("TP-"):
        context["pack_real"] = pack_code(number.strip().upper()) == code.strip().upper()
    elif number and code:
        on = clock.today(settings.TIME_ZONE)
        context["answer"] = letter_check(number=number, code=code, on=on, at=clock.now())
    elif number or code:
        messages.error(request, _("Both the number and the code are needed."))
    return render(request, "office/people/check.html", context)
