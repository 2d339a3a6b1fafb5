"""Appointments and risks as rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from doorstep.cases.models import Case
from doorstep.visits.models import Appointment, RiskAssessment
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role
from tests.factories import AT, ON, make_address, make_staff

FOUR = AT + timedelta(hours=22)  # tomorrow, 14:00 in China


def make_appointment(*, case: Case, by: Staff | None = None, **fields: Any) -> Appointment:
    """A visit agreed on the phone for tomorrow from 14:00 to 15:00 in China."""
    home = case.borrower.addresses.first() or make_address(borrower=case.borrower)
    values: dict[str, Any] = {
        "address": home, "proposed_through": "phone", "from_at": FOUR,
        "until_at": FOUR + timedelta(hours=1), "code": "KQ4T-9WHM", "state": "agreed",
        "offered": [[FOUR.isoformat(), (FOUR + timedelta(hours=1)).isoformat()]],
        "proposed_by": by or make_staff(Role.COLLECTIONS_MANAGER), "proposed_at": AT,
    } | fields  # fmt: skip
    return Appointment.objects.create(case=case, **values)


def make_risk(*, case: Case, by: Staff | None = None, **fields: Any) -> RiskAssessment:
    """A high risk that waits for a second person."""
    values: dict[str, Any] = {
        "factors": ["weapon"], "measures": ["daylight", "stay_outside"], "level": "high",
        "assessed_by": by or make_staff(Role.FIELD_AGENT), "assessed_at": AT,
        "valid_until": ON + timedelta(days=6),
    } | fields  # fmt: skip
    return RiskAssessment.objects.create(case=case, **values)
