"""The rulebook: the rules in force on a day, by what they are about, and one rule in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from doorstep.kernel import clock
from doorstep.kernel.errors import NotFound
from doorstep.rules.bound import rule_bind
from doorstep.rules.models import ChangeState, RuleChange
from doorstep.rules.pack import Rulebook
from doorstep.rules.rule import Rule
from doorstep.rules.selectors import rulebook_at
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.rule_values import reason_shown, value_rows
from doorstep.sites.office.rule_words import (
    CONFIDENCES,
    KINDS,
    conditions,
    known_words,
    says,
    worded,
)
from doorstep.workforce.roles import Permission


@dataclass(frozen=True)
class Row:
    """A rule of the list."""

    rule: Rule
    title: str
    says: tuple[str, str]
    confidence: str
    values: list[tuple[str, str]]


@needs(Permission.SEE_RULES)
def rules(request: StaffRequest) -> HttpResponse:
    """The rules in force on a day: `?on=`, `?kind=` of act, `?q=` in id, title, law or source."""
    asked = request.GET.get("on", "")
    on = _day(asked) or clock.today(settings.TIME_ZONE)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    book = rulebook_at(_end_of(on))
    packs = [
        (pack, [_row(rule, book, on) for rule in _wanted(pack.rules, on, kind, text)])
        for pack in sorted(book.packs, key=lambda pack: pack.is_house)
    ]
    waiting = RuleChange.objects.filter(state=ChangeState.PROPOSED).order_by("proposed_at")
    context: dict[str, Any] = {
        "on": on,
        "bad_day": bool(asked) and _day(asked) is None,
        "kind": kind,
        "q": text,
        "kinds": KINDS.items(),
        "packs": [
            (pack, worded(pack.title), pack.review_overdue(on), rows) for pack, rows in packs
        ],
        "count": sum(len(rows) for _, rows in packs),
        "waiting": list(waiting),
    }
    return render(request, "office/rules/list.html", context)


@needs(Permission.SEE_RULES)
def rule(request: StaffRequest, rule_id: str) -> HttpResponse:
    """One rule: the sentence of law, its source, its condition in words, values and examples."""
    now = clock.now()
    book = rulebook_at(now)
    found = rule_named(book, rule_id)
    bound = rule_bind(found, book.catalogue, None)
    changes = RuleChange.objects.filter(rule=rule_id).select_related("proposed_by", "decided_by")
    row = found.row_on(None)
    context = {
        "rule": found,
        "pack": next(pack for pack in book.packs if pack.id == found.pack),
        "title": worded(found.title),
        "says": says(found),
        "reason": reason_shown(found, book.catalogue),
        "confidence": CONFIDENCES[found.source.confidence],
        "conditions": conditions(bound, book.catalogue) if bound else [],
        "rows": [(r.since, value_rows(r.values, book.catalogue)) for r in reversed(found.rows)],
        "about": [(str(KINDS.get(word, word))) for word in found.applies_to.get("kinds", ())],
        "good": [known_words(one.facts, book.catalogue) for one in found.good],
        "bad": [known_words(one.facts, book.catalogue) for one in found.bad],
        "lifts": [book.rule(name) for name in found.exception_to],
        "changes": changes.order_by("-proposed_at"),
        "may_change": request.user.may(Permission.CHANGE_RULES) and row and bool(row.values),
    }
    return render(request, "office/rules/rule.html", context)


def rule_named(book: Rulebook, rule_id: str) -> Rule:
    """The rule of that id, or 404."""
    try:
        return book.rule(rule_id)
    except NotFound as missing:
        raise Http404 from missing


def _row(rule: Rule, book: Rulebook, on: date) -> Row:
    row = rule.row_on(on)
    return Row(
        rule=rule,
        title=worded(rule.title),
        says=says(rule),
        confidence=str(CONFIDENCES[rule.source.confidence]),
        values=value_rows(row.values, book.catalogue) if row else [],
    )


def _wanted(rules: Iterable[Rule], on: date, kind: str, text: str) -> list[Rule]:
    needle = text.casefold()
    return [
        rule
        for rule in sorted(rules, key=lambda rule: rule.file)
        if rule.in_force(on)
        and (not kind or kind in rule.applies_to.get("kinds", (kind,)))
        and (not needle or needle in _searched(rule))
    ]


def _searched(rule: Rule) -> str:
    return " ".join((rule.id, *rule.title.values(), rule.law, str(rule.source))).casefold()


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and date(1990, 1, 1) <= found <= date(2100, 1, 1) else None


def _end_of(on: date) -> datetime:
    return datetime.combine(on, time.max, tzinfo=ZoneInfo(settings.TIME_ZONE))
