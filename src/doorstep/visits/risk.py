"""How dangerous a visit may become, and what is done about it. Pure.

The weights and measures stand in `risk.toml`; a visit of high risk needs the approval of a second
person and is never made after dark (V2 of the capabilities; HOUSE-DARK).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

LOW, MEDIUM, HIGH = "low", "medium", "high"
LEVELS = (LOW, MEDIUM, HIGH)
# Measures that are no act of the crew but another way altogether: named, and never required.
INSTEAD = frozenset({"meet_at_branch", "by_phone_instead"})


@dataclass(frozen=True)
class Factor:
    """Something that may make a visit dangerous. `known`: it may come from the record. `needs` are
    skills that the pair must have together."""

    code: str
    weight: int
    measures: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    known: bool = False


@dataclass(frozen=True)
class RiskTable:
    """`risk.toml`, read. `hard_days`: how long a hard encounter counts; `incident_days`, where
    somebody was in danger, `valid_days` an assessment; `remote_km`: from where on is remote."""

    factors: Mapping[str, Factor]
    medium: int
    high: int
    valid_days: int
    hard_days: int
    incident_days: int
    remote_km: int


@dataclass(frozen=True)
class Because:
    """Where a factor comes from: `assessed` by a person, an `encounter` or `sos` on record, a
    `protection` that holds, or the `distance` from the branch. `at` is when it was so, `more` what
    can be said in a few characters (kilometres, for a distance)."""

    factor: str
    source: str
    at: datetime | None = None
    more: str = ""


@dataclass(frozen=True)
class Assessed:
    """What follows from some factors. `measures` are required, `instead` are other ways to think
    of first; `needs` are skills of the pair."""

    level: str
    measures: tuple[str, ...]
    instead: tuple[str, ...]
    needs: frozenset[str]
    woman: bool


def risk_table(text: str) -> RiskTable:
    """A table in TOML. Raises KeyError or ValueError for one that is not whole."""
    raw: dict[str, Any] = tomllib.loads(text)
    factors = {code: _factor(code, row) for code, row in raw["factors"].items()}
    medium, high = raw["levels"]["medium"], raw["levels"]["high"]
    if not 0 < medium < high:
        raise ValueError("The levels must rise: 0 < medium < high.")
    return RiskTable(
        factors, medium, high, raw["valid_days"], raw["hard_days"], raw["incident_days"],
        raw["remote_km"],
    )  # fmt: skip


def _factor(code: str, row: Mapping[str, Any]) -> Factor:
    return Factor(
        code, row["weight"], tuple(row["measures"]), frozenset(row.get("needs", ())),
        row.get("known", False),
    )  # fmt: skip


TABLE = risk_table((Path(__file__).parent / "risk.toml").read_text("utf-8"))
MEASURES = tuple(dict.fromkeys(each for f in TABLE.factors.values() for each in f.measures))


def risk_of(factors: Collection[str], *, table: RiskTable = TABLE) -> Assessed:
    """The level and the measures that follow from factors, in the order of the table.

    The more there is, the higher: another factor never lowers a level or takes a measure away.
    Raises KeyError for a factor that the table does not know.
    """
    unknown = set(factors) - set(table.factors)
    if unknown:
        raise KeyError(sorted(unknown)[0])
    present = [factor for code, factor in table.factors.items() if code in set(factors)]
    weight = sum(factor.weight for factor in present)
    measures = tuple(dict.fromkeys(each for factor in present for each in factor.measures))
    return Assessed(
        level=HIGH if weight >= table.high else MEDIUM if weight >= table.medium else LOW,
        measures=tuple(each for each in measures if each not in INSTEAD),
        instead=tuple(each for each in measures if each in INSTEAD),
        needs=frozenset().union(*(factor.needs for factor in present)),
        woman="woman_among" in measures,
    )


def level_most(levels: Iterable[str]) -> str:
    """The highest of some levels; low where there is none."""
    return max(levels, key=LEVELS.index, default=LOW)
