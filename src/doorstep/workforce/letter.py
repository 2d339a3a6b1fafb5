"""The authority letter as a document: what it must contain, in three languages.

Contents after the required contents of a visit authorisation (TW-14-LOCATE, CN-CBA-VISIT-TWO,
CN-CBA-ENTRY, UK-CONC-7.9.12 to 7.9.14, IN-RBI-2008-NOTICE): who authorises and how to check it, who
is authorised with work id and picture, that two come together, purpose and limits, period, and the
borrower's rights. Case, date and address stand in the notice of each visit, which the letter names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from doorstep.kernel.pdf import pdf_render
from doorstep.workforce.models import AuthorityLetter, Photograph

FOLDER = Path(__file__).parent / "documents"
TEMPLATE = FOLDER / "authority.typ"
LANGUAGES = ("zh-Hans", "zh-Hant", "en")


@dataclass(frozen=True)
class LetterText:
    """What the lender adds: its full name and address in each language, the name on its seal, the
    hotline and the web address where a letter can be checked."""

    lender: Mapping[str, str]
    address: Mapping[str, str]
    hotline: str
    verify_at: str
    language: str = "zh-Hans"


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """The printed texts, by language."""
    return tomllib.loads((FOLDER / "authority.toml").read_text("utf-8"))


def letter_pdf(*, letter: AuthorityLetter, text: LetterText, work_id: str, at: datetime) -> bytes:
    """The PDF of a letter, unsigned. Raises DoorstepError as `pdf_render` does."""
    said = words()[text.language]
    photograph = Photograph.objects.get(staff=letter.staff)
    values = {
        "title": said["title"],
        "photograph": list(bytes(photograph.jpeg)),
        "photograph_alt": said["photograph_alt"].format(name=letter.staff.display_name),
        "summary": [
            [said["lender"], text.lender[text.language]],
            [said["agent"], letter.staff.display_name],
            [said["work_id"], work_id],
            [
                said["valid"],
                said["period"].format(first=letter.valid_from, last=letter.valid_until),
            ],
            [said["number"], letter.number],
            [said["code"], letter.code],
        ],
        "sections": [
            [each["title"], [_filled(line, text) for line in each["lines"]]]
            for each in said["sections"]
        ],
        "check": [_filled(line, text) for line in said["check"]],
        "square": qr_square(f"{text.verify_at} {letter.number} {letter.code}"),
        "square_alt": said["square_alt"],
        "issuer": [text.lender[text.language], text.address[text.language], text.hotline],
        "signed": said["signed"],
        "foot": f"{letter.number} · {letter.code}",
        "pages": said["pages"],
    }
    return pdf_render(
        template=TEMPLATE, values=values, language=text.language, title=said["title"], at=at
    )


def _filled(line: str, text: LetterText) -> str:
    return line.format(
        lender=text.lender[text.language], hotline=text.hotline, verify_at=text.verify_at
    )


def qr_square(content: str) -> str:
    """A QR code as a drawing (SVG) of dark squares on white, with its quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(content)
    rows = code.get_matrix()
    squares = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{squares}" fill="#000"/></svg>'
    )
