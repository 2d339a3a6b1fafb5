"""A visit that took place though the guard had not let it: recordable always, and an incident."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from doorstep.dispatch.models import Incident
from doorstep.dispatch.services import uncleared_record
from doorstep.dispatch.visit_acts import visit_acts_withdraw
from doorstep.dispatch.visit_heard import uncleared_key, visits_alike
from doorstep.visits.models import PlannedVisit
from doorstep.workforce.models import Staff

WITHDRAWN_AS = "uncleared"


@transaction.atomic
def uncleared_visit_record(
    *, visit: PlannedVisit, why: str, when: datetime, by: Staff, at: datetime
) -> Incident:
    """Record that a crew rang at this visit's door without a clearance, `why` in its words; one
    incident a visit, however often it is told. What still waited at the door for it is taken back.
    Raises as `uncleared_record`."""
    visit_acts_withdraw(visits=visits_alike(visit), why=WITHDRAWN_AS, by=by, at=at)
    return uncleared_record(
        case=visit.case, channel="visit", when=min(when, at), result="", note=why, by=by, at=at,
        key=uncleared_key(visit),
    )  # fmt: skip
