"""How long one decision of the guard takes, reasons and all, on the shipped Chinese packs.

    PYTHONPATH=. .venv/bin/python benchmarks/guard.py [--acts 20000] [--seed 1]

Acts and borrowers are those of the oracle test (tests/guard/scenes.py): three in four at an edge of
some rule, with up to eight earlier contacts. Counting them and making the facts is not measured:
the clock runs around `decide` alone. Wall time is what a sender waits; processor time is what the
guard itself takes, and differs from it on a machine with other work. Refused acts take longest,
because they have the most reasons, and are told apart.
"""

from __future__ import annotations

import argparse
import gc
from statistics import median, quantiles
from time import perf_counter_ns, process_time_ns

from tests.guard.scenes import action_of, facts_of, scenes
from tests.rulepacks.kit import book

from doorstep.guard.decide import decide
from doorstep.guard.verdict import Verdict

Times = list[tuple[int, int, Verdict]]


def main() -> None:
    """Measure, and print decisions a second, the median and the 99th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    asked = [(action_of(s), facts_of(s)) for s in scenes(wanted.acts, seed=wanted.seed)]
    for packs in (("cn",), ("cn", "house-default")):
        rulebook = book(*packs)
        for action, facts in asked[:500]:  # bind the rules of every day of the law once
            decide(rulebook=rulebook, action=action, facts=facts, at=action.at)
        gc.collect()
        gc.freeze()
        times: Times = []
        for action, facts in asked:
            wall, worked = perf_counter_ns(), process_time_ns()
            verdict = decide(rulebook=rulebook, action=action, facts=facts, at=action.at)
            times.append((perf_counter_ns() - wall, process_time_ns() - worked, verdict))
        report(f"{' + '.join(packs)}, {len(rulebook.rules)} rules", times)


def report(name: str, times: Times) -> None:
    """One block of figures."""
    refused = [one for one in times if not one[2].permitted]
    reasons = sum(len(verdict.reasons) for _, _, verdict in times) / len(times)
    print(f"{name}: {len(times):,} decisions, {len(refused):,} refused, {reasons:.1f} reasons each")
    for what, those in (("all", times), ("refused", refused)):
        for clock, place in (("wall", 0), ("processor", 1)):
            took = [one[place] / 1000 for one in those]
            cuts = quantiles(took, n=1000)
            print(
                f"  {what:8} {clock:10} {1e6 * len(took) / sum(took):>8,.0f} a second   "
                f"median {median(took):>6,.0f} µs   p99 {cuts[989]:>6,.0f} µs   "
                f"p99.9 {cuts[998]:>6,.0f} µs"
            )


if __name__ == "__main__":
    main()
