"""What a crew takes along, as data in `equipment.toml`. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "equipment.toml"
EVERY = "every"
Words = Mapping[str, str]


@dataclass(frozen=True)
class EquipmentList:
    """The things of one kind of trip, in each language."""

    kind: str
    title: Words
    items: tuple[Words, ...]


@lru_cache(maxsize=1)
def equipment() -> Mapping[str, EquipmentList]:
    """The lists that ship, by kind of trip."""
    raw = tomllib.loads(FILE.read_text("utf-8"))
    return {
        kind: EquipmentList(kind, title, tuple(raw["items"][kind]))
        for kind, title in raw["kinds"].items()
    }


def equipment_for(kinds: Iterable[str]) -> tuple[EquipmentList, ...]:
    """What every trip takes, then what these kinds add, in the order of the file.

    Raises KeyError for a kind nobody described.
    """
    wanted = {EVERY, *kinds}
    if unknown := wanted - set(equipment()):
        raise KeyError(min(unknown))
    return tuple(each for kind, each in equipment().items() if kind in wanted)
