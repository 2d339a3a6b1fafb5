"""Texts of a ladder: what they may name, and how facts are written into them.

Texts name facts in braces: "{dpd} days past due, {due_total}". Amounts are written with their
currency, days as 2026-01-31, the kind of hold in words. `pieces` is shared with the columnar
night, which joins the same pieces as columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.money import minor_digits
from doorstep.treatment.facts import CATALOGUE, FactKind
from doorstep.treatment.holds import SEVERITY
from doorstep.treatment.table import Ladder, Row


def pieces(text: str) -> list[tuple[str, str | None]]:
    """The text as (literal, fact that follows or None)."""
    return [(literal, name) for literal, name, _spec, _conversion in Formatter().parse(text)]


def check_texts(ladder: Ladder) -> None:
    """Every text names known facts, and absent ones only where the row says they are known."""
    for kind in SEVERITY:
        if kind not in ladder.words:
            where = Where(file=ladder.version, field=f"hold_words.{kind}")
            raise InputError("No words for this hold.", code="BAD_LADDER", where=where)
    for row in ladder.rows:
        known = {c.fact for c in row.conditions if c.absent is not True}
        for texts in (row.reason, row.next):
            for language, text in texts.items():
                for name in [name for _literal, name in pieces(text) if name is not None]:
                    _check_name(ladder, row, language, name, known)


def _check_name(ladder: Ladder, row: Row, language: str, name: str, known: set[str]) -> None:
    meaning = CATALOGUE.get(name)
    where = Where(file=ladder.version, field=f"row {row.key}, text {language}")
    if meaning is None:
        raise InputError(f"Unknown fact {{{name}}}.", code="BAD_LADDER", where=where)
    if meaning.may_be_absent and name not in known:
        raise InputError(
            f"{{{name}}} may be absent here.",
            code="BAD_LADDER",
            hint=f"Add {name} = {{absent = false}} to the row.",
            where=where,
        )


def render(text: str, *, facts: Mapping[str, Any], ladder: Ladder, language: str) -> str:
    """The text with its facts written out."""
    return "".join(
        literal + (_written(name, facts, ladder, language) if name else "")
        for literal, name in pieces(text)
    )


def _written(name: str, facts: Mapping[str, Any], ladder: Ladder, language: str) -> str:
    value = facts[name]
    if name == "hold_kind":
        return ladder.words[value][language]
    if CATALOGUE[name].kind is FactKind.MONEY:
        return amount_in_words(value, facts["currency"], language)
    return value.isoformat() if isinstance(value, date) else str(value)


def amount_in_words(minor: int, currency: str, language: str) -> str:
    """1234567 CNY: "12,345.67 元" in Chinese, "CNY 12,345.67" in English."""
    digits = minor_digits(currency)
    whole, part = divmod(minor, 10**digits)
    number = f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"
    before, after = amount_frame(currency, language)
    return f"{before}{number}{after}"


def amount_frame(currency: str, language: str) -> tuple[str, str]:
    """What stands before and after the number."""
    if language == "en":
        return f"{currency} ", ""
    return "", " 元" if currency == "CNY" else f" {currency}"
