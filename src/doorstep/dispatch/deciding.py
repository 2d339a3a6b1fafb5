"""Asking the guard without acting: previews, looking again, and "why not, and when may we?".

Nothing here clears anything; a verdict of now says nothing about later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from doorstep.dispatch.gathering import facts_gather
from doorstep.dispatch.models import Act
from doorstep.guard.decide import decide
from doorstep.guard.verdict import Verdict
from doorstep.rules.pack import Rulebook

AT_ONCE = 500


def acts_screen(*, acts: Sequence[Act], at: datetime, rulebook: Rulebook) -> list[Verdict]:
    """The guard's verdict on each act at the time it is planned for (or now, when that is past).

    Acts need not be saved. A fixed number of queries for every 500 acts.
    """
    verdicts: list[Verdict] = []
    for start in range(0, len(acts), AT_ONCE):
        some = acts[start : start + AT_ONCE]
        for each in facts_gather(acts=some, at=at, rulebook=rulebook, planned=True):
            verdicts.append(
                decide(rulebook=rulebook, action=each.action, facts=each.facts, at=each.action.at)
            )
    return verdicts
