"""The affordability form as it is sent and as it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from doorstep.agreements.affordability import (
    GROUPS,
    GUIDELINE,
    SPENDING,
    Event,
    Household,
    Line,
)
from doorstep.agreements.models import Affordability
from doorstep.agreements.selectors.affordability import events_of, household_of, lines_of
from doorstep.agreements.services.affordability import Form
from doorstep.kernel.money import to_major_text
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.protections.models import HardshipCause
from doorstep.sites.office.affordability_words import GROUPS as GROUP_WORDS
from doorstep.sites.office.affordability_words import line_words

LONGEST_AMOUNT = 24


@dataclass
class Sent:
    """What was sent: as far as it can be read, as a form; the rest as faults by field."""

    form: Form
    faults: dict[str, str] = field(default_factory=dict)


def form_sent(values: Mapping[str, str]) -> Sent:
    """Read what was sent; nothing is thrown away because something else cannot be read."""
    faults: dict[str, str] = {}
    lines = [
        Line(group, code, amount, values.get(f"why.{group}.{code}", ""))
        for group in GROUPS
        for code in GUIDELINE.codes(group)
        if (amount := _amount(values, f"{group}.{code}", faults)) is not None
    ]
    household = Household(
        _people(values, "adults", 1, faults), _people(values, "children", 0, faults)
    )
    events = [
        _event(values, cause, faults)
        for cause in HardshipCause.values
        if values.get(f"event.{cause}")
    ]
    form = Form(household, lines, events, bool(values.get("willing")), values.get("note", ""))
    return Sent(form, faults)


def form_kept(row: Affordability | None) -> Form:
    """The form as it was kept; an empty one where nothing was."""
    if row is None:
        return Form()
    return Form(household_of(row), lines_of(row), events_of(row), row.willing, row.note)


def form_drawn(form: Form, *, faults: Mapping[str, str]) -> dict[str, Any]:
    """What the template draws: groups of lines with their usual ranges, events, household."""
    known = {(line.group, line.code): line for line in form.lines}
    happened = {event.cause: event for event in form.events}
    return {
        "household": form.household,
        "groups": [
            {"group": group, "words": GROUP_WORDS[group],
             "lines": [_line(group, code, known.get((group, code)), form, faults)
                       for code in GUIDELINE.codes(group)]}
            for group in GROUPS
        ],
        "events": [
            {"cause": cause, "words": words, "event": happened.get(cause),
             "fault": faults.get(f"until.{cause}", "")}
            for cause, words in HardshipCause.choices
        ],
        "willing": form.willing,
        "note": form.note,
        "faults": faults,
    }  # fmt: skip


def _line(
    group: str, code: str, line: Line | None, form: Form, faults: Mapping[str, str]
) -> dict[str, Any]:
    usual = GUIDELINE.range_for(code, household=form.household) if group == SPENDING else None
    outside = bool(usual and line and not usual.low <= line.minor <= usual.high)
    return {
        "name": f"{group}.{code}",
        "id": f"{group}-{code}",
        "words": line_words(group, code),
        "amount": to_major_text(line.minor, GUIDELINE.currency) if line else "",
        "usual": usual,
        "outside": outside,
        "why": line.why if line else "",
        "asks": outside and not (line and line.why),
        "fault": faults.get(f"{group}.{code}", ""),
    }


def _amount(values: Mapping[str, str], name: str, faults: dict[str, str]) -> int | None:
    text = values.get(name, "").strip()[:LONGEST_AMOUNT]
    if not text:
        return None
    read = amount_reader(currency=GUIDELINE.currency, unit="major", decimal=".", negative=False)
    found = read(text)
    if isinstance(found, int):
        return found
    faults[name] = _("Write an amount, such as 1200 or 1200.50.")
    return None


def _people(values: Mapping[str, str], name: str, least: int, faults: dict[str, str]) -> int:
    text = values.get(name, "").strip()
    if not text:
        return least
    if text.isascii() and text.isdigit() and len(text) < 3 and int(text) >= least:
        return min(int(text), 30)
    faults[name] = _("Write a number of people.")
    return least


def _event(values: Mapping[str, str], cause: str, faults: dict[str, str]) -> Event:
    since = _day(values, f"since.{cause}", faults)
    until = _day(values, f"until.{cause}", faults)
    if since and until and until < since:
        faults[f"until.{cause}"] = _("This ends before it begins.")
        until = None
    return Event(cause, since, until)


def _day(values: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults[name] = _("Write a day.")
        return None
