"""Reads credits from JSON and works out the annual percentage rate of each.

An example holds `advance` (an amount), `w` (unit-periods of a year), `first_whole` and `first_frac`
(unit-periods from the advance to the first payment) and `stream`: payments one unit-period apart as
[amount, count], or as [index from the first payment, amount, count, step].
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from doorstep.delinquency.apr import Flow, annual_percentage_rate
from doorstep.kernel.errors import InputError, Where

PLACES = Decimal("0.0001")
MOST_PAYMENTS = 10_000


def aprs(path: Path) -> Iterator[dict[str, Any]]:
    """Per example its `id` and `apr` in percent (four places). InputError names file and field."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _bad(path, None, f"Cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise _bad(path, None, f"Not readable as JSON: {error}.") from None
    examples = content.get("examples") if isinstance(content, dict) else content
    if not isinstance(examples, list):
        raise _bad(path, "examples", "There is no list of examples.")
    for place, example in enumerate(examples):
        if not isinstance(example, dict) or "id" not in example:
            raise _bad(path, f"examples[{place}]", "An example must be an object with an id.")
        yield {"id": example["id"], "apr": float(_apr(path, example).quantize(PLACES))}


def _apr(path: Path, example: Mapping[str, Any]) -> Decimal:
    try:
        first = int(example["first_whole"]), _number(example.get("first_frac", 0))
        payments = list(_payments(example["stream"], *first))
        advance = Flow(_number(example["advance"]), 0)
        periods = _number(example["w"])
        if periods <= 0 or not 0 <= first[1] < 1 or first[0] < 0:
            raise ValueError("unit-periods out of range")
    except KeyError as error:
        raise _bad(path, f"{example['id']}.{error.args[0]}", "It is missing.") from None
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise _bad(path, str(example["id"]), f"Cannot be used: {error}.") from None
    return annual_percentage_rate(advances=[advance], payments=payments, periods_per_year=periods)


def _payments(stream: Any, whole: int, fraction: Fraction) -> Iterator[Flow]:
    after = 0
    for part in stream:
        if len(part) == 2:
            index, (amount, count), step = after, part, 1
        else:
            index, amount, count, step = part
        if not 0 < count <= MOST_PAYMENTS:
            raise ValueError(f"{count} payments")
        for place in range(count):
            yield Flow(_number(amount), whole + index + place * step, fraction)
        after = index + (count - 1) * step + 1


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError(f"{value!r} is not a number")
    return Fraction(str(value))


def _bad(path: Path, field: str | None, message: str) -> InputError:
    return InputError(message, code="BAD_EXAMPLE", where=Where(file=path.name, field=field))
