"""What a voicemail contains, piece by piece: is it a limited-content message (1006.2(j))?"""

from __future__ import annotations

import re

from doorstep.rules.cases.wording import sentences

OTHER = "other"

_PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}")
_SALUTATION = re.compile(
    r"^(hi|hello|hey|greetings|good (?:morning|afternoon|evening|day)|dear)\b"
    r"(?: (?:mr|mrs|ms|miss|dr)?\.? ?[A-Z][\w'-]*){0,2}[,.! ]*",
    re.IGNORECASE,
)  # fmt: skip
_OPENING = re.compile(
    r"^(?:my name is|this is|it is|it's|i am|i'm)\s+"
    r"(?P<person>[A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,3})"
    r"(?:,? (?:calling|and i(?:'m| am) (?:calling )?))?,?\s+(?:from|with|of|at|for)\s+"
    r"(?P<business>[A-Z][\w&.'’-]*(?:(?:,? | and | of | & )[A-Z&][\w&.'’-]*)*)\.?$"
)  # fmt: skip
_COLLECTING = re.compile(r"\b(debt|collect\w*|recover\w*|credit control|arrears)\b", re.IGNORECASE)
_DATE_TIME = re.compile(
    r"^(it is|it's|today is|the time is|i am calling (?:at|on))\s.*(\d|day\b).*$", re.IGNORECASE
)
_REQUEST = re.compile(
    r"\b(contact|call|reply|respond|reach|get in touch|return|ring|phone)\b", re.IGNORECASE
)
_TIMES = re.compile(r"\b(until|between|from \d|weekday|any day|\d ?[ap]m|monday)\b", re.IGNORECASE)
_ANYBODY = re.compile(
    r"\b(any(?:one)? of our|any representatives?|"
    r"(?:any|other) (?:agent|representative|colleague)s?)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(about|regarding|concerning|account|balance|pay\w*|ow(?:e|ed|ing)|debt|collect\w*|loan|"
    r"legal|court|urgent\w*|important|matter|offer|business)\b",
    re.IGNORECASE,
)  # fmt: skip


def voicemail_items(text: str) -> tuple[str, ...]:
    """The items of a spoken message; `other` where it says anything beyond them, or breaks off."""
    items: list[str] = []
    for sentence in sentences(text):
        items += _items(sentence)
    return tuple(dict.fromkeys(items))


def _items(sentence: str) -> list[str]:
    found = []
    rest = sentence
    if greeting := _SALUTATION.match(rest):
        found.append("salutation")
        rest = rest[greeting.end() :]
        rest = rest[:1].upper() + rest[1:]
    if not rest:
        return found
    if opening := _OPENING.match(_lower_first(rest)):
        collecting = _COLLECTING.search(opening["business"])
        return [*found, "person_name", OTHER if collecting else "business_name"]
    if _REQUEST.search(rest):
        return [*found, *_request(rest)]
    if _DATE_TIME.match(rest) and not _SUBJECT.search(rest):
        return [*found, "date_time"]
    if _PHONE.search(rest) and not _PHONE.sub("", rest).strip(" ."):
        return [*found, "phone_number"]
    return [*found, OTHER]


def _request(sentence: str) -> list[str]:
    if _SUBJECT.search(sentence) or "[" in sentence:
        return [OTHER]
    found = ["reply_request"]
    if _PHONE.search(sentence):
        found.append("phone_number")
    if _ANYBODY.search(sentence):
        found.append("any_representative")
    if _TIMES.search(sentence):
        found.append("reply_times")
    return found


def _lower_first(text: str) -> str:
    """The opening words small, the names after them as they are."""
    head, _, tail = text.partition(" ")
    second, _, more = tail.partition(" ")
    if head.lower() in ("my", "this", "it", "i"):
        return f"{head.lower()} {second.lower()} {more}"
    return f"{head.lower()} {tail}" if head.lower() in ("it's", "i'm") else text
