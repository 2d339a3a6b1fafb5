"""What must not be said: forbidden behaviours found in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A forbidden behaviour and where it stands: text[start:end]. `source`: ids of the rules."""

    behaviour: str
    start: int
    end: int
    why: Mapping[str, str]
    source: tuple[str, ...]


FIRST = re.compile(r"坐牢|拘留你|\b(?:be|get you) arrested\b", re.IGNORECASE)


def text_lint(text: str, language: str = "") -> list[Finding]:
    """The forbidden behaviours in a text, in order of place; both languages are always read."""
    why = {"zh": "不得以坐牢、拘留相威胁", "en": "Nobody is arrested for not paying."}
    return [
        Finding("FB-ARREST", found.start(), found.end(), why, ("US-REGF-FALSE", "TW-14-FALSE"))
        for found in FIRST.finditer(text)
    ]
