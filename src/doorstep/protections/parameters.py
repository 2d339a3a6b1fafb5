"""The lender's deadlines and holding times of protections: data with its source, never constants.

`parameters.toml` beside this module ships the defaults. A lender overrides single terms in
`policy.toml`:

    [protections.terms.dispute_answer]
    days = 7
    count = "working"
    source = "Board decision 2026-11"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.working_days import DayReached, is_working_day, working_days_after

SHIPPED = Path(__file__).with_name("parameters.toml")
SECTION = "protections"
MOST_DAYS = 3660


class Count(StrEnum):
    """Which days a term counts."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True)
class Term:
    """A number of days and where it comes from; `house` when no law asks for it."""

    days: int
    count: Count
    source: str
    house: bool = True
    confidence: str = ""
    note: str = ""


@dataclass(frozen=True)
class Parameters:
    """Terms by name, and the country whose working days count."""

    calendar: str
    terms: Mapping[str, Term]

    def due(self, name: str, *, after: date) -> DayReached:
        """The last day of a term that begins on the day after. Raises KeyError for no such term."""
        term = self.terms[name]
        if term.count is Count.WORKING:
            return working_days_after(day=after, count=term.days, country=self.calendar)
        return DayReached(after + timedelta(days=term.days), sure=True)

    def claim_term(self, kind: str) -> str:
        """The name of the term for which an unconfirmed claim of that kind holds."""
        name = f"claim_{kind}"
        return name if name in self.terms else "claim_other"


@lru_cache(maxsize=1)
def shipped() -> Parameters:
    """The parameters that come with the program."""
    values = tomllib.loads(SHIPPED.read_text("utf-8"))
    terms = {
        name: Term(**{**term, "count": Count(term["count"])})
        for name, term in values["terms"].items()
    }
    return Parameters(calendar=values["calendar"], terms=terms)


def parameters_load(path: Path) -> Parameters:
    """The shipped parameters with what the lender's policy file changes; the file may be absent.

    Raises InputError, naming file and field, for an unknown name or a value that cannot be used.
    """
    if not path.exists():
        return shipped()
    try:
        values = tomllib.loads(path.read_text("utf-8")).get(SECTION, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"Not readable as TOML: {error}.", code="BAD_POLICY", where=Where(file=path.name)
        ) from None
    return parameters_from_mapping(values, file=path.name)


def parameters_from_mapping(values: Any, *, file: str | None = None) -> Parameters:
    """The shipped parameters with the given ones over them. Raises as `parameters_load`."""
    base = shipped()
    terms = dict(base.terms)
    values = _table(values, file, SECTION)
    for name in values:
        if name not in ("calendar", "terms"):
            raise _bad(file, name, "Unknown name.", hint="Known: calendar, terms.")
    for name, given in _table(values.get("terms", {}), file, "terms").items():
        if name not in terms:
            raise _bad(file, name, "Unknown term.", hint=f"Known: {', '.join(sorted(terms))}.")
        terms[name] = _changed(terms[name], _table(given, file, name), file=file, name=name)
    return Parameters(calendar=_calendar(values.get("calendar", base.calendar), file), terms=terms)


def _changed(term: Term, given: dict[str, Any], *, file: str | None, name: str) -> Term:
    unknown = sorted(set(given) - {"days", "count", "source"})
    if unknown:
        raise _bad(
            file, f"{name}.{unknown[0]}", "Unknown name.", hint="Known: days, count, source."
        )
    days, count = given.get("days", term.days), given.get("count", term.count)
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        raise _bad(file, f"{name}.days", f"{days!r} is no number of days from 1 to {MOST_DAYS}.")
    if count not in list(Count):
        raise _bad(file, f"{name}.count", f"{count!r} is neither calendar nor working.")
    if not isinstance(given.get("source"), str) or not given["source"].strip():
        raise _bad(
            file, f"{name}.source", "A changed term says where it comes from.",
            hint='For example source = "Board decision of 2026-11-20".',
        )  # fmt: skip
    return replace(
        term, days=days, count=Count(count), source=given["source"], house=True, confidence=""
    )


def _calendar(code: Any, file: str | None) -> str:
    try:
        is_working_day(day=date(2026, 1, 5), country=code)
    except (KeyError, TypeError, AttributeError):
        raise _bad(
            file, "calendar", f"{code!r} is no country the calendar of working days knows.",
            hint="For example CN, HK, TW, IN, GB, US.",
        ) from None  # fmt: skip
    return str(code)


def _table(values: Any, file: str | None, name: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise _bad(file, name, f"{values!r} is no table.")
    return values


def _bad(file: str | None, field: str, message: str, *, hint: str = "") -> InputError:
    return InputError(message, code="BAD_POLICY", hint=hint, where=Where(file=file, field=field))
