"""Letters as PDF: the rendered text on the lender's paper, the address where a window shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import Refused
from doorstep.kernel.pdf import pdf_render
from doorstep.outreach.render import Rendered
from doorstep.outreach.words import Medium, Reading

TEMPLATE = Path(__file__).parent / "documents" / "letter.typ"
PAGES = {
    "zh-Hans": ["第", "页，共", "页"],
    "zh-Hant": ["第", "頁，共", "頁"],
    "en": ["Page ", " of ", ""],
}
PRIVATE = {"zh-Hans": "亲启", "zh-Hant": "親啟", "en": "Private and confidential"}


def letter_pdf(
    *,
    rendered: Rendered,
    address: Sequence[str],
    sender: str,
    reference: str,
    at: datetime,
) -> bytes:
    """The PDF of a rendered letter, the same bytes for the same arguments.

    `address`: lines of the addressee (name, street, city), shown in the envelope's window under
    "private and confidential"; `sender`: the lender's name on the paper, outside of the window;
    `reference` stands at the foot of each page and says nothing about the account. Raises Refused
    NOT_A_LETTER for another medium, DoorstepError as `pdf_render` does (NO_FONT,
    CHARACTER_NOT_PRINTABLE, DOCUMENT_FAILED).
    """
    if rendered.medium is not Medium.LETTER:
        raise Refused(f"{rendered.template} is no letter.", code="NOT_A_LETTER")
    values: dict[str, Any] = {
        "title": rendered.subject,
        "large": rendered.reading is Reading.PLAIN,
        "address": [PRIVATE[rendered.language], *address],
        "sender": sender,
        "reference": reference,
        "pages": PAGES[rendered.language],
        "blocks": blocks_of(rendered.body),
    }
    return pdf_render(
        template=TEMPLATE,
        values=values,
        language=rendered.language,
        title=rendered.subject,
        at=at,
    )


def blocks_of(body: str) -> list[tuple[str, Any]]:
    """A body as headings, paragraphs and lists: [("heading", ..), ("list", [..]), ("text", ..)]."""
    blocks: list[tuple[str, Any]] = []
    for line in filter(None, (line.strip() for line in body.splitlines())):
        if line.startswith("# "):
            blocks.append(("heading", line[2:]))
        elif line.startswith("- "):
            if not blocks or blocks[-1][0] != "list":
                blocks.append(("list", []))
            blocks[-1][1].append(line[2:])
        else:
            blocks.append(("text", line))
    return blocks
