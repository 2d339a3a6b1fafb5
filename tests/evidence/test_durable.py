"""Promise 4: what was acknowledged survives kill -9 of its writers, once; and writers side by side
never share a place in the log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from doorstep.evidence.checking import self_check
from doorstep.evidence.models import Head, Leaf
from tests.evidence.stories import AT, append
from tests.start.running import home_with

ROUNDS = 6
WRITERS = 3
WRITER = """
import os, sys
import django
django.setup()
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel import clock
print("ready", flush=True)
for number in range(1_000_000):
    key = f"{sys.argv[1]}-{number}"
    entries = [Entry("note", "C1", {"key": key, "of": part}) for part in range(number % 3 + 1)]
    places = evidence_append(entries=entries, at=clock.now())
    os.write(1, f"{key} {' '.join(map(str, places))}\\n".encode())  # acknowledged
"""
CHECK = """
import json
import django
django.setup()
from doorstep.evidence.checking import self_check
from doorstep.evidence.models import Leaf
from doorstep.evidence.opening import Opener
from doorstep.kernel import clock
opener = Opener()
leaves = Leaf.objects.select_related("subject", "sealed").order_by("index")
keys = [opener.read(leaf)["body"] for leaf in leaves]
print(json.dumps({"findings": self_check(at=clock.now()).findings, "keys": keys}))
"""


def surroundings(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORSTEP_")}
    kept.pop("DATABASE_URL", None)
    return kept | {
        "DOORSTEP_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "doorstep.settings",
    }


def killed_writers(home: Path, number: int) -> list[str]:
    """Lines that the writers wrote before they were killed."""
    command = [sys.executable, "-c", WRITER]
    running = [
        subprocess.Popen(
            [*command, f"{number}.{writer}"], env=surroundings(home), stdout=subprocess.PIPE
        )
        for writer in range(WRITERS)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == b"ready\n"
    time.sleep(0.3 + 0.17 * number)
    lines: list[str] = []
    for each in running:
        each.send_signal(signal.SIGKILL)
    for each in running:
        said, _ = each.communicate()
        lines += said.decode().splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")]


def test_what_was_acknowledged_survives_kill_9_once_and_nothing_half(
    tmp_path: Path, tables: Path
) -> None:
    home_with(tables, tmp_path)
    acknowledged = [line for number in range(ROUNDS) for line in killed_writers(tmp_path, number)]
    assert len(acknowledged) > ROUNDS * WRITERS
    told = subprocess.run(
        [sys.executable, "-c", CHECK], env=surroundings(tmp_path), check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    answer = json.loads(told.stdout)
    assert answer["findings"] == []
    keys = answer["keys"]
    for line in acknowledged:
        key, *places = line.split()
        assert [keys[int(place)]["key"] for place in places] == [key] * len(places)
    whole = {(entry["key"], entry["of"]) for entry in keys}
    assert len(whole) == len(keys)  # nothing doubled
    for key, of in whole:
        parts = int(key.rpartition("-")[2]) % 3 + 1
        assert (key, parts - 1) in whole, of  # nothing half


@pytest.mark.django_db(transaction=True)
def test_writers_side_by_side_never_share_a_place() -> None:
    places: list[int] = []
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(10):
                places.extend(append(3, subject=f"C{number % 2}"))
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(places) == list(range(240))
    assert Head.objects.get().size == Leaf.objects.count() == 240
    assert self_check(at=AT).findings == []
