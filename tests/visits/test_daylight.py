"""Sunrise and sunset against what almanacs print."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.visits.daylight import is_dark, sun_up

# Place, day, sunrise and sunset (UTC) as almanacs print them.
PRINTED = [
    ("Shanghai", 31.23, 121.47, date(2026, 11, 22), "22:27", "08:53"),
    ("Greenwich", 51.48, 0.0, date(2026, 6, 21), "03:43", "20:21"),
    ("Greenwich", 51.48, 0.0, date(2026, 12, 21), "08:04", "15:53"),
    ("Ürümqi", 43.83, 87.62, date(2026, 12, 21), "01:40", "10:35"),
    ("Singapore", 1.35, 103.82, date(2026, 3, 20), "23:09", "11:16"),
]


@pytest.mark.parametrize(("place", "lat", "lon", "on", "rise", "down"), PRINTED)
def test_the_sun_rises_and_sets_as_printed(
    place: str, lat: float, lon: float, on: date, rise: str, down: str
) -> None:
    sun = sun_up(on=on, latitude=lat, longitude=lon)
    assert sun is not None
    for found, printed in zip(sun, (rise, down), strict=True):
        clock = datetime.combine(found.date(), time.fromisoformat(printed), UTC)
        assert abs(found - clock) <= timedelta(minutes=2), (place, found)


def test_where_the_sun_does_not_set_or_rise_it_counts_as_dark() -> None:
    for on in (date(2026, 6, 21), date(2026, 12, 21)):
        assert sun_up(on=on, latitude=80.0, longitude=20.0) is None
        noon = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=12)
        assert is_dark(at=noon, on=on, latitude=80.0, longitude=20.0)


@given(
    lat=st.floats(-60, 60), lon=st.floats(-180, 180),
    on=st.dates(date(2020, 1, 1), date(2060, 1, 1)),
)  # fmt: skip
def test_between_the_polar_circles_there_is_a_day_every_day(
    lat: float, lon: float, on: date
) -> None:
    sun = sun_up(on=on, latitude=lat, longitude=lon)
    assert sun is not None
    assert timedelta(hours=5) < sun[1] - sun[0] < timedelta(hours=19)
    second = timedelta(seconds=1)
    assert is_dark(at=sun[0] - second, on=on, latitude=lat, longitude=lon)
    assert not is_dark(at=sun[0] + second, on=on, latitude=lat, longitude=lon)
    assert not is_dark(at=sun[1] - second, on=on, latitude=lat, longitude=lon)
    assert is_dark(at=sun[1] + second, on=on, latitude=lat, longitude=lon)
