"""A decision in words: why a borrower is in the list, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from doorstep.kernel.errors import NotFound
from doorstep.treatment.shelf import ladder_of
from doorstep.treatment.table import Ladder, Row
from doorstep.treatment.texts import render


def reason_in_words(
    *, ladder_version: str, reason: str, facts: Mapping[str, Any], language: str
) -> str:
    """Why the borrower is where they are. `facts` as kept on the case; raises NotFound for a
    ladder or row that does not ship."""
    ladder, row = _row(ladder_version, reason)
    code = language_code(language)
    return render(row.reason[code], facts=facts, ladder=ladder, language=code)


def step_in_words(
    *, ladder_version: str, reason: str, facts: Mapping[str, Any], language: str
) -> str:
    """What comes next for the borrower."""
    ladder, row = _row(ladder_version, reason)
    code = language_code(language)
    return render(row.next[code], facts=facts, ladder=ladder, language=code)


def _row(version: str, key: str) -> tuple[Ladder, Row]:
    ladder = ladder_of(version)
    try:
        return ladder, ladder.row(key)
    except KeyError:
        raise NotFound(f"Ladder {version} has no row {key}.", code="NO_LADDER") from None


def language_code(language: str) -> str:
    """Our language for any spelling of it: zh-hans, zh_Hant_TW, en-gb."""
    code = language.lower().replace("_", "-")
    if code.startswith(("zh-hant", "zh-tw", "zh-hk")):
        return "zh-Hant"
    return "zh-Hans" if code.startswith("zh") else "en"
