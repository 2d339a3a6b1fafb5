"""From when on nothing makes an act wait any more.

Rules that make wait name the instant they leave open; clocks and calendars may stand against that
instant in turn, so it is moved on until none of them does.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from doorstep.rules.findings import effect_of, restrictions, waits
from doorstep.rules.pack import Edition
from doorstep.rules.rule import Effect
from doorstep.rules.tree import Known
from doorstep.rules.values import Value

NO_MOMENT_WITHIN = timedelta(days=14)


def earliest(edition: Edition, known: Known) -> datetime | None:
    """The first instant from the act's own (`local_at`) on at which no rule makes it wait; None
    where a rule does not say until when, or two weeks leave no such instant."""
    moment = known["local_at"]
    assert isinstance(moment, datetime)
    for finding in restrictions(edition, known):
        waiting = finding.sure and not finding.warns
        if waiting and effect_of(finding, known) is Effect.NOT_BEFORE:
            open_from = finding.bound.earliest(known)
            if open_from is None:
                return None
            moment = max(moment, open_from)
    return clear_of_clocks(edition, known, moment)


def clear_of_clocks(edition: Edition, known: Known, moment: datetime | None) -> datetime | None:
    """The moment moved on until no rule about clocks and days alone stands against it.

    None where there is no such moment within two weeks: hours that were agreed to and hours that
    are refused can leave nothing over.
    """
    limit = moment + NO_MOMENT_WITHIN if moment else None
    then: dict[str, Value | None] = dict(known)
    seen: set[tuple[int, time]] = set()
    while moment and limit and moment <= limit:
        clock = moment.time()
        then |= {"local_at": moment, "local_time": clock, "local_day": moment.date()}
        found = (finding.bound.earliest(then) for finding in waits(edition, then))
        later = max((one for one in found if one is not None), default=moment)
        if later <= moment:
            return moment
        if (moment.isoweekday(), clock) in seen:
            return None  # the hours come round every week
        seen.add((moment.isoweekday(), clock))
        moment = later
    return None
