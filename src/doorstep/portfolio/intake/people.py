"""Reading one name, identity number, telephone number or e-mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

import phonenumbers
from stdnum.cn import ric

from doorstep.portfolio.intake.faults import Doubt, Fault
from doorstep.portfolio.intake.words import (
    ROUNDED,
    bare,
    text_reader,
)

MASK = re.compile(r"[*＊xXｘＸ#•●?？]{2,}")
HOTLINE = re.compile(r"95\d{3}|955\d{2,3}|96\d{3,4}|400\d{7}|800\d{7}", re.ASCII)
MOBILE = re.compile(r"(?:\+?86)?(1\d{10})", re.ASCII)
SPACES = re.compile(r"[\s\u00a0\u3000\-‐‑‒–—()（）.]+")
SEPARATORS = re.compile(r"[,，;；、/|\n]|\s或\s|和")
EXTENSION = re.compile(r"(?:转|轉|分机|分機|ext\.?|[#x×])\s*\d{1,6}$", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
OTHER_IDS = {
    "hk_id": re.compile(r"[A-Z]{1,2}\d{6}\(?[0-9A]\)?", re.ASCII),
    "tw_id": re.compile(r"[A-Z][0-9A-D]\d{8}", re.ASCII),
    "passport": re.compile(r"[A-Z0-9]{5,20}", re.ASCII),
    "uscc": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}", re.ASCII),
}
PLACEHOLDERS = {"13800138000", "13800000000", "13900000000"}
OLD_ID = re.compile(r"\d{15}", re.ASCII)
ID = re.compile(r"\d{17}[\dX]", re.ASCII)


def name_reader(column: str = "name") -> Callable[[str], Any]:
    """A name: NFC, middle dots alike (·), inner blanks single; no emoji, no hidden direction."""
    plain = text_reader(column)

    def read(text: str) -> Any:
        reading = plain(re.sub(r"\s+", " ", text) if " " in text or "\t" in text else text)
        doubt = reading.code if isinstance(reading, Doubt) else None
        value = reading.value if isinstance(reading, Doubt) else reading
        if isinstance(value, Fault):
            return value
        value = value.replace("•", "·").replace("・", "·").replace("‧", "·")
        if not _is_name(value):
            return Fault("NAME_BAD")
        return Doubt(value, doubt) if doubt else value

    return read


def _is_name(value: str) -> bool:
    kinds = {unicodedata.category(c) for c in value}
    letters = any(c.isalpha() for c in value)
    return letters and not kinds & {"So", "Sk", "Cn"} and "\ufffd" not in value


def id_reader(*, kind: str, checksum: str) -> Callable[[str], Any]:
    """An identity number of `kind`; `checksum` is what a wrong check does: warn, reject, ignore."""

    def read(text: str) -> Any:
        if ROUNDED.fullmatch(text):
            return Fault("NUMBER_ROUNDED")
        number = bare(text).upper()
        if kind == "cn_ric":
            return _resident(number.replace(" ", ""), checksum)
        pattern = OTHER_IDS.get(kind)
        if pattern is not None:
            return number if pattern.fullmatch(number) else Fault("ID_BAD")
        return text_reader("id_number")(number)

    return read


def _resident(number: str, checksum: str) -> Any:
    """GB 11643: 18 characters with a check by ISO 7064 MOD 11-2; 15 digits before 1999."""
    if OLD_ID.fullmatch(number):
        longer = number[:6] + "19" + number[6:]
        if not _real_birthday(longer):
            return Fault("ID_BAD")
        return Doubt(longer + ric.calc_check_digit(longer), "ID_OLD_FORM")
    if not ID.fullmatch(number) or not _real_birthday(number):
        return Fault("ID_BAD")
    if checksum == "ignore" or ric.calc_check_digit(number[:17]) == number[17]:
        return number
    if checksum == "reject":
        return Fault("ID_CHECKSUM_WRONG")
    return Doubt(number, "ID_LIKELY_ROUNDED" if number.endswith("000") else "ID_CHECKSUM")


def _real_birthday(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def phone_reader(*, region: str) -> Callable[[str], Any]:
    """A telephone number as E.164, or a short hotline as it is; `region` where no + is given."""

    def read(text: str) -> Any:
        text = bare(text)
        plain = SPACES.sub("", text)
        mobile = MOBILE.fullmatch(plain) if region == "CN" else None
        if mobile:
            return Fault("PHONE_PLACEHOLDER") if placeholder(mobile[1]) else f"+86{mobile[1]}"
        return _careful_phone(text, plain, region)

    return read


def _careful_phone(text: str, plain: str, region: str) -> Any:
    if ROUNDED.fullmatch(text):
        return Fault("NUMBER_ROUNDED")
    if MASK.search(plain):
        return Fault("PHONE_MASKED")
    if SEPARATORS.search(text):
        return Fault("PHONE_SEVERAL")
    if EXTENSION.search(text):
        return Fault("PHONE_EXTENSION")
    if HOTLINE.fullmatch(plain):
        return plain
    if placeholder(plain):
        return Fault("PHONE_PLACEHOLDER")
    try:
        number = phonenumbers.parse(plain.replace("+", "+", 1), region)
    except phonenumbers.NumberParseException:
        return Fault("PHONE_BAD")
    if number.extension:
        return Fault("PHONE_EXTENSION")
    if not phonenumbers.is_possible_number(number):
        return Fault("PHONE_SEVERAL" if len(plain) > 20 else "PHONE_BAD")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Fault("PHONE_PLACEHOLDER") if placeholder(written[3:]) else written


def placeholder(digits: str) -> bool:
    """Numbers typed to fill a field: one digit repeated, 12345678…, 13800138000."""
    if len(digits) < 7 or not digits.isdigit():
        return False
    tail = digits[-8:]
    return (
        len(set(digits[1:])) == 1
        or len(set(tail)) == 1
        or tail in "0123456789012345678"
        or digits in PLACEHOLDERS
    )


def read_email(text: str) -> Any:
    """An e-mail address, its domain in small letters."""
    half = bare(text)
    if not EMAIL.fullmatch(half) or len(half) > 254:
        return Fault("EMAIL_BAD")
    local, _, domain = half.rpartition("@")
    return f"{local}@{domain.lower()}"
