"""`doorstep loan`: what programs and people read of it, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.delinquency.scenarios.test_replay import PAID_OUT, TERMS

DOORSTEP = Path(sys.executable).with_name("doorstep")
LOAN = """
[loan]
principal = "1000.00"
annual_rate = "12"
term_months = 3
payment_rounding = "ROUND_HALF_UP"
interest_rounding = "ROUND_HALF_UP"
"""
APR = [
    {"id": "c", "advance": 1000, "w": 1, "first_whole": 1, "first_frac": 0, "stream": [[1100, 1]]}
]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [DOORSTEP, "loan", *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def example(tmp_path: Path) -> Path:
    path = tmp_path / "loan.toml"
    path.write_text(LOAN, "utf-8")
    return path


def written(tmp_path: Path, content: Any, name: str = "file.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_amortise_prints_the_rows(example: Path) -> None:
    code, printed, noise = run("amortise", example)
    assert (code, noise) == (0, "")
    assert printed.splitlines() == [
        "payment,payment_amount,principal,interest,balance",
        "1,340.02,330.02,10.00,669.98",
        "2,340.02,333.32,6.70,336.66",
        "3,340.03,336.66,3.37,0.00",
    ]
    code, printed, _ = run("amortise", example, "--json")
    assert json.loads(printed.splitlines()[0]) == {
        "payment": 1, "payment_amount": "340.02", "principal": "330.02", "interest": "10.00",
        "balance": "669.98",
    }  # fmt: skip


def test_amortise_says_what_it_does_not_work_out(example: Path) -> None:
    example.write_text(LOAN + 'day_count = "actual/364"\n', "utf-8")
    code, printed, _ = run("amortise", example, "--json")
    assert code == 1
    assert json.loads(printed)["supported"] is False
    code, printed, noise = run("amortise", example)
    assert (code, printed) == (1, "")
    assert "actual/364" in noise


def test_a_file_that_cannot_be_used_is_named_with_its_field(tmp_path: Path, example: Path) -> None:
    example.write_text(LOAN.replace('"12"', '"twelve"'), "utf-8")
    for arguments, word in (
        (("amortise", example), "annual_rate"),
        (("amortise", tmp_path / "none.toml"), "none.toml"),
        (("apr", written(tmp_path, [{"id": "a"}])), "a.first_whole"),
        (("replay", written(tmp_path, {"a": 1}, "other.json")), "other.json"),
    ):
        code, printed, noise = run(*arguments)
        assert (code, printed) == (2, "")
        assert word in noise


def test_apr_prints_a_rate_an_example(tmp_path: Path) -> None:
    path = written(tmp_path, APR)
    assert run("apr", path)[1] == "c  10.0000 %\n"
    assert json.loads(run("apr", path, "--json")[1]) == {"id": "c", "apr": 10.0}


def scenario(expected: str, **terms: str) -> dict[str, Any]:
    shown = {"check": "outstanding", "value": [expected]}
    return {"id": f"s{expected}", "terms": {**TERMS, **terms}, "steps": [*PAID_OUT, shown]}


def test_replay_answers_for_programs_and_compares_for_people(tmp_path: Path) -> None:
    path = written(tmp_path, [scenario("1000"), scenario("9"), scenario("1", LoanProduct="LP9")])
    code, printed, _ = run("replay", path, "--json")
    rows = [json.loads(line) for line in printed.splitlines()]
    assert code == 0
    assert [(row["id"], row["supported"], row["checks"]) for row in rows] == [
        ("s1000", True, [["1000.0"]]), ("s9", True, [["1000.0"]]), ("s1", False, []),
    ]  # fmt: skip
    code, printed, _ = run("replay", path)
    assert code == 1
    assert printed.splitlines()[-1] == "1 agree  1 differ  1 unsupported"
    assert "s9  differ  1" in printed


def test_help_names_the_commands() -> None:
    code, printed, _ = run("--help")
    assert code == 0
    assert all(name in printed for name in ("amortise", "apr", "replay"))
