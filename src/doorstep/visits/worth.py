"""What a visit is worth: the benefit expected of it over no visit, less what it costs. Pure.

In minor units of the lender's currency, so that it can be set against the minutes and kilometres of
a crew. Every figure comes from `worth.toml`, none from a score: what a visit is worth says which of
the visits that treatment and guard leave open is made first, never whether somebody may be visited.
Travel is no part of it; the planner knows it once it knows the way.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where

FILE = Path(__file__).parent / "worth.toml"


@dataclass(frozen=True)
class Parameters:
    """The figures of `worth.toml`; shares from 0 to 1, money in minor units."""

    by_bucket: tuple[float, ...]
    after_unanswered: float
    after_answered: float
    after_inbound: float
    counted_most: int
    lost_per_day: float
    region_most: float
    per_minute: int
    crew_day: int
    per_kilometre: int
    minutes: int
    minutes_appointment: int


@dataclass(frozen=True)
class Reason:
    """One step of the reckoning: `code` with its figures; `minor` is what it adds or takes."""

    code: str
    minor: int
    figures: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The reason in plain JSON."""
        return {"code": self.code, "minor": self.minor, **self.figures}


@dataclass(frozen=True)
class Worth:
    """What a visit is worth today, how that came about, and what a day of waiting takes from it.

    `value` may be nothing and is never negative. A promised visit has its value too, but is made
    because it was promised.
    """

    value: int
    because: tuple[Reason, ...]
    lost_per_day: int


@lru_cache(maxsize=1)
def parameters() -> Parameters:
    """The parameters that ship."""
    return parameters_of(tomllib.loads(FILE.read_text("utf-8")), file=FILE.name)


def parameters_of(tree: Mapping[str, Any], *, file: str = "") -> Parameters:
    """The parameters in a parsed `worth.toml`. Raises InputError naming what is missing or odd."""
    try:
        effect, cost = tree["effect"], tree["cost"]
        found = Parameters(
            by_bucket=tuple(float(share) for share in effect["by_bucket"]),
            after_unanswered=float(effect["after_unanswered"]),
            after_answered=float(effect["after_answered"]),
            after_inbound=float(effect["after_inbound"]),
            counted_most=int(tree["amount"]["counted_most"]),
            lost_per_day=float(tree["waiting"]["lost_per_day"]),
            region_most=float(tree["regions"]["most"]),
            per_minute=int(cost["per_minute"]),
            crew_day=int(cost["crew_day"]),
            per_kilometre=int(cost["per_kilometre"]),
            minutes=int(cost["minutes"]),
            minutes_appointment=int(cost["minutes_appointment"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(file, str(error)) from error
    shares = (*found.by_bucket, found.after_unanswered, found.after_answered, found.after_inbound,
              found.lost_per_day)  # fmt: skip
    counts = (found.counted_most, found.per_minute, found.crew_day, found.per_kilometre)
    if not found.by_bucket or not all(0 <= share <= 1 for share in shares) or min(counts) < 0:
        raise _unusable(file, "shares are from 0 to 1, money is not negative")
    if found.region_most < 1 or not 1 <= found.minutes <= found.minutes_appointment <= 480:
        raise _unusable(file, "regions.most is 1 at least; a visit takes 1 to 480 minutes")
    return found


def worth_of(
    *,
    bucket: int,
    due_total: int,
    minutes: int,
    waited: int = 0,
    visits: int = 0,
    visits_answered: int = 0,
    inbound: int = 0,
    region: float = 1.0,
    rates: Parameters | None = None,
) -> Worth:
    """What visiting this borrower is worth today.

    `due_total` in minor units; `minutes` at the door; `waited`: days since treatment proposed the
    visit; `visits`, `visits_answered`, `inbound`: what there was since it fell due; `region`: how
    far this part of the town is behind its share (1: not at all), see `regions_behind`.
    """
    rates = rates or parameters()
    counted = max(0, min(due_total, rates.counted_most))
    share = rates.by_bucket[max(0, min(bucket, len(rates.by_bucket) - 1))]
    benefit = counted * share
    because = [Reason("benefit", round(benefit), {"share": share, "counted": counted})]
    for code, factor in (
        ("visited_before", _again(rates, visits, visits_answered)),
        ("got_in_touch", rates.after_inbound if inbound else 1.0),
        ("region_behind", min(max(region, 1.0), rates.region_most)),
        ("waited", 1 + rates.lost_per_day * min(max(waited, 0), 30)),
    ):
        changed = benefit * factor
        if factor != 1.0:
            figures = {"factor": round(factor, 4)} | ({"days": waited} if code == "waited" else {})
            because.append(Reason(code, round(changed - benefit), figures))
        benefit = changed
    cost = minutes * rates.per_minute
    because.append(Reason("time_at_the_door", -cost, {"minutes": minutes}))
    value = max(0, round(benefit) - cost)
    return Worth(value, tuple(because), round(value * rates.lost_per_day))


def _again(rates: Parameters, visits: int, answered: int) -> float:
    unanswered = max(0, visits - answered)
    return float(rates.after_unanswered**unanswered * rates.after_answered ** max(0, answered))


def regions_behind(
    *, waiting: Mapping[str, int], visited: Mapping[str, int], rates: Parameters | None = None
) -> dict[str, float]:
    """How much more a visit counts in each part of the town, 1.0 or more: parts with a smaller
    share of the latest visits than of those who wait for one are behind."""
    most = (rates or parameters()).region_most
    all_waiting, all_visited = sum(waiting.values()), sum(visited.values())
    if not all_waiting or not all_visited:
        return dict.fromkeys(waiting, 1.0)
    found = {}
    for region, count in waiting.items():
        wanted = count / all_waiting
        had = visited.get(region, 0) / all_visited
        found[region] = 1 + (most - 1) * max(0.0, (wanted - had) / wanted) if wanted else 1.0
    return found


def because_as_list(because: Sequence[Reason]) -> list[dict[str, Any]]:
    """The reasons in plain JSON, in their order."""
    return [reason.as_dict() for reason in because]


def _unusable(file: str, why: str) -> InputError:
    return InputError(
        f"The parameters of a visit's worth cannot be used: {why}.", code="BAD_PARAMETERS",
        hint="Put the file back as it came, or correct the line.", where=Where(file=file or None),
    )  # fmt: skip
