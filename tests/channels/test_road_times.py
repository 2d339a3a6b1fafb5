"""Travel times by road: both kinds of server, their limits, gaps and failures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from doorstep.channels.road_times import NO_ROAD, NoRoadTimes, RoadServer, road_travel
from doorstep.kernel.errors import InputError
from doorstep.visits.travel import STARTING_SECONDS, Place
from tests.servers.roads import METRES_A_DEGREE, METRES_A_SECOND, Roads, roads_served

KINDS = ("osrm", "valhalla")


@pytest.fixture
def roads() -> Iterator[Roads]:
    with roads_served(Roads()) as served:
        yield served


def a_grid(count: int) -> list[Place]:
    return [Place(18 + 0.001 * (n % 20), 129 + 0.001 * (n // 20)) for n in range(count)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 120])
def test_the_matrix_is_whole_whatever_the_server_takes_at_once(
    roads: Roads, kind: str, count: int
) -> None:
    places = a_grid(count)
    found = road_travel(server=RoadServer(kind, roads.url), places=places)
    assert found.metres is not None
    assert found.places == count
    assert not found.estimated
    for a, b in ((0, count - 1), (count - 1, 0), (count // 2, 0)):
        north, east = abs(places[a].lat - places[b].lat), abs(places[a].lon - places[b].lon)
        metres = (north + east) * METRES_A_DEGREE
        assert abs(int(found.metres[a, b]) - metres) <= 1
        drive = metres / METRES_A_SECOND + (STARTING_SECONDS if a != b else 0)
        assert abs(int(found.seconds[a, b]) - drive) <= 1
    assert not found.seconds.diagonal().any()
    assert len(roads.asked) == (1 if count < 50 else 4 if kind == "osrm" else 9)


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_road_leads_to_is_a_day_away(roads: Roads, kind: str) -> None:
    places = a_grid(3)
    roads.island = (places[1].lat, places[1].lon)
    found = road_travel(server=RoadServer(kind, roads.url), places=places)
    assert found.seconds[0, 1] == found.seconds[1, 2] == NO_ROAD
    assert found.seconds[0, 2] < NO_ROAD
    assert found.metres is not None
    assert found.metres[0, 1] == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "said",
    [
        "<html>", "{}", "null", '{"code": "NoTable"}', '{"sources_to_targets": [[{"time": -1}]]}',
        '{"code": "Ok", "durations": [[0]], "distances": [[0]]}',
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_said_and_never_taken(roads: Roads, kind: str, said: str) -> None:
    roads.broken = said
    with pytest.raises(NoRoadTimes) as caught:
        road_travel(server=RoadServer(kind, roads.url), places=a_grid(2))
    assert caught.value.code == "NO_ROAD_TIMES"


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_down_is_said(kind: str) -> None:
    with pytest.raises(NoRoadTimes):
        road_travel(server=RoadServer(kind, "http://127.0.0.1:9"), places=a_grid(2), timeout=1)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("osrm", "http://routes.example"), ("google", "https://routes.example"), ("osrm", ""),
        ("valhalla", "ftp://routes.example"), ("osrm", "https://"),
    ],
)  # fmt: skip
def test_where_borrowers_live_is_told_to_nobody_in_the_clear(kind: str, url: str) -> None:
    with pytest.raises(InputError):
        road_travel(server=RoadServer(kind, url), places=a_grid(2))


def test_times_are_whole_numbers_that_the_planner_takes(roads: Roads) -> None:
    found = road_travel(server=RoadServer("osrm", roads.url), places=a_grid(5))
    assert found.seconds.dtype == np.int64
    assert (found.seconds >= 0).all()
