"""Plans drawn on one time line: when something is paid, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, LEFT, ROW, BAR = 720, 8, 46, 30
TICKS = 8
ROOM = 60
STEPS = (3, 6, 12, 24, 36, 60, 120)


@dataclass(frozen=True)
class Bar:
    """Payments alike in a row, as a block; `y` from the top of its plan's row."""

    x: float
    y: float
    width: float
    height: float
    total: int
    count: int


@dataclass(frozen=True)
class Lane:
    """The row of one plan. `line_y` is where the most affordable instalment lies, if on it."""

    name: str
    top: int
    bars: tuple[Bar, ...]
    line_y: float | None


@dataclass(frozen=True)
class Tick:
    """Months from today, on the axis."""

    x: float
    months: int

    @property
    def at_end(self) -> bool:
        """Whether its words would not have room on its right."""
        return self.x > WIDTH - ROOM


@dataclass(frozen=True)
class Drawing:
    """All plans under one another, on one scale of time and one of money."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Paid:
    """What a plan takes on a day."""

    due_on: date
    total: int


def time_line(
    plans: Sequence[tuple[str, Sequence[Paid]]], *, on: date, most: int | None
) -> Drawing | None:
    """The drawing of some plans from day `on`; None for no plan."""
    ends = [_months(on, paid[-1].due_on) for _name, paid in plans if paid]
    if not ends:
        return None
    span = max(*ends, 1) + 1
    highest = max(row.total for _name, paid in plans for row in paid)
    scale = (WIDTH - 2 * LEFT) / span
    lanes = tuple(
        Lane(name, 16 + place * ROW, _bars(paid, on, scale, highest), _line(most, highest))
        for place, (name, paid) in enumerate(plans)
    )
    step = next((each for each in STEPS if span / each <= TICKS), STEPS[-1])
    ticks = tuple(Tick(round(LEFT + m * scale, 1), m) for m in range(0, span, step))
    return Drawing(WIDTH, 16 + len(plans) * ROW + 22, lanes, ticks)


def _bars(paid: Sequence[Paid], on: date, scale: float, highest: int) -> tuple[Bar, ...]:
    runs: list[list[Paid]] = []
    for row in paid:
        near = runs and abs(runs[-1][0].total - row.total) * 100 <= runs[-1][0].total
        if near:
            runs[-1].append(row)
        else:
            runs.append([row])
    bars = []
    for run in runs:
        first, last = _months(on, run[0].due_on), _months(on, run[-1].due_on)
        height = max(BAR * run[0].total / highest, 2)
        width = max((last - first + 1) * scale - 1, 2)
        bars.append(
            Bar(
                round(LEFT + first * scale, 1), round(BAR - height, 1), round(width, 1),
                round(height, 1), run[0].total, len(run),
            )
        )  # fmt: skip
    return tuple(bars)


def _line(most: int | None, highest: int) -> float | None:
    if not most or most > highest:
        return None
    return round(BAR - BAR * most / highest, 1)


def _months(on: date, day: date) -> int:
    return (day.year - on.year) * 12 + day.month - on.month
