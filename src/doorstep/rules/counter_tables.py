"""The counters of `counters.py` over tables: for many acts at once, as the night needs them.

`contacts` has a row a contact: borrower_id, at, day (its local day), kind, channel, direction,
result, recipient, person, number, registered, personal, debts, consented_debts (those about which
the borrower asked for the contact), collector, style, purpose. `acts` has a row an act: act (its
key), borrower_id, act_at, act_day, act_person, act_number, act_collector, act_debts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir

from doorstep.rules.counters import PENDING, Counter, Key, Measure
from doorstep.rules.tables import as_cell
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING

NO_DAY = as_cell(NOTHING, Type.DAY)
STREAKS = (Measure.STREAK_CALLS, Measure.STREAK_DAYS)
Expr = Any


def counters_table(*, counters: Iterable[Counter], contacts: ir.Table, acts: ir.Table) -> ir.Table:
    """One row an act: its key and a column a counter, named as the fact it gives."""
    every = list(counters)
    result = acts.select("act", "act_day")
    for by_debt in (False, True):
        wanted = [c for c in every if (c.key is Key.DEBT) is by_debt]
        if wanted:
            found = _counted(wanted, _paired(contacts, acts, by_debt), by_debt)
            result = result.left_join(found, "act").drop("act_right")
    for counter in (c for c in every if c.measure in STREAKS):
        found = _streak(counter, _paired(contacts, acts, counter.key is Key.DEBT))
        result = result.left_join(found, "act").drop("act_right")
    return result.select("act", **{c.name: or_none(c, result) for c in every})


def or_none(counter: Counter, table: ir.Table) -> Expr:
    """The counter's column; what it is where there was no contact at all, in the empty places."""
    empty: Expr = {
        Measure.NONE: ibis.literal(True),
        Measure.FIRST_DAY: ibis.literal(NO_DAY, type="date"),
        Measure.LAST_DAY: ibis.literal(NO_DAY, type="date"),
        Measure.CLEARS_ON: table["act_day"],
    }.get(counter.measure, ibis.literal(0))
    return ibis.coalesce(table[counter.name], empty)


def looks_back(counters: Iterable[Counter]) -> timedelta | None:
    """How far back the counters look from the act's instant at most, wherever the borrower lives;
    None where one of them counts whatever there is."""
    spans = [timedelta(days=c.days, minutes=c.minutes) for c in counters]
    return max(spans, default=timedelta()) + timedelta(days=2) if all(spans) else None


def _paired(contacts: ir.Table, acts: ir.Table, by_debt: bool) -> ir.Table:
    """Every act beside every earlier contact of its borrower; once a debt where that is asked."""
    if by_debt:
        debts = ibis.ifelse(
            acts.act_debts.length() > 0, acts.act_debts, ibis.literal([""], type="array<string>")
        )
        acts = acts.mutate(debt=debts.unnest())
    pairs = acts.join(contacts, "borrower_id")
    return pairs.filter(pairs["at"] <= pairs.act_at)


def _counted(counters: Sequence[Counter], pairs: ir.Table, by_debt: bool) -> ir.Table:
    plain = [c for c in counters if c.measure not in STREAKS]
    keys = ["act", "debt"] if by_debt else ["act"]
    found = pairs.group_by(keys).aggregate(**{c.name: _measured(c, pairs) for c in plain})
    if not by_debt:
        return found
    return found.group_by("act").aggregate(**{c.name: found[c.name].max() for c in plain})


def _measured(counter: Counter, pairs: ir.Table) -> Expr:
    counts = (
        _counts(counter, pairs) & _same(counter, pairs) & _in_window(counter, pairs)
    ).fill_null(False)
    if counter.without_consented:
        counts = counts & ~pairs.consented_debts.contains(pairs.debt)
    match counter.measure:
        case Measure.NONE:
            return counts.sum() == 0
        case Measure.FIRST_DAY:
            return pairs.day.min(where=counts).fill_null(NO_DAY)
        case Measure.LAST_DAY:
            return pairs.day.max(where=counts).fill_null(NO_DAY)
        case Measure.CLEARS_ON:
            return _clears_on(counter, pairs, counts)
        case _:
            return counts.sum().fill_null(0)


