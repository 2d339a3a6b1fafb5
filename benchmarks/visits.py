"""How good the planner's plans are for their time, beside greedy plans, OR-Tools and VROOM.

    PYTHONPATH=. .venv/bin/python benchmarks/visits.py [--only solomon ...] [--seeds 5]
        [--per-class 9] [--seconds 10 60] [--no-peers] [--outside ../shared/data/visit_planning]

Processor seconds on one core, reading the problem not counted. Gap: cost over best known cost, less
one. Peers need requirements/bench.txt; each gets the same seconds. The field day is told as ratios
to the two greedy plans and to the loose upper bound of its source, once for the value of the visits
made and once for the objective (value less travel).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

from benchmarks.visits_instances import Instance, field_day, homberger, solomon_class, vrplib

from doorstep.visits.greedy import greedy_plan
from doorstep.visits.plan import Plan
from doorstep.visits.solve import Limits, solve

UPPER_BOUND = 21_056
GROUPS = ("solomon", "200", "1000", "field_day")


def main() -> None:
    """Run what is asked for and print a line for every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outside", type=Path, default=Path("../shared/data/visit_planning"))
    parser.add_argument("--only", nargs="*", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--per-class", type=int, default=9)
    parser.add_argument("--seconds", type=float, nargs="*", default=[10, 60])
    parser.add_argument("--no-peers", action="store_true")
    wanted = parser.parse_args()
    for group in wanted.only:
        instances = list(group_of(group, wanted.outside, wanted.per_class))
        for seconds in wanted.seconds:
            if group == "field_day":
                field_report(instances[0], seconds, wanted)
            else:
                gap_report(group, instances, seconds, wanted)


def group_of(group: str, outside: Path, per_class: int) -> Iterator[Instance]:
    """The instances of a group."""
    if group == "solomon":
        yield from solomon_class(outside, per_class)
    elif group == "200":
        for path in sorted((outside / "homberger_200").glob("*.txt")):
            yield homberger(path)
    elif group == "1000":
        yield vrplib(outside / "gh/RC2_10_5.vrp")
        yield vrplib(outside / "pc/RC2_10_5.vrp")
    else:
        yield field_day(outside)


def planned(instance: Instance, seconds: float, seed: int) -> Plan:
    """Our plan within processor seconds; checked, as every plan of `solve` is."""
    limits = Limits(seconds=seconds, watch=time.process_time)
    return solve(instance.problem, limits=limits, seed=seed)


def gap_report(
    group: str, instances: list[Instance], seconds: float, wanted: argparse.Namespace
) -> None:
    """Gaps to the best known plans."""
    costs: dict[str, dict[str, list[float]]] = {}
    for instance in instances:
        ours = [instance.cost(planned(instance, seconds, seed)) for seed in range(wanted.seeds)]
        costs[instance.name] = {"Doorstep": ours, **peers(instance, seconds, wanted)}
        best = instance.best or float("nan")
        gaps = {who: mean(each) / best - 1 for who, each in costs[instance.name].items()}
        told = "  ".join(f"{who} {gap:7.2%}" for who, gap in gaps.items())
        print(f"{group} {seconds:g} s  {instance.name:14} {told}", flush=True)
        costs[instance.name] = {who: [gap] for who, gap in gaps.items()}
    for who in next(iter(costs.values())):
        gap = mean(each[who][0] for each in costs.values())
        print(f"{group} {seconds:g} s  mean gap of {who}: {gap:.2%}", flush=True)


def peers(
    instance: Instance, seconds: float, wanted: argparse.Namespace
) -> dict[str, list[float]]:  # fmt: skip
    """What the peers' plans cost. They are deterministic: one run each."""
    if wanted.no_peers:
        return {}
    from benchmarks.visits_peers import PEERS

    return {who: [instance.cost(plan(instance.problem, seconds))] for who, plan in PEERS.items()}


def field_report(instance: Instance, seconds: float, wanted: argparse.Namespace) -> None:
    """The field day: value and objective, and their ratios."""
    problem = instance.problem
    greedy = {by: greedy_plan(problem, by=by) for by in ("service", "detour")}
    plans = [planned(instance, seconds, seed) for seed in range(wanted.seeds)]
    others = {}
    if not wanted.no_peers:
        from benchmarks.visits_peers import PEERS

        others = {who: plan(problem, seconds) for who, plan in PEERS.items()}
    for what in ("value", "objective"):
        got = [getattr(plan, what) for plan in plans]
        dense, dynamic = (getattr(greedy[by], what) for by in ("service", "detour"))
        print(
            f"field_day {seconds:g} s  {what}: mean {mean(got):,.0f} ({min(got):,.0f} to "
            f"{max(got):,.0f})  / density greedy {dense:,.0f} = {mean(got) / dense:.4f}  / dynamic "
            f"greedy {dynamic:,.0f} = {mean(got) / dynamic:.4f}  / upper bound "
            f"{mean(got) / UPPER_BOUND:.4f}"
        )
        for who, plan in others.items():
            print(
                f"field_day {seconds:g} s  {what} of {who}: {getattr(plan, what):,.0f}, promised "
                f"visits missed: {len(plan.missed)}",
                flush=True,
            )
    print(f"field_day {seconds:g} s  promised visits missed: {sum(len(p.missed) for p in plans)}")


if __name__ == "__main__":
    main()
