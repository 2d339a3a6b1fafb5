"""Travel times between places: the estimate that needs no server.

Great-circle distance x 1.35 for the streets, a start-up surcharge for getting in, out and parked,
and a speed by the hour of day. An estimate says that it is one and carries a buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from doorstep.visits.problem import Travel

EARTH_METRES = 6_371_008.8
DETOUR = 1.35
STARTING_SECONDS = 90
BUFFER = 0.10
FREE_SPEED = 8.5
"""Metres a second in an empty city; our own guess until an operator measures."""
SLOWDOWN = {7: 0.65, 8: 0.6, 9: 0.75, 11: 0.85, 12: 0.85, 16: 0.8, 17: 0.6, 18: 0.6, 19: 0.75}
"""Share of the free speed that is left in an hour of the day; 0.9 where not named."""
OPEN_ROAD = 0.9


@dataclass(frozen=True)
class Place:
    """A point in WGS-84 degrees."""

    lat: float
    lon: float


class TravelProvider(Protocol):
    """Whatever knows how long it takes between places in given hours of the day."""

    def __call__(self, places: Sequence[Place], *, hours: range) -> Travel:
        """Travel from every place to every other one, as it is on average in these hours."""
        ...


def speed_in(hours: range) -> float:
    """Metres a second, averaged over the time that a metre takes in these hours of the day."""
    shares = [SLOWDOWN.get(hour % 24, OPEN_ROAD) for hour in hours]
    return FREE_SPEED * len(shares) / sum(1 / share for share in shares)


def travel_estimate(
    places: Sequence[Place], *, hours: range = range(9, 18), buffer: float = BUFFER
) -> Travel:
    """Times and distances over the ground without a road network; `buffer` is added to times.

    `hours`: those in which the crews are out; one matrix serves the whole day, because the engine
    knows no time of day.
    """
    lat, lon = np.radians(np.array([(p.lat, p.lon) for p in places], dtype=float)).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    metres = 2 * EARTH_METRES * DETOUR * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    seconds = np.ceil((metres / speed_in(hours) + STARTING_SECONDS) * (1 + buffer))
    seconds[metres < 1] = 0
    np.fill_diagonal(seconds, 0)
    return Travel(
        seconds=seconds.astype(np.int64),
        metres=np.rint(metres).astype(np.int64),
        estimated=True,
        buffer=buffer,
    )
