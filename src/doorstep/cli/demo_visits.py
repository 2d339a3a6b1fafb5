"""Visits of the example bank that are agreed, proposed, or looked at for their dangers, so that a
day can be planned at once: some in each branch that has field agents.

Everything is done by the same services a page calls. What is there stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from doorstep.cases.models import Case
from doorstep.cases.steps import Step
from doorstep.dispatch.visit_notices import code_new
from doorstep.dispatch.visit_slots import risk_now, slots_of, slots_offered
from doorstep.visits.candidates import SCREENED, addresses_best
from doorstep.visits.models import Appointment, RiskAssessment
from doorstep.visits.models.risk import RiskLevel
from doorstep.visits.services.appointments import appointment_agree, appointment_propose
from doorstep.visits.services.risk import risk_approve, risk_assess
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role

TOMORROW_AGREED, WEEK_AGREED, PROPOSED = 3, 4, 2
RISKS: tuple[tuple[tuple[str, ...], bool], ...] = (
    (("dog",), False), (("late_hour", "unsafe_area"), False), (("threats",), True),
    (("threats",), False), (("several_people",), False),
)  # fmt: skip
WISHES: tuple[Mapping[str, object], ...] = ({}, {"woman": True}, {}, {})


def visits_make(
    *, staff: Mapping[str, Staff], at: datetime, progress: Callable[[float], None]
) -> None:
    """Appointments and assessed risks in every branch that has field agents."""
    if Appointment.objects.exists() or RiskAssessment.objects.exists():
        return
    branches = list(Branch.objects.filter(staff__role=Role.FIELD_AGENT).distinct().order_by("code"))
    leaders = {
        each.branch_id: each for each in staff.values() if each.role == Role.TEAM_LEADER
    }  # fmt: skip
    for done, branch in enumerate(branches, start=1):
        with transaction.atomic():
            _branch(branch, staff["manager"], leaders.get(branch.pk, staff["manager"]), at)
        progress(done / len(branches))


def _branch(branch: Branch, manager: Staff, leader: Staff, at: datetime) -> None:
    wanted = TOMORROW_AGREED + WEEK_AGREED + PROPOSED + len(RISKS)
    cases = _cases(branch, wanted * 2)
    for factors, approved in RISKS:
        if cases:
            _risk(cases.pop(), factors, approved, manager, leader, at)
    ahead = [1] * TOMORROW_AGREED + [2, 3, 4, 5][:WEEK_AGREED] + [3] * PROPOSED
    wishes = cycle(WISHES)
    for place, days in enumerate(ahead):
        agreed = place < TOMORROW_AGREED + WEEK_AGREED
        while cases and not _appointment(
            cases.pop(), days, place, next(wishes) if agreed else None, leader, at
        ):
            continue


def _cases(branch: Branch, most: int) -> list[Case]:
    """Cases for which a visit was proposed, the most urgent last, each with a place on the map."""
    rows = Case.objects.filter(
        branch=branch, status="open", step=Step.PROPOSE_VISIT, screened__in=SCREENED, hold_kind=""
    ).select_related("borrower")
    some = list(rows.order_by("-priority", "pk")[: most * 2])
    places = addresses_best(borrower_ids=[case.borrower_id for case in some])
    found = [
        case
        for case in some
        if (home := places.get(case.borrower_id)) is not None and home.latitude is not None
    ]
    return found[:most][::-1]


def _risk(
    case: Case, factors: tuple[str, ...], approved: bool, by: Staff, second: Staff, at: datetime
) -> None:
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    made = risk_assess(case=case, factors=factors, by=by, at=at, on=on)
    if approved and made.level == RiskLevel.HIGH and second.pk != by.pk:
        risk_approve(assessment=made, by=second, at=at)


def _appointment(
    case: Case, days: int, place: int, wishes: Mapping[str, object] | None, by: Staff, at: datetime
) -> bool:
    """Put a visit forward in so many days, and agree it where there are wishes. False where the law
    leaves no hour for it."""
    address = addresses_best(borrower_ids=[case.borrower_id]).get(case.borrower_id)
    first = at.astimezone(ZoneInfo(case.borrower.time_zone)).date() + timedelta(days=days)
    open_hours = slots_of(
        case=case, address=address, first=first, days=1, at=at, risk=risk_now(case=case, at=at)
    )
    zone = case.borrower.time_zone
    slots = slots_offered(open_hours, zone=zone) if open_hours is not None else []
    if not slots or address is None:
        return False
    slot = slots[place % len(slots)]
    made = appointment_propose(
        case=case, offered=[slot], through="phone", code=code_new(), by=by, at=at, address=address
    )
    if wishes is not None:
        appointment_agree(
            appointment=made, from_at=slot[0], until_at=slot[1], how="电话中由客户本人选定",
            wishes=wishes, by=by, at=at,
        )  # fmt: skip
    return True
