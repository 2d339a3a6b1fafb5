"""Where travel times come from: the server once, then what is kept; else the estimate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytest_django import Settings

from doorstep.dispatch.visit_travel import MOST_KEPT, travel_between, travel_notices
from doorstep.visits.travel import Place
from tests.servers.roads import Roads, roads_served

PLACES = [Place(18.0, 129.0), Place(18.01, 129.0), Place(18.0, 129.02)]


def test_without_a_server_times_are_estimated_and_say_so(settings: Settings) -> None:
    settings.TRAVEL_URL = ""
    found = travel_between(PLACES)
    assert found.estimated
    assert travel_notices(found) == []


def test_the_server_is_asked_once_for_the_same_places(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    with roads_served(Roads()) as roads:
        settings.TRAVEL_KIND, settings.TRAVEL_URL = "osrm", roads.url
        first, again = travel_between(PLACES), travel_between(PLACES)
        assert len(roads.asked) == 1
        travel_between(PLACES[:2])
        assert len(roads.asked) == 2
    assert not first.estimated
    assert np.array_equal(first.seconds, again.seconds)
    assert first.metres is not None
    assert again.metres is not None
    assert np.array_equal(first.metres, again.metres)


def test_while_the_server_is_down_times_are_estimated_and_whoever_plans_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    settings.TRAVEL_KIND, settings.TRAVEL_URL = "valhalla", "http://127.0.0.1:9"
    found = travel_between(PLACES)
    assert found.estimated
    assert travel_notices(found) == ["NO_ROAD_TIMES"]
    assert not list(tmp_path.glob("travel/*.npz"))


def test_no_more_is_kept_than_some_days_need(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    with roads_served(Roads()) as roads:
        settings.TRAVEL_KIND, settings.TRAVEL_URL = "osrm", roads.url
        for n in range(MOST_KEPT + 3):
            travel_between([PLACES[0], Place(18.0, 129.1 + n / 1000)])
    assert len(list(tmp_path.glob("travel/*.npz"))) == MOST_KEPT
