"""What cannot be planned with is refused, in words that name the place; nothing is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from doorstep.kernel.errors import InputError
from doorstep.visits.problem import Window
from doorstep.visits.problem_file import problem_of, problem_of_text
from tests.visits.days import crew, day, town, visit


def with_matrix(change: Callable[[list[list[Any]]], Any]) -> dict[str, Any]:
    """The day with its matrix spoilt."""
    matrix = town()
    change(matrix["seconds"])
    return day(matrix=matrix)


def put(row: int, column: int, value: Any) -> Callable[[list[list[Any]]], None]:
    def change(rows: list[list[Any]]) -> None:
        rows[row][column] = value

    return change


def places(**changes: Any) -> dict[str, Any]:
    """A day with points on the map instead of a matrix; `changes` are of the second point."""
    near = {"id": "p0", "lat": 31.2, "lon": 121.4}
    far = {"id": "p1", "lat": 31.3, "lon": 121.5, **changes}
    return {
        "locations": [near, far],
        "crews": [crew(start="p0", end="p0")],
        "visits": [visit(1, location=far["id"])],
    }


# The fault, and the words it is told in.
GOLDEN = [
    ({}, "crews", "f.json, crews: This field is missing."),
    (day(), "drop crews", "f.json, crews: This field is missing."),
    (day() | {"crews": []}, "", "f.json, crews: There are no crews. Give at least one crew."),
    (day() | {"crews": {}}, "", "f.json, crews: A list [...] is expected here."),
    (
        day([crew(agents=["a1"])]),
        "",
        "f.json, crews[0].agents: A crew is at least two different people. "
        "Nobody visits alone: name both agents.",
    ),
    (
        day([crew(agents=["a1", "a1"])]),
        "",
        "f.json, crews[0].agents: A crew is at least two different people. "
        "Nobody visits alone: name both agents.",
    ),
    (
        day([crew(shift=[9, 8])]),
        "",
        "f.json, crews[0].shift: It ends (8) before it begins (9). Write [from, to].",
    ),
    (
        day([crew(), crew()]),
        "",
        "f.json, crews[1].id: The id 'crew1' is there twice. Every id must be its own.",
    ),
    (
        day(visits=[visit(1), visit(1)]),
        "",
        "f.json, visits[1].id: The id 'v1' is there twice. Every id must be its own.",
    ),
    (
        day(visits=[visit(1, windows=[[5, 9], [36000, 30000]])]),
        "",
        "f.json, visits[0].windows[1]: It ends (30000) before it begins (36000). Write [from, to].",
    ),
    (
        day(visits=[visit(1, windows=[[-1, 9]])]),
        "",
        "f.json, visits[0].windows[0][0]: -1 is below 0. Negative is not possible here.",
    ),
    (
        day(visits=[visit(1, windows=[[1, 2, 3]])]),
        "",
        "f.json, visits[0].windows[0]: A pair [from, to] is expected here. "
        "In seconds of the local day.",
    ),
    (
        day(visits=[visit(1, service_seconds=-60)]),
        "",
        "f.json, visits[0].service_seconds: -60 is below 0. Negative is not possible here.",
    ),
    (
        day(visits=[visit(1, service_seconds=1.5)]),
        "",
        "f.json, visits[0].service_seconds: 1.5 is not whole. Times are whole seconds.",
    ),
    (
        day(visits=[visit(1, service_seconds="long")]),
        "",
        "f.json, visits[0].service_seconds: A number is expected here, not 'long'.",
    ),
    (
        day(visits=[visit(1, value=1e300)]),
        "",
        "f.json, visits[0].value: 1e+300 is out of bounds. At most 1,000,000,000.",
    ),
    (
        day(visits=[visit(1, required="yes")]),
        "",
        "f.json, visits[0].required: true or false is expected here.",
    ),
    (
        day(visits=[visit(1, risk="huge")]),
        "",
        "f.json, visits[0].risk: No risk is called 'huge'. One of ('low', 'medium', 'high').",
    ),
    (
        day(visits=[visit(1, crews=["crew7"])]),
        "",
        "f.json, visits[0].crews: Not every one of these crews exists. Use crews' ids.",
    ),
    (
        day(visits=[visit(1) | {"location": 99}], matrix=town()),
        "",
        "f.json, visits[0].location: No location is called 99. Use an id of locations, "
        "or a row number of the matrix where it stands alone.",
    ),
    (
        day([crew(start="home")]),
        "",
        "f.json, crews[0].start: No location is called 'home'. Use an id of locations, "
        "or a row number of the matrix where it stands alone.",
    ),
    (
        with_matrix(lambda rows: rows.pop()),
        "",
        "f.json, matrix.seconds[0]: The row has 4 numbers, but there are 3 locations. "
        "The matrix must be square.",
    ),
    (
        with_matrix(lambda rows: rows[2].append(1)),
        "",
        "f.json, matrix.seconds[2]: The row has 5 numbers, but there are 4 locations. "
        "The matrix must be square.",
    ),
    (
        places() | {"matrix": town(3)},
        "",
        "f.json, matrix.seconds: The matrix has 3 rows, but there are 2 locations. "
        "One row for every location, one number for every location in it.",
    ),
    (
        with_matrix(put(1, 2, -5)),
        "",
        "f.json, matrix.seconds[1][2]: -5 is below 0. Negative is not possible here.",
    ),
    (
        with_matrix(put(1, 2, "x")),
        "",
        "f.json, matrix.seconds[1][2]: A number is expected here, not 'x'.",
    ),
    (
        with_matrix(put(1, 2, None)),
        "",
        "f.json, matrix.seconds[1][2]: A number is expected here, not None.",
    ),
    (
        with_matrix(put(1, 2, 0.5)),
        "",
        "f.json, matrix.seconds[1][2]: 0.5 is not whole. Times are whole seconds.",
    ),
    (
        with_matrix(put(2, 2, 7)),
        "",
        "f.json, matrix.seconds[2][2]: A place is 0 away from itself. Write 0.",
    ),
    (
        places(lat=95),
        "",
        "f.json, locations[1].lat: 95.0 is no place on Earth. Between -90 and 90.",
    ),
    (
        places(id="p0"),
        "",
        "f.json, locations[1].id: The id 'p0' is there twice. Every id must be its own.",
    ),
    (
        day() | {"matrix": None},
        "",
        "f.json: Neither locations nor a matrix is given. Give one of the two.",
    ),
    ([], "", "f.json: An object {...} is expected here."),
]


@pytest.mark.parametrize(("tree", "change", "words"), GOLDEN)
def test_a_fault_is_told_with_its_place(tree: Any, change: str, words: str) -> None:
    if not tree and isinstance(tree, dict):
        tree = {"matrix": town(), "visits": []}
    if change == "drop crews":
        del tree["crews"]
    with pytest.raises(InputError) as told:
        problem_of(tree, file="f.json")
    assert str(told.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"crews": [', "f.json, line 1: This is not JSON: Expecting value."),
        ('{"value": NaN}', "f.json: A number is NaN. Every number must be finite."),
        ('{"value": -Infinity}', "f.json: A number is -Infinity. Every number must be finite."),
    ],
)
def test_a_text_that_is_no_problem_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError) as told:
        problem_of_text(text, file="f.json")
    assert str(told.value) == words


def test_windows_that_touch_become_one() -> None:
    problem = problem_of(day(visits=[visit(1, windows=[[50, 60], [5, 9], [9, 12], [7, 8]])]))
    assert problem.visits[0].windows == (Window(5, 12), Window(50, 60))


def test_what_nobody_reads_and_who_is_in_two_places_is_said() -> None:
    twins = [crew(1), crew(2, agents=["a2", "a9"])]
    problem = problem_of(day(twins, [visit(1, note="x"), visit(2, note="y")]))
    assert problem.notices == (
        "field not known and not read: visits.note (2 times)",
        "agent a2 is in crew1 and crew2 at the same time",
    )


def test_points_on_the_map_give_an_estimate_that_says_so() -> None:
    problem = problem_of(json.loads(json.dumps(places())))
    assert problem.travel.estimated
    assert problem.travel.buffer == 0.10
    assert problem.places == ("p0", "p1")
