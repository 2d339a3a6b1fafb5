"""The functions a condition may call: what each takes, yields and is called in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from doorstep.rules import hours, moments
from doorstep.rules.values import NOTHING, Nothing, Value

# Kinds an argument may be of, by the names of doorstep.rules.tree.Type.
CLOCK = ("time", "instant")
DATE = ("day", "instant")
NUMBER = ("int", "money")
WORD = ("text", "code")
ANYTHING = ("bool", "int", "money", "text", "code", "time", "day", "instant", "hours", "list")
SAME = "same"


@dataclass(frozen=True)
class Function:
    """One function. `yields` is a type, or SAME for the type of the first argument.

    `on_nothing` is its value when an argument is NOTHING. `words` are its sentence in each
    language, the arguments in their places; `words_not` the sentence of its denial.
    """

    name: str
    takes: tuple[tuple[str, ...], ...]
    yields: str
    compute: Callable[..., Any]
    words: dict[str, str]
    words_not: dict[str, str] | None = None
    on_nothing: Value = NOTHING
    takes_nothing: bool = False


def _within(moment: time | datetime, windows: tuple[str, ...]) -> bool | None:
    return hours.hours_include(windows, moment)


def _next(inside: bool) -> Callable[[datetime, tuple[str, ...]], datetime | Nothing]:
    def compute(at: datetime, windows: tuple[str, ...]) -> datetime | Nothing:
        return hours.hours_next(windows, at, inside=inside) or NOTHING

    return compute


def _contains(text: str, words: str | tuple[str, ...]) -> bool:
    lowered = text.lower()
    return any(word.lower() in lowered for word in ((words,) if isinstance(words, str) else words))


def _start_of(day: date) -> datetime:
    """Midnight that begins a local day; a day without a zone is made an instant by the guard."""
    zone = day.tzinfo if isinstance(day, datetime) else None
    return moments.wall(moments.day_of(day), time(), zone)


def _any_of(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return any(item in others for item in some)


def _all_of(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    return all(item in others for item in some)


_LISTING = (
    Function(
        "clock_between", (CLOCK, ("time",), ("time",)), "bool", moments.clock_between,
        {"zh": "{0}在{1}至{2}之间", "en": "{0} is from {1} to {2}"},
        {"zh": "{0}不在{1}至{2}之间", "en": "{0} is not from {1} to {2}"}, on_nothing=False,
    ),
    Function(
        "within_hours", (CLOCK, ("hours",)), "bool", _within,
        {"zh": "{0}在{1}之内", "en": "{0} is within {1}"},
        {"zh": "{0}不在{1}之内", "en": "{0} is outside {1}"}, on_nothing=False,
    ),
    Function(
        "next_clock", (("instant",), ("time",)), "instant", moments.next_clock,
        {"zh": "{0}之后第一个{1}", "en": "the first {1} after {0}"},
    ),
    Function(
        "next_within", (("instant",), ("hours",)), "instant", _next(True),
        {"zh": "{0}之后进入{1}的第一刻", "en": "the first moment after {0} within {1}"},
    ),
    Function(
        "next_outside", (("instant",), ("hours",)), "instant", _next(False),
        {"zh": "{0}之后离开{1}的第一刻", "en": "the first moment after {0} outside {1}"},
    ),
    Function(
        "days_between", (DATE, DATE), "int", moments.days_between,
        {"zh": "从{0}到{1}的天数", "en": "the days from {0} to {1}"},
    ),
    Function(
        "months_between", (DATE, DATE), "int", moments.months_between,
        {"zh": "从{0}到{1}的整月数", "en": "the full months from {0} to {1}"},
    ),
    Function(
        "days_after", (DATE, NUMBER), SAME, moments.days_after,
        {"zh": "{0}之后 {1} 天", "en": "{1} days after {0}"},
    ),
    Function(
        "months_after", (DATE, NUMBER), "day", moments.months_after,
        {"zh": "{0}之后 {1} 个月", "en": "{1} months after {0}"},
    ),
    Function(
        "weekday", (DATE,), "int", moments.weekday,
        {"zh": "{0}是星期几", "en": "the weekday of {0} (1 is Monday)"},
    ),
    Function(
        "day_of", (DATE,), "day", moments.day_of, {"zh": "{0}的日期", "en": "the day of {0}"},
    ),
    Function(
        "start_of", (DATE,), "instant", _start_of,
        {"zh": "{0}零点", "en": "the start of {0}"},
    ),
    Function(
        "any_of", (("list", "hours"), ("list", "hours")), "bool", _any_of,
        {"zh": "{0}中有{1}之一", "en": "{0} has one of {1}"},
        {"zh": "{0}中没有{1}", "en": "{0} has none of {1}"}, on_nothing=False,
    ),
    Function(
        "all_of", (("list", "hours"), ("list", "hours")), "bool", _all_of,
        {"zh": "{0}都在{1}之中", "en": "all of {0} are among {1}"},
        {"zh": "{0}不都在{1}之中", "en": "not all of {0} are among {1}"}, on_nothing=False,
    ),
    Function(
        "count", (("list", "hours"),), "int", len,
        {"zh": "{0}的个数", "en": "the number of {0}"}, on_nothing=0,
    ),
    Function(
        "contains", (WORD, (*WORD, "list")), "bool", _contains,
        {"zh": "{0}含有{1}", "en": "{0} contains {1}"},
        {"zh": "{0}不含{1}", "en": "{0} does not contain {1}"}, on_nothing=False,
    ),
    Function(
        "given", (ANYTHING,), "bool", lambda value: value is not NOTHING,
        {"zh": "有{0}", "en": "there is {0}"}, {"zh": "没有{0}", "en": "there is no {0}"},
        takes_nothing=True,
    ),
    Function(
        "highest", ((*NUMBER, "day", "instant"), (*NUMBER, "day", "instant")), SAME, max,
        {"zh": "{0}与{1}中较大者", "en": "the higher of {0} and {1}"},
    ),
    Function(
        "lowest", ((*NUMBER, "day", "instant"), (*NUMBER, "day", "instant")), SAME, min,
        {"zh": "{0}与{1}中较小者", "en": "the lower of {0} and {1}"},
    ),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in _LISTING}
