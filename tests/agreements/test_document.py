"""What an agreement says: required contents, figures that agree, words in three languages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.agreements import document
from doorstep.agreements.document import (
    LANGUAGES,
    Breach,
    Due,
    Owed,
    Paper,
    Plan,
    Signer,
    contents_missing,
    contents_of,
    document_values,
    months_between,
    rate_words,
    texts_of,
    words,
)
from doorstep.agreements.figures import amount_in_words
from doorstep.agreements.font import must_be_printable, unprintable_in
from doorstep.kernel.errors import DoorstepError
from tests.agreements.signing import NAME, lender_in

PLAN = Plan(
    kind="instalments", currency="CNY", counted_on=date(2026, 11, 20),
    owed=(Owed("credit_card", "6222-0018", 120_000, 1_000_000, 50_000, 8_817, 1_000),),
    dues=tuple(Due(n, date(2027, n, 5), 83_333 + 4 * (n == 12), 4_500) for n in range(1, 13)),
    waived=9_817, new_interest=4_000, breach=Breach(5, 2, 30),
)  # fmt: skip


def values(plan: Plan = PLAN, language: str = "zh-Hans") -> dict[str, object]:
    paper = Paper("RA-2026-00000001", 1, "ABCD-EFGH", date(2026, 11, 20), language)
    signer = Signer(NAME, "C000001", "110***********0009")
    return document_values(plan=plan, lender=lender_in(language), signer=signer, paper=paper)


def said(plan: Plan = PLAN, language: str = "zh-Hans") -> str:
    return "\n".join(texts_of(values(plan, language)).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_content_the_law_asks_for_is_there(language: str, repository: Path) -> None:
    rule = tomllib.loads((repository / "rulepacks/cn/plans/contents.toml").read_text("utf-8"))
    required = rule["values"][0]["required"]
    assert set(required) <= set(contents_of(values(language=language)))
    assert not contents_missing(values(language=language), is_card=True)
    other = replace(PLAN, owed=(replace(PLAN.owed[0], product="consumer"),))
    assert contents_missing(values(other, language), is_card=True) == ["no_new_card_pledge"]
    assert not contents_missing(values(other, language), is_card=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_say_the_same_things(language: str) -> None:
    def shape(raw: object) -> object:
        if isinstance(raw, dict):
            return {key: shape(each) for key, each in raw.items()}
        if isinstance(raw, list):
            return [shape(each) for each in raw]
        names = sorted(re.findall(r"\{(\w+)\}|^(\?\w+) ", str(raw)))
        return names if names else "text"

    assert shape(words()[language]) == shape(words()["zh-Hans"])


def test_no_simplified_character_slips_into_the_traditional_wording() -> None:
    traditional = str(words()["zh-Hant"])
    for character in "还款协议签署时间户个费罚与贷们专业东书买严为义产亲从众优会传伤":
        if character not in "款署":
            assert character not in traditional, character


def test_the_figures_of_the_document_agree_with_the_plan() -> None:
    text = said()
    total = sum(due.amount for due in PLAN.dues)
    assert total == 1_054_000
    for figure in ("¥10,540.00", "¥10,598.17", "¥98.17", "¥40.00", "12%"):
        assert figure in text
    assert "人民币壹万零伍佰肆拾元整" in text
    assert "人民币壹万零伍佰玖拾捌元壹角柒分" in text
    table = values()["sections"][1]["table"]
    assert len(table["rows"]) == 12
    assert table["total"][-1] == "¥10,540.00"


def test_what_is_not_so_is_not_said() -> None:
    plain = replace(PLAN, waived=0, new_interest=0)
    text = said(plain)
    assert "减免" not in text
    assert "还款期间不新增利息" in text
    assert "订立依据" not in text
    known = replace(PLAN, assessed_on=date(2026, 11, 18), disposable=439_200)
    assert "每月可用于还款 ¥4,392.00" in said(known)
    once = replace(PLAN, dues=(Due(1, date(2027, 1, 5), 500_000),), kind="settlement")
    assert "一次还 ¥5,000.00" in said(once)
    assert "最后一期" not in said(once)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_braces_is_left_and_no_one_is_called_untrustworthy(language: str) -> None:
    text = said(language=language)
    assert "{" not in text
    assert "失信" not in text


@pytest.mark.parametrize(
    ("minor", "hans"),
    [
        (0, "人民币零元整"), (5, "人民币伍分"), (50, "人民币伍角整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"), (600_714, "人民币陆仟零柒元壹角肆分"),
        (168_032, "人民币壹仟陆佰捌拾元零叁角贰分"), (10_700_053, "人民币壹拾万柒仟元零伍角叁分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"), (32_504, "人民币叁佰贰拾伍元零肆分"),
        (10_000_500_000, "人民币壹亿零伍仟元整"), (100_000_000_00, "人民币壹亿元整"),
        (1_010_00, "人民币壹仟零壹拾元整"), (100_100_00, "人民币壹拾万零壹佰元整"),
    ],
)  # fmt: skip
def test_amounts_in_words_follow_the_rules_for_bills(minor: int, hans: str) -> None:
    """The examples with 角 and 分 are those of the central bank's own rules."""
    assert amount_in_words(minor, "CNY", language="zh-Hans") == hans


