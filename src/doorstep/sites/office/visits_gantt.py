"""The day of every crew drawn on one clock: lanes, bars and hours, in percent of the width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from doorstep.sites.office.visits_rows import Crew, Row
from doorstep.visits.models import CrewDay

LEAST_SHOWN = 1.6
"""Percent of the width that the narrowest bar has, so that it can be seen and hit."""


@dataclass(frozen=True)
class Span:
    """A stretch of a lane."""

    x: str
    width: str
    words: str = ""


@dataclass(frozen=True)
class Bar:
    """A visit on its lane: `road` is the way there, `x` where it begins, `middle` its label's."""

    row: Row
    x: str
    width: str
    middle: str
    road: Span | None = None


@dataclass(frozen=True)
class Lane:
    """One crew: its shift, its rest and its visits."""

    crew: Crew
    shift: Span
    rest: Span | None
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Gantt:
    """The drawing of a day: `begins` and `ends` bound it; hours are marked at `x`."""

    lanes: tuple[Lane, ...]
    hours: tuple[tuple[str, str], ...]
    begins: datetime
    ends: datetime


def gantt_of(crews: Sequence[Crew]) -> Gantt | None:
    """The drawing, from the hour before the first crew begins; None where there is no crew."""
    if not crews:
        return None
    begins = _hour(min(crew.crew.begins_at for crew in crews))
    last = max(crew.crew.ends_at for crew in crews)
    ends = _hour(last) if _hour(last) == timezone.localtime(last) else _hour(last) + _an_hour()
    scale = _Scale(begins, ends)
    hours = int((ends - begins).total_seconds() // 3600)
    marks = [begins + timedelta(hours=hour) for hour in range(hours)]
    return Gantt(
        lanes=tuple(_lane(crew, scale) for crew in crews),
        hours=tuple((scale.x(mark), f"{mark:%H}:00") for mark in marks),
        begins=begins,
        ends=ends,
    )


def _an_hour() -> timedelta:
    return timedelta(hours=1)


def _hour(at: datetime) -> datetime:
    return timezone.localtime(at).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class _Scale:
    begins: datetime
    ends: datetime

    def share(self, at: datetime) -> float:
        whole = (self.ends - self.begins).total_seconds()
        return min(100.0, max(0.0, 100 * (at - self.begins).total_seconds() / whole))

    def x(self, at: datetime) -> str:
        return f"{self.share(at):.3f}%"

    def span(self, first: datetime, last: datetime, least: float = 0.0) -> Span:
        width = max(least, self.share(last) - self.share(first))
        return Span(self.x(first), f"{width:.3f}%")


def _lane(crew: Crew, scale: _Scale) -> Lane:
    day: CrewDay = crew.crew
    rest = scale.span(day.rest_at, day.rest_until) if day.rest_at and day.rest_until else None
    bars: list[Bar] = []
    free = day.leaves_at or day.begins_at
    for row in crew.rows:
        bars.append(_bar(row, free, scale))
        free = row.visit.ends_at or free
    return Lane(crew, scale.span(day.begins_at, day.ends_at), rest, tuple(bars))


def _bar(row: Row, free: datetime, scale: _Scale) -> Bar:
    visit = row.visit
    assert visit.begins_at is not None
    assert visit.ends_at is not None
    span = scale.span(visit.begins_at, visit.ends_at, LEAST_SHOWN)
    middle = scale.share(visit.begins_at) + float(span.width.rstrip("%")) / 2
    arrives = visit.arrives_at
    road = scale.span(free, arrives) if arrives and arrives > free else None
    return Bar(row, span.x, span.width, f"{middle:.3f}%", road)
