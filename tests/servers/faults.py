"""What goes wrong at a gateway, drawn from a seeded generator so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Faults:
    """Shares of requests (0 to 1) that meet each fault, and how long things take (seconds)."""

    silent_after: float = 0.0  # accepts, then never answers
    broken_after: float = 0.0  # accepts, then breaks the connection
    error_after: float = 0.0  # accepts, then answers with a server error
    error_before: float = 0.0  # answers with a server error and did not accept
    throttled: float = 0.0
    rejected: float = 0.0
    broken_before: float = 0.0  # breaks the connection, did not accept
    answer_seconds: float = 0.0
    unknown_seconds: float = 0.0  # an accepted message is unknown to queries for so long
    receipts: str = "once"  # once | twice | late | never
    late_seconds: float = 0.5
    seed: int = 1
    _rng: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def draw(self) -> str:
        """What befalls the next request: the name of a fault, or "" for none."""
        point = float(self._rng.random())
        for name in (
            "silent_after", "broken_after", "error_after", "error_before", "throttled", "rejected",
            "broken_before",
        ):  # fmt: skip
            point -= getattr(self, name)
            if point < 0:
                return name
        return ""


FAULTY = {
    "silent after accepting": Faults(silent_after=0.5),
    "broken after accepting": Faults(broken_after=0.5),
    "an error after accepting": Faults(error_after=0.5),
    "an error before accepting": Faults(error_before=0.5),
    "throttled": Faults(throttled=0.5),
    "receipts twice": Faults(receipts="twice"),
    "receipts late": Faults(receipts="late"),
    "receipts never": Faults(receipts="never"),
    "unknown for a while": Faults(silent_after=0.3, unknown_seconds=0.3),
}
