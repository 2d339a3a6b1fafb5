"""PROBLEM.json (docs/reference/planning.md): read, and refused in words somebody can act on.

Every fault names the file and the field: `day.json, crews[3].shift: ...`. Nothing is mended or left
out in silence; a field nobody knows is named among the problem's notices.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from doorstep.kernel.errors import InputError, Where
from doorstep.visits.problem import (
    Break,
    Crew,
    Matrix,
    Objective,
    Problem,
    Travel,
    Visit,
    Window,
)
from doorstep.visits.travel import Place, travel_estimate

MOST_PLACES = 10_000
LATEST = 400 * 86_400
MOST = 1e9
RISKS = ("low", "medium", "high")
KNOWN = {
    "": {"locations", "matrix", "crews", "visits", "capacity", "objective", "day"},
    "crews": {
        "id", "agents", "start", "end", "shift", "max_seconds", "break", "skills", "fixed_cost",
        "max_visits",
    },
    "visits": {
        "id", "location", "windows", "service_seconds", "value", "required", "skills", "risk",
        "load", "lost_per_day", "crews",
    },
    "locations": {"id", "lat", "lon"},
    "matrix": {"seconds", "metres"},
    "objective": {"per_second", "per_metre", "crew_day", "fair_seconds", "per_second_over"},
    "day": {"date", "dark_from"},
}  # fmt: skip


def problem_read(path: Path) -> Problem:
    """The problem in a file. Raises InputError naming file, line and field."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "The file cannot be read as UTF-8 text.", code="UNREADABLE",
            hint="Name a PROBLEM.json.", where=Where(file=path.name),
        ) from error  # fmt: skip
    return problem_of_text(text, file=path.name)


def problem_of_text(text: str, *, file: str = "") -> Problem:
    """The problem in a JSON text."""
    try:
        tree = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise InputError(
            f"This is not JSON: {error.msg}.", code="NOT_JSON",
            where=Where(file=file or None, line=error.lineno),
        ) from error  # fmt: skip
    except (_NotANumber, RecursionError) as error:
        raise InputError(
            f"A number is {error or 'nested too deeply'}.", code="NOT_A_NUMBER",
            hint="Every number must be finite.", where=Where(file=file or None),
        ) from error  # fmt: skip
    return problem_of(tree, file=file)


class _NotANumber(Exception):  # noqa: N818
    """NaN or Infinity stands where a number belongs."""


def _no_constant(word: str) -> NoReturn:
    raise _NotANumber(word)


