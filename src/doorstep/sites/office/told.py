"""What crews were told of visits that changed: on the first page of the day, until they saw it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from doorstep.kernel import clock
from doorstep.kernel.masking import mask_name
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.messages_words import verdict_shown, why_of_code
from doorstep.visits.models import CrewTidings, CrewTold, PlannedVisit
from doorstep.visits.selectors.told import told_to
from doorstep.visits.services.told import told_see
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission, Role

TONES: dict[str, str] = {
    CrewTidings.WITHDRAWN: "red", CrewTidings.MOVED: "amber", CrewTidings.GIVEN: "amber",
    CrewTidings.TAKEN: "quiet",
}  # fmt: skip
MOST = 40
AT_ONCE = 3  # lines a team leader or manager sees before opening the rest


def told_of(staff: Staff) -> dict[str, Any]:
    """For the first page: the visits that changed, one line a visit, and those lines of one's own
    that are to be seen. An agent sees every line; their leaders the first few, where nobody is to
    go any more before the others, the rest on opening it. One query."""
    rows = list(told_to(staff=staff, at=clock.now())[: MOST + 1])
    cut = len(rows) > MOST
    if cut:
        rows = [row for row in rows if row.visit_id != rows[-1].visit_id]
    mine = staff.role == Role.FIELD_AGENT
    own = [row.pk for row in rows if row.staff_id == staff.pk and row.seen_at is None]
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        line = found.setdefault((row.visit_id, row.what), _line(row, mine=mine))
        if not mine:
            line["crew"].append((str(row.staff), row.seen_at))
    lines = list(found.values())
    if not mine:
        lines.sort(key=lambda line: line["tone"] != "red")
    first = len(lines) if mine else AT_ONCE
    return {"told": lines[:first], "told_rest": lines[first:], "told_cut": cut, "own_told": own}


def _line(row: CrewTold, *, mine: bool) -> dict[str, Any]:
    given_to_others = row.what == CrewTidings.GIVEN and not mine
    return {
        "what": _("New visit") if given_to_others else str(CrewTidings(row.what).label),
        "tone": TONES[row.what],
        "who": mask_name(row.visit.case.borrower.name),
        "begins_at": row.visit.begins_at,
        "why": told_why(row.visit, row.why),
        "at": row.at,
        "crew": [],
    }


def told_why(visit: PlannedVisit, why: str) -> str:
    """The guard's sentence where the guard spoke, else what somebody wrote."""
    shown = verdict_shown(visit.why_more.get("verdict"))
    if shown is not None and shown.reasons:
        return shown.reasons[0].words
    return why_of_code(why)


@needs(Permission.SEE_TODAY)
@require_POST
def told_seen(request: StaffRequest) -> HttpResponse:
    """Somebody has seen what they were told."""
    ids = [
        int(each) for each in request.POST.getlist("told") if each.isdecimal() and len(each) < 16
    ]
    told_see(staff=request.user, told_ids=ids, at=clock.now())
    return redirect("office:today")
