"""Small building blocks: seeded streams of chance, columns of text, days."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
Rows = dict[str, Any]


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for every subject, so that a change in one leaves the others alone."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Identifiers such as L0000042."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def joined(*parts: Any) -> pa.Array:
    """Text columns written one after the other, row by row."""
    return pc.binary_join_element_wise(*(_text(part) for part in parts), "")


def picked(words: Sequence[str], index: Ints) -> pa.Array:
    """The word at each index."""
    return pa.array(list(words), pa.string()).take(pa.array(index))


def chosen(rng: np.random.Generator, shares: dict[str, float], size: int) -> pa.Array:
    """Words drawn by their shares."""
    weights = np.array(list(shares.values()))
    return picked(list(shares), rng.choice(len(weights), size, p=weights / weights.sum()))


def same(word: str, size: int) -> pa.Array:
    """One word in every row."""
    return pa.repeat(pa.scalar(word), size)


def where(mask: Bools, values: Any) -> pa.Array:
    """The values where the mask holds, empty elsewhere."""
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else day_array(values)
    return pc.if_else(pa.array(mask), array, pa.scalar(None, array.type))


def day_array(values: Any) -> pa.Array:
    """NumPy days, instants (UTC, microseconds) or numbers as Arrow; NaT becomes empty."""
    array = np.asarray(values)
    if array.dtype == "M8[us]":
        return pa.array(array, pa.timestamp("us", tz="UTC"))
    if array.dtype.kind == "M":
        return pa.array(array.astype("datetime64[D]"), pa.date32())
    return pa.array(array)


def as_day(on: date) -> np.datetime64:
    """A calendar day as NumPy's."""
    return np.datetime64(on, "D")


def month_day(months: Any, day: Any) -> Days:
    """The day (1 to 28) of each month."""
    first = np.asarray(months).astype("datetime64[D]")
    days: Days = first + (np.asarray(day) - 1).astype("timedelta64[D]")
    return days


def _text(part: Any) -> Any:
    if isinstance(part, str):
        return pa.scalar(part)
    if isinstance(part, np.ndarray):
        return pa.array(part).cast(pa.string())
    return part
