"""Two versions of a text side by side: what stayed, what went, what is new."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

TOKEN = re.compile(r"\{[^{}]*\}|[A-Za-z0-9'’]+|\s+|.")


@dataclass(frozen=True)
class Piece:
    """A stretch of the comparison. Kinds: same, gone, new."""

    kind: str
    text: str


def texts_compare(before: str, after: str) -> list[Piece]:
    """The pieces that make `before` (same, gone) and `after` (same, new), word by word; Chinese is
    compared character by character, a fact in braces as one word."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    pieces: list[Piece] = []
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[from_old:to_old])))
            continue
        pieces += [
            Piece(name, "".join(words))
            for name, words in (("gone", old[from_old:to_old]), ("new", new[from_new:to_new]))
            if words
        ]
    return pieces