def test_amounts_in_other_languages_and_currencies() -> None:
    assert amount_in_words(123_456, "TWD", language="zh-Hant").startswith("新臺幣壹仟貳佰參拾肆元")
    assert amount_in_words(123_456, "CNY", language="en") == (
        "one thousand two hundred and thirty-four yuan and 56/100"
    )
    assert amount_in_words(100, "JPY", language="en") == ""
    for wrong in (-1, 10**14):
        with pytest.raises(ValueError, match="nought"):
            amount_in_words(wrong, "CNY", language="en")


HAN = {each: number for number, each in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACE = {"拾": 10, "佰": 100, "仟": 1000}


def number_of(text: str) -> int:
    """Chinese words read back into fen, written apart from what makes them."""
    total = group = figure = 0
    for each in text.removeprefix("人民币").removesuffix("整"):
        if each in HAN:
            figure = HAN[each]
        elif each in PLACE:
            group, figure = group + figure * PLACE[each], 0
        elif each in "万亿":
            total, group, figure = (
                total + (group + figure) * (10**4 if each == "万" else 10**8),
                0,
                0,
            )
        elif each == "元":
            total, group, figure = (total + group + figure) * 100, 0, 0
        else:
            total, figure = total + figure * (10 if each == "角" else 1), 0
    return total


@given(st.integers(0, 10**14 - 1))
def test_words_read_back_are_the_same_amount(minor: int) -> None:
    text = amount_in_words(minor, "CNY", language="zh-Hans")
    assert number_of(text) == minor
    assert "零零" not in text


def test_a_character_that_deceives_is_named_with_its_place() -> None:
    found = unprintable_in({"a": "王𠮷䶮㐂·A", "b": "x\u202ey\u202e", "c": "\ue000\u200d\x07"})
    assert [(each.where, each.number) for each in found] == [
        ("b", "U+202E"), ("c", "U+E000"), ("c", "U+200D"), ("c", "U+0007"),
    ]  # fmt: skip
    must_be_printable({"a": "王𠮷䶮㐂"})
    with pytest.raises(DoorstepError, match=r"c: U\+E000"):
        must_be_printable({"c": "\ue000"})


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 11, 20), date(2031, 11, 20), 60), (date(2026, 11, 20), date(2031, 11, 21), 61),
        (date(2026, 1, 31), date(2026, 2, 28), 1), (date(2026, 1, 1), date(2026, 1, 2), 1),
    ],
)  # fmt: skip
def test_a_term_counts_months_that_have_begun(first: date, last: date, months: int) -> None:
    assert months_between(first, last) == months


def test_rates_have_no_needless_noughts() -> None:
    assert [rate_words(ppm) for ppm in (43_500, 120_000, 0)] == ["4.35%", "12%", "0%"]
    assert document.day_words(date(2027, 1, 5), "zh-Hans") == "2027年1月5日"
