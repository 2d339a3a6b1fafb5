"""Regulation F's own way of counting: particular debts, our calls, calls the consumer asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from doorstep.rules.cases import moment
from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools, instant
from doorstep.rules.counters import Contact

# Direct prior consent to more calls runs seven days at most, the first being its own day, and ends
# with the next conversation (12 CFR 1006.14(b)(3)(i) and its comment).
CONSENT_DAYS = 7
CONVERSATIONS = ("conversation", "effective_conversation", "right_party")
# Those who collect their own debts in their own name are no debt collectors.
_OWN_NAME = ("original_creditor", "creditor", "first_party", "bank", "lender")
# Whom a case means by "we" where the act does not name the collector.
WE = "collector1"


@dataclass(frozen=True)
class Consent:
    """Consent to more calls: since when, and about which debt (empty: about every one)."""

    since: datetime
    debt: str
    talks: tuple[tuple[datetime, tuple[str, ...]], ...]

    def covers(self, at: datetime, debt: str) -> bool:
        """Whether the consent runs at an instant for a call about the debt."""
        if self.debt not in ("", debt) or at < self.since:
            return False
        ended = any(
            self.since < talk < at and (not about or debt in about) for talk, about in self.talks
        )
        last = self.since.date() + timedelta(days=CONSENT_DAYS - 1)
        return not ended and at.astimezone(self.since.tzinfo).date() <= last


def facts(case: Case, tools: Tools) -> Facts:
    """Whether Regulation F binds who collects; whether the act is a call under such consent."""
    found: Facts = {}
    if kind := case.text("facts.collector_kind"):
        found["covered_collector"] = kind not in _OWN_NAME
    consent = consent_of(case)
    at = moment.at(case, moment.zones(case)[0])
    if consent is not None and at is not None:
        debts = particular_debts(case, case.get("action.debts")) or ("",)
        found["reg_f_consent_call"] = all(consent.covers(at, debt) for debt in debts)
    return found


def consent_of(case: Case) -> Consent | None:
    """The consent to more calls that the case tells of, on the borrower's clock."""
    since = instant(case.text("facts.consent.t"))
    zone = moment.zones(case)[0]
    wanted = case.text("facts.consent.kind").startswith(("direct_prior", "call_back"))
    if since is None or since.tzinfo is None or not wanted:
        return None
    named = particular_debts(case, [case.text("facts.consent.debt")])
    return Consent(
        since.astimezone(zone) if zone else since, named[0] if named else "", _talks(case)
    )


def consented(case: Case) -> Callable[[Contact, str], bool]:
    """Whether an earlier contact was a call of ours under consent to more calls about the debt."""
    consent = consent_of(case)
    if consent is None:
        return lambda contact, debt: False
    return lambda contact, debt: contact.direction == "out" and consent.covers(contact.at, debt)


def particular_debts(case: Case, names: Any) -> tuple[str, ...]:
    """The debts counted as one: student loans serviced under one account number are one debt."""
    accounts = {
        str(debt.get("id")): f"account {debt['serviced_under']}"
        for debt in _list(case.get("facts.debts"))
        if isinstance(debt, dict)
        and debt.get("serviced_under")
        and debt.get("type", "student_loan") == "student_loan"
    }
    listed = [str(name) for name in _list(names) if name]
    return tuple(dict.fromkeys(accounts.get(name, name) for name in listed))


def collector(case: Case) -> str:
    """Who makes the call: whom the act names, else whom the cases mean by "we"."""
    return case.text("action.by") or WE


def _talks(case: Case) -> tuple[tuple[datetime, tuple[str, ...]], ...]:
    """Our telephone conversations with the person: when, and about which debts."""
    found = []
    for contact in _list(case.get("facts.prior")):
        if not isinstance(contact, dict) or contact.get("res") not in CONVERSATIONS:
            continue
        at = instant(str(contact.get("t", "")))
        with_them = contact.get("to", "") == case.text("action.to")
        ours = contact.get("by", WE) == collector(case) and contact.get("ch") == "phone"
        if at and at.tzinfo and with_them and ours:
            found.append((at, particular_debts(case, contact.get("debts"))))
    return tuple(found)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
