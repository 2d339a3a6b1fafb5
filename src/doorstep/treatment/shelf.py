"""The ladders that ship. A version is never edited once used: a change is a new file."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from doorstep.kernel.errors import NotFound
from doorstep.treatment.table import Ladder, ladder_load
from doorstep.treatment.texts import check_texts

SHIPPED = Path(__file__).parent / "ladders"


@cache
def shipped_ladders() -> tuple[Ladder, ...]:
    """Every ladder that ships, texts checked, in the order of the day they take effect."""
    ladders = [ladder_load(path) for path in sorted(SHIPPED.glob("*.toml"))]
    for ladder in ladders:
        check_texts(ladder)
    return tuple(sorted(ladders, key=lambda ladder: (ladder.effective_from, ladder.version)))


def ladder_on(on: date) -> Ladder:
    """The ladder in force on a day: the last that has taken effect. NotFound when none has."""
    current = [ladder for ladder in shipped_ladders() if ladder.effective_from <= on]
    if not current:
        raise NotFound(f"No ladder is in force on {on}.", code="NO_LADDER")
    return current[-1]


def ladder_of(version: str) -> Ladder:
    """The ladder with that version; NotFound when it does not ship."""
    for ladder in shipped_ladders():
        if ladder.version == version:
            return ladder
    raise NotFound(f"There is no ladder {version}.", code="NO_LADDER")
