"""What shelters a person: an attorney, a refusal or dispute in writing, a moratorium, mourning."""

from __future__ import annotations

from typing import Any

from doorstep.rules.cases import moment
from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.wording import code_of, shows
from doorstep.rules.cases.words import Facts, Tools, day
from doorstep.rules.values import NOTHING, Value

OF_AGE = 18


def facts(case: Case, tools: Tools) -> Facts:
    """What shelters the borrower, as far as the case says."""
    return _person(case) | _attorney(case) | _in_writing(case) | _moratoria(case) | _occasion(case)


def _person(case: Case) -> Facts:
    found: Facts = {}
    for name in ("bankruptcy", "bankrupt"):
        if case.has(f"facts.{name}"):
            found["bankrupt"] = _stands(case.get(f"facts.{name}"))
    age = case.text("facts.debtor_age")
    if age.isdecimal():
        found["minor"] = int(age) < OF_AGE
    if case.has("facts.vulnerability"):
        found["vulnerable"] = _stands(case.get("facts.vulnerability"))
    prohibits = case.truth("facts.workplace.prohibits")
    if prohibits is not None:
        found["workplace_restricted"] = (
            prohibits and case.truth("facts.workplace.known") is not False
        )
    return found


def _stands(value: Any) -> bool | None:
    """Whether a state in the words of a case holds: `pending` does, `dismissed` does not."""
    if value is None or isinstance(value, bool):
        return value
    return not shows("over", str(value))


def _attorney(case: Case) -> Facts:
    if not case.has("facts.attorney"):
        return {}
    responds = case.truth("facts.attorney.responds")
    return {
        "represented": case.truth("facts.attorney.known") is not False,
        "attorney_silent": None if responds is None else not responds,
        "attorney_consents": case.truth("facts.attorney.consents") is True,
    }


def _in_writing(case: Case) -> Facts:
    """A refusal or a dispute in writing, and what was sent upon it."""
    found: Facts = {}
    if case.has("facts.written_cease") or case.has("facts.oral_cease"):
        found["cease_written_on"] = _day(case, "written_cease")
        if not case.has("facts.oral_cease") and not case.has("facts.request"):
            found["refused_channels"] = ()
    if case.has("facts.written_dispute"):
        found["dispute_written_on"] = _day(case, "written_dispute")
        found["validation_ends_on"] = day(case.text("facts.validation_period_end"))
        found["verification_sent_on"] = _day(case, "verification_mailed")
    return found


def _moratoria(case: Case) -> Facts:
    found: Facts = {}
    if case.has("facts.breathing_space"):
        found["moratorium_from"] = _day(case, "breathing_space.start")
        if days := case.text("facts.breathing_space.days"):
            found["moratorium_days"] = int(days) if days.isdecimal() else None
    if case.has("facts.mh_moratorium"):
        found["crisis_moratorium"] = True
        found["treatment_ended_on"] = _day(case, "mh_moratorium.treatment_end")
    return found


def _occasion(case: Case) -> Facts:
    if not case.has("facts.event"):
        return {}
    event = case.text("facts.event")
    return {
        "occasion": code_of("occasions", event) or NOTHING,
        "occasion_on": day(event) or moment.on(case),
    }


def _day(case: Case, name: str) -> Value | None:
    """The day at a place; NOTHING where the case says there is none, None where unreadable."""
    text = case.text(f"facts.{name}")
    return day(text) if text else NOTHING
