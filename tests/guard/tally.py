"""What the guard and an oracle said to the same acts: counted, and told at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from doorstep.guard.verdict import Verdict
from tests.guard.amount import SEED, again

Record = Callable[[str, object], None]
NAME = "proof"


@dataclass
class Tally:
    """One shard's count. `wrong` holds what was permitted though an oracle forbids it."""

    part: str
    seed: int = SEED
    acts: int = 0
    permitted: int = 0
    unknown: int = 0
    wrong: list[tuple[str, list[str], Any]] = field(default_factory=list)
    stood_against: Counter[str] = field(default_factory=Counter)
    too_strict: Counter[str] = field(default_factory=Counter)

    def hold(
        self, verdict: Verdict, said: Iterable[str], act: Any, *, kind: str, unknown: bool = False
    ) -> None:
        """Compares one verdict with what the oracle holds against the act."""
        reasons = sorted(said)
        self.acts += 1
        self.permitted += verdict.permitted
        self.unknown += unknown
        self.stood_against.update(reasons)
        if verdict.permitted and reasons:
            self.wrong.append((again(self.part, self.seed), reasons, act))
        elif not verdict.permitted and not reasons and not unknown:
            self.too_strict.update(f"{kind}: {name}" for name in verdict.rules[:1])

    def tell(self, record: Record) -> None:
        """Hands the count to the report at the end of the run, also from another process."""
        record(
            NAME,
            {
                "part": self.part, "acts": self.acts, "permitted": self.permitted,
                "unlawful": len(self.wrong), "unknown": self.unknown,
                "too_strict": dict(self.too_strict),
            },
        )  # fmt: skip


def proofs_of(reports: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The counts of all shards, part by part."""
    found: dict[str, dict[str, Any]] = {}
    for report in reports:
        for name, count in getattr(report, "user_properties", ()):
            if name != NAME:
                continue
            sums = found.setdefault(count["part"], {"too_strict": Counter()})
            sums["too_strict"].update(count["too_strict"])
            for figure in ("acts", "permitted", "unlawful", "unknown"):
                sums[figure] = sums.get(figure, 0) + count[figure]
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells what was proven in this run."""
    reports = [
        each for state in ("passed", "failed") for each in terminalreporter.getreports(state)
    ]
    found = proofs_of(reports)
    if not found:
        return
    write = terminalreporter.write_line
    terminalreporter.section(f"the guard against the oracles (PROOF_SEED={SEED})", sep="-")
    for part, sums in sorted(found.items()):
        strict = sums["too_strict"]
        write(
            f"{part:9} {sums['acts']:>9,} acts, {sums['permitted']:>9,} permitted, "
            f"{sums['unlawful']} unlawful; {sums['unknown']:,} with a fact unknown; "
            f"{strict.total():,} stricter than the oracle"
        )
        for name, count in strict.most_common(8):
            write(f"{'':9} {count:>9,} {name}")
    total = sum(sums["acts"] for sums in found.values())
    write(f"{'all':9} {total:>9,} acts, {sum(s['unlawful'] for s in found.values())} unlawful")
