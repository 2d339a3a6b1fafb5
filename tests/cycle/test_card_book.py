"""A lender's real card table, from its file to the worklist, by the commands a person types."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ON = "2005-09-30"
MAIN = "from doorstep.cli import main; main()"


@pytest.mark.outside
def test_the_card_table_becomes_a_worklist_with_reasons(
    outside: Path, tmp_path: Path, tables: Path
) -> None:
    shutil.copy(tables, tmp_path / "trial.sqlite3")
    surroundings = os.environ | {
        "DOORSTEP_HOME": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/trial.sqlite3",
        "DJANGO_SETTINGS_MODULE": "doorstep.settings",
    }
    table = tmp_path / "train.csv"
    packed = outside / "data" / "credit_card_default" / "train.csv.gz"
    with gzip.open(packed, "rb") as source, table.open("wb") as target:
        shutil.copyfileobj(source, target)

    def doorstep(program: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            capture_output=True, text=True, check=False, env=surroundings,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    doorstep(MAIN, "intake", "load", str(table), "--mapping", "card_months", "--on", ON)
    assert "done" in doorstep(MAIN, "cycle", "night", "--on", ON)
    out = tmp_path / "runs" / ON
    assert pq.read_metadata(out / "loans.parquet").num_rows == 21_000
    decisions = pq.read_table(out / "decisions.parquet").to_pylist()
    assert 3_000 < len(decisions) < 5_000
    assert all(row["reason_zh"] and row["reason_en"] and row["step"] for row in decisions)
    assert {row["currency"] for row in decisions} == {"TWD"}
