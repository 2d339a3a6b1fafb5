"""Borrowers, acts and moments as they may be: an ordinary one with a few facts drawn anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

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


@st.composite
def known(draw: Any) -> dict[str, Value]:
    """An ordinary borrower's facts, up to six of them drawn anew or not known at all."""
    facts = dict(ORDINARY)
    for name in draw(st.lists(st.sampled_from(CHANGING), max_size=6, unique=True)):
        drawn = draw(st.sampled_from([*values_of(CATALOGUE[name]), UNKNOWN]))
        if drawn == UNKNOWN:
            facts.pop(name, None)
        else:
            facts[name] = drawn
    return facts


@st.composite
def acts(draw: Any) -> Action:
    """A message, call, letter or visit to anybody, for any purpose, at the edges of the day."""
    kind = draw(st.sampled_from(sorted(DETAILS)))
    start = shanghai().replace(hour=0)
    details: dict[str, Value] = {}
    if kind == "visit":
        details["step"] = draw(st.sampled_from(CATALOGUE["step"].codes))
        details["agents"] = draw(st.sampled_from([1, 2, 3]))
        details["entry_consent"] = draw(st.booleans())
        details["film_consent"] = draw(st.booleans())
        details["dark"] = draw(st.booleans())
        details["visit_risk"] = draw(st.sampled_from(["low", "high"]))
    return act(
        kind,
        start + draw(st.sampled_from(EDGES)),
        recipient=draw(st.sampled_from(CATALOGUE["recipient"].codes)),
        purpose=draw(st.sampled_from(["collect"] * 3 + list(CATALOGUE["purpose"].codes))),
        actor=draw(st.sampled_from(["bank", "bank", "agency", "ai_voice"])),
        details=details,
    )
