"""Whose links a text holds, and how long it is as an SMS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.outreach.links import foreign_links, host_of
from doorstep.outreach.segments import BASIC, EXTENDED, SmsLength, sms_length

OURS = ("bank.example",)


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.example", "见www.bank.example/还款，谢谢", "www.bank.example。",
        "bank.example",
        "https://bank.example:8443/a?b=c#d", "写信到 li@bank.example", "金额1,234.56元，第3.2条",
        "https://bank.example或致电", "No.5, e.g. this, Ltd.",
    ],
)  # fmt: skip
def test_our_own_links_and_no_links_are_fine(text: str) -> None:
    assert foreign_links(text, domains=OURS) == []


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://evil.top/bank.example", "evil.top"),
        ("https://bank.example.evil.cn", "bank.example.evil.cn"),
        ("https://bank.example@evil.cn/x", "evil.cn"),
        ("notbank.example", "notbank.example"),
        ("请点击 t.cn/Rx1", "t.cn"),
        ("详情见t.cn/Rx1查看", "t.cn"),
        ("登录evil.vip即可", "evil.vip"),
        ("http://银行.中国/", "银行.中国"),
        ("https://bank.example银行.com/x", "bank.example银行.com"),
        ("HTTP://EVIL.COM", "evil.com"),
        ("http://evil.com\\@bank.example", "evil.com"),
    ],
)
def test_every_other_link_is_found(text: str, host: str) -> None:
    assert foreign_links(text, domains=OURS) == [host]


def test_the_host_of_a_link() -> None:
    assert host_of("https://user:pass@Bank.Example:80/path") == "bank.example"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", SmsLength("GSM-7", 0, 1)),
        ("a" * 160, SmsLength("GSM-7", 160, 1)),
        ("a" * 161, SmsLength("GSM-7", 161, 2)),
        ("a" * 306, SmsLength("GSM-7", 306, 2)),
        ("a" * 307, SmsLength("GSM-7", 307, 3)),
        ("€" * 80, SmsLength("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 7, SmsLength("GSM-7", 161, 2)),
        ("中" * 70, SmsLength("UCS-2", 70, 1)),
        ("中" * 71, SmsLength("UCS-2", 71, 2)),
        ("中" * 134, SmsLength("UCS-2", 134, 2)),
        ("中" * 135, SmsLength("UCS-2", 135, 3)),
        ("中" * 66 + "𠮷" + "中" * 66, SmsLength("UCS-2", 134, 3)),
        ("a" * 70 + "’", SmsLength("UCS-2", 71, 2)),
    ],
)
def test_segments_at_their_boundaries(text: str, length: SmsLength) -> None:
    assert sms_length(text) == length


@given(st.text(alphabet=sorted(BASIC | EXTENDED), max_size=600), st.text(max_size=400))
def test_a_longer_text_is_never_cheaper(one: str, more: str) -> None:
    assert sms_length(one).segments <= sms_length(one + more).segments
