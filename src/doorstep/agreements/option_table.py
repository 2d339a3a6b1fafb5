"""The table of plans that a lender offers (`options.toml`), read. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ALWAYS = "always"
TO_THE_END, AS_CONTRACTED = "arrears_to_the_end", "as_contracted"


@dataclass(frozen=True)
class Way:
    """One kind of plan: for which loans, for whom, over which terms, and what it means.

    `key` names the row; `kind` is what is changed. `months` are terms to try, or a word for how the
    term follows from the contract. `longer`: only terms that do not shorten the contract.
    `most_months` by product; `rate_percent` of the contract's rate; `waive` percent by component.
    """

    key: str
    kind: str
    products: frozenset[str]
    opened_by: frozenset[str]
    months: tuple[int, ...] | str
    arrears: str
    credit: str
    missed: tuple[str, ...]
    longer: bool = False
    most_months: Mapping[str, int] = field(default_factory=dict)
    rate_percent: int = 100
    pause: int = 0
    smaller: int = 0
    smaller_percent: int = 0
    waive: Mapping[str, int] = field(default_factory=dict)
    settle_percent: int | None = None
    covers: str = "all"
    dpd_from: int = 0
    beyond_means: bool = False
    willing: bool = False
    source: str = ""


@dataclass(frozen=True)
class OptionTable:
    """`options.toml`. Days: `answer_days` working days to answer a proposal, `approved_days` in
    which an approved offer can be signed, `first_days` until a plan begins."""

    edition: str
    answer_days: int
    approved_days: int
    first_days: int
    card_months: int
    ended_months: int
    ways: tuple[Way, ...]

    def way(self, key: str) -> Way:
        """The row of that name. Raises KeyError."""
        found = {each.key: each for each in self.ways}
        return found[key]

    def card_most(self) -> int:
        """The longest a card plan may last."""
        return max(
            max(each.months)
            for each in self.ways
            if each.kind == "instalments" and "credit_card" in each.products
            and isinstance(each.months, tuple)
        )  # fmt: skip


def option_table(text: str) -> OptionTable:
    """A table in TOML. Raises KeyError, TypeError or ValueError for one that is not whole."""
    raw: dict[str, Any] = tomllib.loads(text)
    return OptionTable(
        edition=raw["edition"],
        answer_days=raw["proposal_answer_days"],
        approved_days=raw["approved_days"],
        first_days=raw["first_days"],
        card_months=raw["as_contracted"]["card_months"],
        ended_months=raw["as_contracted"]["ended_months"],
        ways=tuple(_way(key, row) for key, row in raw["kinds"].items()),
    )


def _way(key: str, row: Mapping[str, Any]) -> Way:
    months = row["months"]
    if isinstance(months, str) and months not in (TO_THE_END, AS_CONTRACTED):
        raise ValueError(f"{key}: {months} is no way to find a term.")
    made = {**row, "key": key, "kind": row.get("kind", key)}
    made["products"] = frozenset(row["products"])
    made["opened_by"] = frozenset(row["opened_by"])
    made["months"] = months if isinstance(months, str) else tuple(months)
    made["missed"] = tuple(row["missed"])
    return Way(**made)


TABLE = option_table((Path(__file__).parent / "options.toml").read_text("utf-8"))
