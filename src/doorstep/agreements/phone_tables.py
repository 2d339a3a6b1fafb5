"""The lender's tables as the field agents' phones use them offline: plain values for the day pack.

What the tables say of order is kept in lists, because an object of JSON promises none. Pure.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Any

from doorstep.agreements import document, watch
from doorstep.agreements.affordability import GUIDELINE, Guideline
from doorstep.agreements.option_table import TABLE, OptionTable, Way
from doorstep.kernel.working_days import working_days_after

SECTION = ("key", "title", "lines", "table", "after")
WORDS = (
    "title", "plain_title", "plain", "section", "ordinals", "in_words", "consents_title",
    "consents", "sign_title", "sign_note", "kinds", "products", "parties", "columns",
)  # fmt: skip


def phone_tables(
    *, on: date, country: str, options: OptionTable = TABLE, spending: Guideline = GUIDELINE
) -> dict[str, Any]:
    """What a phone needs to work out options, means and the words of an agreement on a day.

    `answer_by` is the last day on which a customer's own proposal of day `on` is answered, by the
    working days of `country`; `digest` covers everything, so that an agreement can say by which
    tables it was worked out. Raises KeyError for a country whose working days nobody knows.
    """
    answered = working_days_after(day=on, count=options.answer_days, country=country)
    plain = {
        "options": options_plain(options),
        "spending": spending_plain(spending),
        "breach": asdict(
            document.Breach(
                watch.TERMS.grace_days, watch.TERMS.missed_to_break, watch.TERMS.days_to_break
            )
        ),
        "answer_by": answered.day.isoformat(),
        "agreement": {language: _wording(language) for language in document.LANGUAGES},
    }
    return {"digest": _digest(plain), **plain}


def options_plain(table: OptionTable) -> dict[str, Any]:
    """`options.toml` as plain values, the ways in their order."""
    days = ("edition", "answer_days", "approved_days", "first_days", "card_months", "ended_months")
    return {name: getattr(table, name) for name in days} | {
        "ways": [_way(each) for each in table.ways]
    }


def options_digest(table: OptionTable = TABLE) -> str:
    """Sixteen figures by which one table of options is told from another."""
    return _digest(options_plain(table))


def spending_plain(guideline: Guideline) -> dict[str, Any]:
    """`spending.toml` as plain values: [code, percent that counts] and [code, low, high]."""
    plain = asdict(guideline)
    plain["income"] = [[code, percent] for code, percent in guideline.income.items()]
    plain["spending"] = [[code, each.low, each.high] for code, each in guideline.spending.items()]
    plain["debts"] = list(guideline.debts)
    return plain


def _way(way: Way) -> dict[str, Any]:
    plain = asdict(way)
    for name in ("products", "opened_by"):
        plain[name] = sorted(plain[name])
    plain["months"] = way.months if isinstance(way.months, str) else list(way.months)
    plain["missed"] = list(way.missed)
    return plain


def _wording(language: str) -> dict[str, Any]:
    said = document.words()[language]
    sections = [{name: each[name] for name in SECTION if name in each} for each in said["sections"]]
    return {name: said[name] for name in WORDS} | {"sections": sections}


def _digest(plain: dict[str, Any]) -> str:
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
