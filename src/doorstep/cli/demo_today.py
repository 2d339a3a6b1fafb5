"""A field day for today in the example bank, so that a visit can be carried out at once: three
visits agreed for the next hours, a crew, a published plan, and a door PIN for everybody who goes,
so that one phone is enough to try it.

Everything is done by the same services a page calls. Made once a day; on a day without a lawful
hour left, or without a crew, there is none.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from doorstep.cases.models import Case
from doorstep.cases.steps import Step
from doorstep.dispatch.visit_crews import crews_of_days
from doorstep.dispatch.visit_making import plan_work
from doorstep.dispatch.visit_notices import code_new
from doorstep.dispatch.visit_plans import plan_publish
from doorstep.dispatch.visit_slots import risk_now, slots_of
from doorstep.kernel import clock
from doorstep.simulator.sign_in import DOOR_PIN
from doorstep.visits.appointments import Span
from doorstep.visits.candidates import SCREENED, addresses_best
from doorstep.visits.models import Appointment, FieldPlan
from doorstep.visits.models.days import PlanState
from doorstep.visits.services.appointments import appointment_agree, appointment_propose
from doorstep.visits.services.plans import plan_discard, plan_open
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role
from doorstep.workforce.services.devices import door_pin_keep

VISITS = 3
SOON, LONG = timedelta(minutes=10), timedelta(hours=2)
SEARCH_SECONDS, SEARCH_STEPS = 3.0, 300
PIN_ROUNDS = 600_000


def today_make(*, staff: Mapping[str, Staff], at: datetime) -> FieldPlan | None:
    """Today's plan of the first branch that can have one; None where no branch can, or where today
    has its plan already."""
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if FieldPlan.objects.filter(first_day=on, state=PlanState.PUBLISHED).exists():
        return None
    branches = Branch.objects.filter(staff__role=Role.FIELD_AGENT).distinct().order_by("code")
    for branch in branches:
        formed = crews_of_days(branch=branch, first=on, days=1, at=at)[on]
        if formed.crews and _agreed(branch, on, staff["manager"], at):
            return _plan(branch, on, staff["manager"], at)
    return None


def _plan(branch: Branch, on: date, by: Staff, at: datetime) -> FieldPlan | None:
    plan = plan_open(
        branch=branch, first_day=on, days=1, by=by, at=at, on=on, seconds=SEARCH_SECONDS,
        iterations=SEARCH_STEPS,
    )  # fmt: skip
    plan = plan_work(plan=plan, clock=clock.now)
    if plan.state != PlanState.DRAFT:
        plan_discard(plan=plan, by=by)
        return None
    published = plan_publish(plan=plan, by=by, at=clock.now())
    for staff in Staff.objects.filter(crews__plan=published, door_pin=None).distinct():
        salt = secrets.token_bytes(16)
        hashed = hashlib.pbkdf2_hmac("sha256", DOOR_PIN.encode(), salt, PIN_ROUNDS)
        door_pin_keep(staff=staff, salt=salt, iterations=PIN_ROUNDS, hashed=hashed, at=at)
    return published


@transaction.atomic
def _agreed(branch: Branch, on: date, by: Staff, at: datetime) -> int:
    """How many visits are agreed for today now."""
    rows = Case.objects.filter(
        branch=branch, status="open", step=Step.PROPOSE_VISIT, screened__in=SCREENED, hold_kind=""
    ).select_related("borrower")
    cases = list(rows.exclude(appointments__isnull=False).order_by("-priority", "pk")[: VISITS * 4])
    places = addresses_best(borrower_ids=[case.borrower_id for case in cases])
    made = 0
    for case in cases:
        address = places.get(case.borrower_id)
        if made == VISITS or address is None or address.latitude is None:
            continue
        risk = risk_now(case=case, at=at)
        hours = slots_of(case=case, address=address, first=on, days=1, at=at, risk=risk)
        span = _first_hours(hours.spans if hours else (), at)
        if span is None or not risk.may_be_planned:
            continue
        appointment = appointment_propose(
            case=case, offered=[span], through="phone", code=code_new(), by=by, at=at,
            address=address,
        )  # fmt: skip
        appointment_agree(
            appointment=appointment, from_at=span[0], until_at=span[1], how="电话中由客户本人选定",
            wishes={}, by=by, at=at,
        )  # fmt: skip
        made += 1
    return Appointment.objects.filter(
        case__branch=branch, from_at__gte=at, from_at__lt=at + timedelta(days=1)
    ).count()


def _first_hours(spans: tuple[Span, ...] | list[Span], at: datetime) -> Span | None:
    """The first hours from soon on; None where fewer than half of them are left today."""
    for start, end in spans:
        begins = max(start, at + SOON).replace(second=0, microsecond=0)
        ends = min(begins + LONG, end)
        if ends - begins >= LONG / 2:
            return begins, ends
    return None