@dataclass(frozen=True)
class Reader:
    """One value of the file with the path to it, for faults that name the place."""

    value: Any
    path: str
    file: str

    def fault(self, message: str, hint: str = "", code: str = "BAD_PROBLEM") -> InputError:
        """The fault at this place."""
        where = Where(file=self.file or None, field=self.path or None)
        return InputError(message, code=code, hint=hint, where=where)

    def object(self) -> Reader:
        """This value, an object."""
        if not isinstance(self.value, dict):
            raise self.fault("An object {...} is expected here.")
        return self

    def has(self, name: str) -> bool:
        """Whether the field is given (null counts as not given)."""
        return self.value.get(name) is not None

    def get(self, name: str) -> Reader:
        """The field, which must be given."""
        path = f"{self.path}.{name}" if self.path else name
        if not self.has(name):
            missing = Reader(None, path, self.file)
            raise missing.fault("This field is missing.")
        return Reader(self.value[name], path, self.file)

    def each(self) -> Iterator[Reader]:
        """The members of this list."""
        if not isinstance(self.value, list):
            raise self.fault("A list [...] is expected here.")
        for index, value in enumerate(self.value):
            yield Reader(value, f"{self.path}[{index}]", self.file)

    def text(self) -> str:
        """This value, a text that is not empty; whole numbers serve as ids, too."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return str(self.value)
        if not isinstance(self.value, str) or not self.value:
            raise self.fault("A text is expected here.")
        return self.value

    def number(self, least: float = 0.0) -> float:
        """This value, a finite number of at least `least`."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.fault(f"A number is expected here, not {self.value!r:.40}.")
        if not isfinite(self.value) or abs(self.value) > MOST:
            raise self.fault(f"{self.value!r:.40} is out of bounds.", f"At most {MOST:,.0f}.")
        if self.value < least:
            raise self.fault(f"{self.value} is below {least:g}.", "Negative is not possible here.")
        return float(self.value)

    def whole(self, most: int = LATEST) -> int:
        """This value, a whole number from 0 to `most`."""
        number = self.number()
        if number != int(number):
            raise self.fault(f"{self.value} is not whole.", "Times are whole seconds.")
        if number > most:
            raise self.fault(f"{self.value} is above {most:,}.")
        return int(number)

    def flag(self) -> bool:
        """This value, true or false."""
        if not isinstance(self.value, bool):
            raise self.fault("true or false is expected here.")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """This value, a list of texts."""
        return tuple(each.text() for each in self.each())

    def window(self) -> Window:
        """This value, [from, to] in whole seconds, from no later than to."""
        if not isinstance(self.value, list) or len(self.value) != 2:
            raise self.fault("A pair [from, to] is expected here.", "In seconds of the local day.")
        start, end = (each.whole() for each in self.each())
        if end < start:
            raise self.fault(f"It ends ({end}) before it begins ({start}).", "Write [from, to].")
        return Window(start, end)


def problem_of(tree: Any, *, file: str = "") -> Problem:
    """The problem in a parsed PROBLEM.json. Raises InputError naming the field."""
    root = Reader(tree, "", file).object()
    place_of, names, travel = _travel(root)
    crews = tuple(_crew(each.object(), place_of) for each in root.get("crews").each())
    if not crews:
        raise root.get("crews").fault("There are no crews.", "Give at least one crew.", "NO_CREWS")
    visits = tuple(
        _visit(each.object(), place_of, {crew.id for crew in crews})
        for each in root.get("visits").each()
    )
    for name, ids in (("crews", [c.id for c in crews]), ("visits", [v.id for v in visits])):
        _no_twins(root.get(name), ids)
    day = root.get("day").object() if root.has("day") else Reader({}, "day", file)
    return Problem(
        travel=travel,
        crews=crews,
        visits=visits,
        objective=_objective(root),
        capacity=root.get("capacity").whole() if root.has("capacity") else None,
        dark_from=day.get("dark_from").whole(most=86_400) if day.has("dark_from") else None,
        date=day.get("date").text() if day.has("date") else "",
        places=names,
        notices=(*_unknown(tree), *_in_two_places(crews)),
    )


class _Places:
    """Finds the row of a place by the name the file uses for it."""

    def __init__(self, rows: dict[Any, int]) -> None:
        self.rows = rows

    def __call__(self, where: Reader) -> int:
        name = where.value
        if isinstance(name, bool) or not isinstance(name, str | int) or name not in self.rows:
            raise where.fault(
                f"No location is called {name!r:.60}.",
                "Use an id of locations, or a row number of the matrix where it stands alone.",
                "UNKNOWN_LOCATION",
            )
        return self.rows[name]


def _travel(root: Reader) -> tuple[_Places, tuple[str, ...], Travel]:
    """Where places are and how long it takes between them: a matrix as given, else an estimate."""
    places = [each.object() for each in root.get("locations").each()] if root.has(
        "locations"
    ) else []  # fmt: skip
    if len(places) > MOST_PLACES:
        raise root.get("locations").fault(f"More than {MOST_PLACES:,} locations.", "Split the day.")
    ids = [each.get("id").value for each in places]
    _no_twins(root.get("locations") if places else root, ids)
    if root.has("matrix"):
        travel = _matrices(root.get("matrix").object(), len(places))
        rows = dict(zip(ids, range(len(ids)), strict=True)) if places else {}
        return (
            _Places(rows or dict(zip(range(travel.places), range(travel.places), strict=True))),
            tuple(str(each) for each in (ids or range(travel.places))),
            travel,
        )
    if not places:
        raise root.fault("Neither locations nor a matrix is given.", "Give one of the two.")
    points = [Place(_degrees(p.get("lat"), 90), _degrees(p.get("lon"), 180)) for p in places]
    return _Places({n: row for row, n in enumerate(ids)}), tuple(map(str, ids)), travel_estimate(
        points
    )  # fmt: skip


