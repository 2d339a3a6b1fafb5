"""One decision for one borrower, with the trace of rows considered.

The columnar night applies the same rows set-wise; this is the definition and the same-day answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.cases.steps import Step
from doorstep.treatment.facts import Facts
from doorstep.treatment.table import Condition, Ladder, Row


@dataclass(frozen=True)
class Considered:
    """One row that was looked at: the first condition that failed, or None when it matched."""

    key: str
    failed: Condition | None


@dataclass(frozen=True)
class Decision:
    """What to do next, by which row, how urgent, and the rows considered on the way."""

    step: Step
    reason: str
    ladder_version: str
    priority: int
    due_in_days: int
    trace: tuple[Considered, ...]


def decide(facts: Facts, *, ladder: Ladder) -> Decision:
    """The first row whose conditions all hold."""
    trace: list[Considered] = []
    for row in ladder.rows:
        failed = next((c for c in row.conditions if not c.holds(getattr(facts, c.fact))), None)
        trace.append(Considered(row.key, failed))
        if failed is None:
            return Decision(
                step=row.step,
                reason=row.key,
                ladder_version=ladder.version,
                priority=priority(row, facts),
                due_in_days=row.due_in_days,
                trace=tuple(trace),
            )
    raise AssertionError("the last row of a checked ladder catches every borrower")


def priority(row: Row, facts: Facts) -> int:
    """The row's base and what its terms add."""
    total = row.base
    for term in row.terms:
        total += min(int(getattr(facts, term.fact)) // term.every * term.points, term.most)
    return total
