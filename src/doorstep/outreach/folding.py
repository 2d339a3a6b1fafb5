"""A text as patterns read it: Simplified, half-width, lower-case, without hidden characters.

Every character of the folded text knows its place in the original, so that a finding points at
the words as they were written. `simplified.txt` pairs 3,417 Traditional characters with their
Simplified form (from OpenCC 1.4.2, Apache-2.0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MORE = {"妳": "你", "著": "着", "佢": "他", "冇": "没", "唔": "不", "係": "是", "\u3000": " "}
HIDDEN = dict.fromkeys([0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
                        *range(0x2060, 0x2070), 0xFEFF], "\x00")  # fmt: skip
HAN = "\u3400-\u9fff"
# What people put between characters so that a filter does not see the word: 坐 牢, 坐*牢.
BETWEEN = re.compile(rf"(?<=[{HAN}])[ \t\x00*_~|/\\.·•\-]{{1,4}}(?=[{HAN}])|\x00")


@cache
def _table() -> dict[int, str]:
    traditional, simplified = (
        (Path(__file__).parent / "simplified.txt").read_text("utf-8").splitlines()
    )
    table = {ord(a): b for a, b in zip(traditional, simplified, strict=True)}
    table |= {ord(a): b for a, b in MORE.items()}
    table |= {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    table |= {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
    # Chinese commas and stops end clauses and are kept apart from those inside numbers.
    for mark in "，；：！？（）":
        del table[ord(mark)]
    return table | HIDDEN


@dataclass(frozen=True)
class Folded:
    """The folded text; `places[i]` is where its character i stands in the original."""

    text: str
    places: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the folded text as a stretch of the original."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    """The folded text with the places of its characters."""
    even = text.translate(_table())
    gaps = [found.span() for found in BETWEEN.finditer(even)]
    if not gaps:
        return Folded(even, range(len(even)))
    kept: list[str] = []
    places: list[int] = []
    here = 0
    for start, end in [*gaps, (len(even), len(even))]:
        kept.append(even[here:start])
        places.extend(range(here, start))
        here = end
    return Folded("".join(kept), tuple(places))
