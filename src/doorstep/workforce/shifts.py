"""The hours of shifts, on the clock of the branch. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

HOURS: Mapping[str, tuple[time, time]] = {
    "day": (time(9), time(18)),
    "early": (time(8), time(16)),
    "late": (time(12), time(20, 30)),
}
