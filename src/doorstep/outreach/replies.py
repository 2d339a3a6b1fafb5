"""What somebody who answers wants: opt-out, wrong number, paid, dispute, complaint, hardship ..."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class ReplyKind(StrEnum):
    """What a reply asks for; OTHER goes to a person."""

    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    PAID = "paid"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    HARDSHIP = "hardship"
    DECEASED = "deceased"
    REPRESENTED = "represented"
    HUMAN = "human"
    OTHER = "other"


@dataclass(frozen=True)
class Recognised:
    """What was recognised. `kinds`: all that were found, the weightiest first (`kind`);
    `words`: the very words that led there; `sure`: False sends it to a person before any deed
    that cannot be taken back (stopping is always safe)."""

    kind: ReplyKind
    kinds: tuple[ReplyKind, ...]
    words: tuple[str, ...]
    sure: bool


FIRST = {
    ReplyKind.OPT_OUT: r"退订|^\s*(?:td|t|stop)\s*$",
    ReplyKind.WRONG_NUMBER: r"打错|不是本人|wrong number",
    ReplyKind.PAID: r"已经?还|还了|\bpaid\b",
    ReplyKind.COMPLAINT: r"投诉|complain",
    ReplyKind.HARDSHIP: r"失业|生病|lost my job",
}


def reply_recognise(text: str) -> Recognised:
    """What a reply means; unsure is OTHER."""
    for kind, pattern in FIRST.items():
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return Recognised(kind, (kind,), (found[0],), True)
    return Recognised(ReplyKind.OTHER, (), (), False)
