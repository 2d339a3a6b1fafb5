"""`doorstep rules`: what programs and people read of it, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOORSTEP = Path(sys.executable).with_name("doorstep")
CASES = """\
cases:
- id: NIGHT
  rules: [CN-CBA-QUIET]
  facts: {tz: Asia/Shanghai}
  action: {ch: phone, t: 2026-05-12T22:30+08:00, to: borrower}
  expect: deny
- id: NOBODY-KNOWS
  rules: [CN-GBT-VOICE-3]
  facts: {tz: Asia/Shanghai, reachable: null}
  action: {ch: phone, t: 2026-05-12T10:00+08:00, to: emergency_contact}
  expect: allow
"""


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [DOORSTEP, "rules", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.yaml"
    path.write_text(CASES, "utf-8")
    return path


def test_a_verdict_a_line_for_programs(cases: Path) -> None:
    code, printed, _ = run("check", cases, "--json")
    first, second = (json.loads(line) for line in printed.splitlines())
    assert code == 0
    assert list(first) == ["id", "verdict", "rules", "reasons", "not_before", "missing"]
    assert (first["verdict"], first["rules"]) == ("deny", ["CN-CBA-QUIET"])
    assert first["not_before"] == "2026-05-13T08:00:00+08:00"
    (reason,) = first["reasons"]
    assert list(reason) == ["rule", "zh", "en", "source"]
    assert second["verdict"] == "allow"


def test_people_see_where_a_case_differs_and_the_answer_is_no(cases: Path) -> None:
    assert run("check", cases)[0] == 0
    cases.write_text(CASES.replace("expect: deny", "expect: allow"), "utf-8")
    code, printed, _ = run("check", cases)
    assert code == 1
    assert re.search(r"NIGHT\s+expected allow\s+got deny\s+CN-CBA-QUIET", printed)
    assert "2 cases: 1 agree, 1 differ, 0 not encoded" in printed
    assert "rules have no condition and are left to people" in printed


def test_what_a_case_expects_does_not_move_the_answer(cases: Path) -> None:
    before = run("check", cases, "--json")
    cases.write_text(CASES.replace("expect: deny", "expect: warn"), "utf-8")
    assert run("check", cases, "--json") == before


def test_a_file_that_cannot_be_used_ends_with_two_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("cases:\n- id: A\n", "utf-8")
    code, printed, told = run("check", path)
    assert (code, printed) == (2, "")
    assert "cases.yaml,line2,rules:CaseAnamesnorules." in re.sub(r"\s+", "", told)


def test_the_rules_of_a_day_with_source_and_confidence() -> None:
    code, printed, _ = run("explain", "--on", "2026-05-12", "--jurisdiction", "cn", "--json")
    told = {row["rule"]: row for row in map(json.loads, printed.splitlines())}
    assert code == 0
    assert told["CN-CBA-QUIET"]["source"]["confidence"] == "seen-quoted"
    assert told["CN-CBA-QUIET"]["reviewed_on"] is None
    earlier = run("explain", "--on", "2026-01-29", "--jurisdiction", "cn", "--json")[1]
    assert "CN-CBA-QUIET" not in {json.loads(line)["rule"] for line in earlier.splitlines()}


def test_a_rule_that_is_not_there_ends_with_one() -> None:
    code, _, told = run("explain", "--on", "2026-05-12", "--jurisdiction", "cn", "CN-NOBODY")
    assert code == 1
    assert "CN-NOBODY" in told


def test_the_linter_ends_with_one_where_a_fault_stops_the_packs(tmp_path: Path) -> None:
    assert run("lint")[0] == 0
    code, printed, _ = run("lint", "--packs", tmp_path)
    assert code == 1
    assert "facts.toml" in printed


def test_the_day_a_rule_begins_is_a_difference() -> None:
    code, printed, _ = run("diff", "--from", "2026-01-29", "--to", "2026-01-30", "--json")
    assert code == 0
    added = {row["rule"] for row in map(json.loads, printed.splitlines())}
    assert "CN-CBA-QUIET" in added
    assert run("diff")[0] == 2
