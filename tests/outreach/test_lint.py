"""What must not be said is found; what may be said, and what the borrower said, is not."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.errors import InputError
from doorstep.outreach.folding import fold
from doorstep.outreach.gates import alternatives, gates_of
from doorstep.outreach.lint import behaviours, text_lint
from doorstep.outreach.wording import texts_check
from tests.outreach.sayings import SAID

FORBIDDEN = [row["text"] for row in SAID["forbidden"]]


def found(text: str) -> set[str]:
    return {finding.behaviour for finding in text_lint(text)}


@pytest.mark.parametrize("row", SAID["forbidden"], ids=FORBIDDEN)
def test_what_must_not_be_said_is_found(row: dict[str, Any]) -> None:
    wanted = set(row["behaviours"])
    assert wanted <= found(row["text"]) <= wanted | set(row.get("also", []))


@pytest.mark.parametrize("text", SAID["harmless"])
def test_what_may_be_said_is_left_alone(text: str) -> None:
    assert [(f.behaviour, text[f.start : f.end]) for f in text_lint(text)] == []


def test_every_forbidden_behaviour_of_the_law_has_patterns_sources_and_words(
    outside: Any,
) -> None:
    import yaml

    law = yaml.safe_load((outside / "law" / "rules.yaml").read_text("utf-8"))
    assert {row["id"]: row["rules"] for row in law["forbidden_behaviours"]} == {
        key: list(behaviour.source) for key, behaviour in behaviours().items()
    }
    seen = {behaviour for row in SAID["forbidden"] for behaviour in row["behaviours"]}
    assert seen == set(behaviours())
    for behaviour in behaviours().values():
        assert set(behaviour.why) == {"zh", "zh-Hant", "en"}


@pytest.mark.outside
def test_texts_of_the_law_cases_are_judged_as_expected(outside: Any) -> None:
    import yaml

    law = yaml.safe_load((outside / "law" / "cases.yaml").read_text("utf-8"))
    cases = {case["id"]: case for case in law["cases"] + law["derived_cases"]}
    wanted = {
        "US-72": "FB-THIRD", "US-82": "FB-ARREST", "US-83": "FB-FEE", "UK-01": "FB-ANON",
        "UK-17": "FB-IMPERSONATE", "UK-18": "FB-SEIZE", "TW-11": "FB-SEIZE",
        "CN-26": "FB-IMPERSONATE", "CN-27": "FB-POST", "CN-29": "FB-BORROW",
        "CN-30": "FB-BLACKLIST",
    }  # fmt: skip
    for number, behaviour in wanted.items():
        action = cases[number]["action"]
        words = ("text", "says", "script", "letterhead", "step")
        text = next(action[name] for name in words if name in action)
        assert behaviour in found(text), number
    for number in ("US-51", "US-57", "US-62", "US-77", "UK-03", "CN-25"):
        action = cases[number]["action"]
        assert found(action.get("text") or action["script"]) == set(), number


def test_a_finding_points_at_the_words_as_they_were_written() -> None:
    text = "您好，再不還錢就等著 坐 牢 吧。"
    [finding] = text_lint(text)
    assert finding.behaviour == "FB-ARREST"
    assert text[finding.start : finding.end].replace(" ", "") == "坐牢"
    assert finding.source == ("US-REGF-FALSE", "TW-14-FALSE")


@pytest.mark.parametrize(
    "text", ["坐 牢", "坐*牢", "坐\u200b牢", "坐·牢", "ＪＡＩＬ", "坐　牢", "JAIL"]
)
def test_hiding_a_word_does_not_help(text: str) -> None:
    assert found(f"不还就{text}") == {"FB-ARREST"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("客户说：“你们都是骗子”", set()),
        ("我告诉他：“你就是个骗子”", {"FB-VIOLENCE"}),
        ("客户投诉坐席说“不还就坐牢”", {"FB-ARREST"}),
        ("客户：你们再打我就报警抓你们\n坐席：那我通知你单位领导", {"FB-THIRD"}),
        ("客户说没钱。我说不还就等着坐牢", {"FB-ARREST"}),
        ("He said he would go to jail first", set()),
        ("I told him he will go to jail", {"FB-ARREST"}),
        ("„你们这些无赖“", set()),
        ("对方骂人渣，随后挂断", set()),
        ("您知道，不还就要坐牢", {"FB-ARREST"}),
        ("客户应知道，不还就要坐牢", {"FB-ARREST"}),
    ],
)
def test_the_borrowers_own_words_are_not_ours(text: str, wanted: set[str]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我们不会通知您的单位", set()),
        ("我们不得不通知您的单位", {"FB-THIRD"}),
        ("别逼我们通知你单位领导", {"FB-THIRD"}),
        ("你不要以为不会坐牢", {"FB-ARREST"}),
        ("严禁恐吓、威胁客户家人的人身安全", set()),
        ("You will not be arrested", set()),
        ("If you do not pay you will be arrested", {"FB-ARREST"}),
        ("We never take cash, we will not tell your boss", set()),
        ("We have no choice but to tell your boss", {"FB-THIRD"}),
    ],
)
def test_what_is_denied_is_no_threat_and_a_threat_with_a_no_is_one(
    text: str, wanted: set[str]
) -> None:
    assert found(text) == wanted


@given(st.sampled_from(FORBIDDEN), st.text(alphabet="您好，请问。 \n", max_size=30))
def test_what_stands_before_in_another_sentence_hides_nothing(text: str, before: str) -> None:
    assert found(f"{before}。\n{text}") == found(text)


@given(st.text(max_size=300))
def test_any_text_can_be_read_and_findings_lie_inside_it(text: str) -> None:
    for finding in text_lint(text):
        assert 0 <= finding.start < finding.end <= len(text)


@given(st.text(max_size=200))
def test_folding_keeps_the_place_of_every_character(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.places)
    assert list(folded.places) == sorted(set(folded.places))
    assert all(0 <= place < len(text) for place in folded.places)


def test_a_long_transcript_is_read_in_no_time() -> None:
    lines = [row["text"] for row in SAID["forbidden"]] + SAID["harmless"]
    text = ("\n".join(lines) * 4)[:10_000]
    texts_check([text])
    began = time.process_time()
    texts_check([text])
    assert time.process_time() - began < 0.5  # aim .05; ten times that on a busy machine


def test_the_gate_of_a_pattern_is_in_whatever_it_matches() -> None:
    every = [gate for behaviour in behaviours().values() for _language, gate in behaviour.patterns]
    for text in (fold(each).text for each in FORBIDDEN):
        for gate in every:
            for match in gate.pattern.finditer(text):
                if match[0]:
                    assert any(literal in match[0] for literal in gate.literals)
                    for needed in gate.also:
                        assert any(literal in match[0] for literal in needed)


def test_a_pattern_that_would_be_tried_everywhere_is_refused() -> None:
    assert alternatives("a|(b|c)|[|]") == ["a", "(b|c)", "[|]"]
    with pytest.raises(InputError):
        gates_of(r"坐牢|\w+")
