"""What the case file says about visiting: the open appointment, the risk, and what may be done."""

from __future__ import annotations

from typing import Any

from doorstep.cases.models import Case
from doorstep.dispatch.visit_notices import span_told
from doorstep.dispatch.visit_slots import risk_now
from doorstep.kernel import clock
from doorstep.sites.office.appointments_words import span_words
from doorstep.sites.office.risk_words import risk_shown
from doorstep.visits.selectors.appointments import appointments_open
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission


def visits_of(case: Case, *, staff: Staff) -> dict[str, Any] | None:
    """For the case file of an open case; None for who may not see appointments."""
    if case.status != "open" or not staff.may(Permission.SEE_APPOINTMENTS):
        return None
    found = appointments_open(case_ids=[case.pk]).get(case.pk)
    return {
        "open": found,
        "time": span_words(span_told(found, None)) if found else "",
        "risk": risk_shown(risk_now(case=case, at=clock.now())),
        "may_propose": staff.may(Permission.PROPOSE_VISITS),
        "may_assess": staff.may(Permission.ASSESS_RISK),
    }
