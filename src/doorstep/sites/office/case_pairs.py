"""Who may go together to a customer on a day, and why others may not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doorstep.cases.models import Case
from doorstep.kernel import clock
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.case_words import who
from doorstep.sites.office.staff_words import refusal_words
from doorstep.workforce.pairs import Asked, pairs_find
from doorstep.workforce.roles import Permission
from doorstep.workforce.selectors import agents_on, agents_within, incidents_with
from doorstep.workforce.skills import SKILLS

A_YEAR = 366


@needs(Permission.WRITE_ROSTERS)
@require_GET
def case_pairs(request: StaffRequest, case_id: int) -> HttpResponse:
    """The pairs of the branch for a day, the best first; `?day=&woman=1&hard=1&skill=`."""
    case = case_or_404(request.user, case_id)
    on = _day(request.GET.get("day", ""), clock.today(settings.TIME_ZONE))
    asked = _asked(case, request)
    people = agents_within(by=request.user).filter(branch=case.branch_id)
    agents = agents_on(staff=people, on=on, at=clock.now())
    found = pairs_find(agents, asked=asked, on=on)
    names = {agent.id: agent.name for agent in agents}
    context: dict[str, Any] = {
        "case": case,
        "who": who(case),
        "on": on,
        "pairs": found.pairs,
        "refused": [
            {
                "names": [agent.name for agent in each.agents],
                "why": [refusal_words(reason, names=names) for reason in each.reasons],
            }
            for each in found.refused
        ],
        "people": len(agents),
        "skills": SKILLS.items(),
        "chosen": asked.needs,
        "woman": asked.woman_asked,
        "hard": asked.hard,
        "counselling": settings.COUNSELLING_LINE,
    }
    return render(request, "office/people/pairs.html", context)


def _day(text: str, on: date) -> date:
    """The day asked for; tomorrow for what is no day or more than a year away."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = on + timedelta(days=1)
    return day if abs((day - on).days) <= A_YEAR else on + timedelta(days=1)


def _asked(case: Case, request: StaffRequest) -> Asked:
    wanted = frozenset(request.GET.getlist("skill")) & frozenset(SKILLS)
    return Asked(
        borrower_id=case.borrower_id,
        place=_place(case),
        needs=wanted,
        woman_asked=request.GET.get("woman") == "1",
        hard=request.GET.get("hard") == "1",
        incidents=incidents_with(borrower_id=case.borrower_id),
    )


def _place(case: Case) -> tuple[float, float] | None:
    """Where the customer lives, as far as it is known."""
    homes = case.borrower.addresses.filter(kind="home", latitude__isnull=False).order_by("pk")
    home = homes.first()
    if home is None or home.latitude is None or home.longitude is None:
        return None
    return home.latitude, home.longitude
