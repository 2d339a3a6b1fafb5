"""When the sun is up, from a place and a day alone. Pure.

Sunrise and sunset by the almanac's short formula (NOAA, after Meeus, Astronomical Algorithms): good
to a minute or two between the polar circles. Dark here means that the sun is down.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta

HORIZON = -0.833
"""Degrees of the sun's centre at sunrise: its half breadth and the bending of light."""


def sun_up(*, on: date, latitude: float, longitude: float) -> tuple[datetime, datetime] | None:
    """Sunrise and sunset (UTC) of the day whose noon by the sun at this longitude falls on `on`.

    None where the sun does not rise or does not set on that day.
    """
    noon = datetime.combine(on, time(12), UTC) - timedelta(minutes=4 * longitude)
    declination, equation = _sun(noon)
    lat, sun = math.radians(latitude), math.radians(HORIZON)
    down = (math.sin(sun) - math.sin(lat) * math.sin(declination)) / (
        math.cos(lat) * math.cos(declination)
    )
    if not -1 <= down <= 1:
        return None
    half = timedelta(minutes=4 * math.degrees(math.acos(down)))
    transit = noon - timedelta(minutes=equation)
    return transit - half, transit + half


def is_dark(*, at: datetime, on: date, latitude: float, longitude: float) -> bool:
    """Whether the sun is down at the instant, `on` being the local day. Where it does not rise or
    does not set, it counts as dark."""
    up = sun_up(on=on, latitude=latitude, longitude=longitude)
    return up is None or not up[0] <= at <= up[1]


def _sun(at: datetime) -> tuple[float, float]:
    """The sun's declination in radians and the equation of time in minutes."""
    century = (at - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / (86_400 * 36_525)
    mean = math.radians((280.46646 + century * 36_000.76983) % 360)
    anomaly = math.radians(357.52911 + century * 35_999.05029)
    centre = (
        (1.914602 - 0.004817 * century) * math.sin(anomaly)
        + 0.019993 * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    true = math.degrees(mean) + centre
    node = math.radians(125.04 - 1_934.136 * century)
    seen = math.radians(true - 0.00569 - 0.00478 * math.sin(node))
    tilt = math.radians(23.439291 - 0.0130042 * century + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(tilt) * math.sin(seen))
    shape, round_ = math.tan(tilt / 2) ** 2, 0.016708634 - 0.000042037 * century
    equation = (
        shape * math.sin(2 * mean)
        - 2 * round_ * math.sin(anomaly)
        + 4 * round_ * shape * math.sin(anomaly) * math.cos(2 * mean)
        - 0.5 * shape**2 * math.sin(4 * mean)
        - 1.25 * round_**2 * math.sin(2 * anomaly)
    )
    return declination, 4 * math.degrees(equation)
