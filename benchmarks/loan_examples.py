"""Loan arithmetic against examples published elsewhere: how many agree, differ, are not worked out.

    .venv/bin/python benchmarks/loan_examples.py --outside PATH

PATH holds `data/apr_examples`, `data/amortisation_examples` and `data/loan_scenarios`. The commands
`doorstep loan apr|amortise|replay` are run on each file; their answers are compared to what the
files show: yearly rates to 0.01 %, tables to the cent. Prints a row a family; exit 1 where one
differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from doorstep.delinquency.scenarios.comparing import differences

DOORSTEP = Path(sys.executable).with_name("doorstep")
KINDS = ("agree", "differ", "unsupported")
SHOWN = ("payment", "payment_amount", "principal", "interest", "balance")
Found = Iterator[tuple[str, str, str]]


def answers(*arguments: str | Path) -> list[dict[str, Any]]:
    """What a command answers, one object a line; raises where it ends otherwise than by saying."""
    done = subprocess.run(
        [DOORSTEP, "loan", *arguments, "--json"], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{arguments[-1]}: {done.stderr.strip()[-500:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def apr(folder: Path) -> Found:
    """(family, id, kind) of every credit."""
    for path in sorted(folder.glob("*.json")):
        found = {row["id"]: row["apr"] for row in answers("apr", path)}
        for one in json.loads(path.read_text("utf-8"))["examples"]:
            near = abs(Decimal(str(found[one["id"]])) - Decimal(str(one["apr"])))
            yield "apr", one["id"], "agree" if near <= Decimal("0.005") else "differ"


def amortisation(folder: Path) -> Found:
    """(family, id, kind) of every published table; the rows it shows and what it expects."""
    for path in sorted(folder.glob("*.toml")):
        rows = answers("amortise", path)
        if rows and rows[0].get("supported") is False:
            yield "amortisation", path.stem, "unsupported"
            continue
        by_number = {str(row["payment"]): row for row in rows}
        with path.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
            same = all(_is_row(by_number.get(row["payment"]), row) for row in csv.DictReader(file))
        expected = tomllib.loads(path.read_text("utf-8"))["expected"]
        same = same and _is_expected(rows, expected)
        yield "amortisation", path.stem, "agree" if same else "differ"


def _is_row(ours: Mapping[str, Any] | None, shown: Mapping[str, str]) -> bool:
    return ours is not None and all(Decimal(str(ours[n])) == Decimal(shown[n]) for n in SHOWN)


def _is_expected(rows: list[dict[str, Any]], expected: Mapping[str, str]) -> bool:
    payment = expected.get("periodic_payment") or expected.get("monthly_payment")
    balloon = expected.get("balloon_at_term", rows[-1]["balance"])
    return (payment is None or Decimal(payment) == Decimal(rows[0]["payment_amount"])) and (
        Decimal(balloon) == Decimal(rows[-1]["balance"])
    )


def scenarios(folder: Path) -> Found:
    """(family, id, kind) of every history; families: core, pause, pure (all steps known), other."""
    for path in sorted(folder.glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        told = told["scenarios"] if isinstance(told, dict) else told
        for scenario, answer in zip(told, answers("replay", path), strict=True):
            wrong = answer["supported"] and differences(scenario, answer["checks"])
            kind = "differ" if wrong else "agree" if answer["supported"] else "unsupported"
            yield f"scenarios {family(scenario)}", scenario["id"], kind


def family(scenario: Mapping[str, Any]) -> str:
    """Which part of the histories one belongs to."""
    if scenario.get("core"):
        return "core"
    if any(step.get("do", {}).get("t") == "delinquency_pause" for step in scenario["steps"]):
        return "pause"
    return "pure" if scenario.get("pure") else "other"


def main() -> None:
    """Run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outside", type=Path, required=True)
    asked = parser.parse_args()
    counts: dict[str, Counter[str]] = {}
    differ = []
    folder = asked.outside / "data"
    for found in (
        apr(folder / "apr_examples"),
        amortisation(folder / "amortisation_examples"),
        scenarios(folder / "loan_scenarios"),
    ):
        for name, one, kind in found:
            counts.setdefault(name, Counter())[kind] += 1
            if kind == "differ":
                differ.append(one)
    print(f"{'family':<18}" + "".join(f"{kind:>13}" for kind in KINDS))
    for name in sorted(counts):
        print(f"{name:<18}" + "".join(f"{counts[name][kind]:>13}" for kind in KINDS))
    if differ:
        print("differ: " + ", ".join(differ))
        raise SystemExit(1)


if __name__ == "__main__":
    main()
