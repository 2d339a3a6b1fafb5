"""`doorstep visits plan`: what programs and people read of it, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.visits.days import HOUR, crew, day, visit

DOORSTEP = Path(sys.executable).with_name("doorstep")


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day()), "utf-8")
    return path


def run(problem: Path, *arguments: str) -> tuple[int, str, str, dict[str, Any]]:
    out = problem.with_name("plan.json")
    done = subprocess.run(
        [DOORSTEP, "visits", "plan", problem, "--out", out, *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    plan = json.loads(out.read_text("utf-8")) if out.is_file() else {}
    return done.returncode, done.stdout, done.stderr, plan


def test_the_plan_has_the_shape_that_programs_rely_on(problem: Path) -> None:
    code, printed, _, plan = run(problem, "--seconds", "1", "--seed", "3")
    assert code == 0
    assert "3 visits planned, 0 not" in printed
    assert {
        "routes", "unvisited", "value", "travel_seconds", "objective", "seconds_used", "engine"
    } <= set(plan)  # fmt: skip
    (route,) = plan["routes"]
    assert set(route["stops"][0]) == {"visit", "arrive", "start", "leave"}
    assert (plan["value"], plan["travel_seconds"], plan["objective"]) == (150, 3600, 114)


def test_with_json_every_line_is_an_object(problem: Path) -> None:
    code, printed, noise, _ = run(problem, "--iterations", "20", "--json")
    rows = [json.loads(line) for line in printed.splitlines()]
    assert (code, noise) == (0, "")
    assert rows[-1]["visits"] == 3
    assert set(rows[0]) == {"seconds", "iterations", "objective"}


def test_the_same_seed_and_steps_write_the_same_plan(problem: Path) -> None:
    first, second = (run(problem, "--iterations", "200", "--seed", "5")[3] for _ in range(2))
    first.pop("seconds_used"), second.pop("seconds_used")
    assert first == second


def test_a_promise_that_cannot_be_kept_ends_with_one_and_says_why(problem: Path) -> None:
    problem.write_text(json.dumps(day(visits=[visit(1, required=True, windows=[])])), "utf-8")
    code, printed, _, plan = run(problem, "--seconds", "1")
    assert code == 1
    assert plan["missed"] == ["v1"]
    assert plan["unvisited"][0]["why"] == "OUTSIDE_HOURS"
    assert "promised and not possible: v1: No crew is on duty" in printed


def test_a_file_that_cannot_be_used_ends_with_two_and_names_the_place(problem: Path) -> None:
    problem.write_text(json.dumps(day([crew(shift=[9, 8])])), "utf-8")
    code, _, told, plan = run(problem, "--seconds", "1")
    assert (code, plan) == (2, {})
    assert "BAD_PROBLEM: day.json, crews[0].shift: It ends (8) before it begins (9)" in told
    assert run(problem.with_name("none.json"), "--seconds", "1")[0] == 2
    assert run(problem)[0] == 2


def test_stopped_it_writes_the_best_plan_so_far(problem: Path) -> None:
    out = problem.with_name("plan.json")
    running = subprocess.Popen(
        [DOORSTEP, "visits", "plan", problem, "--out", out, "--seconds", "60", "--json"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert json.loads(running.stdout.readline())["iterations"] == 0
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 0
    assert len(json.loads(out.read_text("utf-8"))["routes"]) == 1
    running.stdout.close()


def test_five_thousand_visits_give_a_plan_with_every_promise_kept(problem: Path) -> None:
    """Travel estimated, forty crews, a hundred promises: a plan, nobody lost."""
    points = np.random.default_rng(1).uniform((31.1, 121.3), (31.3, 121.6), (5001, 2))
    tree = {
        "locations": [
            {"id": n, "lat": lat, "lon": lon} for n, (lat, lon) in enumerate(points.tolist())
        ],
        "crews": [crew(n, max_seconds=8 * HOUR, skills=["yue"] * (n % 2)) for n in range(40)],
        "visits": [
            visit(n, required=n % 50 == 0, skills=["yue"] * (n % 9 == 0)) for n in range(1, 5001)
        ],
        "objective": {"per_second": 0.001},
    }
    problem.write_text(json.dumps(tree), "utf-8")
    code, printed, told, plan = run(problem, "--seconds", "15")
    assert (code, plan["missed"]) == (0, []), printed + told
    assert plan["estimated"] is True
    made = [stop["visit"] for route in plan["routes"] for stop in route["stops"]]
    left = [one["visit"] for one in plan["unvisited"]]
    assert sorted(made + left) == sorted(f"v{n}" for n in range(1, 5001))
    assert len(made) > 100
