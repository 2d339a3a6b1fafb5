"""What every trip pack says beside its visits, the pack's number, and who sees how much. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "trip_pack.toml"
SEEN_AFTER = timedelta(hours=12)
Words = Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """A part of the script in each language."""

    title: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True)
class Said:
    """The script of a visit, and what the lender offers in general."""

    script: tuple[Section, ...]
    options_intro: Words
    options: tuple[Words, ...]


@lru_cache(maxsize=1)
def said() -> Said:
    """The texts that ship. Raises KeyError for a file that lacks a part."""
    raw = tomllib.loads(FILE.read_text("utf-8"))
    return Said(
        script=tuple(Section(each["title"], tuple(each["lines"])) for each in raw["script"]),
        options_intro=raw["options"]["intro"],
        options=tuple(raw["options"]["lines"]),
    )


def pack_number(*, crew_id: int, day: date) -> str:
    """The number on every page of a crew's pack."""
    return f"TP-{day:%Y%m%d}-{crew_id}"


def pack_open(*, ends_at: datetime, at: datetime) -> bool:
    """Whether a crew may still open its pack: until some hours after its day, and not for ever."""
    return at <= ends_at + SEEN_AFTER
