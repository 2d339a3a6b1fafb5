"""Trying a change: last month's contacts, put to one rule with its old and its new values."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from doorstep.cases.models import Contact
from doorstep.dispatch.counting import COLUMNS, contact_plain
from doorstep.guard.action import Action
from doorstep.rules.bound import Bound, rule_bind
from doorstep.rules.catalogue import Supplier
from doorstep.rules.counters import Contact as PastContact
from doorstep.rules.counters import Counter, Proposed, counters_count
from doorstep.rules.models import RuleChange
from doorstep.rules.pack import Rulebook
from doorstep.rules.selectors import rulebook_at, rulebook_with
from doorstep.rules.values import Value

DAYS = 31
BEFORE = 31
EXAMPLES = 20
CARRIED = (Supplier.ACTION, Supplier.COUNTERS)  # what a past contact still tells


def trial(*, change: RuleChange, at: datetime) -> dict[str, Any]:
    """What the contacts of the 31 days before `at` would have met with, as plain JSON: `tried`
    contacts the rule is about, how many it `stops` newly and how many it `frees`, those nobody can
    tell about (`open`), by branch, and the borrowers of some of them.

    Counted over the contacts that were had, for what would have been had instead nobody knows.
    """
    book = rulebook_at(at)
    old = _bound(book, change.rule, at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())
    new = _bound(rulebook_with(change, at=at), change.rule, None)
    counters = tuple(counter for name, counter in book.counters.items() if name in new.needs)
    found: Tally[str] = Tally(tried=0, stops=0, frees=0, open=0)
    branches: dict[str, Tally[str]] = {"stops": Tally(), "frees": Tally()}
    examples: dict[str, list[str]] = {"stops": [], "frees": []}
    for borrower, branch, zone, contacts in _borrowers(at):
        for known in _acts(contacts, zone=zone, counters=counters, at=at):
            if new.screened_out(known):
                continue
            found["tried"] += 1
            before, after = old.holds(known), new.holds(known)
            kind = _difference(before, after)
            if kind:
                found[kind] += 1
            if kind in branches:
                branches[kind][branch] += 1
                if len(examples[kind]) < EXAMPLES and borrower not in examples[kind]:
                    examples[kind].append(borrower)
    return {
        **found,
        "from": (at - timedelta(days=DAYS)).isoformat(),
        "until": at.isoformat(),
        "branches": {kind: tally.most_common() for kind, tally in branches.items()},
        "examples": examples,
        "needs_more": sorted(
            name for name in new.needs if book.catalogue[name].supplied_by not in CARRIED
        ),
    }


def _bound(book: Rulebook, rule: str, on: date | None) -> Bound:
    bound = rule_bind(book.rule(rule), book.catalogue, on)
    if bound is None:
        raise ValueError(f"{rule} has values and no condition")
    return bound


def _difference(before: bool | None, after: bool | None) -> str:
    if before is None or after is None:
        return "open"
    if before == after:
        return ""
    return "stops" if after else "frees"


def _borrowers(at: datetime) -> Iterator[tuple[str, str, str, list[PastContact]]]:
    """Every borrower with contacts: number, branch, zone, and the contacts of two months."""
    rows = (
        Contact.objects.filter(at__gt=at - timedelta(days=DAYS + BEFORE), at__lte=at)
        .order_by("borrower_id", "at")
        .values_list("borrower_id", "borrower__branch_code", "borrower__time_zone", *COLUMNS)
    )
    for borrower, group in groupby(rows.iterator(chunk_size=5000), key=itemgetter(0)):
        together = list(group)
        _, branch, zone, *_ = together[0]
        yield borrower, branch or "", zone, [contact_plain(*row[3:]) for row in together]


def _acts(
    contacts: Sequence[PastContact], *, zone: str, counters: tuple[Counter, ...], at: datetime
) -> Iterator[dict[str, Value]]:
    """What was known of each contact of the month just before it was made."""
    place = ZoneInfo(zone)
    for position, contact in enumerate(contacts):
        if contact.direction != "out" or contact.at <= at - timedelta(days=DAYS):
            continue
        act = Action(
            kind=contact.kind, at=contact.at, zone=zone, channel=contact.channel,
            actor=contact.actor, recipient=contact.recipient, contact_point=contact.number,
            purpose=contact.purpose,
        )  # fmt: skip
        proposed = Proposed(at=contact.at, zone=place, number=contact.number)
        counted = counters_count(counters=counters, contacts=contacts[:position], act=proposed)
        yield {**act.facts(), **counted}
