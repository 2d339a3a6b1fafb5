"""Police stations that the operator supplies as a CSV file, and the nearest to a door. Pure.

Columns: name, phone, address, latitude, longitude (WGS-84), in any order, UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doorstep.kernel.errors import InputError, Where
from doorstep.visits.safety import Place, place_of
from doorstep.workforce.pairs import metres_between

COLUMNS = ("name", "phone", "address", "latitude", "longitude")


@dataclass(frozen=True)
class Station:
    """A police station."""

    name: str
    phone: str
    address: str
    place: Place


def stations_read(path: Path) -> tuple[Station, ...]:
    """The stations in a file. Raises InputError naming line and column of what cannot be used."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise _bad(path, 1, missing[0], "The column is missing.")
            return tuple(_station(path, rows.line_num, row) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _bad(path, None, None, f"Not readable as CSV in UTF-8: {error}.") from None


def _station(path: Path, line: int, row: dict[str, str | None]) -> Station:
    place = place_of(row["latitude"], row["longitude"])
    if place is None:
        raise _bad(path, line, "latitude", "Latitude and longitude name no point on earth.")
    if not (row["name"] or "").strip():
        raise _bad(path, line, "name", "A station needs a name.")
    texts = {name: (row[name] or "").strip() for name in ("name", "phone", "address")}
    return Station(**texts, place=place)


def _bad(path: Path, line: int | None, column: str | None, message: str) -> InputError:
    return InputError(
        message,
        code="BAD_POLICE_STATIONS",
        hint=f"The columns are {', '.join(COLUMNS)}.",
        where=Where(file=path.name, line=line, field=column),
    )


def station_nearest(
    stations: Sequence[Station], *, latitude: float, longitude: float
) -> tuple[Station, int] | None:
    """The nearest station as the crow flies and its distance in metres; None without any."""
    if not stations:
        return None

    def metres(station: Station) -> float:
        place = station.place
        return metres_between((latitude, longitude), (place.latitude, place.longitude))

    nearest = min(stations, key=metres)
    return nearest, round(metres(nearest))
