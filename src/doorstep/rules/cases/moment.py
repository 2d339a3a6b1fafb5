"""When: the instant of the act in each zone the borrower may be in, and whether it is under way."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, day, instant

_GOES_ON = ("continue", "still_on_site", "stay", "go_on")


def zones(case: Case) -> tuple[ZoneInfo | None, ...]:
    """The zones the case names for the borrower; (None,) where it names none we know."""
    said = case.get("facts.tz")
    names = said if isinstance(said, list) else [said] if isinstance(said, str) else []
    found: list[ZoneInfo | None] = []
    for name in names:
        try:
            found.append(ZoneInfo(str(name)))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return tuple(found) or (None,)


def at(case: Case, zone: ZoneInfo | None) -> datetime | None:
    """The instant of the act on the borrower's clock."""
    moment = instant(case.text("action.t"))
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone) if zone else None
    return moment.astimezone(zone) if zone else moment


def on(case: Case) -> date | None:
    """The day whose law applies: that of the act, or the day the case calls today."""
    moment = at(case, zones(case)[0])
    if moment:
        return moment.date()
    return day(case.text("facts.today"))


def facts(case: Case, tools: Tools, zone: ZoneInfo | None) -> Facts:
    """The clock and the day where the borrower is; whether the contact is under way."""
    found: Facts = {"under_way": under_way(case)}
    moment = at(case, zone)
    if moment:
        found |= {"local_at": moment, "local_time": moment.time(), "local_day": moment.date()}
    elif today := day(case.text("facts.today")):
        found["local_day"] = today
    return found


def under_way(case: Case) -> bool:
    """Whether the question is if a contact that has begun may go on."""
    step = case.text("action.step").lower()
    return case.truth("action.continue_call") is True or step.startswith(_GOES_ON)
