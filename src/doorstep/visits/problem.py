"""A field day (or week) to be planned: our own model, stable whatever engine solves it.

Times are whole seconds on one clock that starts at local midnight of the first day; the second day
begins at 86,400. Places are row numbers of the travel matrix. Values and costs share one unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
Matrix = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Travel:
    """Seconds (and metres, where known) from every place to every other one.

    `estimated`: not driven on a road network; `buffer` is the share already added for that.
    """

    seconds: Matrix
    metres: Matrix | None = None
    estimated: bool = False
    buffer: float = 0.0

    @property
    def places(self) -> int:
        """How many places there are."""
        return len(self.seconds)


@dataclass(frozen=True)
class Window:
    """Service may *start* at any second from `start` to `end`, both included."""

    start: int
    end: int

    @property
    def day(self) -> int:
        """The day on the clock, 0 for the first."""
        return self.start // DAY


@dataclass(frozen=True)
class Break:
    """Rest of `seconds` without driving or service: begun from `start` on and, where the window
    is long enough, over by `end`; else begun by `end`."""

    start: int
    end: int
    seconds: int

    @property
    def latest(self) -> int:
        """The last second at which it may begin."""
        return max(self.start, self.end - self.seconds) if self.fits else self.end

    @property
    def fits(self) -> bool:
        """Whether the whole rest fits into its window."""
        return self.end - self.start >= self.seconds


@dataclass(frozen=True)
class Crew:
    """Two or more people on one day: one crew-day, with where and when they work."""

    id: str
    agents: tuple[str, ...]
    start: int
    end: int
    shift: Window
    max_seconds: int | None = None
    rest: Break | None = None
    skills: frozenset[str] = frozenset()
    fixed_cost: float = 0.0
    max_visits: int | None = None

    def can(self, visit: Visit) -> bool:
        """Whether these people have what the visit asks for (not whether they have the time)."""
        return visit.skills <= self.skills and (not visit.crews or self.id in visit.crews)


@dataclass(frozen=True)
class Visit:
    """A visit that may be made, or (required) has been promised.

    `windows` are what the guard allows and the borrower wishes; `crews`, where given, are the only
    ones that may go. `lost_per_day` is the value lost with every day of waiting.
    """

    id: str
    place: int
    windows: tuple[Window, ...]
    seconds: int
    value: float
    required: bool = False
    skills: frozenset[str] = frozenset()
    risk: str = "low"
    load: int = 0
    lost_per_day: float = 0.0
    crews: frozenset[str] = frozenset()

    def value_at(self, start: int) -> float:
        """What the visit is worth when service starts then; never below nothing."""
        return max(0.0, self.value - self.lost_per_day * (start // DAY))


@dataclass(frozen=True)
class Objective:
    """Costs in the currency of the values. `fair_seconds` of duty are free of `per_second_over`:
    a price on long days is what balances crews."""

    per_second: float = 1.0
    per_metre: float = 0.0
    crew_day: float = 0.0
    fair_seconds: int | None = None
    per_second_over: float = 0.0


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a planner needs to know, checked by `problem_file.problem_of`."""

    travel: Travel
    crews: tuple[Crew, ...]
    visits: tuple[Visit, ...]
    objective: Objective = field(default_factory=Objective)
    capacity: int | None = None
    dark_from: int | None = None
    date: str = ""
    places: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @cached_property
    def crew_by_id(self) -> dict[str, Crew]:
        """Crews by their id."""
        return {crew.id: crew for crew in self.crews}

    @cached_property
    def visit_by_id(self) -> dict[str, Visit]:
        """Visits by their id."""
        return {visit.id: visit for visit in self.visits}

    @cached_property
    def cost(self) -> NDArray[np.float64]:
        """What going from one place to another costs, in the currency of the values."""
        cost: NDArray[np.float64] = self.travel.seconds * np.float64(self.objective.per_second)
        if self.travel.metres is not None and self.objective.per_metre:
            cost = cost + self.objective.per_metre * self.travel.metres
        return cost

    def windows_of(self, visit: Visit) -> tuple[Window, ...]:
        """The visit's windows, cut so that a visit of high risk is over before dark."""
        if visit.risk != "high" or self.dark_from is None:
            return visit.windows
        return tuple(
            part
            for window in visit.windows
            for part in _by_daylight(window, self.dark_from - visit.seconds)
        )


def _by_daylight(window: Window, latest: int) -> list[Window]:
    """The parts of a window, day by day, that begin no later than `latest` seconds of that day."""
    days = range(window.start // DAY, window.end // DAY + 1)
    parts = [
        Window(max(window.start, day * DAY), min(window.end, day * DAY + latest)) for day in days
    ]
    return [part for part in parts if latest >= 0 and part.start <= part.end]
