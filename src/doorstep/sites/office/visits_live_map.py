"""A drawing of crews and stops to one scale, for a board drawn anew every few seconds. Pure.

Everything on it stands in the list beside it too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH, EDGE = 640.0, 360.0, 26.0
LEAST = 0.004
"""The least stretch of degrees drawn: two points at one door are not torn apart."""


@dataclass(frozen=True)
class Mark:
    """A point of the drawing; `words` is the letter of a crew, empty for a stop."""

    x: float
    y: float
    tone: int
    words: str = ""
    state: str = ""


@dataclass(frozen=True)
class Drawn:
    """The drawing: stops below, crews above."""

    stops: list[Mark]
    crews: list[Mark]


def drawn(
    *,
    crews: Sequence[tuple[str, int, float, float]],
    stops: Sequence[tuple[int, str, float, float]],
) -> Drawn | None:
    """Crews (letter, tone, longitude, latitude) and stops (tone, state, longitude, latitude), north
    above; None where there is nothing to draw.

    >>> drawn(crews=[], stops=[]) is None
    True
    """
    points = [(each[2], each[3]) for each in (*crews, *stops)]
    if not points:
        return None
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    narrow = math.cos(math.radians((south + north) / 2))
    span_x, span_y = max((east - west) * narrow, LEAST), max(north - south, LEAST)
    scale = min((WIDE - 2 * EDGE) / span_x, (HIGH - 2 * EDGE) / span_y)

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        x = WIDE / 2 + (longitude - (west + east) / 2) * narrow * scale
        y = HIGH / 2 - (latitude - (south + north) / 2) * scale
        return round(x, 1), round(y, 1)

    return Drawn(
        stops=[Mark(*place(x, y), tone, state=state) for tone, state, x, y in stops],
        crews=[Mark(*place(x, y), tone, words=letter) for letter, tone, x, y in crews],
    )
