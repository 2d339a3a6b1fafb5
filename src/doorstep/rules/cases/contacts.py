"""Earlier contacts: the counters that prior[] comes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from doorstep.rules.cases import deed, moment, person
from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.more_calls import collector, consented, particular_debts
from doorstep.rules.cases.words import Facts, Tools, instant
from doorstep.rules.counters import Contact, Proposed, counters_count

_UNREGISTERED = ("work", "office", "unregistered", "new", "third", "单位")


def facts(case: Case, tools: Tools) -> Facts:
    """Every counter for the act. A case that tells of no earlier contact had none."""
    zone = moment.zones(case)[0]
    at = moment.at(case, zone)
    if at is None:
        return {}
    act = Proposed(
        at=at, zone=zone or UTC, person=_person(case.text("action.to")),
        number=case.text("action.num"), debts=particular_debts(case, case.get("action.debts")),
        collector=collector(case), consented=consented(case),
    )  # fmt: skip
    earlier = contacts(case, tools, at)
    return {**counters_count(counters=tools.counters.values(), contacts=earlier, act=act)}


def contacts(case: Case, tools: Tools, now: datetime) -> list[Contact]:
    """The earlier contacts of the case. One whose moment cannot be read counts as of just now."""
    prior = case.get("facts.prior")
    listed = [raw for raw in (prior if isinstance(prior, list) else []) if isinstance(raw, dict)]
    return [_contact(case, raw, tools, now) for raw in listed]


def _contact(case: Case, raw: dict[str, Any], tools: Tools, now: datetime) -> Contact:
    at = instant(str(raw.get("t", "")))
    at = at if at and at.tzinfo else now
    act = Case("", (), {}, {name: raw[name] for name in ("ch", "kind", "purpose") if name in raw})
    done = deed.facts(act, tools)
    to, by, number = str(raw.get("to", "")), str(raw.get("by", "")), str(raw.get("num", ""))
    return Contact(
        at=at,
        kind=str(done.get("kind", "")),
        channel=str(done.get("channel") or ""),
        direction=str(raw.get("dir", "out")),
        result=str(raw.get("res", "")),
        recipient=person.recipient_of(to),
        person=_person(to),
        number=number,
        registered=registered(number),
        personal=personal(number),
        debts=particular_debts(case, raw.get("debts")),
        actor=person.actor_of(by),
        collector=by,
        style="notice" if "notice" in str(raw.get("kind", "")) else "interactive",
    )


def registered(number: str) -> bool:
    """Whether the case's word for a number says the borrower gave it to the lender."""
    return bool(number) and not number.lower().startswith(_UNREGISTERED)


def personal(number: str) -> bool:
    """Whether the case's word for a number says it is the borrower's own, not an employer's."""
    return not number.lower().startswith(("work", "office", "单位"))


def _person(to: str) -> str:
    return "borrower" if person.recipient_of(to) == "borrower" else to