def _degrees(where: Reader, most: int) -> float:
    number = where.number(least=-most)
    if number > most:
        raise where.fault(f"{number} is no place on Earth.", f"Between -{most} and {most}.")
    return number


def _matrices(given: Reader, places: int) -> Travel:
    seconds = _matrix(given.get("seconds"), places)
    metres = _matrix(given.get("metres"), len(seconds)) if given.has("metres") else None
    return Travel(seconds=seconds, metres=metres)


def _matrix(given: Reader, places: int) -> Matrix:
    """A square matrix of whole numbers, none negative, with nothing on its diagonal."""
    rows = given.value if isinstance(given.value, list) else []
    size = places or len(rows)
    if not rows or len(rows) != size:
        raise given.fault(
            f"The matrix has {len(rows)} rows, but there are {size} locations.",
            "One row for every location, one number for every location in it.", "MATRIX_SIZE",
        )  # fmt: skip
    if size > MOST_PLACES:
        raise given.fault(f"More than {MOST_PLACES:,} places.", "Split the day.", "MATRIX_SIZE")
    for index, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != size:
            length = len(row) if isinstance(row, list) else 0
            raise Reader(row, f"{given.path}[{index}]", given.file).fault(
                f"The row has {length} numbers, but there are {size} locations.",
                "The matrix must be square.", "MATRIX_SIZE",
            )  # fmt: skip
    numbers = _numbers(given, rows)
    odd = np.argwhere((numbers < 0) | (numbers > LATEST) | (numbers != np.floor(numbers)))
    if len(odd):
        row, column = map(int, odd[0])
        _cell(given, rows, row, column).whole()
    if numbers.diagonal().any():
        at = int(np.flatnonzero(numbers.diagonal())[0])
        raise _cell(given, rows, at, at).fault("A place is 0 away from itself.", "Write 0.")
    return numbers.astype(np.int64)


def _numbers(given: Reader, rows: list[list[Any]]) -> np.ndarray[Any, Any]:
    try:
        numbers = np.array(rows)
        if numbers.dtype.kind in "iuf":
            return numbers
    except (ValueError, OverflowError):
        pass
    for r, row in enumerate(rows):
        for c in range(len(row)):
            _cell(given, rows, r, c).whole()
    raise given.fault("The matrix holds something that is not a number.")


def _cell(given: Reader, rows: list[list[Any]], row: int, column: int) -> Reader:
    return Reader(rows[row][column], f"{given.path}[{row}][{column}]", given.file)


def _crew(given: Reader, place_of: _Places) -> Crew:
    agents = given.get("agents").texts()
    if len(set(agents)) < 2:
        raise given.get("agents").fault(
            "A crew is at least two different people.",
            "Nobody visits alone: name both agents.", "NO_PAIR",
        )  # fmt: skip
    return Crew(
        id=given.get("id").text(),
        agents=agents,
        start=place_of(given.get("start")),
        end=place_of(given.get("end")),
        shift=given.get("shift").window(),
        max_seconds=given.get("max_seconds").whole() if given.has("max_seconds") else None,
        rest=_rest(given.get("break").object()) if given.has("break") else None,
        skills=frozenset(given.get("skills").texts()) if given.has("skills") else frozenset(),
        fixed_cost=given.get("fixed_cost").number() if given.has("fixed_cost") else 0.0,
        max_visits=given.get("max_visits").whole() if given.has("max_visits") else None,
    )


