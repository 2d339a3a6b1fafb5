"""How long it takes between places: the estimate, or the operator's own routing server."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.visits.problem import Travel
from doorstep.visits.travel import Place, travel_estimate

HOURS = range(9, 18)


def travel_between(places: Sequence[Place], *, hours: range = HOURS) -> Travel:
    """Travel from every place to every other one in these hours of the day."""
    return travel_estimate(places, hours=hours)
