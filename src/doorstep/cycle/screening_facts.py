"""The facts of tonight's planned acts as columns: `dispatch.gathering.facts_gather`, set-wise.

One row an act: borrower_id, step, kind and every fact the rules read that is not the same for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from doorstep.cycle import gathering
from doorstep.cycle.book import Book, book_table
from doorstep.cycle.engine import Engine, whole_part
from doorstep.cycle.own import all_contacts, own_contacts
from doorstep.cycle.planned import CHANNELS, KINDS, PLACE_WORDS, VISITED, Plan
from doorstep.cycle.safeguards import (
    SAFEGUARD_FILE,
    known_facts,
    safeguard_of_row,
    safeguards_read,
)
from doorstep.dispatch.counting import CHANNELS as CONTACT_CHANNELS
from doorstep.dispatch.counting import KINDS as CONTACT_KINDS
from doorstep.protections.facts import ADULT
from doorstep.rules.catalogue import Catalogue
from doorstep.rules.counter_tables import counters_table, looks_back, or_none
from doorstep.rules.counters import Counter
from doorstep.rules.tables import as_cell, column_type
from doorstep.rules.values import Value

USABLE = ("verified", "unverified", "stale")
PLACES = ("home", "registered", "other", "work", "mailing")
REACHED = {
    "sms": ("mobile",),
    "email": ("email",),
    "messenger": ("messenger",),
    "phone": ("mobile", "landline"),
}
TENS = 10
Expr = Any
Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What the rules read of planned acts: names of facts, counters, and what facts mean."""

    names: Collection[str]
    counters: tuple[Counter, ...]
    catalogue: Catalogue


@dataclass(frozen=True)
class Planned:
    """Tonight's acts with their facts; `protected` numbers the rows of `protections`, the facts of
    those who have one (0: of whoever has none)."""

    acts: Any
    protections: pa.Table


def planned_acts(
    engine: Engine, book: Book, decided: Any, *, plan: Plan, wanted: Wanted
) -> Planned:
    """The acts of the steps that are decided, with their facts; steps that touch nobody are left
    out. One table after the other is worked out and kept, so that memory stays flat."""
    tables = {name: book_table(engine, book, name) for name in READ}
    acts = decided.filter(decided.step.isin([step.value for step in KINDS])).select(
        "borrower_id", "step",
        overdue=decided.due_total > 0,
        kind=decided.step.cases(*[(step.value, kind) for step, kind in KINDS.items()]),
    )  # fmt: skip
    acts = engine.kept(_with_people(acts, tables["borrowers"], plan), "acts")
    found = engine.rows(acts.select("zone").distinct())
    zones = sorted(row["zone"] for row in found) or [plan.zone]
    own = own_contacts(engine, book)
    parts = {
        "act_loans": _loans(tables["loans"], acts),
        "act_points": _points(tables["contact_points"], acts),
        "act_places": _places(tables["addresses"], acts),
        "act_promises": _promises(tables, acts, plan.day),
        "act_counts": _counts(tables["contacts"], own, acts, plan, wanted.counters, zones),
    }
    beside = [engine.kept(expression, name) for name, expression in parts.items()]
    joined = reduce(gathering.beside, beside, acts)
    joined = joined.mutate(act_day=_act_day(joined.zone, plan, zones))
    table = engine.kept(_facts(joined, wanted.counters), "act_facts")
    return _with_protections(engine, book, table, tables, plan=plan, wanted=wanted)


def _with_people(acts: Any, borrowers: Any, plan: Plan) -> Any:
    """Where they live, and whether they are under age."""
    people = borrowers.select("borrower_id", "time_zone", "birth_date")
    people = people.semi_join(acts, "borrower_id")
    acts = acts.left_join(people, "borrower_id")
    last = plan.day.year - ADULT, plan.day.month, plan.day.day
    return acts.select(
        "borrower_id", "step", "overdue", "kind",
        zone=acts.time_zone.fill_null(plan.zone),
        under_age=_later(acts.birth_date, last).fill_null(False),
    )  # fmt: skip


READ = (
    "borrowers", "loans", "contact_points", "addresses", "promises", "protections", "contacts",
)  # fmt: skip


def _loans(loans: Any, acts: Any) -> Any:
    """What is owed: on which products, and whether a contract is named for each."""
    rows = loans.semi_join(acts, "borrower_id")
    owed = rows.balance > 0
    named = rows.contract_ref.notnull() & (rows.contract_ref != "")
    return rows.group_by("borrower_id").aggregate(
        owed=owed.any(),
        unnamed=(owed & ~named).any(),
        card=(owed & (rows["product"] == "credit_card")).any(),
        first_product=rows["product"].min(where=owed),
    )


