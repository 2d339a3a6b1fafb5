"""Generated field days: small towns with everything a day can ask for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

HOUR = 3600


def crew(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A crew of two on a day from 9 to 18, from place 0 and back."""
    return {
        "id": f"crew{number}",
        "agents": [f"a{2 * number}", f"a{2 * number + 1}"],
        "start": 0,
        "end": 0,
        "shift": [9 * HOUR, 18 * HOUR],
        **changes,
    }


def visit(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An optional visit at the place of its number, worth 50, open from 8 to 21."""
    return {
        "id": f"v{number}",
        "location": number,
        "windows": [[8 * HOUR, 21 * HOUR]],
        "service_seconds": 1200,
        "value": 50,
        "required": False,
        **changes,
    }


def town(places: int = 4, apart: int = 600) -> dict[str, Any]:
    """A street: each place is `apart` seconds from the next."""
    return {
        "seconds": [[abs(a - b) * apart for b in range(places)] for a in range(places)],
    }


def day(
    crews: list[dict[str, Any]] | None = None,
    visits: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A PROBLEM.json; what is not given is one crew and three visits along a street."""
    visits = [visit(n) for n in (1, 2, 3)] if visits is None else visits
    return {
        "matrix": town(1 + max([3, *(v["location"] for v in visits)])),
        "crews": crews or [crew()],
        "visits": visits,
        "objective": {"per_second": 0.01},
        "day": {"date": "2026-03-02"},
        **changes,
    }


@st.composite
def days(draw: st.DrawFn) -> dict[str, Any]:
    """Any day: crews with shifts, skills and breaks, visits with windows, risks, loads, on one or
    two days, on a road network without symmetry or triangle inequality."""
    places = draw(st.integers(2, 9))
    way = st.integers(0, 4000)
    seconds = [[0 if a == b else draw(way) for b in range(places)] for a in range(places)]
    place = st.integers(0, places - 1)
    horizon = draw(st.integers(1, 2))
    crews = [draw(_crews(n, place, horizon)) for n in range(draw(st.integers(1, 4)))]
    visits = [draw(_visits(n, place, horizon, crews)) for n in range(draw(st.integers(0, 14)))]
    made: dict[str, Any] = {"matrix": {"seconds": seconds}, "crews": crews, "visits": visits}
    if draw(st.booleans()):
        made["capacity"] = draw(st.integers(0, 12))
    made["objective"] = {
        "per_second": draw(st.sampled_from([0, 0.01, 1])),
        "crew_day": draw(st.sampled_from([0, 20])),
        **draw(st.sampled_from([{}, {"fair_seconds": 4 * HOUR, "per_second_over": 0.005}])),
    }
    made["day"] = {"dark_from": draw(st.integers(15 * HOUR, 20 * HOUR))}
    return made


@st.composite
def _spans(draw: st.DrawFn, horizon: int, longest: int = 10 * HOUR) -> list[int]:
    begin = draw(st.integers(6 * HOUR, 19 * HOUR)) + 86_400 * draw(st.integers(0, horizon - 1))
    return [begin, begin + draw(st.integers(0, longest))]


@st.composite
def _crews(
    draw: st.DrawFn, number: int, place: st.SearchStrategy[int], horizon: int
) -> dict[str, Any]:
    made = crew(number, start=draw(place), end=draw(place), shift=draw(_spans(horizon)))
    made["skills"] = draw(st.lists(st.sampled_from(["yue", "sign"]), unique=True))
    made["fixed_cost"] = draw(st.sampled_from([0, 30]))
    if draw(st.booleans()):
        made["max_seconds"] = draw(st.integers(1 * HOUR, 9 * HOUR))
    if draw(st.booleans()):
        window = draw(_spans(horizon, 2 * HOUR))
        made["break"] = {"window": window, "seconds": draw(st.integers(0, HOUR))}
    if draw(st.integers(0, 3)) == 0:
        made["max_visits"] = draw(st.integers(0, 4))
    return made


@st.composite
def _visits(
    draw: st.DrawFn,
    number: int,
    place: st.SearchStrategy[int],
    horizon: int,
    crews: list[dict[str, Any]],
) -> dict[str, Any]:
    made = visit(
        number,
        location=draw(place),
        windows=draw(st.lists(_spans(horizon, 6 * HOUR), max_size=3)),
        service_seconds=draw(st.integers(0, 3000)),
        value=draw(st.integers(0, 120)),
        required=draw(st.integers(0, 4)) == 0,
        risk=draw(st.sampled_from(["low", "medium", "high"])),
        load=draw(st.integers(0, 4)),
        lost_per_day=draw(st.sampled_from([0, 10])),
    )
    made["skills"] = draw(st.lists(st.sampled_from(["yue", "sign", "min"]), max_size=1))
    if draw(st.integers(0, 5)) == 0:
        made["crews"] = [draw(st.sampled_from(crews))["id"]]
    return made
