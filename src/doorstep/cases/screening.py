"""What the night's screening means for a case: whether its step can be done, is held back, or asks
a person first. Advice, never a permission."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from doorstep.cases.models import Case

CAN, HELD, ASK = "can", "held", "ask"
GROUPS = {CAN: ("permit", "permit_if"), HELD: ("not_before", "forbid"), ASK: ("ask",)}


def held_back(*, until: datetime) -> Q:
    """Cases whose step is not for the day that ends at `until`: a rule forbids it or makes it wait
    for longer."""
    later = Q(screened="not_before", screened_from__gte=until)
    return Q(screened="forbid") | later


def is_held_back(case: Case, *, until: datetime) -> bool:
    """`held_back` for a case as it stands in memory."""
    later = case.screened_from is not None and case.screened_from >= until
    return case.screened == "forbid" or (case.screened == "not_before" and later)