def _points(points: Any, acts: Any) -> Any:
    """The rank of the best number or address of each channel: its state, then its kind."""
    own = points.filter((points.owner == "borrower") & points.state.isin(USABLE))
    own = own.semi_join(acts, "borrower_id")
    return own.group_by("borrower_id").aggregate(
        **{
            f"{channel}_rank": _rank(own, kinds).min(where=own.kind.isin(kinds))
            for channel, kinds in REACHED.items()
        }
    )


def _places(addresses: Any, acts: Any) -> Any:
    own = addresses.filter(addresses.state.isin(USABLE)).semi_join(acts, "borrower_id")
    return own.group_by("borrower_id").aggregate(
        letter_rank=_rank(own, PLACES).min(where=own.kind.isin(PLACES)),
        visit_rank=_rank(own, VISITED).min(where=own.kind.isin(VISITED)),
    )


def _rank(rows: Any, kinds: tuple[str, ...]) -> Expr:
    state = rows.state.cases(*_places_in(USABLE))
    return state * TENS + rows.kind.cases(*_places_in(kinds))


def _places_in(words: tuple[str, ...]) -> list[tuple[str, int]]:
    return [(word, place) for place, word in enumerate(words)]


def _promises(tables: Tables, acts: Any, day: date) -> Any:
    promises = gathering.with_last_day(tables["promises"]).semi_join(acts, "borrower_id")
    nothing = tables["protections"].filter(ibis.literal(False))
    held = gathering.holdings(protections=nothing, promises=promises, on=day)
    promised = held.kind == "promise"
    return held.group_by("borrower_id").aggregate(
        promise_running=promised.any(),
        promise_until=held.until.max(where=promised),
        agreement_performing=(held.kind == "agreement").any(),
    )


def _act_day(zone: Expr, plan: Plan, zones: Sequence[str]) -> Expr:
    """The day in their zone at the instant up to which contacts count."""
    days = [(one, plan.counted_to.astimezone(ZoneInfo(one)).date()) for one in zones]
    if len(days) == 1:
        return ibis.literal(days[0][1])
    return zone.cases(*[(one, ibis.literal(day)) for one, day in days])


def _counts(
    contacts: Any,
    own: Any,
    acts: Any,
    plan: Plan,
    counters: Iterable[Counter],
    zones: Sequence[str],
) -> Any:
    """The contact counters, as of the planned instant, of those who were contacted; the lender's
    contacts and our own."""
    at = ibis.literal(plan.counted_to, type="timestamp('UTC')")
    every, span = all_contacts(contacts, own), looks_back(counters)
    if span is not None:
        since = ibis.literal(plan.counted_to - span, type="timestamp('UTC')")
        every = every.filter(every["at"] > since)
    rows = every.inner_join(acts.select("borrower_id", "zone"), "borrower_id")
    zone = rows.zone if len(zones) > 1 else ibis.literal(zones[0])
    unknown = ibis.null("boolean")
    past = rows.select(
        "borrower_id", "at", "direction", "result", "recipient", "number", "purpose",
        day=gathering.timezone(zone, rows["at"]).cast("date"),
        kind=rows.channel.cases(*CONTACT_KINDS.items(), else_=rows.channel),
        channel=rows.channel.cases(*CONTACT_CHANNELS.items(), else_=rows.channel),
        person=rows.recipient,
        registered=ibis.ifelse(rows.number == "", unknown, ibis.literal(True)),
        personal=ibis.ifelse(rows.number == "", unknown, ibis.literal(True)),
        debts=ibis.literal([], type="array<string>"),
        consented_debts=ibis.literal([], type="array<string>"),
        collector=ibis.literal(""),
        style=ibis.ifelse(rows.channel == "call", "interactive", ""),
    )  # fmt: skip
    contacted = acts.semi_join(every, "borrower_id")
    proposed = contacted.select(
        "borrower_id",
        act=contacted.borrower_id,
        act_at=at,
        act_day=_act_day(contacted.zone, plan, zones),
        act_person=ibis.literal("borrower"),
        act_number=ibis.literal("not known at night"),
        act_collector=ibis.literal(""),
        act_debts=ibis.literal([], type="array<string>"),
    )
    counted = counters_table(counters=counters, contacts=past, acts=proposed)
    return counted.rename(borrower_id="act")


def _facts(joined: Any, counters: Iterable[Counter]) -> Any:
    """The joined parts in the words of the catalogue."""
    channel, rank = _channel(joined), _state_rank(joined)
    no_day = ibis.literal(date(1, 1, 1))
    return joined.select(
        "borrower_id", "step", "kind", "zone", "under_age", "overdue",
        channel=channel,
        place=_place(joined),
        contact_point_state=ibis.ifelse(
            rank.isnull(), "wrong", whole_part(rank, TENS).cases(*enumerate(USABLE))
        ),
        contract_basis=joined.owed.fill_null(False) & ~joined.unnamed.fill_null(True),
        settled=joined.owed.notnull() & ~joined.owed.fill_null(False),
        product=ibis.ifelse(
            joined.card.fill_null(False), "credit_card", joined.first_product.fill_null("other")
        ),
        promise_running=joined.promise_running.fill_null(False),
        promise_until=joined.promise_until.fill_null(no_day),
        agreement_performing=joined.agreement_performing.fill_null(False),
        **{counter.name: or_none(counter, joined) for counter in counters},
    )  # fmt: skip


