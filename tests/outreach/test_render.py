"""From a template to the very text: complete, masked, with true consequences only."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.errors import InputError, Refused
from doorstep.outreach.contents import missing_contents
from doorstep.outreach.links import foreign_links
from doorstep.outreach.lint import text_lint
from doorstep.outreach.render import digest_of, message_render
from doorstep.outreach.shelf import shipped_template, shipped_templates
from doorstep.outreach.words import LANGUAGES, Medium
from tests.outreach.sayings import FACTS

EVERY = [(key, language) for key in shipped_templates() for language in LANGUAGES]


@pytest.mark.parametrize(("key", "language"), EVERY)
def test_every_text_renders_whole_and_contains_what_it_must(key: str, language: str) -> None:
    template = shipped_template(key)
    text = message_render(template=template, facts=FACTS, language=language)
    assert missing_contents(template.kind, template.medium, text.contains) == []
    assert not re.search(r"[{}]|\[\?", text.subject + text.text)
    assert text_lint(text.text) == []
    assert (text.html != "") == (template.medium in (Medium.EMAIL, Medium.LETTER))
    if template.medium is not Medium.LETTER:
        assert "欧阳小明" not in text.text + text.html + text.subject
        assert "HT-2026-0001" not in text.text


def test_the_digest_is_of_everything_a_reader_sees() -> None:
    template = shipped_template("reminder_friendly_email")
    text = message_render(template=template, facts=FACTS, language="en")
    assert text.sha256 == digest_of("email", "en", text.subject, text.text, text.html)
    again = message_render(template=template, facts=FACTS, language="en")
    assert text == again
    other = message_render(template=template, facts={**FACTS, "amount_due": 123_457}, language="en")
    assert other.sha256 != text.sha256


def test_amounts_and_days_are_written_as_readers_know_them() -> None:
    template = shipped_template("reminder_friendly_sms")
    texts = {
        language: message_render(template=template, facts=FACTS, language=language).text
        for language in LANGUAGES
    }
    assert "1,234.56 元应于2026年11月8日" in texts["zh-Hans"]
    assert "1,234.56 元應於2026年11月8日" in texts["zh-Hant"]
    assert (
        "CNY 1,234.56 on your consumer loan ending 0001 was due on 8 November 2026" in texts["en"]
    )


def test_a_part_whose_fact_is_not_known_is_left_out_and_a_needed_fact_refuses() -> None:
    template = shipped_template("reminder_friendly_sms")
    known = message_render(template=template, facts={**FACTS, "sender": "李雷"}, language="zh-Hans")
    assert "我是之前与您联系的李雷。" in known.text
    unknown = message_render(template=template, facts=FACTS, language="zh-Hans")
    assert "我是之前" not in unknown.text
    with pytest.raises(Refused) as refused:
        message_render(template=template, facts={**FACTS, "due_on": None}, language="zh-Hans")
    assert refused.value.code == "FACT_MISSING"
    assert "due_on" in refused.value.message


def test_only_consequences_that_are_true_are_told() -> None:
    template = shipped_template("reminder_consequence_sms")
    facts = {**FACTS, "consequence_penalty": None, "consequence_credit": None}
    text = message_render(template=template, facts=facts, language="zh-Hans").text
    assert "罚息" not in text
    assert "征信" not in text
    assert "诉讼" not in text
    told = message_render(template=template, facts=FACTS, language="zh-Hans").text
    assert "逾期部分会按合同约定计收罚息。" in told


def test_a_language_nobody_wrote_is_refused() -> None:
    with pytest.raises(InputError):
        message_render(template=shipped_template("pre_due_sms"), facts=FACTS, language="ko")


def test_a_fact_cannot_smuggle_in_a_link_or_markup() -> None:
    template = shipped_template("reminder_friendly_email")
    with pytest.raises(Refused) as refused:
        message_render(
            template=template, facts={**FACTS, "product": "http://pay.top/x"}, language="en"
        )
    assert refused.value.code == "FOREIGN_LINK"
    text = message_render(
        template=template, facts={**FACTS, "who": "<b>{amount_due}</b>[?x]"}, language="en"
    )
    assert "&lt;b&gt;{amount_due}&lt;/b&gt;[?x]" in text.html


def test_older_people_get_large_print() -> None:
    plain = message_render(
        template=shipped_template("reminder_plain_email"), facts=FACTS, language="zh-Hans"
    )
    usual = message_render(
        template=shipped_template("reminder_friendly_email"), facts=FACTS, language="zh-Hans"
    )
    assert "font-size:1.35em" in plain.html
    assert "font-size:1em" in usual.html


def test_a_neutral_text_discloses_nothing_and_another_does() -> None:
    neutral = message_render(
        template=shipped_template("contact_check_sms"), facts=FACTS, language="zh-Hans"
    )
    reminder = message_render(
        template=shipped_template("pre_due_sms"), facts=FACTS, language="zh-Hans"
    )
    assert not neutral.discloses_debt
    assert reminder.discloses_debt


@given(st.text(max_size=40), st.text(max_size=12))
def test_any_name_is_printed_as_it_is(name: str, tail: str) -> None:
    template = shipped_template("reminder_friendly_sms")
    facts = {**FACTS, "who": name, "account_tail": tail}
    around = f"{name}您好{tail}的"
    if name == "" or tail == "" or foreign_links(around, domains=()) or "://" in around:
        return
    text = message_render(template=template, facts=facts, language="zh-Hans")
    assert name in text.text


def test_a_version_is_named_by_key_and_version() -> None:
    template = replace(shipped_template("pre_due_sms"), version="L7")
    assert (
        message_render(template=template, facts=FACTS, language="en").template == "pre_due_sms/L7"
    )
