"""What the lender says of itself on an authority letter."""

from __future__ import annotations

from doorstep.outreach.lender import Lender
from doorstep.workforce.letter import LetterText


def letter_text(*, lender: Lender, language: str) -> LetterText:
    """The lender's part of a letter that will be printed in `language` (zh-Hans, zh-Hant, en)."""
    return LetterText(
        lender=lender.words["full_name"],
        address=lender.words["address"],
        hotline=lender.texts["hotline"],
        verify_at=lender.texts["verify_at"],
        language=language,
    )