def _later(day: Expr, than: tuple[int, int, int]) -> Expr:
    """Whether a day comes after a year, month and day that the calendar may not have."""
    year, month, number = day.year(), day.month(), day.day()
    same_year = (month > than[1]) | ((month == than[1]) & (number > than[2]))
    return (year > than[0]) | ((year == than[0]) & same_year)


def _channel(table: Any) -> Expr:
    """Messages go by text where there is a mobile, else by mail or messenger."""
    message = ibis.cases(
        (table.sms_rank.notnull(), "sms"),
        (table.email_rank.notnull(), "email"),
        (table.messenger_rank.notnull(), "messenger"),
        else_="sms",
    )
    return table.kind.cases(*CHANNELS.items(), else_=message)


def _state_rank(table: Any) -> Expr:
    message = ibis.coalesce(table.sms_rank, table.email_rank, table.messenger_rank)
    return table.kind.cases(
        ("call", table.phone_rank), ("letter", table.letter_rank), ("visit", table.visit_rank),
        else_=message,
    )  # fmt: skip


def _place(table: Any) -> Expr:
    """Where a visit would go; nothing for what is no visit."""
    words = [(place, PLACE_WORDS[kind]) for place, kind in enumerate(VISITED)]
    where = (table.visit_rank % TENS).cases(*words, else_="other")
    return ibis.ifelse(table.kind == "visit", where, "")


def _with_protections(
    engine: Engine, book: Book, acts: Any, tables: Tables, *, plan: Plan, wanted: Wanted
) -> Planned:
    """Numbers the combinations of facts of those who have a protection or are under age."""
    plain = known_facts((), at=plan.at, zone=plan.zone, channel="")
    names = sorted(plain.keys() & set(wanted.names))
    kinds = {name: wanted.catalogue[name].type for name in names}
    types = {n: column_type(kinds[n], wanted.catalogue[n].of) for n in names}
    numbers: dict[str, tuple[int, dict[str, Any]]] = {}

    def numbered(known: Mapping[str, Value]) -> int:
        cells = {name: as_cell(known.get(name), kinds[name]) for name in names}
        return numbers.setdefault(repr(cells), (len(numbers), cells))[0]

    numbered(plain)
    rows = [
        {"borrower_id": one, "protected": numbered(known)}
        for one, known in _known(engine, book, acts, tables, plan=plan)
    ]
    fields = pa.schema([("borrower_id", pa.string()), ("protected", pa.int64())])
    found = engine.arrow(pa.Table.from_pylist(rows, schema=fields), "act_protections")
    joined = gathering.beside(acts.drop("under_age"), found)
    combinations = pa.Table.from_pylist(
        [{"protected": number} | cells for number, cells in numbers.values()],
        schema=pa.schema(
            [("protected", pa.int64())]
            + [(name, ibis.dtype(one).to_pyarrow()) for name, one in types.items()]
        ),
    )
    return Planned(joined.mutate(protected=joined.protected.fill_null(0)), combinations)


def _known(
    engine: Engine, book: Book, acts: Any, tables: Tables, *, plan: Plan
) -> Iterable[tuple[str, dict[str, Value]]]:
    """The facts of the borrowers among them who have a protection or are under age."""
    kept, protections, loans = book.folder / SAFEGUARD_FILE, tables["protections"], tables["loans"]
    named = engine.table(kept) if kept.exists() else protections
    protected = acts.semi_join(named.select("borrower_id").distinct(), "borrower_id")
    columns = "borrower_id", "zone", "channel", "under_age"
    touched = engine.rows(
        protected.select(columns).union(acts.filter("under_age").select(columns), distinct=True)
    )
    debts = defaultdict(list)
    if touched:
        owed = loans.filter(loans.balance > 0).semi_join(protected, "borrower_id")
        for row in engine.rows(owed.select("borrower_id", "loan_id")):
            debts[row["borrower_id"]].append(row["loan_id"])
    if kept.exists():
        own = safeguards_read(kept, [row["borrower_id"] for row in touched])
    else:
        own = defaultdict(list)
        rows = engine.rows(protections.semi_join(acts, "borrower_id")) if touched else []
        for row in rows:
            own[row["borrower_id"]].append(safeguard_of_row(row, zone=plan.zone))
    for row in touched:
        borrower = row["borrower_id"]
        known = known_facts(
            own.get(borrower, ()), at=plan.at, zone=row["zone"], channel=row["channel"],
            debts=sorted(debts[borrower]),
        )  # fmt: skip
        yield borrower, known | ({"minor": True} if row["under_age"] else {})
