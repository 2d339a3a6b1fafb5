"""How long it takes between places: the operator's own routing server, else the estimate.

What the server said is kept in the state directory, by exactly which places were asked for. Where
it does not answer, times are estimated, and whoever plans is told.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings

from doorstep.channels.road_times import NoRoadTimes, RoadServer, road_travel
from doorstep.visits.problem import Matrix, Travel
from doorstep.visits.travel import Place, travel_estimate

HOURS = range(9, 18)
MOST_KEPT = 60
NO_SERVER = "NO_ROAD_TIMES"
log = logging.getLogger(__name__)


def travel_between(places: Sequence[Place], *, hours: range = HOURS) -> Travel:
    """Travel from every place to every other one in these hours of the day. `estimated` tells
    which of the two it is."""
    if not settings.TRAVEL_URL:
        return travel_estimate(places, hours=hours)
    server = RoadServer(settings.TRAVEL_KIND, settings.TRAVEL_URL)
    kept = _kept(server, places)
    if kept.exists():
        return _opened(kept)
    try:
        found = road_travel(server=server, places=places)
    except NoRoadTimes as error:
        log.warning("%s", error)
        return travel_estimate(places, hours=hours)
    if found.metres is not None:
        _keep(kept, found.seconds, found.metres)
    return found


def travel_notices(travel: Travel) -> list[str]:
    """What whoever plans should know of the times."""
    return [NO_SERVER] if settings.TRAVEL_URL and travel.estimated else []


def _kept(server: RoadServer, places: Sequence[Place]) -> Path:
    named = f"{server.kind}|{server.url}|" + ";".join(f"{p.lat:.6f},{p.lon:.6f}" for p in places)
    return Path(settings.HOME) / "travel" / f"{hashlib.sha256(named.encode()).hexdigest()}.npz"


def _opened(kept: Path) -> Travel:
    with np.load(kept) as found:
        return Travel(seconds=found["seconds"], metres=found["metres"])


def _keep(kept: Path, seconds: Matrix, metres: Matrix) -> None:
    """Written whole or not at all; the oldest go."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_name(f".{kept.name}")
    with half.open("wb") as file:
        np.savez_compressed(file, seconds=seconds, metres=metres)
    half.replace(kept)
    old = sorted(kept.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime)
    for each in old[:-MOST_KEPT]:
        each.unlink(missing_ok=True)
