"""What ruff refuses in the program: mail, the machine's clock, hidden randomness, the network."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

RUFF = Path(sys.executable).with_name("ruff")

# what is banned: sources that use it, one more way of writing it each
BANNED = {
    "django.core.mail": ["from django.core.mail import send_mail\nsend_mail('a', 'b', 'c', ['d'])"],
    "datetime.datetime.now": [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as clock\nclock.datetime.now(tz=None)",
    ],
    "datetime.datetime.utcnow": ["import datetime\ndatetime.datetime.utcnow()"],
    "datetime.date.today": ["from datetime import date\ndate.today()"],
    "django.utils.timezone.now": [
        "from django.utils import timezone\ntimezone.now()",
        "from django.utils.timezone import now\nnow()",
    ],
    "random": ["import random\nrandom.random()", "from random import choice\nchoice([1])"],
    "urllib.request": ["import urllib.request\nurllib.request.urlopen('x')"],
    "http.client": ["from http.client import HTTPSConnection\nHTTPSConnection('x')"],
}
SOURCES = [(api, source) for api, sources in BANNED.items() for source in sources]


def refusals(repository: Path, source: str) -> str:
    """What ruff says of the source as if it stood in the portfolio."""
    run = subprocess.run(
        [
            *(RUFF, "check", "--no-cache", "--select", "TID", "--output-format", "concise"),
            *("--stdin-filename", "src/doorstep/portfolio/planted.py", "-"),
        ],
        cwd=repository,
        input=source + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout


@pytest.mark.parametrize(("api", "source"), SOURCES)
def test_a_banned_call_is_refused(repository: Path, api: str, source: str) -> None:
    assert f"TID251 `{api}` is banned" in refusals(repository, source)


def test_every_ban_has_a_planted_violation(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    assert (
        project["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"].keys() == BANNED.keys()
    )


def test_a_relative_import_is_refused(repository: Path) -> None:
    assert "TID252" in refusals(repository, "from .schema import TABLES")


def test_the_clock_and_randomness_that_are_passed_in_are_not(repository: Path) -> None:
    source = "from datetime import date\n\ndef later(*, on: date) -> date:\n    return on\n"
    assert "TID" not in refusals(repository, source)


def test_only_the_clock_reads_the_clock(repository: Path) -> None:
    excused = [
        path.relative_to(repository / "src" / "doorstep").as_posix()
        for path in sorted((repository / "src").rglob("*.py"))
        if "noqa: TID251" in path.read_text("utf-8")
    ]
    assert excused == ["kernel/clock.py"]
