"""The file of a colleague: particulars, letters, training, days, load; and whose papers end."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from doorstep.kernel import clock
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.phones_words import phones_shown
from doorstep.sites.office.staff_words import (
    course_title,
    ending_words,
    missing_words,
    skill_words,
)
from doorstep.workforce.courses import courses
from doorstep.workforce.models import (
    AuthorityLetter,
    Leave,
    LeaveKind,
    Particulars,
    Photograph,
    RosterDay,
    Sitting,
    Staff,
    TieKind,
    Weight,
)
from doorstep.workforce.pairs import RULES
from doorstep.workforce.papers import COURSES, Deed, Papers, papers_missing
from doorstep.workforce.roles import Permission, Role
from doorstep.workforce.selectors import (
    encounters_of,
    endings,
    letter_state,
    loads_of,
    papers_of,
    rests_until,
    staff_within,
)
from doorstep.workforce.services.letters import LONGEST

DEED_OF = {Role.FIELD_AGENT: Deed.VISIT}
ROSTER_DAYS = 14
LETTER_TONES = {"valid": "green", "not_yet": "plain", "over": "quiet", "revoked": "red"}


def colleague_or_404(by: Staff, staff_id: int) -> Staff:
    """A colleague by number, within the sight of `by`."""
    whom = get_object_or_404(Staff.objects.select_related("branch", "team"), pk=staff_id)
    if not staff_within(by=by).filter(pk=whom.pk).exists():
        raise Http404
    return whom


@needs(Permission.SEE_STAFF)
@require_GET
def staff_file(request: StaffRequest, staff_id: int) -> HttpResponse:
    """A colleague's papers and days; what weighs on them only for their leaders."""
    whom, by = colleague_or_404(request.user, staff_id), request.user
    context = file_of(whom, load=by.may(Permission.SEE_LOAD)) | {
        "may_keep": by.may(Permission.KEEP_PARTICULARS) and by.pk != whom.pk,
        "may_issue": by.may(Permission.ISSUE_LETTERS) and by.pk != whom.pk,
        "may_revoke": by.may(Permission.REVOKE_LETTERS),
        "may_roster": by.may(Permission.WRITE_ROSTERS),
    }
    return render(request, "office/people/file.html", context)


def file_of(whom: Staff, *, load: bool) -> dict[str, Any]:
    """What the file shows; `load` only where it may be seen."""
    at, on = clock.now(), clock.today(settings.TIME_ZONE)
    deed = DEED_OF.get(Role(whom.role), Deed.CALL)
    held = papers_of(staff_ids=[whom.pk], at=at)[whom.pk]
    photograph = Photograph.objects.filter(staff=whom).first()
    context: dict[str, Any] = {
        "whom": whom,
        "particulars": Particulars.objects.filter(staff=whom).first(),
        "photograph": base64.b64encode(bytes(photograph.jpeg)).decode() if photograph else "",
        "skills": skill_words(whom.skills.values_list("code", flat=True)),
        "works_outside": whom.role in (Role.FIELD_AGENT, Role.DESK_AGENT),
        "visits": deed is Deed.VISIT,
        "missing": [missing_words(e) for e in papers_missing(held, deed=deed, on=on, at=at)],
        "letters": _letters(whom),
        "courses": _courses(whom, held, deed),
        "roster": RosterDay.objects.filter(
            staff=whom, withdrawn_at=None, day__range=(on, on + timedelta(days=ROSTER_DAYS - 1))
        ).select_related("vehicle").order_by("day"),
        "leaves": Leave.objects.filter(staff=whom, last__gte=on).order_by("first"),
        "leave_kinds": LeaveKind.choices,
        "phones": phones_shown(whom) if deed is Deed.VISIT else [],
        "ties": whom.ties.select_related("stated_by").order_by("borrower_id"),
        "tie_kinds": TieKind.choices,
        "today": on,
        "letter_until": on + LONGEST - timedelta(days=1),
        "counselling": settings.COUNSELLING_LINE,
    }  # fmt: skip
    return context | (_load(whom) if load else {})


def _letters(whom: Staff) -> list[dict[str, Any]]:
    at, on = clock.now(), clock.today(settings.TIME_ZONE)
    rows = AuthorityLetter.objects.filter(staff=whom).select_related("issued_by", "revoked_by")
    states = [
        (row, letter_state(row, on=on, at=at)) for row in rows.order_by("-valid_until", "-pk")
    ]
    return [{"row": row, "state": state, "tone": LETTER_TONES[state]} for row, state in states]


def _courses(whom: Staff, held: Papers, deed: Deed) -> list[dict[str, Any]]:
    """Each course this colleague needs, until when it counts, and every attempt."""
    on = clock.today(settings.TIME_ZONE)
    attempts: dict[str, list[Sitting]] = {}
    for sitting in Sitting.objects.filter(staff=whom).order_by("-began_at"):
        attempts.setdefault(sitting.course, []).append(sitting)
    return [
        {
            "key": key,
            "title": course_title(key),
            "until": held.passes.get(key),
            "stands": held.passes.get(key) is not None and held.passes[key] >= on,
            "attempts": attempts.get(key, []),
        }
        for key in courses()
        if key in COURSES[deed]
    ]


def _load(whom: Staff) -> dict[str, Any]:
    on = clock.today(settings.TIME_ZONE)
    rests = rests_until(staff_ids=[whom.pk]).get(whom.pk)
    return {
        "load_shown": True,
        "load": loads_of(staff_ids=[whom.pk], on=on).get(whom.pk, 0),
        "load_most": RULES.load_most,
        "load_days": RULES.load_days,
        "rests_until": rests if rests and rests >= on else None,
        "encounters": encounters_of(staff=whom, limit=10),
        "weights": Weight.choices,
    }


@needs(Permission.SEE_STAFF)
@require_GET
def staff_endings(request: StaffRequest) -> HttpResponse:
    """Field agents whose papers are missing or end soon, the most urgent first."""
    on = clock.today(settings.TIME_ZONE)
    rows = [
        {
            "staff": each.staff,
            "missing": [missing_words(one) for one in each.missing],
            "soon": [ending_words(one) for one in each.soon],
        }
        for each in endings(by=request.user, on=on, at=clock.now())
    ]
    return render(request, "office/people/endings.html", {"rows": rows})
