"""`doorstep intake` as another program sees it: what it prints, writes and answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.start.running import home_with

BORROWERS = "borrower_id,name\nC1,张三\n"
LOANS = "loan_id,borrower_id,product,currency,principal,balance,opened_on,annual_rate_ppm\n"
GOOD = "L{n},C1,consumer,CNY,100000,50000,2025-01-02,120000\n"
BAD = "L9,C1,consumer,CNY,100000,12a345,2025-01-02,120000\n"


def _run(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    surroundings |= {"DOORSTEP_HOME": str(home), "DJANGO_SETTINGS_MODULE": "doorstep.settings"}
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        env=surroundings, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


def _intake(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return _run(home, "doorstep", "intake", *words)


def _day(folder: Path, loans: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    (folder / "borrowers.csv").write_text(BORROWERS, "utf-8")
    rows = "".join(GOOD.format(n=n) for n in range(loans))
    (folder / "loans.csv").write_text(LOANS + rows, "utf-8")
    return [folder / "borrowers.csv", folder / "loans.csv"]


def test_check_prints_each_problem_and_the_totals_last(tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(LOANS + GOOD.format(n=1) + BAD, "utf-8")
    back = tmp_path / "back.csv"
    done = _intake(
        tmp_path, "check", file, "--mapping", "canonical", "--on", "2026-01-31", "--json",
        "--language", "zh-Hans", "--rejected", back,
    )  # fmt: skip
    *problems, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [(p["line"], p["column"], p["code"], p["shown"]) for p in problems] == [
        (3, "balance", "AMOUNT_NOT_NUMBER", "12a3…")
    ]
    assert "金额" in problems[0]["hint"]
    assert (last["rows"], last["accepted"], last["rejected"]) == (2, 1, 1)
    assert last["totals"]["loans.principal"]["read"] == 200000
    assert back.read_text("utf-8").splitlines()[1].startswith("L9,C1")


def test_check_of_a_good_file_answers_yes_and_of_a_useless_one_says_where(tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(LOANS + GOOD.format(n=1), "utf-8")
    assert _intake(tmp_path, "check", file, "--mapping", "canonical").returncode == 0
    file.write_text("loan_id,balance\nL1,1\n", "utf-8")
    done = _intake(tmp_path, "check", file, "--mapping", "canonical")
    assert done.returncode == 2
    assert "HEADER_MISSING: loans.csv, line 1, borrower_id" in done.stderr


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = _intake(tmp_path, "check", tmp_path / "loans.csv", "--mapping", "nothing")
    assert done.returncode == 2
    assert "BAD_MAPPING: nothing" in done.stderr


def test_days_are_loaded_in_order_and_a_shrunken_one_waits(tmp_path: Path, tables: Path) -> None:
    home = home_with(tables, tmp_path / "home")

    def load(loans: int, on: str, *more: str) -> subprocess.CompletedProcess[str]:
        files = _day(tmp_path / f"day{loans}", loans)
        return _intake(home, "load", *files, "--mapping", "canonical", "--on", on, "--json", *more)

    first = load(10, "2026-01-30")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["accepted"] == 11
    assert json.loads(load(10, "2026-01-30").stdout)["book"] == json.loads(first.stdout)["book"]
    older = load(9, "2026-01-29")
    assert (older.returncode, "OLDER_BOOK" in older.stderr) == (1, True)
    lost = load(7, "2026-01-31")
    assert lost.returncode == 1
    assert "3 of 10" in lost.stderr
    assert "--accept-loss --released-by" in lost.stderr
    nobody = load(7, "2026-01-31", "--accept-loss", "--released-by", "nobody")
    assert (nobody.returncode, "NO_ACCOUNT" in nobody.stderr) == (1, True)
    kept = load(8, "2026-01-31")
    assert kept.returncode == 0, kept.stderr


def test_the_schema_lists_every_column(tmp_path: Path) -> None:
    done = _intake(tmp_path, "schema", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"table", "column", "type", "required", "key", "codes", "zh", "en"} == set(rows[0])
    assert ("loans", "balance", "int64") in {(r["table"], r["column"], r["type"]) for r in rows}


@pytest.mark.parametrize("command", ["check", "load"])
def test_every_command_has_its_help(tmp_path: Path, command: str) -> None:
    done = _intake(tmp_path, command, "--help")
    assert (done.returncode, "--mapping" in done.stdout) == (0, True)
