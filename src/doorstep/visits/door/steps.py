"""The steps of a visit as the lender wrote them down, and what is missing when it is closed. Pure.

Nothing is skipped silently: a step is done, skipped for a reason, or not needed because somebody
else than the borrower, or nobody, was there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "door.toml"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
BORROWER, THIRD_PARTY, NOBODY = "borrower", "third_party", "nobody"
WHO = (BORROWER, THIRD_PARTY, NOBODY)
DONE, SKIPPED, NOT_NEEDED = "done", "skipped", "not_needed"
HOW = (DONE, SKIPPED, NOT_NEEDED)
MOMENTS = ("upset", "silent", "elderly", "child", "threats")
Words = Mapping[str, str]


@dataclass(frozen=True)
class DoorStep:
    """A step: what it is called and says, which facts its event has, whether it may be skipped, and
    whether it is for the borrower alone. `rules` are the rules of law it keeps."""

    code: str
    title: Words
    words: Words
    needs: tuple[str, ...]
    may_skip: bool
    borrower_only: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Door:
    """The steps in their order, and what helps in hard moments."""

    steps: tuple[DoorStep, ...]
    conduct: Mapping[str, tuple[Words, ...]]

    def step(self, code: str) -> DoorStep | None:
        """The step of that code."""
        return next((each for each in self.steps if each.code == code), None)

    def codes(self) -> tuple[str, ...]:
        """The codes of the steps in their order."""
        return tuple(each.code for each in self.steps)


@lru_cache(maxsize=1)
def door() -> Door:
    """The protocol that ships."""
    return door_read(FILE.read_text("utf-8"))


def door_read(text: str) -> Door:
    """A protocol written as TOML. Raises KeyError or ValueError for a part that is missing, that
    has no wording in one of the languages, or for two steps of one code."""
    raw = tomllib.loads(text)
    steps = tuple(_step(each) for each in raw["steps"])
    if len({step.code for step in steps}) != len(steps):
        raise ValueError("Two steps have the same code.")
    conduct = {moment: tuple(map(_words, raw["conduct"][moment])) for moment in MOMENTS}
    return Door(steps, conduct)


def _step(raw: Mapping[str, Any]) -> DoorStep:
    if raw["who"] not in ("all", BORROWER):
        raise ValueError(f"{raw['who']!r} is nobody a step can be for.")
    return DoorStep(
        code=raw["code"], title=_words(raw["title"]), words=_words(raw["words"]),
        needs=tuple(raw["needs"]), may_skip=bool(raw["may_skip"]),
        borrower_only=raw["who"] == BORROWER, rules=tuple(raw["rules"]),
    )  # fmt: skip


def _words(raw: Mapping[str, str]) -> Words:
    return {language: raw[language] for language in LANGUAGES}
