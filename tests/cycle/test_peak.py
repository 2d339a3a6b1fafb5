"""A night tells the memory it took itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

MIB = 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it of the program alone")
def test_what_a_large_program_held_is_not_told_of_the_night_it_started() -> None:
    held = bytearray(600 * MIB)
    held[::4096] = b"\1" * len(held[::4096])
    told = subprocess.run(
        [sys.executable, "-c", "from doorstep.cycle.stages import peak_bytes; print(peak_bytes())"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert len(held) > 0
    assert MIB < int(told.stdout) < 400 * MIB
