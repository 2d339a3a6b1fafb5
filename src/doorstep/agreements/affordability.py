"""What is left a month when a household has paid for its life. Pure.

Every answer is counted by a rule that can be said in a sentence, and the sentence goes with it
(`Finding.how`). The ranges stand in `spending.toml`; they are there to ask again, never to tell
people what they may need. Minor units a month throughout.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.money import divide_half_up

INCOME, SPENDING, DEBT = "income", "spending", "debt"
GROUPS = (INCOME, SPENDING, DEBT)
MOST_MINOR = 10**12
MOST_PEOPLE = 30


class How(StrEnum):
    """How an answer was counted."""

    AS_SAID = "as_said"
    IN_PART = "in_part"
    RAISED = "raised"
    EXPLAINED = "explained"
    LOWERED = "lowered"


@dataclass(frozen=True)
class Range:
    """What a kind of spending usually costs the first adult of a household."""

    low: int
    high: int


@dataclass(frozen=True)
class Guideline:
    """`spending.toml`, read. `edition` names it; `digest` is of its very bytes."""

    edition: str
    digest: str
    currency: str
    valid_days: int
    reserve_percent: int
    most_share_percent: int
    adult_percent: int
    child_percent: int
    income: Mapping[str, int]
    spending: Mapping[str, Range]
    debts: tuple[str, ...]

    def codes(self, group: str) -> tuple[str, ...]:
        """The lines of a group, in the order of the form."""
        return {INCOME: tuple(self.income), SPENDING: tuple(self.spending), DEBT: self.debts}[group]

    def range_for(self, code: str, *, household: Household) -> Range:
        """What a kind of spending usually costs a household."""
        one, heads = self.spending[code], self.heads_percent(household)
        return Range(divide_half_up(one.low * heads, 100), divide_half_up(one.high * heads, 100))

    def heads_percent(self, household: Household) -> int:
        """The size of a household as a percentage of its first adult."""
        more = (household.adults - 1) * self.adult_percent + household.children * self.child_percent
        return 100 + more


@dataclass(frozen=True)
class Household:
    """Who lives on this money: grown-ups (the borrower among them) and children."""

    adults: int = 1
    children: int = 0


@dataclass(frozen=True)
class Line:
    """One answer. `why` explains a figure outside the usual range."""

    group: str
    code: str
    minor: int
    why: str = ""
    verified: bool = False


@dataclass(frozen=True)
class Event:
    """Something sudden, by the cause of a hardship; the days may be unknown."""

    cause: str
    since: date | None = None
    expected_until: date | None = None


@dataclass(frozen=True)
class Finding:
    """How one answer was counted. `low` and `high` are the usual range, where there is one."""

    group: str
    code: str
    said: int
    counted: int
    how: How
    low: int | None = None
    high: int | None = None

    @property
    def asks(self) -> bool:
        """Whether somebody should ask again, because a reason is missing."""
        return self.how in (How.RAISED, How.LOWERED)

    def as_json(self) -> dict[str, Any]:
        """Plain values, to keep."""
        return {
            "group": self.group, "code": self.code, "said": self.said, "counted": self.counted,
            "how": self.how.value, "low": self.low, "high": self.high,
        }  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What is left and how it came about: income - spending - debts - reserve = disposable, which
    is negative where life costs more than comes in."""

    income: int
    spending: int
    debts: int
    reserve: int
    findings: tuple[Finding, ...]

    @property
    def disposable(self) -> int:
        """What is left a month."""
        return self.income - self.spending - self.debts - self.reserve


def guideline_read(text: str) -> Guideline:
    """A guideline in TOML. Raises KeyError or ValueError for one that is not whole."""
    raw: dict[str, Any] = tomllib.loads(text)
    ranges = {code: Range(row["low"], row["high"]) for code, row in raw["spending"].items()}
    if any(not 0 <= each.low <= each.high for each in ranges.values()):
        raise ValueError("A range runs from 0 or more up to its upper end.")
    income = {code: row["counted_percent"] for code, row in raw["income"].items()}
    percents = [*income.values(), raw["reserve_percent"], raw["most_share_percent"]]
    if any(not 0 <= percent <= 100 for percent in percents):
        raise ValueError("A percentage runs from 0 to 100.")
    return Guideline(
        edition=raw["edition"],
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
        currency=raw["currency"],
        valid_days=raw["valid_days"],
        reserve_percent=raw["reserve_percent"],
        most_share_percent=raw["most_share_percent"],
        adult_percent=raw["adult_percent"],
        child_percent=raw["child_percent"],
        income=income,
        spending=ranges,
        debts=tuple(raw["debt"]),
    )


