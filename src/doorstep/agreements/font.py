"""Which characters a document may hold: each must be one that people see, and see as what it is.

A font may lack a character; making the document then fails and names it (`kernel.pdf.pdf_render`:
CHARACTER_NOT_PRINTABLE). This finds what no font could put right, and says in which text it stands:
characters of private use, which older bank systems gave to rare names and which every font draws
differently; marks that cannot be seen or turn the writing round; and numbers without a character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.kernel.errors import DoorstepError

# control, unseen marks, private use, halves of a pair, no character, separators
UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class Unprintable:
    """A character that cannot be printed: its number, and the name of the text that holds it."""

    character: str
    where: str

    @property
    def number(self) -> str:
        """As Unicode writes it: U+E000."""
        return f"U+{ord(self.character):04X}"


def unprintable_in(texts: Mapping[str, str]) -> list[Unprintable]:
    """Every character of the texts that must not be printed, each once a text, in their order.

    >>> [each.number for each in unprintable_in({"name": "王\\ue000"})]
    ['U+E000']
    """
    return [
        Unprintable(character, where)
        for where, text in texts.items()
        for character in dict.fromkeys(text)
        if unicodedata.category(character) in UNPRINTABLE
    ]


def must_be_printable(texts: Mapping[str, str]) -> None:
    """Raises DoorstepError CHARACTER_NOT_PRINTABLE that names each text and its characters."""
    found = unprintable_in(texts)
    if not found:
        return
    named = "; ".join(f"{each.where}: {each.number}" for each in found)
    raise DoorstepError(
        f"These characters cannot be printed: {named}.",
        code="CHARACTER_NOT_PRINTABLE",
        hint="Correct the text with the character's standard form, then draft again.",
    )
