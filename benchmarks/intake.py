"""How long a lender's day of a million rows takes from CSV to the database, and how much memory.

    python benchmarks/intake.py [--rows 1000000] [--seed 7] [--keep FOLDER]

Makes canonical CSV files (one fifth borrowers, one fifth their numbers, one fifth loans, two fifths
instalments; the same bytes for a seed) with a few faults in them, loads them with
`doorstep intake load` in a process of its own into an empty database, and prints seconds, rows a
second and the highest memory of that process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

ON = "2026-01-31"
SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
GIVEN = ["伟", "芳", "娜", "秀英", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "明"]
OPTIONS = ["--mapping", "canonical", "--on", ON]
BAD_EVERY = 10_007


def numbered(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Identifiers such as B0000042."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 8, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def days(first: str, offsets: np.ndarray) -> pa.Array:
    """Days after `first`."""
    return pa.array(np.datetime64(first, "D") + offsets.astype("timedelta64[D]"))


def files_make(folder: Path, *, rows: int, seed: int) -> list[Path]:
    """Write the files; their rows together are `rows`."""
    rng = np.random.default_rng(seed)
    size = rows // 5
    who = np.arange(size)
    names = pc.binary_join_element_wise(
        pa.array(SURNAMES).take(pa.array(rng.integers(0, len(SURNAMES), size))),
        pa.array(GIVEN).take(pa.array(rng.integers(0, len(GIVEN), size))),
        "",
    )
    phones = pc.binary_join_element_wise(
        "154", pc.utf8_lpad(pa.array(who).cast(pa.string()), 8, padding="0"), ""
    )
    phones = pc.if_else(pa.array(who % BAD_EVERY == BAD_EVERY - 1), "139****0000", phones)
    balance = rng.integers(100_00, 500_000_00, size)
    tables = {
        "borrowers": {
            "borrower_id": numbered("B", who), "name": names,
            "sex": pa.array(["f", "m"]).take(pa.array(rng.integers(0, 2, size))),
            "birth_date": days("1960-01-01", rng.integers(0, 15_000, size)),
            "branch_code": numbered("N", rng.integers(0, 40, size)),
        },
        "contact_points": {
            "borrower_id": numbered("B", who), "kind": pa.array(["mobile"] * size), "value": phones,
            "owner": pa.array(["borrower"] * size),
        },
        "loans": {
            "loan_id": numbered("L", who), "borrower_id": numbered("B", who),
            "product": pa.array(["consumer"] * size), "currency": pa.array(["CNY"] * size),
            "principal": pa.array(balance * 2), "balance": pa.array(balance),
            "opened_on": days("2022-01-01", rng.integers(0, 1000, size)),
            "annual_rate_ppm": pa.array(rng.integers(40, 240, size) * 1000),
        },
        "instalments": {
            "loan_id": numbered("L", np.repeat(who, 2)),
            "number": pa.array(np.tile([1, 2], size)),
            "due_on": days("2025-08-01", rng.integers(0, 200, 2 * size)),
            "principal_due": pa.array(rng.integers(100_00, 9_000_00, 2 * size)),
            "interest_due": pa.array(rng.integers(1_00, 900_00, 2 * size)),
            "principal_paid": pa.array(rng.integers(0, 100_00, 2 * size)),
        },
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in tables.items():
        pacsv.write_csv(pa.table(columns), folder / f"{name}.csv")
    return [folder / f"{name}.csv" for name in tables]


def main() -> None:
    """Make, load, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = wanted.keep or Path(place)
        files = files_make(folder / "files", rows=wanted.rows, seed=wanted.seed)
        surroundings = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DOORSTEP_HOME": str(folder / "home"),
            "DJANGO_SETTINGS_MODULE": "doorstep.settings",
        }
        python = [sys.executable, "-m"]
        subprocess.run([*python, "django", "migrate", "-v0"], env=surroundings, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = perf_counter()
        subprocess.run(
            [*python, "doorstep", "intake", "load", *map(str, files), *OPTIONS],
            env=surroundings, check=True,
        )  # fmt: skip
        seconds = perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{wanted.rows:,} rows: {seconds:.1f} s, {wanted.rows / seconds:,.0f} rows/s, "
        f"{busy:.1f} s of processor, peak {after.ru_maxrss / 1024:,.0f} MiB"
    )


if __name__ == "__main__":
    main()
