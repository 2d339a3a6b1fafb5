"""The example bank comes up by one command, is there again at once, and survives being cut off."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.start.running import command, environment, page, running

SMALL = ("--loans", "300", "--seed", "5")


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "doorstep.sqlite3") as database:
        return database.execute(query).fetchall()


BOOKS = "SELECT state, rejected, brought_by_id = released_by_id FROM portfolio_book"
NIGHTS = "SELECT business_date, state, decisions_digest FROM cycle_run ORDER BY 1"
ROLES = "SELECT count(DISTINCT role), count(DISTINCT branch_id) FROM workforce_staff"
GIVEN = "SELECT count(*) FROM cases_case WHERE assignee_id IS NOT NULL"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `doorstep up` ran once."""
    home = tmp_path_factory.mktemp("demo") / "a home"
    with running(home, *SMALL) as started:
        said = started.wait_for("Password of all")
        assert "Doorstep is ready" in said
        assert page(started.port, "/accounts/login/")[0] == 200
        assert page(started.port, "/")[0] == 302
        assert started.stop() == 0
    return home


def test_two_books_are_loaded_through_two_people_without_a_rejected_row(loaded: Path) -> None:
    assert rows(loaded, BOOKS) == [("loaded", 0, 0)] * 2


def test_both_nights_are_done_and_every_overdue_borrower_has_a_case(loaded: Path) -> None:
    nights = rows(loaded, NIGHTS)
    assert [state for _, state, _ in nights] == ["done", "done"]
    assert rows(loaded, "SELECT count(*) FROM cases_case WHERE status = 'open'") == [(30,)]
    assert rows(loaded, "SELECT count(*) FROM cases_movement")[0][0] > 0


def test_all_nine_roles_have_an_account_in_several_branches(loaded: Path) -> None:
    assert rows(loaded, ROLES) == [(9, 3)]
    assert rows(loaded, GIVEN)[0][0] > 0


def test_a_second_start_is_quick_and_keeps_everything(loaded: Path) -> None:
    before = rows(loaded, NIGHTS), rows(loaded, GIVEN)
    with running(loaded, "--loans", "5000") as started:
        said = started.wait_for("Doorstep is ready")
        started.stop()
    assert "First start" not in said
    assert (rows(loaded, NIGHTS), rows(loaded, GIVEN)) == before


def test_loading_again_changes_nothing(loaded: Path) -> None:
    before = rows(loaded, NIGHTS), rows(loaded, BOOKS), rows(loaded, GIVEN)
    subprocess.run(
        command("demo", "load", *SMALL), env=environment(loaded), check=True, capture_output=True
    )
    assert (rows(loaded, NIGHTS), rows(loaded, BOOKS), rows(loaded, GIVEN)) == before


def test_the_hidden_truth_is_kept_and_the_delivered_files_are_not(loaded: Path) -> None:
    assert (loaded / "example" / "truth" / "borrowers.parquet").is_file()
    assert not list((loaded / "example").glob("2*"))


def test_a_system_with_the_example_bank_is_not_handed_to_a_lender(loaded: Path) -> None:
    ended = subprocess.run(
        command("up", "--lender"), env=environment(loaded), capture_output=True, text=True,
        timeout=420, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "HOLDS_DEMO" in ended.stderr


def test_demo_accounts_are_refused_outside_demo_mode(tmp_path: Path) -> None:
    ended = subprocess.run(
        command("demo", "load", *SMALL), env=environment(tmp_path, DOORSTEP_MODE="lender"),
        capture_output=True, text=True, timeout=420, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "NOT_DEMO" in ended.stderr


def test_a_first_start_that_was_killed_is_finished_by_the_next(
    loaded: Path, tmp_path: Path
) -> None:
    """Killed after the first book was loaded; the result is that of an undisturbed start."""
    on = str(rows(loaded, NIGHTS)[1][0])
    work = subprocess.Popen(
        command("demo", "load", *SMALL, "--on", on), env=environment(tmp_path),
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 120
    while time.monotonic() < end and not first_book_is_loaded(tmp_path):
        time.sleep(0.05)
    work.send_signal(signal.SIGKILL)
    work.wait()
    assert json.loads((tmp_path / "example.json").read_text())["done"] is False
    subprocess.run(
        command("demo", "load"), env=environment(tmp_path), check=True, capture_output=True
    )
    assert rows(tmp_path, NIGHTS) == rows(loaded, NIGHTS)
    assert rows(tmp_path, GIVEN) == rows(loaded, GIVEN)


def first_book_is_loaded(home: Path) -> bool:
    try:
        return bool(rows(home, "SELECT 1 FROM portfolio_book WHERE state = 'loaded'"))
    except sqlite3.OperationalError:
        return False
