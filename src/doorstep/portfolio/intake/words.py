"""Reading text, codes, whole numbers, rates and degrees: one value each.

Every reader takes text without outer blanks and returns the value, a `Doubt` or a `Fault`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from doorstep.portfolio.intake.faults import Doubt, Fault

Read = Callable[[str], Any]

BLANKS = " \t\r\n\u00a0\u3000\u202f\u205f" + "".join(map(chr, range(0x2000, 0x200B)))
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
ESCAPED_FORMULA = re.compile(r"'[=+@\-\t\r]")
PLAIN_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d\d?", re.ASCII)
LENGTHS = {
    "flags.value": 200, "currency": 3,
    "name": 300, "owner_name": 300, "text": 500, "value": 254, "note": 500, "verified_how": 200,
    "source": 200, "division_code": 16, "uscc": 32, "means": 100, "actor": 100,
    "clause_contact": 64, "clause_visit": 64, "clause_penalty": 64, "branch_code": 64, "kind": 64,
    "time_zone": 64, "id_number": 64,
}  # fmt: skip
LONGEST = 128


def longest_of(name: str) -> int:
    """How long a text of a column may be; `name` is the column's, or `table.column`."""
    return LENGTHS.get(name) or LENGTHS.get(name.rpartition(".")[2], LONGEST)


def stripped(text: str | None) -> str:
    """Without outer blanks of any width; '' for nothing."""
    return text.strip(BLANKS) if text else ""


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as their half-width selves."""
    return text if text.isascii() else text.translate(FULL_WIDTH)


def bare(text: str) -> str:
    """Half-width, without zero-width characters and outer blanks."""
    if text.isascii():
        return text.strip(BLANKS)
    return text.translate(FULL_WIDTH).translate(ZERO_WIDTH).strip(BLANKS)


def visible(text: str) -> str | Doubt | Fault:
    """NFC text on one line: zero-width characters go (told), direction and control ones refuse.

    Rare characters stay as they are: NFC only joins marks to their letters.
    """
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text
    if any(c in DIRECTION or unicodedata.category(c) in {"Cc", "Cs", "Co"} for c in text):
        return Fault("TEXT_CONTROL")
    clean = unicodedata.normalize("NFC", text.translate(ZERO_WIDTH))
    return clean if len(clean) >= len(text) or clean == text else _told(clean, text)


def _told(clean: str, text: str) -> str | Doubt:
    removed = any(ord(c) in ZERO_WIDTH for c in text)
    return Doubt(clean, "TEXT_HIDDEN") if removed else clean


def text_reader(name: str) -> Read:
    """Free text of a column, on one line, not longer than the column holds."""
    longest = longest_of(name)

    def read(text: str) -> Any:
        if ESCAPED_FORMULA.match(text):
            text = text[1:]
        if text.startswith("#N/A") or text in {"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!"}:
            return Fault("CELL_ERROR")
        reading = visible(text)
        value = reading.value if isinstance(reading, Doubt) else reading
        if isinstance(value, str) and len(value) > longest:
            return Fault("TEXT_TOO_LONG")
        return reading

    return read


def identifier_reader(name: str) -> Read:
    """A number or code that names something: half-width, without rounding by a spreadsheet."""
    plain = text_reader(name)

    def read(text: str) -> Any:
        if ROUNDED.fullmatch(text):
            return Fault("NUMBER_ROUNDED")
        return plain(half_width(text).strip(BLANKS))

    return read


def code_reader(codes: tuple[str, ...], words: Mapping[str, str]) -> Read:
    """One of our codes, or a word of the lender that the mapping gives for one."""
    known = {code.casefold(): code for code in codes}
    known |= {word.casefold(): code for word, code in words.items()}

    def read(text: str) -> Any:
        folded = bare(text).casefold()
        return known.get(folded) or Fault("CODE_UNKNOWN")

    return read


def integer_reader(*, least: int = -(10**9), most: int = 10**9) -> Read:
    """A whole number; `12.0` of a spreadsheet is 12."""

    def read(text: str) -> Any:
        digits = half_width(text.removesuffix(".0"))
        if not PLAIN_INTEGER.fullmatch(digits) or not least <= int(digits) <= most:
            return Fault("NUMBER_BAD")
        return int(digits)

    return read


RATE_UNITS = {"ppm": 1, "bp": 100, "percent": 10_000, "fraction": 1_000_000, "permille": 1_000}


def rate_reader(unit: str) -> Read:
    """A yearly rate as parts per million. `unit` serves where the text has no % or ‰ of its own."""

    def read(text: str) -> Any:
        half = half_width(text).replace(" ", "")
        sign = {"%": "percent", "‰": "permille"}.get(half[-1:], "")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,12})?", half[:-1] if sign else half, re.ASCII):
            return Fault("RATE_BAD")
        ppm = Decimal(half[:-1] if sign else half) * RATE_UNITS[sign or unit]
        if ppm != ppm.to_integral_value() or ppm > 10 * RATE_UNITS["fraction"]:
            return Fault("RATE_BAD")
        return int(ppm)

    return read


def degrees_reader(most: int) -> Read:
    """Decimal degrees from -most to most."""

    def read(text: str) -> Any:
        try:
            value = Decimal(half_width(text)) if "_" not in text else Decimal("nan")
        except InvalidOperation:
            return Fault("POINT_BAD")
        return float(value) if value.is_finite() and abs(value) <= most else Fault("POINT_BAD")

    return read


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def read_zone(text: str) -> Any:
    """An IANA time zone."""
    return text if text in _zones() else Fault("ZONE_UNKNOWN")
