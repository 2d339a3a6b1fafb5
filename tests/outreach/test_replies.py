"""What people answer: stop first, ask later; what is not sure goes to a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.outreach.replies import ReplyKind, own_words, reply_recognise
from doorstep.outreach.words import Kind
from tests.outreach.sayings import SAID

SURE = [row for row in SAID["replies"] if row["kind"] != "other"]


@pytest.mark.parametrize("row", SAID["replies"], ids=[row["text"] for row in SAID["replies"]])
def test_a_reply_is_understood(row: dict[str, Any]) -> None:
    found = reply_recognise(row["text"])
    assert found.kind == row["kind"]
    assert found.sure == (row["kind"] != "other")


def test_every_kind_is_tried_in_both_scripts_and_english() -> None:
    assert {row["kind"] for row in SAID["replies"]} == {kind.value for kind in ReplyKind}


def test_what_stops_us_weighs_more_than_what_goes_on() -> None:
    found = reply_recognise("我已经还款了，再也不要给我发短信了，我要投诉你们")
    assert found.kind is ReplyKind.COMPLAINT
    assert found.kinds == (ReplyKind.COMPLAINT, ReplyKind.OPT_OUT, ReplyKind.PAID)


def test_a_short_no_means_another_number_only_where_we_asked_for_it() -> None:
    assert reply_recognise("不是").kind is ReplyKind.OTHER
    assert reply_recognise("不是", asked=Kind.CONTACT_CHECK).kind is ReplyKind.WRONG_NUMBER
    assert reply_recognise("No.", asked=Kind.CONTACT_CHECK).kind is ReplyKind.WRONG_NUMBER
    assert reply_recognise("No.", asked=Kind.REMINDER).kind is ReplyKind.OTHER


def test_whoever_speaks_of_not_wanting_to_live_is_seen_at_once() -> None:
    for text in ("我不想活了", "你们再逼我我就跳楼", "I want to die", "活不下去了，別打了"):
        found = reply_recognise(text)
        assert found.urgent
        assert found.kind is ReplyKind.OTHER
        assert not found.sure
    assert reply_recognise("活不下去了，別打了").kinds == (ReplyKind.OPT_OUT,)


def test_a_death_in_the_family_is_not_the_borrowers_until_a_person_has_asked() -> None:
    found = reply_recognise("我爸上个月去世了")
    assert found.kind is ReplyKind.OTHER
    assert found.perhaps == (ReplyKind.DECEASED,)


def test_our_own_words_below_an_answer_mean_nothing() -> None:
    answer = "好的，下周处理\n\n发件人: 云川银行\n如不希望再收到邮件，请直接回复“退订”。投诉电话"
    assert own_words(answer).strip() == "好的，下周处理"
    assert reply_recognise(answer).kind is ReplyKind.OTHER
    assert reply_recognise("> 我要投诉\n收到").kind is ReplyKind.OTHER
    assert reply_recognise("退订\n-----原始邮件-----\n投诉").kind is ReplyKind.OPT_OUT


@given(st.sampled_from(SURE), st.sampled_from(["", " ", "。", "！！", "\n", "~"]))
def test_marks_around_an_answer_change_nothing(row: dict[str, Any], mark: str) -> None:
    assert reply_recognise(f"{mark}{row['text']}{mark}").kind == row["kind"]


@given(st.sampled_from(SURE))
def test_quoting_an_answer_is_not_giving_it(row: dict[str, Any]) -> None:
    if "\n" not in row["text"]:
        assert reply_recognise(f"“{row['text']}”是什么意思").kind is ReplyKind.OTHER


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    found = reply_recognise(text)
    assert (found.kind is ReplyKind.OTHER) or found.kind in found.kinds
    assert not set(found.kinds) & set(found.perhaps)


def test_a_novel_is_read_no_further_than_is_sensible() -> None:
    assert reply_recognise("啊" * 100_000 + "我要投诉").kind is ReplyKind.OTHER
