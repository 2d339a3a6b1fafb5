"""Estimated travel times: plausible, said to be estimates, and quick."""

from __future__ import annotations

import time

import numpy as np
import pytest

from doorstep.visits.travel import BUFFER, Place, speed_in, travel_estimate

PEOPLE_SQUARE, PUDONG_AIRPORT = Place(31.2304, 121.4737), Place(31.1443, 121.8083)


def test_a_known_way_takes_about_as_long_as_it_does() -> None:
    """About 33 km as the crow flies, some 45 km and an hour or more by road in the day."""
    travel = travel_estimate([PEOPLE_SQUARE, PUDONG_AIRPORT])
    assert travel.metres is not None
    assert travel.metres[0, 1] == pytest.approx(45_000, rel=0.05)
    assert 4_500 < travel.seconds[0, 1] < 9_000
    assert travel.seconds[0, 1] == travel.seconds[1, 0]
    assert (travel.estimated, travel.buffer) == (True, BUFFER)


def test_nothing_is_gone_from_a_place_to_itself_and_starting_costs_time() -> None:
    near = Place(PEOPLE_SQUARE.lat + 0.001, PEOPLE_SQUARE.lon)
    travel = travel_estimate([PEOPLE_SQUARE, PEOPLE_SQUARE, near], buffer=0)
    assert travel.seconds[0, 0] == travel.seconds[0, 1] == 0
    assert 90 < travel.seconds[0, 2] < 130


def test_the_evening_peak_is_slower_than_the_afternoon() -> None:
    assert speed_in(range(17, 19)) < speed_in(range(14, 16)) < speed_in(range(1)) + 1e-9


def test_a_thousand_places_take_less_than_two_seconds() -> None:
    points = np.random.default_rng(1).uniform((31.0, 121.2), (31.4, 121.8), (1000, 2))
    began = time.process_time()
    travel = travel_estimate([Place(lat, lon) for lat, lon in points])
    assert time.process_time() - began < 2
    assert travel.seconds.shape == (1000, 1000)
