"""The visit record on paper: every required content, three languages, covered where it must be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from doorstep.visits.door.steps import door
from doorstep.visits.record import (
    Heard,
    consents_told,
    lateness,
    point_told,
    recordings_told,
    step_body,
    steps_told,
)
from doorstep.visits.record_document import (
    LANGUAGES,
    Issuer,
    Paper,
    record_pdf,
    record_values,
    words,
)
from doorstep.workforce.letter import qr_square

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ISSUER = Issuer("云川银行", "400-000-0000", "400-000-0001", "https://check.example")


REQUIRED = (
    "time", "place", "crew", "met", "shown", "consents", "recordings", "steps", "said", "outcome",
    "amounts", "incidents", "signatures",
)  # fmt: skip
"""What the register of law asks of a record (CN-CBA-VISIT-TWO, CN-CC-68-REC and others)."""


def contents(**fields: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "time": {"began": AT.isoformat(), "ended": (AT + timedelta(minutes=31)).isoformat(),
                 "zone": "Asia/Shanghai"},
        "place": {"address": "云川市松林区桃源路12号",
                  "arrived": {"latitude": 30.12345, "longitude": 104.5, "distance_m": 18},
                  "left": None},
        "crew": [{"staff": 1, "name": "高立诚", "work_id": "F-1"},
                 {"staff": 2, "name": "石若兰", "work_id": ""}],
        "vehicle": "川A·12345",
        "met": {"who": "borrower", "people": ["配偶"], "identity": True},
        "shown": ["授权书"],
        "consents": [{"what": "consent_record", "given": False, "at": AT.isoformat()}],
        "recordings": [], "steps": steps_told([]), "said": "谈了收入", "reasons": ["失业"],
        "situation": "", "mood": "平和", "outcome": "agreed",
        "agreement": {
            "state": "in_force", "why": "", "number": "RA-2026-1", "currency": "CNY",
            "rows": [["2026-12-20", 100_000, 1_234, 0, 0]], "total": 101_234,
        },
        "amounts": [{"what": "plan", "currency": "CNY", "minor": 101_234,
                     "due_on": "2026-12-20", "loan": ""}],
        "disputes": ["不认可费用"], "hardship": {"cause": "illness", "note": "住院"}, "facts": [],
        "incidents": {"incident": 4, "cleared": False, "uncleared_why": "没有网络",
                      "left_early": ""},
        "signatures": [{"party": "agent", "about": "report", "name": "高立诚", "staff": 1,
                        "sha256": "a" * 64}],
    }  # fmt: skip
    return told | fields


def paper(language: str, **fields: Any) -> Paper:
    values: dict[str, Any] = {
        "number": "VR-20261120-7", "code": "ABCD-EFGH", "language": language, "digest": "f" * 64,
        "outcome": "agreed", "filed_at": AT, "late_why": "", "customer": "欧阳小明",
        "customer_number": "B1",
    }  # fmt: skip
    return Paper(**values | fields)


def printed(language: str = "zh-Hans", told: dict[str, Any] | None = None, **fields: Any) -> str:
    values = record_values(
        contents=told or contents(), landed={}, issuer=ISSUER, paper=paper(language, **fields)
    )
    return str(values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_must_stand_in_it_stands_in_it(language: str) -> None:
    assert set(REQUIRED) <= set(contents())
    text = printed(language)
    for words_of in (
        "VR-20261120-7", "ABCD-EFGH", "云川银行", "欧阳小明", "云川市松林区桃源路12号", "30.12345",
        "18", "高立诚 (F-1)", "石若兰", "川A·12345", "配偶", "授权书", "谈了收入", "失业", "平和",
        "RA-2026-1", "不认可费用", "住院", "没有网络", "1,012.34", "aaaaaaaaaaaaaaaa", "f" * 64,
        "https://check.example", "400-000-0001",
    ):  # fmt: skip
        assert words_of in text, words_of


def test_the_languages_have_the_same_words() -> None:
    said = words()
    shapes = {language: _shape(said[language]) for language in LANGUAGES}
    assert shapes["zh-Hans"] == shapes["zh-Hant"] == shapes["en"]
    assert set(said["en"]["steps"]) == set(door().codes()[:-1])


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(each) for key, each in value.items()}
    return len(value) if isinstance(value, list) else "text"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_made_in_every_language_even_with_small_pictures(language: str) -> None:
    told = contents(said="谢谢 😀\ue000\u202e 欧阳𠮷", mood="👍🏽 ☃\ufe0f ሀ \u0300\u0301")
    values = record_values(contents=told, landed={}, issuer=ISSUER, paper=paper(language))
    assert "[U+1F600]" in str(values)
    assert "欧阳𠮷" in str(values)
    values["square"] = qr_square("https://check.example VR-20261120-7 ABCD-EFGH")
    pdf = record_pdf(values=values, language=language, at=AT)
    assert pdf.startswith(b"%PDF")
    assert record_pdf(values=values, language=language, at=AT) == pdf


def test_covered_it_shows_neither_name_nor_address_nor_point() -> None:
    text = printed(masked=True)
    for words_of in ("欧阳小明", "云川市松林区桃源路12号", "30.12345"):
        assert words_of not in text
    assert "已遮盖" in text


def test_a_record_that_was_late_says_how() -> None:
    assert "当日归档" in printed()
    assert "次日后送达" in printed(late_why="sent_later")


@pytest.mark.parametrize(
    ("written", "filed", "why"),
    [
        (0, 0, ""), (0, 7, ""), (0, 8, "sent_later"), (8, 8, "written_later"),
        (7, 30, "sent_later"),
    ],
)  # fmt: skip
def test_the_day_that_counts_is_the_borrowers(written: int, filed: int, why: str) -> None:
    told = lateness(
        visited_on=date(2026, 11, 20), zone="Asia/Shanghai",
        written_at=AT + timedelta(hours=written), filed_at=AT + timedelta(hours=filed),
    )  # fmt: skip
    assert told == why


def step(code: str, minute: int = 0, **body: Any) -> Heard:
    return Heard(
        "x", "step", f"step:{code}", {"step": code, **body}, AT + timedelta(minutes=minute)
    )


def test_steps_that_nobody_told_of_are_missing_and_skipped_ones_say_why() -> None:
    rows = {
        each["step"]: each
        for each in steps_told(
            [step("arrive", how="done"), step("debt", how="skipped", why="不愿听")]
        )
    }
    assert list(rows) == list(door().codes()[:-1])
    assert rows["arrive"]["how"] == "done"
    assert (rows["debt"]["how"], rows["debt"]["why"]) == ("skipped", "不愿听")
    assert (rows["close"]["how"], rows["close"]["at"]) == ("missing", None)


def test_consents_are_apart_and_only_a_plain_yes_is_a_yes() -> None:
    told = consents_told([
        step("consent_record", given=True), step("consent_enter", given="yes"),
        step("purpose", how="done"),
    ])  # fmt: skip
    assert {each["what"]: each["given"] for each in told} == {
        "purpose": True, "consent_record": True, "consent_enter": False,
    }  # fmt: skip


def test_recordings_and_their_gaps_are_told_as_they_are() -> None:
    told = recordings_told([
        Heard("1", "recording", "r", {"recording": "R1", "what": "begun"}, AT),
        Heard("2", "recording_gap", "g", {"recording": "R1", "why": "电话打断"}, AT),
        Heard("3", "recording", "r", {"recording": "R1", "what": "ended"}, AT),
        Heard("4", "recording", "r", {"recording": 5, "what": []}, AT),
    ])  # fmt: skip
    assert told[0]["recording"] == "R1"
    assert told[0]["gaps"][0]["why"] == "电话打断"
    assert told[0]["ended"] == AT.isoformat()


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ({"latitude": 30, "longitude": 104.5}, True), ({"latitude": 30}, False), ({}, False),
        ({"latitude": "30", "longitude": 104}, False), ({"latitude": True, "longitude": 1}, False),
    ],
)  # fmt: skip
def test_a_point_is_whole_or_none(body: dict[str, Any], known: bool) -> None:
    assert (point_told(body) is not None) is known


def test_a_step_that_was_not_done_tells_nothing() -> None:
    events = [step("who_is_there", how="skipped", who="borrower")]
    assert step_body(events, "who_is_there") == {}
