"""The phone works out plans, means and the words of an agreement exactly as the server does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from doorstep.agreements import document
from doorstep.agreements.option_table import TABLE
from doorstep.agreements.phone_tables import options_digest, phone_tables
from tests.agreements.phone_cases import phone_cases
from tests.factories import ON

NUMBER = int(os.environ.get("DOORSTEP_TEST_PHONE_CASES", "200"))
SEED = int(os.environ.get("DOORSTEP_TEST_PHONE_SEED", "20261123"))
FIXED = "tests/arithmetic-cases.json"


@pytest.fixture(scope="module")
def field(repository: Path) -> Path:
    """The phone app with what it is built with; skipped where that is not installed."""
    found = repository / "field"
    if not (found / "node_modules").is_dir() or shutil.which("node") is None:
        pytest.skip("field/node_modules is missing: run script/setup")
    return found


@pytest.fixture(scope="module")
def file() -> dict[str, Any]:
    """What is asked of both, with the server's answers."""
    return phone_cases(number=NUMBER, seed=SEED)


def answers_of(field: Path, file: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    asked, answered = folder / "cases.json", folder / "answers.json"
    asked.write_text(json.dumps(file, ensure_ascii=False), "utf-8")
    done = subprocess.run(
        ["node", "tests/answer.mjs", str(asked), str(answered)],
        cwd=field, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(answered.read_text("utf-8"))
    return found


def test_every_row_total_fit_share_and_order_is_the_servers(
    field: Path, file: dict[str, Any], tmp_path: Path
) -> None:
    answers = answers_of(field, file, tmp_path)
    assert len(answers) == NUMBER
    for place, (case, answer) in enumerate(zip(file["cases"], answers, strict=True)):
        wanted = json.loads(json.dumps(case["answer"]))
        for part, value in wanted.items():
            assert answer[part] == value, f"case {place} of seed {SEED}: {part} of {case['asked']}"


@pytest.mark.skipif(NUMBER < 200, reason="too few cases to meet everything")
def test_the_cases_meet_what_they_are_meant_to_meet(file: dict[str, Any]) -> None:
    cases = [each["answer"] for each in file["cases"][:200]]
    options = [
        each for case in cases if isinstance(case["options"], list) for each in case["options"]
    ]
    assert {each["key"] for each in options} == {way.key for way in TABLE.ways}
    fits = {each["fit"] for each in options}
    assert fits >= {"fits", "above_share", "nothing_left", "not_known", "out_of_date"}
    refused = [
        case[part]["refused"] for case in cases for part in ("options", "proposal")
        if isinstance(case[part], dict) and "refused" in case[part]
    ]  # fmt: skip
    assert {"SEVERAL_CURRENCIES", "BAD_TERMS", "TOO_LITTLE"} <= set(refused)
    assert sum(isinstance(case["options"], list) for case in cases) > 120
    assert sum(case["document"] is not None for case in cases) > 80


def test_the_fixed_cases_of_the_app_hold_the_servers_answers(field: Path) -> None:
    kept = json.loads((field / FIXED).read_text("utf-8"))
    made = phone_cases(number=len(kept["cases"]), seed=7)
    assert kept == json.loads(json.dumps(made))


def test_the_tables_hold_everything_in_its_order_and_say_which_they_are() -> None:
    tables = phone_tables(on=ON, country="CN")
    assert [way["key"] for way in tables["options"]["ways"]] == [way.key for way in TABLE.ways]
    assert tables == json.loads(json.dumps(tables))
    assert phone_tables(on=ON, country="CN")["digest"] == tables["digest"]
    assert phone_tables(on=ON, country="TW")["digest"] != tables["digest"] or (
        phone_tables(on=ON, country="TW")["answer_by"] == tables["answer_by"]
    )
    assert len(options_digest()) == 16


def test_the_sentences_to_confirm_are_those_that_the_server_asks_for() -> None:
    tables = phone_tables(on=ON, country="CN")
    for language in document.LANGUAGES:
        assert tables["agreement"][language]["consents"] == document.words()[language]["consents"]


def test_a_country_whose_working_days_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        phone_tables(on=ON, country="XX")
