"""How long a stretch of a route takes and when it can begin: arithmetic of joined stretches.

A stretch is (duration, earliest, latest): it takes `duration` seconds, waiting included, when begun
at any moment from `earliest` to `latest`. Joining two costs the same whatever their length, which
is what makes it cheap to try a visit at every place of a route (Savelsbergh 1992; Vidal et al.
2013). Only lawful stretches exist here: one that would come too late is None.
"""

from __future__ import annotations

from typing import NamedTuple


class Segment(NamedTuple):
    """A stretch of a route, in seconds."""

    duration: int
    earliest: int
    latest: int


def joined(first: Segment | None, travel: int, second: Segment | None) -> Segment | None:
    """The stretch of both with the way between them; None where the second begins too late."""
    if first is None or second is None:
        return None
    taken = first.duration + travel
    if first.earliest + taken > second.latest:
        return None
    waited = max(0, second.earliest - taken - first.latest)
    return Segment(
        taken + second.duration + waited,
        max(second.earliest - taken, first.earliest) - waited,
        min(second.latest - taken, first.latest),
    )
