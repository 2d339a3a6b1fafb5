"""`doorstep rules lint-text` as another program sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def lint(home: Path, *words: str, sent: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    surroundings |= {"DOORSTEP_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "doorstep", "rules", "lint-text", *words],
        env=surroundings, input=sent, capture_output=True, check=False,
    )  # fmt: skip


def test_each_line_is_answered_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\ufeff您好\n\n再不还款就等着坐牢\r\n客户说：“滚”\n你这个骗子，不要脸", "utf-8")
    done = lint(tmp_path, str(file), "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["behaviours"] for row in rows] == [[], [], ["FB-ARREST"], [], ["FB-VIOLENCE"]]
    assert all(set(row) == {"line", "behaviours", "abusive"} for row in rows)
    assert rows[4]["abusive"] > 0.5 > rows[0]["abusive"]


def test_standard_input_is_read_and_a_finding_answers_no(tmp_path: Path) -> None:
    said = lint(tmp_path, sent="钱直接转给我".encode())
    assert said.returncode == 1
    assert b"FB-CASH" in said.stdout
    assert lint(tmp_path, "-", sent="您好".encode()).returncode == 0
    assert lint(tmp_path, "--json", sent=b"").stdout == b""


def test_what_cannot_be_read_names_file_and_line(tmp_path: Path) -> None:
    gone = lint(tmp_path, str(tmp_path / "gone.txt"))
    assert gone.returncode == 2
    assert b"NO_FILE" in gone.stderr
    file = tmp_path / "big5.txt"
    file.write_bytes("您好\n".encode() + "您好".encode("big5"))
    bad = lint(tmp_path, str(file), "--json")
    assert bad.returncode == 2
    assert b"big5.txt, line 2" in bad.stderr
