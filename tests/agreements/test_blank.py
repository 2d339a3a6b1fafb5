"""A blank repayment agreement: the wording of every agreement, with lines where figures stand."""

from __future__ import annotations

import pytest

from doorstep.agreements import document
from doorstep.agreements.blank import LINE, blank_values

LENDER = document.Lender(
    name="云川银行", address="云川市一号", hotline="95500", complaint_line="95501",
    verify_at="https://example.test/check", pay_channels="手机银行", reports_credit=True,
)  # fmt: skip
SIGNER = document.Signer("欧阳小明", "C10001", "110***7571")
BREACH = document.Breach(5, 2, 30)


def blank(language: str = "zh-Hans", *, is_card: bool = True) -> dict[str, object]:
    return blank_values(
        lender=LENDER, signer=SIGNER, breach=BREACH, language=language, is_card=is_card
    )


@pytest.mark.parametrize("language", document.LANGUAGES)
def test_it_has_all_that_an_agreement_must_contain_and_lines_for_figures(language: str) -> None:
    values = blank(language)
    assert document.contents_missing(values, is_card=True) == []
    texts = "\n".join(document.texts_of(values).values())
    assert LINE in texts
    assert "{" not in texts
    assert "欧阳小明" in texts
    assert "110***7571" not in texts, "no number of the person lies about in a bag"


def test_it_says_first_that_it_counts_for_nothing_yet() -> None:
    assert "空白协议" in str(blank()["plain"][0])  # type: ignore[index]


def test_only_card_holders_promise_no_new_cards() -> None:
    assert document.PLEDGE not in document.contents_of(blank(is_card=False))
    assert document.PLEDGE in document.contents_of(blank(is_card=True))
