"""Travel times over roads, from the operator's own OSRM or Valhalla server.

Where borrowers live leaves the house only encrypted, or stays on this machine. Both kinds are asked
for blocks of a matrix, small enough for the limits they ship with. What cannot be reached by road
is a day away.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from asgiref.sync import async_to_sync

from doorstep.channels.http import Lines, as_json
from doorstep.channels.http_line import Answer, NeverLeft, Unanswered
from doorstep.kernel.errors import DoorstepError, InputError, Where
from doorstep.visits.problem import Matrix, Travel
from doorstep.visits.travel import STARTING_SECONDS, Place

NO_ROAD = 86_400
BLOCKS = {"osrm": 100, "valhalla": 50}
TIMEOUT = 20.0
OK = 200
Block = tuple[Sequence[Sequence[float | None]], Sequence[Sequence[float | None]]]
Ask = Callable[[Lines, Sequence[Place], Sequence[Place]], Awaitable[Block]]


class NoRoadTimes(DoorstepError):  # noqa: N818
    """The server gave no usable answer: it is down, too slow, or says why it will not."""


@dataclass(frozen=True)
class RoadServer:
    """A routing server: `kind` is osrm or valhalla, `url` without a path of the API."""

    kind: str
    url: str

    def lines(self, timeout: float) -> Lines:
        """Connections to it. Raises InputError for an address that is not https (this machine's own
        may be http)."""
        return Lines(url=self.url, timeout=timeout, headers={})


def road_travel(*, server: RoadServer, places: Sequence[Place], timeout: float = TIMEOUT) -> Travel:
    """Seconds and metres by road from every place to every other one, with the time to start and
    to park. Raises NoRoadTimes; InputError for a server that cannot be asked."""
    if server.kind not in BLOCKS:
        raise InputError(
            f"{server.kind!r} is no kind of routing server.", code="BAD_SETTING",
            hint="osrm or valhalla.", where=Where(field="kind"),
        )  # fmt: skip
    lines = server.lines(timeout)
    try:
        return async_to_sync(_asked)(server, lines, places)
    except (NeverLeft, Unanswered, KeyError, TypeError, ValueError) as error:
        raise NoRoadTimes(
            f"The {server.kind} server gave no travel times: {type(error).__name__}.",
            code="NO_ROAD_TIMES",
            hint="See that it runs and knows this region.",
        ) from error


async def _asked(server: RoadServer, lines: Lines, places: Sequence[Place]) -> Travel:
    size, ask = BLOCKS[server.kind], ASKING[server.kind]
    count = len(places)
    seconds, metres = np.zeros((count, count)), np.zeros((count, count))
    try:
        for row in range(0, count, size):
            for column in range(0, count, size):
                some, others = places[row : row + size], places[column : column + size]
                times, lengths = await ask(lines, some, others)
                where = np.s_[row : row + len(some), column : column + len(others)]
                seconds[where] = _block(times, (len(some), len(others)))
                metres[where] = _block(lengths, (len(some), len(others)))
    finally:
        await lines.close()
    return _travel(seconds, metres)


def _block(rows: Sequence[Sequence[float | None]], shape: tuple[int, int]) -> Any:
    """A block of the matrix; what has no way is not a number yet. Raises ValueError."""
    numbers = np.array(
        [[np.nan if each is None else float(each) for each in row] for row in rows]
    )  # fmt: skip
    if numbers.shape != shape or (numbers < 0).any() or np.isinf(numbers).any():
        raise ValueError("not the matrix that was asked for")
    return numbers


def _travel(seconds: Any, metres: Any) -> Travel:
    away = np.isnan(seconds)
    times: Matrix = np.ceil(np.where(away, NO_ROAD, seconds + STARTING_SECONDS)).astype(np.int64)
    lengths: Matrix = np.rint(np.where(np.isnan(metres), 0, metres)).astype(np.int64)
    times[seconds == 0] = 0
    np.fill_diagonal(times, 0)
    np.fill_diagonal(lengths, 0)
    return Travel(seconds=times, metres=lengths)


async def _osrm(lines: Lines, some: Sequence[Place], others: Sequence[Place]) -> Block:
    """The table service, version 1."""
    points = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in (*some, *others))
    rows = ";".join(map(str, range(len(some))))
    columns = ";".join(map(str, range(len(some), len(some) + len(others))))
    told = _read(
        await lines.ask(
            "GET",
            f"/table/v1/driving/{points}?annotations=duration,distance"
            f"&sources={rows}&destinations={columns}",
        )
    )
    if told["code"] != "Ok":
        raise ValueError(str(told["code"]))
    return told["durations"], told["distances"]


async def _valhalla(lines: Lines, some: Sequence[Place], others: Sequence[Place]) -> Block:
    """The matrix service."""
    asked = {
        "sources": [{"lat": place.lat, "lon": place.lon} for place in some],
        "targets": [{"lat": place.lat, "lon": place.lon} for place in others],
        "costing": "auto", "units": "kilometers",
    }  # fmt: skip
    answer = await lines.ask("POST", "/sources_to_targets", content=as_json(asked))
    rows = _read(answer)["sources_to_targets"]
    times = [[cell["time"] for cell in row] for row in rows]
    lengths = [
        [None if cell["distance"] is None else cell["distance"] * 1000 for cell in row]
        for row in rows
    ]
    return times, lengths


def _read(answer: Answer) -> Any:
    """What was answered. Raises ValueError for a failure and for what is not JSON."""
    if answer.status != OK:
        raise ValueError(f"status {answer.status}")
    return json.loads(answer.body)


ASKING: dict[str, Ask] = {"osrm": _osrm, "valhalla": _valhalla}
