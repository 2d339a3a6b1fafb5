"""Borrowers, acts and moments as they may be: an ordinary one with a few facts drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from doorstep.guard.action import Action
from doorstep.rules.catalogue import Meaning, Supplier
from doorstep.rules.tree import Type
from doorstep.rules.values import NOTHING, Value
from tests.rulepacks.kit import A_TUESDAY, DETAILS, ORDINARY, act, book, shanghai

UNKNOWN = "unknown"
DAYS = [A_TUESDAY + timedelta(days=n) for n in (-400, -8, -7, -6, -1, 0, 1, 30)]
HOURS = [(), ("* 09:00-12:00",), ("* 22:00-23:00",), ("7 00:00-24:00",)]
LISTS: dict[str, list[Value]] = {
    "behaviours": [(), ("FB-VIOLENCE",), ("FB-BORROW",), ("FB-POST",), ("FB-CASH",)],
    "refused_channels": [(), ("sms",), ("phone", "letter")],
}
# The moments at which rules of the Chinese and house packs change their mind, and their neighbours.
EDGES = [
    timedelta(hours=hour, minutes=minute, seconds=second)
    for hour, minute in ((0, 0), (8, 0), (8, 30), (9, 0), (12, 0), (19, 0), (21, 0), (22, 0))
    for second in (-1, 0, 1)
]  # fmt: skip


def values_of(meaning: Meaning) -> list[Value]:
    """Values a fact may take that a rule may care about."""
    match meaning.type:
        case Type.BOOL:
            return [True, False]
        case Type.INT | Type.MONEY:
            return [0, 1, 2, 3, 5, 6, 7]
        case Type.CODE:
            return [*meaning.codes, NOTHING]
        case Type.DAY:
            return [NOTHING, *DAYS]
        case Type.HOURS:
            return [*HOURS]
        case Type.LIST:
            return LISTS.get(meaning.name, [()])
        case _:
            return [NOTHING]


CATALOGUE = book().catalogue
CHANGING = sorted(
    name
    for name in ORDINARY.keys() | {"guarantee_contract", "borrower_unreachable"}
    if CATALOGUE[name].supplied_by is not Supplier.ACTION and name != "solar_time"
)


Thing = TypeVar("Thing")


def one_of(chance: np.random.Generator, things: Sequence[Thing]) -> Thing:
    """One of the things, each as likely as the others."""
    return things[int(chance.integers(len(things)))]


def known_drawn(chance: np.random.Generator) -> dict[str, Value]:
    """An ordinary borrower's facts, up to four of them drawn anew or not known at all."""
    facts = dict(ORDINARY)
    for _ in range(int(chance.integers(5))):
        name = one_of(chance, CHANGING)
        drawn = one_of(chance, [*values_of(CATALOGUE[name]), UNKNOWN])
        if drawn == UNKNOWN:
            facts.pop(name, None)
        else:
            facts[name] = drawn
    return facts


def act_drawn(chance: np.random.Generator) -> Action:
    """A message, call, letter or visit to anybody, for any purpose, at the edges of the day."""
    kind = one_of(chance, sorted(DETAILS))
    details: dict[str, Value] = {}
    if kind == "visit":
        details = {
            "step": one_of(chance, CATALOGUE["step"].codes),
            "agents": one_of(chance, [1, 2, 3]),
            "entry_consent": one_of(chance, [True, False]),
            "film_consent": one_of(chance, [True, False]),
            "dark": one_of(chance, [True, False]),
            "visit_risk": one_of(chance, ["low", "high"]),
        }
    return act(
        kind,
        shanghai().replace(hour=0) + one_of(chance, EDGES),
        recipient=one_of(chance, ["borrower"] * 12 + list(CATALOGUE["recipient"].codes)),
        purpose=one_of(chance, ["collect"] * 3 + list(CATALOGUE["purpose"].codes)),
        actor=one_of(chance, ["bank", "bank", "agency", "ai_voice"]),
        details=details,
    )


SEEDS = st.integers(min_value=0, max_value=2**32).map(np.random.default_rng)
ACTS = SEEDS.map(act_drawn)
KNOWN = SEEDS.map(known_drawn)