GUIDELINE = guideline_read((Path(__file__).parent / "spending.toml").read_text("utf-8"))


def lines_checked(lines: Sequence[Line], *, guideline: Guideline = GUIDELINE) -> None:
    """Raises InputError naming the field for a line that nobody asked for, one that comes twice,
    or an amount that cannot be."""
    seen: set[tuple[str, str]] = set()
    for line in lines:
        field = f"{line.group}.{line.code}"
        if line.group not in GROUPS or line.code not in guideline.codes(line.group):
            raise _bad(field, "There is no such line on the form.")
        if (line.group, line.code) in seen:
            raise _bad(field, "The line comes twice.")
        if not 0 <= line.minor <= MOST_MINOR:
            raise _bad(field, "An amount is 0 or more, and not beyond all measure.")
        seen.add((line.group, line.code))


def household_checked(household: Household) -> None:
    """Raises InputError for a household that cannot be."""
    if not 1 <= household.adults <= MOST_PEOPLE:
        raise _bad("adults", "At least one grown-up lives on this money.")
    if not 0 <= household.children <= MOST_PEOPLE:
        raise _bad("children", "The number of children is not usable.")


def affordability_of(
    *, household: Household, lines: Sequence[Line], guideline: Guideline = GUIDELINE
) -> Result:
    """What is left a month. Raises InputError as `lines_checked` and `household_checked`."""
    household_checked(household)
    lines_checked(lines, guideline=guideline)
    said = {(line.group, line.code): line for line in lines}
    findings = tuple(
        _finding(said.get((group, code), Line(group, code, 0)), household, guideline)
        for group in GROUPS
        for code in guideline.codes(group)
    )
    sums = {group: sum(f.counted for f in findings if f.group == group) for group in GROUPS}
    return Result(
        income=sums[INCOME],
        spending=sums[SPENDING],
        debts=sums[DEBT],
        reserve=divide_half_up(sums[SPENDING] * guideline.reserve_percent, 100),
        findings=tuple(f for f in findings if f.said or f.counted),
    )


def valid_until(*, on: date, guideline: Guideline = GUIDELINE) -> date:
    """The last day on which a form that was finished on a day holds."""
    return on + timedelta(days=guideline.valid_days - 1)


def most_for_plan(disposable: int, *, guideline: Guideline = GUIDELINE) -> int:
    """The highest instalment a month that still counts as affordable; 0 where nothing is left."""
    return max(disposable, 0) * guideline.most_share_percent // 100


def _finding(line: Line, household: Household, guideline: Guideline) -> Finding:
    if line.group == SPENDING:
        return _spending(line, guideline.range_for(line.code, household=household))
    if line.group == DEBT:
        return Finding(DEBT, line.code, line.minor, line.minor, How.AS_SAID)
    percent = guideline.income[line.code]
    counted = line.minor * percent // 100
    how = How.AS_SAID if percent == 100 else How.IN_PART
    return Finding(INCOME, line.code, line.minor, counted, how)


def _spending(line: Line, usual: Range) -> Finding:
    explained = bool(line.why.strip())
    if usual.low <= line.minor <= usual.high:
        counted, how = line.minor, How.AS_SAID
    elif explained:
        counted, how = line.minor, How.EXPLAINED
    elif line.minor < usual.low:
        counted, how = usual.low, How.RAISED
    else:
        counted, how = usual.high, How.LOWERED
    return Finding(SPENDING, line.code, line.minor, counted, how, usual.low, usual.high)


def _bad(field: str, why: str) -> InputError:
    return InputError(why, code="BAD_AFFORDABILITY", where=Where(field=field))
