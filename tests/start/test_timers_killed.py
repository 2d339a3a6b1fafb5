"""The real programs, site and both workers, killed again and again around running timers.

The clock is the machine's own and nothing is sped up but the timers themselves, whose grace ends
while the kills go on. A machine that is itself stopped for a while (a virtual one may be) raises
nothing then: a pulse beside the programs notes how long, and that time is told and taken off. A
short run by default; the whole promise takes about ten minutes:
DOORSTEP_TEST_KILLS=100 pytest tests/start/test_timers_killed.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.start.running import command, environment, free_port, home_with

KILLS = int(os.environ.get("DOORSTEP_TEST_KILLS", "3"))
LATEST_SECONDS = 60.0
BETWEEN = (1.0, 10.0)
AWAY = (0.0, 2.0)


def programs(port: int) -> list[list[str]]:
    site = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws",
        "--workers", "1", "--log-level", "warning", "doorstep.wsgi:application",
    ]  # fmt: skip
    return [
        site,
        command("worker", "run", "--only", "sender"),
        command("worker", "run", "--only", "tasks"),
    ]


def timers(home: Path, *said: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "tests.start.timers", *said],
        env=environment(home), check=True, capture_output=True, text=True,
    )  # fmt: skip
    return made.stdout


def start(each: list[str], home: Path) -> subprocess.Popen[bytes]:
    """A program in a group of its own, so that its children die with it; what it prints is kept."""
    with (home.parent / "printed.txt").open("ab") as printed:
        return subprocess.Popen(
            each, env=environment(home), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            start_new_session=True,
        )  # fmt: skip


def kill(program: subprocess.Popen[bytes]) -> None:
    os.killpg(program.pid, 9)
    program.wait()


class Pulse(threading.Thread):
    """Sleeps and wakes; where it wakes much too late, the whole machine stood still."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.still: list[tuple[float, float]] = []

    def run(self) -> None:
        before = time.time()
        while True:
            time.sleep(0.2)
            now = time.time()
            if now - before > 2.0:
                self.still.append((before, now))
            before = now

    def within(self, start: float, end: float) -> float:
        """The seconds between two instants in which the machine stood still."""
        return sum(max(0.0, min(end, b) - max(start, a)) for a, b in self.still)


def killed(home: Path, *, kills: int, seed: int) -> float:
    """Every program runs; one of them, or in every fifth kill all of them, is killed and comes back
    after a moment. Returns the seconds all that took."""
    began, rng = time.monotonic(), np.random.default_rng(seed)
    each = programs(free_port())
    alive = [start(one, home) for one in each]
    for number in range(kills):
        time.sleep(float(rng.uniform(*BETWEEN)))
        places = range(len(each)) if number % 5 == 4 else [int(rng.integers(len(each)))]
        for place in places:
            kill(alive[place])
        time.sleep(float(rng.uniform(*AWAY)))
        for place in places:
            alive[place] = start(each[place], home)
    spent = time.monotonic() - began
    time.sleep(10.0)
    for program in alive:
        kill(program)
    return spent


def test_no_alarm_is_lost_doubled_or_later_than_a_minute(
    tmp_path: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tables, tmp_path / "home")
    count, last = max(6, KILLS), KILLS * (sum(BETWEEN) + sum(AWAY)) / 2
    timers(home, "make", str(count), "2", str(last))
    pulse = Pulse()
    pulse.start()
    spent = killed(home, kills=KILLS, seed=5)
    found = json.loads(timers(home, "tell"))
    late = sorted(b - a - pulse.within(a, b) for a, b in found["raised"])
    by_the_wall = max(b - a for a, b in found["raised"])
    still = sum(b - a for a, b in pulse.still)
    with capsys.disabled():
        sys.stderr.write(
            f"\n{KILLS} kills in {spent:.0f} s: median {late[len(late) // 2]:.1f} s, latest "
            f"{late[-1]:.1f} s after grace (by the wall {by_the_wall:.1f} s; the machine stood "
            f"still {still:.1f} s)\n"
        )
    assert found["lost"] == 0
    assert len(late) == found["alerts"] == count
    assert min(b - a for a, b in found["raised"]) >= 0
    assert late[-1] <= LATEST_SECONDS
