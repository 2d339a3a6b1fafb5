"""A condition as a sentence a lawyer reads, in both languages."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from doorstep.rules.bound import rule_bind
from doorstep.rules.condition import FactType, Names, condition_parse
from doorstep.rules.pack import rulebook_load
from doorstep.rules.words import condition_words
from tests.rules.writing import FACTS, facts_file

WORDS = """
[kind.words]
call = { zh = "电话", en = "a call" }
visit = { zh = "上门", en = "a visit" }
"""


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("calls_today >= most", "「当日通话次数」不少于 3", "“calls today” is at least 3"),
        ("recorded", "已录音", "the call is recorded"),
        ("not recorded", "并非已录音", "not (the call is recorded)"),
        ("kind == 'call'", "「方式」为电话", "“what is done” is a call"),
        ("not kind == 'call'", "「方式」不为电话", "“what is done” is not a call"),
        (
            "kind in ['call', 'visit'] and (recorded or calls_today < 1)",
            "「方式」是电话、上门之一且(已录音或「当日通话次数」小于 1)",
            "“what is done” is one of a call, a visit and "
            "(the call is recorded or “calls today” is below 1)",
        ),
        (
            "clock_between(local_time, quiet_from, quiet_to)",
            "「当地时间」在22:00至08:00之间",
            "“the local time” is from 22:00 to 08:00",
        ),
        (
            "not within_hours(local_at, consent_hours)",
            "「当地时刻」不在「同意的时段」之内",
            "“the local moment” is outside “the hours agreed to”",
        ),
        ("given(stop_on)", "有「要求停止的日期」", "there is “the day of a request to stop”"),
        (
            "local_day <= days_after(stop_on, 7)",
            "「当地日期」不晚于「要求停止的日期」之后 7 天",
            "“the local day” is not after 7 days after “the day of a request to stop”",
        ),
        ("'a' not in tags", "「标记」中没有a", "“the tags” does not have a"),
        ("kind not in ['call']", "「方式」不是电话", "“what is done” is none of a call"),
    ],
)
def test_a_condition_in_words(tmp_path: Path, text: str, zh: str, en: str) -> None:
    catalogue = rulebook_load(facts_file(tmp_path, FACTS + WORDS)).catalogue
    types: dict[str, FactType] = {name: m.fact_type() for name, m in catalogue.items()}
    values = {"most": 3, "quiet_from": time(22), "quiet_to": time(8)}
    condition = condition_parse(text, Names(types, values))
    assert condition_words(condition, catalogue, "zh") == zh
    assert condition_words(condition, catalogue, "en") == en


def test_every_shipped_condition_has_words_without_a_name_of_the_program(repository: Path) -> None:
    book = rulebook_load(repository / "rulepacks")
    for rule in book.rules:
        bound = rule_bind(rule, book.catalogue, None)
        for condition in (bound.when, bound.unless) if bound else ():
            for language in ("zh", "en") if condition else ():
                assert condition is not None
                said = condition_words(condition, book.catalogue, language)
                assert not [name for name in condition.needs() if "_" in name and name in said]
