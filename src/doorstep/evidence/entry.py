"""What is put into the log: an entry, and the bytes that stand for it.

A leaf of the log says when, of what kind, about which subject (by a reference drawn at random) and
holds a salted commitment to the rest. The rest is a document, kept sealed beside the log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from doorstep.evidence.verify import canonical, leaf_of
from doorstep.kernel.errors import InputError, Where

KIND = re.compile(r"[a-z][a-z0-9_.]{0,39}")
SALT_BYTES = 32
LONGEST_REFERENCE = 128
PLAIN = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True)
class Entry:
    """Something that happened. `subject` is the borrower it is about, "" for the house itself.

    `body` is what JSON can say. `case` and `agent` (a sign-in name) are what the audit room looks
    an entry up by; they are sealed into the document as well.
    """

    kind: str
    subject: str
    body: Mapping[str, Any]
    case: str = ""
    agent: str = ""

    def __post_init__(self) -> None:
        if not KIND.fullmatch(self.kind):
            raise _unusable("kind", "A kind is a short lower-case word, for example decision.")
        for name in ("subject", "case", "agent"):
            if len(getattr(self, name)) > LONGEST_REFERENCE:
                raise _unusable(name, f"A reference has at most {LONGEST_REFERENCE} characters.")


@dataclass(frozen=True)
class Mark:
    """What a leaf of the log says in the clear: nothing that tells whom it is about."""

    at: datetime
    kind: str
    ref: str
    commitment: bytes = field(repr=False)

    def leaf(self) -> bytes:
        """The bytes that are hashed into the tree."""
        return leaf_of(
            at=instant(self.at), kind=self.kind, ref=self.ref, commitment=self.commitment
        )


def document(entry: Entry) -> bytes:
    """The entry as canonical JSON: keys sorted, no spaces, ASCII only.

    Raises InputError when the body holds what JSON cannot say.
    """
    content = {
        "agent": entry.agent, "body": entry.body, "case": entry.case, "subject": entry.subject,
    }  # fmt: skip
    try:
        written = canonical(content)
        if _has_text_keys(content):
            return written
        why = "keys must be text"
    except (TypeError, ValueError, RecursionError) as error:
        why = str(error)
    raise _unusable("body", f"JSON cannot say this: {why}.")


def _has_text_keys(value: object) -> bool:
    """JSON makes text of other keys, and sorts them otherwise when they are read again."""
    if isinstance(value, dict):
        for key, each in value.items():
            if type(key) is not str or (type(each) not in PLAIN and not _has_text_keys(each)):
                return False
    elif isinstance(value, (list, tuple)):
        for each in value:
            if type(each) not in PLAIN and not _has_text_keys(each):
                return False
    return True


def instant(at: datetime) -> str:
    """The instant in UTC with microseconds, always in the same form."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _unusable(name: str, why: str) -> InputError:
    return InputError(
        f"The evidence entry cannot be kept: {why}",
        code="BAD_EVIDENCE",
        hint="Correct what is handed to evidence_append.",
        where=Where(field=name),
    )
