"""What other parts hear from protections, and what they bring.

`protection_changed` is sent inside the transaction that recorded, changed or ended something, with
`borrower_ids` (a list), `at` and `by_night` (a whole book's holds at once, and the night decides
every case anyway): the desk decides the case again, the one door withdraws what was about to go
out. `deed_sources` list acts on borrowers; parts that keep acts add theirs when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import Signal

from doorstep.protections.deeds import Deed

protection_changed = Signal()


@dataclass(frozen=True)
class DeedSource:
    """One part's acts.

    `deeds`: from borrowers, each with an instant, to every act on them from that instant on.
    `touched`: of the borrowers in a query, those on whom something was done since an instant that
    the guard did not clear; one query.
    """

    deeds: Callable[[Mapping[str, datetime]], Iterable[Deed]]
    touched: Callable[[QuerySet[Any], datetime], Iterable[str]]


deed_sources: dict[str, DeedSource] = {}


def deeds_since(since: Mapping[str, datetime]) -> list[Deed]:
    """Every act on these borrowers from the instant given for each, from all sources."""
    return [deed for source in deed_sources.values() for deed in source.deeds(since)]


def touched_since(borrowers: QuerySet[Any], since: datetime) -> set[str]:
    """Of the borrowers in the query, those on whom something uncleared was done since."""
    return {each for source in deed_sources.values() for each in source.touched(borrowers, since)}
