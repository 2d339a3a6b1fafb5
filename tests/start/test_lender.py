"""A lender starts empty: no demo accounts, an administrator of their own, a second factor."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.start.running import (
    ADMIN,
    answers,
    command,
    environment,
    free_port,
    home_with,
    page,
    running,
)


def accounts(home: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(home / "doorstep.sqlite3") as database:
        rows = database.execute("SELECT username, role FROM workforce_staff").fetchall()
    return [(str(name), str(role)) for name, role in rows]


def test_the_site_comes_up_empty_with_the_administrator_that_was_named(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    with running(home, "--lender", **ADMIN) as started:
        started.wait_for("Doorstep is ready")
        assert page(started.port, "/accounts/login/")[0] == 200
        assert started.stop() == 0
    assert accounts(home) == [("founder", "administrator")]
    assert "Password of all" not in started.text()
    assert "Stopped" in started.text()
    assert not answers(started.port)


def test_the_second_start_keeps_the_administrator_and_asks_nothing(
    tmp_path: Path, tables: Path
) -> None:
    home = home_with(tables, tmp_path / "home")
    for _ in range(2):
        with running(home, "--lender", **ADMIN) as started:
            started.wait_for("Doorstep is ready")
            assert started.stop(signal.SIGTERM) == 0
    assert accounts(home) == [("founder", "administrator")]
    assert "was created" not in started.text()


def test_a_taken_port_is_said_and_the_next_free_one_used(tmp_path: Path, tables: Path) -> None:
    home = home_with(tables, tmp_path / "home")
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with running(home, "--lender", port=port, **ADMIN) as started:
            said = started.wait_for("Doorstep is ready")
            started.stop()
    assert f"Port {port} is taken; using " in said


def test_nothing_is_left_running_when_the_program_is_killed(tmp_path: Path, tables: Path) -> None:
    with running(home_with(tables, tmp_path / "home"), "--lender", **ADMIN) as started:
        started.wait_for("Doorstep is ready")
        assert started.stop(signal.SIGKILL) == -signal.SIGKILL
        end = time.monotonic() + 20
        while answers(started.port) and time.monotonic() < end:
            time.sleep(0.1)
    assert not answers(started.port)


def refused(home: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("up", *options),
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "NO_ADMINISTRATOR"),
        ({**ADMIN, "DOORSTEP_ADMIN_PASSWORD": "short"}, "BAD_ADMINISTRATOR"),
        ({**ADMIN, "DOORSTEP_ADMIN_PASSWORD": "123456789012345"}, "BAD_ADMINISTRATOR"),
        ({**ADMIN, "DOORSTEP_ADMIN_USERNAME": "a name with spaces"}, "BAD_ADMINISTRATOR"),
    ],
)
def test_without_a_good_administrator_nothing_starts(
    tmp_path: Path, tables: Path, more: dict[str, str], code: str
) -> None:
    ended = refused(home_with(tables, tmp_path / "home"), "--lender", **more)
    assert ended.returncode == 2
    assert code in ended.stderr
    assert accounts(tmp_path / "home") == []


def test_an_address_of_another_machine_is_refused(tmp_path: Path, tables: Path) -> None:
    home = home_with(tables, tmp_path / "home")
    ended = refused(home, "--lender", "--host", "192.0.2.1", **ADMIN)
    assert ended.returncode == 2
    assert "NO_ADDRESS" in ended.stderr