def _clears_on(counter: Counter, pairs: ir.Table, counts: Expr) -> Expr:
    days = pairs.day.collect(where=counts).sort()
    number = days.length().fill_null(0)
    leaves = days[number - counter.limit].cast("timestamp") + ibis.interval(days=counter.days)
    return ibis.ifelse(number < counter.limit, pairs.act_day.max(), leaves.date())


def _about(counter: Counter, pairs: ir.Table) -> Expr:
    listed = (
        ("kind", counter.kinds), ("channel", counter.channels), ("direction", counter.directions),
        ("recipient", counter.recipients), ("purpose", counter.purposes),
        ("style", (*counter.styles, "") if counter.styles else ()),
    )  # fmt: skip
    asked: list[Expr] = [pairs[name].isin(list(wanted)) for name, wanted in listed if wanted]
    if counter.registered is not None:
        asked.append((pairs.registered == counter.registered).fill_null(False))
    if counter.personal is not None:
        asked.append((pairs.personal == counter.personal).fill_null(True))
    return reduce(and_, asked, ibis.literal(True))


def _counts(counter: Counter, pairs: ir.Table) -> Expr:
    ended: Expr = ibis.literal(True)
    if counter.results:
        ended = pairs.result.isin(list(counter.results))
    elif counter.results_not:
        ended = pairs.result.notin(list(counter.results_not))
    if counter.measure not in STREAKS:
        ended = ended | (pairs.result == PENDING)
    return _about(counter, pairs) & ended


def _same(counter: Counter, pairs: ir.Table) -> Expr:
    mine: Expr = ibis.literal(True)
    if counter.collectors == "own":
        mine = (pairs.collector == pairs.act_collector) | (pairs.collector == "")
    match counter.key:
        case Key.PERSON:
            return mine & (pairs.person == pairs.act_person)
        case Key.NUMBER:
            return mine & (pairs.number == pairs.act_number)
        case Key.DEBT:
            about = (pairs.debt == "") | pairs.debts.contains(pairs.debt)
            return mine & (pairs.person == pairs.act_person) & about
        case _:
            return mine


def _in_window(counter: Counter, pairs: ir.Table) -> Expr:
    within: Expr = ibis.literal(True)
    if counter.weekdays:
        within = (pairs.day.day_of_week.index() + 1).isin(list(counter.weekdays))
    if counter.before_today:
        within = within & (pairs.day < pairs.act_day)
    if counter.minutes:
        return within & (pairs["at"] > pairs.act_at - ibis.interval(minutes=counter.minutes))
    if counter.days:
        return within & (pairs.act_day.delta(pairs.day, unit="day") < counter.days)
    return within


def _streak(counter: Counter, pairs: ir.Table) -> ir.Table:
    """Failures in a row at the end of what happened; anything that reached the person ends it."""
    mine = pairs.filter(_same(counter, pairs))
    reached = mine.filter(
        mine.result.isin(list(counter.broken_by)), mine.recipient.isin(list(counter.recipients))
    )
    ended = reached.group_by("act").aggregate(ended_at=reached["at"].max())
    failed = mine.filter(_counts(counter, mine) & _in_window(counter, mine))
    left = failed.left_join(ended, "act")
    row = left.filter(left.ended_at.isnull() | (left["at"] > left.ended_at))
    if counter.measure is Measure.STREAK_CALLS:
        return row.group_by("act").aggregate(**{counter.name: row.count()})
    days = row.select("act", "day").distinct()
    backwards = ibis.window(group_by="act", order_by=ibis.desc("day"))
    numbered = days.mutate(
        place=ibis.row_number().over(backwards),
        last=days.day.max().over(ibis.window(group_by="act")),
    )
    unbroken = numbered.filter(numbered["last"].delta(numbered.day, unit="day") == numbered.place)
    return unbroken.group_by("act").aggregate(**{counter.name: unbroken.count()})
