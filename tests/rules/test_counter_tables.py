"""The night counts as the day does: one definition, tables beside single acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa
import pytest

from doorstep.rules.counter_tables import counters_table
from doorstep.rules.counters import Contact, Counter, Key, Measure, Proposed, counters_count
from doorstep.rules.pack import packs_folder, rulebook_load
from doorstep.rules.tables import as_cell
from doorstep.rules.tree import Type

ZONES = (ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York"))
START = datetime(2026, 3, 1, tzinfo=UTC)
SHIPPED = tuple(rulebook_load(packs_folder()).counters.values())
# What no shipped counter asks for, so that every branch is compared.
MORE = (
    Counter(name="x_clears", key=Key.BORROWER, measure=Measure.CLEARS_ON, days=7, limit=2),
    Counter(name="x_last", key=Key.DEBT, measure=Measure.LAST_DAY, days=30),
    Counter(name="x_asked", key=Key.DEBT, days=30, without_consented=True),
    Counter(name="x_own", key=Key.PERSON, collectors="own", weekdays=(6, 7), days=30),
    Counter(name="x_personal", key=Key.BORROWER, personal=False, styles=("notice",)),
)
COUNTERS = (*SHIPPED, *MORE)
RESULTS = ("no_answer", "conversation", "wrong_party", "delivered", "sent", "failed", "busy", "")
CONTACT = {
    "borrower_id": "int64", "at": "timestamp(6)", "day": "date", "kind": "string",
    "channel": "string", "direction": "string", "result": "string", "recipient": "string",
    "person": "string", "number": "string", "registered": "boolean", "personal": "boolean",
    "debts": "array<string>", "consented_debts": "array<string>", "collector": "string",
    "style": "string", "purpose": "string",
}  # fmt: skip
ACT = {
    "act": "int64", "borrower_id": "int64", "act_at": "timestamp(6)", "act_day": "date",
    "act_person": "string", "act_number": "string", "act_collector": "string",
    "act_debts": "array<string>",
}  # fmt: skip


def drawn(chance: np.random.Generator, days: int) -> Contact:
    def one(*things: Any) -> Any:
        return things[int(chance.integers(len(things)))]

    hours = int(chance.integers(0, 24 * days))
    person = one("borrower", "borrower", "aunt")
    return Contact(
        at=START + timedelta(hours=hours), kind=one("call", "call", "message", "visit", "letter"),
        channel=one("phone", "sms", "visit"), direction=one("out", "out", "in"),
        result=one(*RESULTS), recipient="contact" if person == "aunt" else "borrower",
        person=person, number=one("n1", "n2"), registered=one(True, False, None),
        personal=one(True, False, None), debts=one(("A",), ("B",), ("A", "B"), ()),
        collector=one("", "c1", "c2"), style=one("notice", "interactive", ""),
        purpose=one("collect", "service"),
    )  # fmt: skip


def asked_for(contact: Contact, debt: str) -> bool:
    """Some contacts the borrower asked for, as good a rule as any."""
    return debt == "A" and contact.at.hour % 3 == 0


def act_drawn(chance: np.random.Generator, zone: ZoneInfo) -> Proposed:
    hours = int(chance.integers(0, 24 * 40))
    debts: Sequence[tuple[str, ...]] = ((), ("A",), ("B",), ("A", "B"))
    return Proposed(
        at=START + timedelta(hours=hours), zone=zone, consented=asked_for,
        person=("borrower", "aunt")[int(chance.integers(2))],
        number=("n1", "n2", "n3")[int(chance.integers(3))],
        debts=debts[int(chance.integers(4))], collector=("c1", "c2")[int(chance.integers(2))],
    )  # fmt: skip


def contact_row(borrower: int, contact: Contact, zone: ZoneInfo) -> dict[str, Any]:
    plain = {n: getattr(contact, n) for n in CONTACT if hasattr(contact, n)}
    return plain | {
        "borrower_id": borrower, "at": contact.at.replace(tzinfo=None),
        "day": contact.at.astimezone(zone).date(), "debts": list(contact.debts),
        "consented_debts": [d for d in ("A", "B") if asked_for(contact, d)],
    }  # fmt: skip


def act_row(act: int, borrower: int, proposed: Proposed) -> dict[str, Any]:
    return {
        "act": act, "borrower_id": borrower, "act_at": proposed.at.replace(tzinfo=None),
        "act_day": proposed.day, "act_person": proposed.person, "act_number": proposed.number,
        "act_collector": proposed.collector, "act_debts": list(proposed.debts),
    }  # fmt: skip


def table(rows: list[dict[str, Any]], columns: dict[str, str]) -> ibis.Table:
    return ibis.memtable(pa.Table.from_pylist(rows, schema=ibis.schema(columns).to_pyarrow()))


def by_table(
    contacts: list[dict[str, Any]], acts: list[dict[str, Any]]
) -> dict[int, dict[str, Any]]:
    found = counters_table(
        counters=COUNTERS, contacts=table(contacts, CONTACT), acts=table(acts, ACT)
    )
    rows = found.to_pyarrow().to_pylist()
    return {row.pop("act"): row for row in rows}


@pytest.mark.parametrize("seed", range(2))
def test_a_table_counts_what_each_act_counts_alone(seed: int) -> None:
    chance = np.random.default_rng(seed)
    contacts, acts, alone = [], [], {}
    for borrower in range(60):
        zone = ZONES[borrower % 2]
        had = [drawn(chance, 40) for _ in range(int(chance.integers(0, 25)))]
        contacts += [contact_row(borrower, each, zone) for each in had]
        for n in range(2):
            act, proposed = borrower * 2 + n, act_drawn(chance, zone)
            acts.append(act_row(act, borrower, proposed))
            counted = counters_count(counters=COUNTERS, contacts=had, act=proposed)
            alone[act] = {n: as_cell(v, Type.DAY) for n, v in counted.items()}
    together = by_table(contacts, acts)
    for act, values in alone.items():
        assert together[act] == values, acts[act]


def test_an_act_without_any_contact_has_its_row() -> None:
    proposed = Proposed(at=START, zone=ZONES[0])
    alone = counters_count(counters=COUNTERS, contacts=[], act=proposed)
    (row,) = by_table([], [act_row(7, 1, proposed)]).values()
    assert row == {name: as_cell(value, Type.DAY) for name, value in alone.items()}


def test_contacts_of_another_borrower_do_not_count() -> None:
    zone = ZONES[0]
    contact = replace(drawn(np.random.default_rng(1), 1), kind="visit", result="met")
    proposed = Proposed(at=START + timedelta(days=2), zone=zone)
    rows = [contact_row(1, contact, zone)]
    found = by_table(rows, [act_row(1, 1, proposed), act_row(2, 2, proposed)])
    assert [found[act]["visits_7_days"] for act in (1, 2)] == [1, 0]
