"""A page laid over another: every byte of the document stays, and what is drawn can be read."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.pdf import pdf_render, sheet_render
from doorstep.kernel.pdf_overlay import pdf_overlay

AT = datetime(2026, 11, 20, 4, tzinfo=UTC)
HEAD = """#let values = json(bytes(sys.inputs.values))
#set document(title: sys.inputs.title)
#set text(font: sys.inputs.font, lang: "zh")
"""


def made(folder: Path, name: str, body: str, *, sheet: bool = False) -> bytes:
    template = folder / name
    template.write_text(HEAD + body, "utf-8")
    make = sheet_render if sheet else pdf_render
    return make(template=template, values={"said": "王𠮷"}, language="zh-Hans", title="t", at=AT)


def text_of(pdf: bytes, page: int, folder: Path) -> str:
    file = folder / "x.pdf"
    file.write_bytes(pdf)
    command = ["pdftotext", "-f", str(page), "-l", str(page), str(file), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def test_the_sheet_is_drawn_over_the_last_page_and_nothing_is_lost(tmp_path: Path) -> None:
    base = made(tmp_path, "a.typ", "one #values.said\n#pagebreak()\ntwo\n")
    sheet = made(tmp_path, "b.typ", "#v(50mm)\nsigned #values.said\n", sheet=True)
    laid = pdf_overlay(pdf=base, sheet=sheet)
    assert laid.startswith(base)
    assert "signed" not in text_of(laid, 1, tmp_path)
    second = text_of(laid, 2, tmp_path)
    assert "two" in second
    assert "signed 王𠮷" in second
    assert "signed 王𠮷" in text_of(pdf_overlay(pdf=base, sheet=sheet, page=0), 1, tmp_path)


def test_a_sheet_with_what_no_font_has_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DoorstepError) as caught:
        made(tmp_path, "b.typ", "🙂", sheet=True)
    assert caught.value.code == "CHARACTER_NOT_PRINTABLE"
