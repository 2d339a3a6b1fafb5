"""PDF documents from reviewed Typst templates.

What is printed reaches a template only as JSON (`sys.inputs.values`), never as template text, so
that no name or note can become markup. Documents are PDF/A-2a and PDF/UA-1: that standard refuses
a character for which no installed font has a shape, so no name is ever printed as an empty box.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst

from doorstep.kernel.errors import DoorstepError

if TYPE_CHECKING:
    from typst import PDFStandard

FAMILIES = {
    "zh-Hans": (
        "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
        "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei",
    ),
    "zh-Hant": (
        "Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "Source Han Sans TW",
        "PingFang TC", "Microsoft JhengHei",
    ),
}  # fmt: skip
FAMILIES["en"] = FAMILIES["zh-Hans"]


@lru_cache(maxsize=1)
def installed_fonts() -> typst.Fonts:
    """The fonts of this machine, looked up once."""
    return typst.Fonts()


def font_for(language: str, *, families: Iterable[str] | None = None) -> str:
    """The first installed family that holds Chinese for a language (zh-Hans, zh-Hant, en).

    Any Chinese family serves before none at all. Raises DoorstepError NO_FONT when there is none:
    a bill in a font without the borrower's name is worse than no bill.
    """
    found = set(installed_fonts().families() if families is None else families)
    wanted = FAMILIES[language] + FAMILIES["zh-Hans"] + FAMILIES["zh-Hant"]
    for family in wanted:
        if family in found:
            return family
    raise DoorstepError(
        "No font with Chinese characters is installed, so no document can be issued.",
        code="NO_FONT",
        hint="Install one, on Debian and Ubuntu: apt install fonts-noto-cjk.",
    )


def pdf_render(
    *, template: Path, values: Mapping[str, Any], language: str, title: str, at: datetime
) -> bytes:
    """The PDF of a template with its values; `at` is the instant written into the document.

    The same arguments give the same bytes. Raises DoorstepError: NO_FONT; CHARACTER_NOT_PRINTABLE
    when a character has no shape in any installed font; DOCUMENT_FAILED when the template fails.
    """
    return _rendered(template, values, language, title, at, ["a-2a", "ua-1"])


def sheet_render(
    *, template: Path, values: Mapping[str, Any], language: str, title: str, at: datetime
) -> bytes:
    """A page to be laid over one of a document (`pdf_overlay`): PDF/A-2b, without the structure
    that the document has already. Raises as `pdf_render`."""
    return _rendered(template, values, language, title, at, ["a-2b"])


def _rendered(
    template: Path,
    values: Mapping[str, Any],
    language: str,
    title: str,
    at: datetime,
    standards: list[PDFStandard],
) -> bytes:
    inputs = {
        "values": json.dumps(values, ensure_ascii=False),
        "font": font_for(language),
        "language": language,
        "title": title,
        "day": at.date().isoformat(),
    }
    try:
        document: bytes = typst.compile(
            template,
            root=template.parent,
            font_paths=installed_fonts(),
            sys_inputs=inputs,
            format="pdf",
            pdf_standards=standards,
            pdf_tags="ua-1" in standards,
            timestamp=int(at.timestamp()),
        )
        return document
    except typst.TypstError as error:
        raise _explained(error.message, template=template.name) from error


def _explained(message: str, *, template: str) -> DoorstepError:
    named = re.search(r'(?:the text|codepoint) `"(.*?)"`', message)
    if named:
        text = re.sub(r"\\u\{(\w+)\}", lambda code: f"U+{code[1].upper()} ", named[1]).strip()
        return DoorstepError(
            f"No installed font can print {text}.",
            code="CHARACTER_NOT_PRINTABLE",
            hint="Install a font that has it (fonts-noto-cjk, fonts-hanazono) or correct the text.",
        )
    return DoorstepError(
        f"The document {template} could not be made: {message}.",
        code="DOCUMENT_FAILED",
        hint="Report this with the template's name; nothing was issued.",
    )
