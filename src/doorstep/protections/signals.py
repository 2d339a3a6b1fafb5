"""What other parts hear from protections, and what they bring.

`protection_changed` is sent inside the transaction that recorded, changed or ended something, with
`borrower_ids` (a list), `at` and `by_night` (a whole book's holds at once, and the night decides
every case anyway): the desk decides the case again, the one door withdraws what was about to go
out. `deed_sources` are functions that list acts on borrowers since an instant; the
parts that keep acts (cases, dispatch) add theirs when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.dispatch import Signal

from doorstep.protections.deeds import Deed

protection_changed = Signal()

# From borrowers, each with an instant, to every act on them from that instant on.
DeedSource = Callable[[Mapping[str, datetime]], Iterable[Deed]]
deed_sources: dict[str, DeedSource] = {}


def deeds_since(since: Mapping[str, datetime]) -> list[Deed]:
    """Every act on these borrowers from the instant given for each, from all sources."""
    return [deed for source in deed_sources.values() for deed in source(since)]
