"""The storeys hold, and every contract of `.importlinter` finds the violation planted for it."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT = Path(sys.executable).with_name("lint-imports")

# contract: (module that sins, the line planted at its end)
PLANTED = {
    "Storeys": [
        ("kernel/clock.py", "import doorstep.portfolio.schema"),
        ("cycle/models.py", "import doorstep.simulator"),
        ("portfolio/schema.py", "from doorstep.sites import office"),
        ("agreements/models/promises.py", "import doorstep.cycle.models"),
    ],
    "Small guard": [
        ("guard/decide.py", "import django"),
        ("guard/verdict.py", "import duckdb"),
        ("rules/condition.py", "import ibis"),
        ("rules/pack.py", "from django.db import models"),
        ("rules/findings.py", "import pandas"),
        ("evidence/verify.py", "import httpx"),
        ("kernel/clock.py", "import numpy"),
        ("kernel/money.py", "import django.utils"),
    ],
    "Plain arithmetic": [
        ("delinquency/dues.py", "from django.db import models"),
        ("workforce/roles.py", "import doorstep.workforce.models"),
        ("visits/problem.py", "from django.db import models"),
        ("visits/plan.py", "import duckdb"),
    ],
    "Ibis in the night only": [("sites/office/shell.py", "import ibis")],
    "DuckDB in the night and the intake only": [("simulator/__init__.py", "import duckdb")],
    "Wire": [
        ("portfolio/models.py", "import smtplib"),
        ("cli/__init__.py", "import requests"),
        ("dispatch/__init__.py", "import httpx"),
        ("visits/travel.py", "import httpx"),
    ],
    "One door": [
        ("sites/office/shell.py", "from doorstep.channels import sandbox"),
        ("cli/__init__.py", "import doorstep.channels.sms_http"),
        ("cycle/models.py", "import doorstep.channels.door"),
    ],
    "No knots": [
        ("delinquency/policy.py", "import doorstep.delinquency.dues"),
    ],
}
PLANTS = [(contract, *plant) for contract, plants in PLANTED.items() for plant in plants]


@pytest.fixture
def copied_house(repository: Path, tmp_path: Path) -> Path:
    """A copy of the package's Python files with its contracts, free to be spoilt."""
    shutil.copytree(
        repository / "src" / "doorstep",
        tmp_path / "doorstep",
        ignore=lambda folder, names: [
            name for name in names if not name.endswith(".py") and not Path(folder, name).is_dir()
        ],
    )
    shutil.copy(repository / ".importlinter", tmp_path)
    return tmp_path


def broken_contracts(house: Path) -> tuple[int, set[str]]:
    """Exit code of lint-imports and the names of the contracts that it finds broken."""
    run = subprocess.run(
        [LINT, "--no-logo", "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )
    return run.returncode, set(re.findall(r"^(.+) BROKEN$", run.stdout, re.MULTILINE))


def test_the_house_as_it_stands_keeps_every_contract(copied_house: Path) -> None:
    assert broken_contracts(copied_house) == (0, set())


@pytest.mark.parametrize(("contract", "module", "line"), PLANTS)
def test_a_planted_import_breaks_its_contract(
    copied_house: Path, contract: str, module: str, line: str
) -> None:
    with (copied_house / "doorstep" / module).open("a", encoding="utf-8") as spoilt:
        spoilt.write(f"\n{line}\n")
    code, broken = broken_contracts(copied_house)
    assert code == 1
    assert contract in broken


def test_a_folder_that_nobody_placed_breaks_the_storeys(copied_house: Path) -> None:
    (copied_house / "doorstep" / "tools").mkdir()
    (copied_house / "doorstep" / "tools" / "__init__.py").touch()
    code, broken = broken_contracts(copied_house)
    assert code == 1
    assert "Storeys" in broken


def test_every_contract_has_a_planted_violation(repository: Path) -> None:
    contracts = configparser.ConfigParser()
    contracts.read(repository / ".importlinter", encoding="utf-8")
    named = {contracts[section]["name"] for section in contracts if ":contract:" in section}
    assert named == set(PLANTED)
