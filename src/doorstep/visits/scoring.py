"""Which recordings are listened to and what they are scored by. Pure; the sheet: `scoring.toml`."""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

FILE = Path(__file__).parent / "scoring.toml"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
MOST_POINTS = 2


@dataclass(frozen=True)
class Question:
    """A question of the sheet in each language; `must`: without points the whole review is low."""

    code: str
    words: Mapping[str, str]
    must: bool


@dataclass(frozen=True)
class Sheet:
    """The whole of `scoring.toml`."""

    version: int
    low_below: int
    talk_days: int
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Score:
    """What a filled sheet comes to: percent of the points that could be had, and whether that, or a
    question that must be met, makes it low."""

    percent: int
    low: bool


@lru_cache(maxsize=1)
def sheet() -> Sheet:
    """The sheet that ships."""
    return sheet_read(FILE.read_text("utf-8"))


def sheet_read(text: str) -> Sheet:
    """A sheet written as TOML. Raises KeyError or ValueError for one without questions, with a code
    twice, or with a question that is not worded in every language."""
    raw = tomllib.loads(text)
    questions = tuple(
        Question(row["code"], {name: row[name] for name in LANGUAGES}, bool(row.get("must")))
        for row in raw["question"]
    )
    if not questions or len({each.code for each in questions}) != len(questions):
        raise ValueError("a sheet has questions, each with a code of its own")
    return Sheet(raw["version"], raw["low_below"], raw["talk_days"], questions)


def score_of(*, points: Mapping[str, int | None], by: Sheet) -> Score:
    """The score of a filled sheet; None where a question did not arise. Raises ValueError when a
    question is not answered, points cannot be, or nothing at all arose."""
    asked = {each.code for each in by.questions}
    given = {code: each for code, each in points.items() if each is not None}
    if set(points) != asked or not given:
        raise ValueError("every question of the sheet is answered, and one of them arose")
    if not all(0 <= each <= MOST_POINTS for each in given.values()):
        raise ValueError("points are 0, 1 or 2")
    percent = 100 * sum(given.values()) // (MOST_POINTS * len(given))
    failed = any(each.must and given.get(each.code) == 0 for each in by.questions)
    return Score(percent, failed or percent < by.low_below)


def sample_of(*, recordings: Iterable[UUID], share: int, seed: str) -> list[UUID]:
    """The share (per mille, rounded up) of the recordings that comes first by SHA-256 of the seed
    and the id: whoever knows the seed draws the same."""
    drawn = sorted(recordings, key=lambda each: hashlib.sha256(f"{seed}|{each}".encode()).digest())
    return drawn[: math.ceil(len(drawn) * share / 1000)]
