"""The lender's parameters of delinquency. Lender data, never constants in code.

A policy is TOML beside the book (`policy.toml`); `DEFAULT` serves where there is none. Tables of
the same file that belong to other parts (`SECTIONS`) are read there.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where


class Compounding(StrEnum):
    """Whether penalty interest itself bears penalty interest, and how often it is added."""

    NONE = "none"
    DAILY = "daily"
    MONTHLY = "monthly"


class PenaltyBase(StrEnum):
    """What bears penalty interest."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal_and_interest"


@dataclass(frozen=True)
class Policy:
    """Parameters of delinquency.

    bucket_edges         first day past due of M1, M2, ...: (1, 31, 61) puts day 30 in M1, 31 in M2
    materiality          smallest overdue amount (minor units) that enters collections
    grace_days           days past due that do not yet enter collections
    penalty_percent      penalty rate as percent of the contract rate (150 = 1.5 times), used where
                         the loan names none
    penalty_day_count    days of the year in the daily rate: 360 or 365
    penalty_base         what bears penalty interest
    penalty_compounding  none, daily, or monthly (every 30 days)
    penalty_rate_cap_ppm ceiling of the yearly penalty rate, parts per million; 0: no ceiling
    penalty_cap_percent  ceiling of penalty interest as percent of the amount that bears it; 0: none
    """

    bucket_edges: tuple[int, ...] = (1, 31, 61, 91, 121, 151, 181)
    materiality: int = 5000
    grace_days: int = 0
    penalty_percent: int = 150
    penalty_day_count: int = 360
    penalty_base: PenaltyBase = PenaltyBase.PRINCIPAL
    penalty_compounding: Compounding = Compounding.NONE
    penalty_rate_cap_ppm: int = 240_000
    penalty_cap_percent: int = 100

    def __post_init__(self) -> None:
        edges = self.bucket_edges
        if not edges or edges[0] < 1 or list(edges) != sorted(set(edges)):
            raise InputError(
                "bucket_edges must rise and start at 1 or later.",
                code="BAD_POLICY",
                hint="For example [1, 31, 61, 91].",
                where=Where(field="bucket_edges"),
            )
        if self.penalty_day_count not in (360, 365):
            raise InputError(
                "penalty_day_count must be 360 or 365.",
                code="BAD_POLICY",
                where=Where(field="penalty_day_count"),
            )
        for name in (
            "materiality",
            "grace_days",
            "penalty_percent",
            "penalty_rate_cap_ppm",
            "penalty_cap_percent",
        ):
            if getattr(self, name) < 0:
                raise InputError(
                    f"{name} must not be negative.", code="BAD_POLICY", where=Where(field=name)
                )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON and for the record of a run."""
        return asdict(self)


DEFAULT = Policy()
SECTIONS = frozenset({"protections"})


def policy_from_mapping(values: dict[str, Any], *, file: str | None = None) -> Policy:
    """A policy from plain values; a name nobody knows or a bad value raises InputError."""
    known = {field.name for field in fields(Policy)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise InputError(
            f"Unknown name {unknown[0]}.",
            code="BAD_POLICY",
            hint=f"Known: {', '.join(sorted(known))}.",
            where=Where(file=file, field=unknown[0]),
        )
    made: dict[str, Any] = {}
    for name, value in values.items():
        try:
            if name == "bucket_edges":
                made[name] = tuple(_whole(edge) for edge in value)
            elif name == "penalty_base":
                made[name] = PenaltyBase(value)
            elif name == "penalty_compounding":
                made[name] = Compounding(value)
            else:
                made[name] = _whole(value)
        except (TypeError, ValueError):
            raise InputError(
                f"{value!r} cannot be used.", code="BAD_POLICY", where=Where(file=file, field=name)
            ) from None
    return Policy(**made)


def policy_load(path: Path) -> Policy:
    """The policy in a TOML file; DEFAULT when the file is absent."""
    if not path.exists():
        return DEFAULT
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        own = {name: value for name, value in values.items() if name not in SECTIONS}
        return policy_from_mapping(own, file=path.name)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"Not readable as TOML: {error}.", code="BAD_POLICY", where=Where(file=path.name)
        ) from None


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value
