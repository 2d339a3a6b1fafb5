"""Documents: text stays text, names are never boxes, the same values give the same file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.pdf import font_for, pdf_render

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEMPLATE = """#let values = json(bytes(sys.inputs.values))
#set document(title: sys.inputs.title, date: datetime(year: 2026, month: 11, day: 20))
#set text(font: sys.inputs.font, lang: "zh", region: "CN")
= #values.name
"""


def render(folder: Path, name: str, template: str = TEMPLATE) -> bytes:
    path = folder / "document.typ"
    path.write_text(template, "utf-8")
    return pdf_render(template=path, values={"name": name}, language="zh-Hans", title="T", at=AT)


def test_the_same_values_give_the_same_file(tmp_path: Path) -> None:
    assert render(tmp_path, "王芳") == render(tmp_path, "王芳")
    assert render(tmp_path, "王芳") != render(tmp_path, "李芳")


@pytest.mark.parametrize("name", ["𠮷野㐂䶮", "阿卜杜·热合曼", "#panic(1)", "$x$ *b* \\ // @a <b>"])
def test_rare_names_and_markup_are_printed_as_they_are(tmp_path: Path, name: str) -> None:
    assert render(tmp_path, name).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "shown"), [("\U000f0000", "U+F0000"), ("\ue123", "U+E123"), ("\U0003fffd", "U+3FFFD")]
)
def test_a_character_without_a_shape_is_named_and_nothing_issued(
    tmp_path: Path, name: str, shown: str
) -> None:
    with pytest.raises(DoorstepError) as refused:
        render(tmp_path, name)
    assert refused.value.code == "CHARACTER_NOT_PRINTABLE"
    assert shown in refused.value.message


def test_a_template_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(DoorstepError, match=r"document\.typ"):
        render(tmp_path, "x", TEMPLATE + "#values.nothing")


def test_without_a_chinese_font_the_package_to_install_is_named() -> None:
    with pytest.raises(DoorstepError, match="fonts-noto-cjk"):
        font_for("zh-Hans", families=["DejaVu Sans"])
    assert font_for("zh-Hant", families=["Noto Sans CJK SC"]) == "Noto Sans CJK SC"
    both = ["Noto Sans CJK SC", "Noto Sans CJK TC"]
    assert font_for("zh-Hant", families=both) == "Noto Sans CJK TC"
