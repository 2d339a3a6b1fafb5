"""Texts of a ladder: what they may name, and how facts are written into them.

Texts name facts in braces: "{due_total} overdue". Amounts are written with their
currency, days as 2026-01-31, the kind of hold in words. A number may bring its noun in two forms,
for one and for any other number: "{dpd:day|days} past due". `pieces` is shared with the columnar
night, which joins the same pieces as columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Any, NamedTuple

from doorstep.kernel.errors import InputError, Where
from doorstep.kernel.money import minor_digits
from doorstep.treatment.facts import CATALOGUE, FactKind
from doorstep.treatment.holds import SEVERITY
from doorstep.treatment.table import Ladder


class Piece(NamedTuple):
    """Words of a text, the fact that follows them, and that fact's noun: for one, for others."""

    literal: str
    fact: str | None
    noun: tuple[str, str] | None


def pieces(text: str) -> list[Piece]:
    """The text cut at its facts."""
    return [
        Piece(literal, fact, _noun(spec))
        for literal, fact, spec, _conversion in Formatter().parse(text)
    ]


def _noun(spec: str | None) -> tuple[str, str] | None:
    if not spec:
        return None
    one, _bar, others = spec.partition("|")
    return one, others


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
                where = Where(file=ladder.version, field=f"row {row.key}, text {language}")
                for piece in _checked_pieces(text, where):
                    if piece.fact is not None:
                        _check_fact(piece.fact, piece.noun, known, where)


def _checked_pieces(text: str, where: Where) -> list[Piece]:
    try:
        return pieces(text)
    except ValueError as broken:
        raise InputError(
            "A brace is open or closed alone.",
            code="BAD_LADDER",
            hint="Facts stand in braces: {dpd}. A brace of the text itself is doubled: {{.",
            where=where,
        ) from broken


def _check_fact(name: str, noun: tuple[str, str] | None, known: set[str], where: Where) -> None:
    meaning = CATALOGUE.get(name)
    if meaning is None:
        raise InputError(f"Unknown fact {{{name}}}.", code="BAD_LADDER", where=where)
    if noun is not None and not (all(noun) and meaning.kind is FactKind.COUNT):
        raise InputError(
            f"{{{name}}} takes no such noun.",
            code="BAD_LADDER",
            hint="A whole number takes two forms, for one and for others: {dpd:day|days}.",
            where=where,
        )
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
        piece.literal
        + (_written(piece.fact, facts, ladder, language) if piece.fact else "")
        + _noun_of(piece, facts)
        for piece in pieces(text)
    )


def _noun_of(piece: Piece, facts: Mapping[str, Any]) -> str:
    if piece.fact is None or piece.noun is None:
        return ""
    one, others = piece.noun
    return f" {one if facts[piece.fact] == 1 else others}"


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
