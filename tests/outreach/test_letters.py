"""Letters as PDF: the same bytes, every character a shape, the name where a window shows it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.kernel.errors import DoorstepError, Refused
from doorstep.outreach.letters import blocks_of, letter_pdf
from doorstep.outreach.render import message_render
from doorstep.outreach.shelf import shipped_template
from doorstep.outreach.words import LANGUAGES
from tests.outreach.sayings import FACTS

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
LETTERS = ("collection_letter", "collection_letter_plain", "visit_notice_letter", "apology_letter")


def letter(key: str, language: str, *, name: str = "欧阳小明") -> bytes:
    rendered = message_render(
        template=shipped_template(key), facts={**FACTS, "name": name}, language=language
    )
    return letter_pdf(
        rendered=rendered, address=[name, "云川市松林区桃源路12号3单元401室"],
        sender="云川银行", reference="L-101", at=AT,
    )  # fmt: skip


@pytest.mark.parametrize("key", LETTERS)
def test_every_letter_prints_in_every_language(key: str) -> None:
    for language in LANGUAGES:
        assert letter(key, language).startswith(b"%PDF-")


def test_the_same_letter_is_the_same_file() -> None:
    assert letter("apology_letter", "zh-Hans") == letter("apology_letter", "zh-Hans")
    assert letter("apology_letter", "zh-Hans") != letter("apology_letter", "zh-Hant")


def test_rare_names_print_and_a_name_without_a_shape_is_refused() -> None:
    assert letter("apology_letter", "zh-Hans", name="𠮷野㐂䶮#[*]").startswith(b"%PDF-")
    with pytest.raises(DoorstepError) as refused:
        letter("apology_letter", "zh-Hans", name="王\ue123")
    assert refused.value.code == "CHARACTER_NOT_PRINTABLE"


def test_what_is_no_letter_is_not_printed() -> None:
    text = message_render(template=shipped_template("pre_due_sms"), facts=FACTS, language="zh-Hans")
    with pytest.raises(Refused):
        letter_pdf(rendered=text, address=[], sender="x", reference="x", at=AT)


def test_a_body_is_headings_lists_and_paragraphs() -> None:
    assert blocks_of("您好\n# 欠款\n- 一\n- 二\n\n再见") == [
        ("text", "您好"), ("heading", "欠款"), ("list", ["一", "二"]), ("text", "再见"),
    ]  # fmt: skip
