"""Case files are read as written: no clock becomes a number, and every fault has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorstep.kernel.errors import InputError
from doorstep.rules.cases.case_file import ABSENT, cases_read

CASE = """\
cases:
- id: X-1
  rules: [R-1, R-2]
  jurisdiction: CN
  facts:
    tz: Asia/Shanghai
    consent: {by: borrower, allow: [22:00-23:00]}
    known: null
    switch: no
    on: yes
    count: 010
    price: 1.5
    when: 22:30
    day: 2026-05-12
  action: {t: 2026-05-12T22:30:00+08:00, true: false}
  expect: allow
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_case_keeps_its_words(tmp_path: Path) -> None:
    (case,), expected = cases_read(written(tmp_path, CASE))
    assert (case.id, case.rules, case.jurisdiction, case.line) == ("X-1", ("R-1", "R-2"), "cn", 2)
    assert case.given["when"] == "22:30"
    assert case.given["day"] == "2026-05-12"
    assert (case.given["switch"], case.given["on"]) == ("no", "yes")
    assert (case.given["count"], case.given["price"]) == (10, 1.5)
    assert case.get("facts.consent.allow") == ["22:00-23:00"]
    assert case.text("action.t") == "2026-05-12T22:30:00+08:00"
    assert case.truth("action.true") is False
    assert expected == {"X-1": "allow"}


def test_unsaid_and_said_to_be_unknown_are_two_things(tmp_path: Path) -> None:
    (case,), _ = cases_read(written(tmp_path, CASE))
    assert case.get("facts.nobody") is ABSENT
    assert case.get("facts.known") is None
    assert (case.has("facts.known"), case.has("facts.nobody")) == (True, False)
    assert not ABSENT


def test_what_a_case_expects_is_not_in_the_case(tmp_path: Path) -> None:
    (allowed,), _ = cases_read(written(tmp_path, CASE))
    (denied,), _ = cases_read(written(tmp_path, CASE.replace("expect: allow", "expect: deny")))
    (silent,), expected = cases_read(written(tmp_path, CASE.replace("  expect: allow\n", "")))
    assert allowed == denied == silent
    assert expected == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cases:\n- id: A\n  id: B\n  rules: [R]\n", "line 3: Not readable as YAML: the key 'id'"),
        ("cases:\n- id: [A\n", "Not readable as YAML"),
        ("rules: []\n", "line 1, cases: There is no list of cases."),
        ("cases: 5\n", "There is no list of cases."),
        ("cases:\n- rules: [R]\n", "line 2, id: A case without an id."),
        ("cases:\n- id: A\n", "line 2, rules: Case A names no rules."),
        ("cases:\n- id: A\n  rules: R\n", "line 2, rules: Case A names no rules."),
        ("cases:\n- id: A\n  rules: [R]\n  facts: [1]\n", "line 2, facts: Case A: facts is not"),
        (
            "cases:\n- id: A\n  rules: [R]\n- id: A\n  rules: [R]\n",
            "line 4, id: The id A stands twice.",
        ),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        cases_read(written(tmp_path, text))
    assert message in str(refused.value)
    assert "cases.yaml" in str(refused.value)


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Not readable"):
        cases_read(tmp_path / "nowhere.yaml")
    path = tmp_path / "cases.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        cases_read(path)


def test_a_bare_list_and_derived_cases_are_cases_too(tmp_path: Path) -> None:
    bare = "- id: A\n  rules: [R]\n"
    assert [case.id for case in cases_read(written(tmp_path, bare))[0]] == ["A"]
    both = "cases:\n- id: A\n  rules: [R]\nderived_cases:\n- id: B\n  rules: [R]\n"
    assert [case.id for case in cases_read(written(tmp_path, both))[0]] == ["A", "B"]
