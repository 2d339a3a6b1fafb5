"""Who must agree to an offer: by amount, by what is waived, by kind and role. Pure.

The limits stand in `authority.toml`. The first level that an offer keeps within decides; an offer
beyond the last one can be agreed to by nobody. More is never easier: an offer that asks for more of
anything never needs fewer people than one that asks for less.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ask:
    """What an offer asks for: minor units of its currency, months until the last payment, percent
    of the contract's rate that is given up, months with nothing or less to pay (`light_months`)."""

    kind: str
    currency: str
    owed: int
    waived: int
    months: int
    rate_cut_percent: int = 0
    light_months: int = 0
    affordable: bool = False
    easing: bool = False

    @property
    def waived_percent(self) -> int:
        """Of what is owed, rounded up."""
        return -(-100 * self.waived // self.owed) if self.owed else 0


@dataclass(frozen=True)
class Level:
    """A row of `authority.toml`. `approvals`: for each person that must agree, the roles of which
    one will do."""

    code: str
    kinds: frozenset[str]
    approvals: tuple[tuple[str, ...], ...]
    most_owed: int
    most_waived: int
    most_waived_percent: int
    most_rate_cut_percent: int
    most_months: int
    most_light_months: int | None = None
    easing: bool = False
    affordable: bool = False


@dataclass(frozen=True)
class Authority:
    """`authority.toml`, read."""

    edition: str
    rates: Mapping[str, int]
    levels: tuple[Level, ...]

    def level(self, code: str) -> Level:
        """The level of that name. Raises KeyError."""
        return {each.code: each for each in self.levels}[code]


def authority_read(text: str) -> Authority:
    """A table in TOML. Raises KeyError, TypeError or ValueError for one that is not whole."""
    raw: dict[str, Any] = tomllib.loads(text)
    return Authority(
        edition=raw["edition"],
        rates=raw["rates"],
        levels=tuple(_level(code, row) for code, row in raw["levels"].items()),
    )


def _level(code: str, row: Mapping[str, Any]) -> Level:
    approvals = tuple(tuple(roles) for roles in row["approvals"])
    if any(not roles for roles in approvals):
        raise ValueError(f"{code}: an approval names the roles that may give it.")
    return Level(**{**row, "code": code, "kinds": frozenset(row["kinds"]), "approvals": approvals})


TABLE = authority_read((Path(__file__).parent / "authority.toml").read_text("utf-8"))


def level_for(ask: Ask, *, authority: Authority = TABLE) -> Level | None:
    """The first level whose limits an offer keeps within; None where it goes beyond them all, or
    its currency is not valued."""
    percent = authority.rates.get(ask.currency)
    if percent is None:
        return None
    return next((level for level in authority.levels if _within(ask, level, percent)), None)


def place_for(*, role: str, approvals: Sequence[Sequence[str]], given: Sequence[int]) -> int | None:
    """Which of the approvals that are needed and not yet `given` (their places) a role may give;
    None for none. The one with the fewest roles comes first, so that a wide one stays open."""
    open_places = [
        place for place, roles in enumerate(approvals) if place not in given and role in roles
    ]
    return min(open_places, key=lambda place: (len(approvals[place]), place), default=None)


def _within(ask: Ask, level: Level, percent: int) -> bool:
    limits = (
        ask.kind in level.kinds,
        ask.easing or not level.easing,
        ask.affordable or not level.affordable,
        ask.owed * percent <= level.most_owed * 100,
        ask.waived * percent <= level.most_waived * 100,
        ask.waived_percent <= level.most_waived_percent,
        ask.rate_cut_percent <= level.most_rate_cut_percent,
        ask.months <= level.most_months,
        level.most_light_months is None or ask.light_months <= level.most_light_months,
    )
    return all(limits)
