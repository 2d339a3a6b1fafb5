"""How long an SMS is: in the GSM 7-bit alphabet where it fits, else in UCS-2 (GSM 03.38, 03.40).

One segment holds 160 septets or 70 UTF-16 units; joined segments 153 or 67 each, because a header
of six octets joins them. A character that takes two places is never split between segments.
"""

from __future__ import annotations

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True)
class SmsLength:
    """`places`: septets or UTF-16 units used; `segments`: what the operator charges for."""

    encoding: str
    places: int
    segments: int


def sms_length(text: str) -> SmsLength:
    """The length of an SMS; the empty text still is one segment."""
    if all(character in BASIC or character in EXTENDED for character in text):
        widths = [2 if character in EXTENDED else 1 for character in text]
        return _length("GSM-7", widths, alone=160, joined=153)
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return _length("UCS-2", widths, alone=70, joined=67)


def _length(encoding: str, widths: list[int], *, alone: int, joined: int) -> SmsLength:
    places = sum(widths)
    if places <= alone:
        return SmsLength(encoding, places, 1)
    segments, used = 1, 0
    for width in widths:
        if used + width > joined:
            segments, used = segments + 1, 0
        used += width
    return SmsLength(encoding, places, segments)