def _rest(given: Reader) -> Break:
    window = given.get("window").window()
    return Break(window.start, window.end, given.get("seconds").whole(most=86_400))


def _visit(given: Reader, place_of: _Places, crews: set[str]) -> Visit:
    risk = given.get("risk").text() if given.has("risk") else "low"
    if risk not in RISKS:
        raise given.get("risk").fault(f"No risk is called {risk!r:.40}.", f"One of {RISKS}.")
    only = given.get("crews").texts() if given.has("crews") else ()
    if not set(only) <= crews:
        raise given.get("crews").fault("Not every one of these crews exists.", "Use crews' ids.")
    return Visit(
        id=given.get("id").text(),
        place=place_of(given.get("location")),
        windows=_merged([each.window() for each in given.get("windows").each()]),
        seconds=given.get("service_seconds").whole(),
        value=given.get("value").number() if given.has("value") else 0.0,
        required=given.get("required").flag() if given.has("required") else False,
        skills=frozenset(given.get("skills").texts()) if given.has("skills") else frozenset(),
        risk=risk,
        load=given.get("load").whole() if given.has("load") else 0,
        lost_per_day=given.get("lost_per_day").number() if given.has("lost_per_day") else 0.0,
        crews=frozenset(only),
    )


def _merged(windows: list[Window]) -> tuple[Window, ...]:
    """The windows in order, those that touch made one."""
    merged: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.start, each.end)):
        if merged and window.start <= merged[-1].end:
            last = merged.pop()
            window = Window(last.start, max(last.end, window.end))
        merged.append(window)
    return tuple(merged)


def _objective(root: Reader) -> Objective:
    if not root.has("objective"):
        return Objective()
    given, usual = root.get("objective").object(), Objective()

    def cost(name: str, otherwise: float) -> float:
        return given.get(name).number() if given.has(name) else otherwise

    return Objective(
        per_second=cost("per_second", usual.per_second),
        per_metre=cost("per_metre", usual.per_metre),
        crew_day=cost("crew_day", usual.crew_day),
        fair_seconds=given.get("fair_seconds").whole() if given.has("fair_seconds") else None,
        per_second_over=cost("per_second_over", usual.per_second_over),
    )


def _no_twins(given: Reader, ids: Iterable[Any]) -> None:
    seen: set[Any] = set()
    for index, one in enumerate(ids):
        if isinstance(one, bool) or not isinstance(one, str | int):
            raise Reader(one, f"{given.path}[{index}].id", given.file).fault("An id is a text.")
        if one in seen:
            raise Reader(one, f"{given.path}[{index}].id", given.file).fault(
                f"The id {one!r:.60} is there twice.", "Every id must be its own.", "TWICE"
            )
        seen.add(one)


def _unknown(tree: dict[str, Any]) -> Iterator[str]:
    """A notice for every field that nobody reads, once a kind."""
    found: Counter[str] = Counter(name for name in tree if name not in KNOWN[""])
    for part, known in KNOWN.items():
        members = tree.get(part) if part else None
        for member in members if isinstance(members, list) else [members]:
            if isinstance(member, dict):
                found.update(f"{part}.{name}" for name in member if name not in known)
    for name, times in found.items():
        yield f"field not known and not read: {name} ({times} times)"


def _in_two_places(crews: tuple[Crew, ...]) -> Iterator[str]:
    """A notice for every agent who is in two crews at the same time."""
    seen: dict[str, list[Crew]] = {}
    for crew in crews:
        for agent in crew.agents:
            for other in seen.get(agent, []):
                if crew.shift.start < other.shift.end and other.shift.start < crew.shift.end:
                    yield f"agent {agent} is in {other.id} and {crew.id} at the same time"
            seen.setdefault(agent, []).append(crew)
