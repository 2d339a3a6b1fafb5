"""What a text says, as far as its plain words show it (the patterns: `wording.toml`).

Good for the words of cases and for a first look; never the sole control of a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from doorstep.rules.hours import hours_read

_RAW = tomllib.loads((Path(__file__).parent / "wording.toml").read_text("utf-8"))
_SINGLE = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in _RAW.items()
    if isinstance(pattern, str)
}
_LISTS = {
    name: {code: re.compile(pattern, re.IGNORECASE) for code, pattern in table.items()}
    for name, table in _RAW.items()
    if isinstance(table, dict)
}
_REMARK = re.compile(r"\[[^\]]*\]")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-Z0-9\[…“\"])")
_CLOCK = r"\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?"
_WHEN = re.compile(
    rf"{_CLOCK}\s*(?:-|–|to|until)\s*{_CLOCK}"
    rf"|\b(?:after|before|until|till|from)\s+{_CLOCK}"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bweek(?:end|day)s?\b"
    r"|\b(?:morning|afternoon|evening)s?\b",
    re.IGNORECASE,
)
_FILLERS = frozenset(_RAW["fillers"])
ALL_CHANNELS = tuple(_LISTS["channels"])


def shows(name: str, text: str) -> bool:
    """Whether the pattern of that name is found in the text."""
    return bool(_SINGLE[name].search(text))


def codes_in(table: str, text: str) -> tuple[str, ...]:
    """Every code of a table of patterns that the text shows, in the table's order."""
    return tuple(code for code, pattern in _LISTS[table].items() if pattern.search(text))


def code_of(table: str, text: str) -> str:
    """The first code of a table of patterns that the text shows; empty where none is."""
    return next(iter(codes_in(table, text.replace("_", " "))), "")


def sentences(text: str) -> list[str]:
    """The sentences of a text; a.m., p.m. and the like end none."""
    joined = re.sub(r"\b([apAP])\.\s?[mM]\.", r"\1m", text)
    joined = re.sub(r"\b(Mr|Mrs|Ms|Dr|St)\.", r"\1", joined)
    return [part.strip() for part in _SENTENCE.split(joined) if part.strip()]


def opt_out_ways(text: str, *, link: bool | None) -> tuple[str, ...]:
    """How a text says one can stop its kind; `link`: what is known of a link in it."""
    ways: set[str] = set()
    for sentence in sentences(_REMARK.sub(" ", text)):
        if shows("stopping", sentence):
            ways |= set(codes_in("ways_to_opt_out", sentence))
    if link is True and shows("stopping", text):
        ways.add("link")
    elif link is False:
        ways.discard("link")
    return tuple(way for way in _LISTS["ways_to_opt_out"] if way in ways)


def states_debt(text: str) -> bool:
    """Whether a text tells its reader that somebody owes money."""
    return shows("debt", _SINGLE["no_debt"].sub(" ", text))


def disclosures(text: str) -> tuple[str, ...]:
    """Which statements about debt collection and court a text makes; remarks in [] are not text."""
    return codes_in("disclosures", _REMARK.sub(" ", text))


def fees_in(text: str) -> tuple[str, ...]:
    """The charges a text names, in small letters: `collection fee`."""
    found = []
    for match in _SINGLE["fee"].finditer(text):
        words = [word for word in match.group(1).lower().split() if word not in _FILLERS]
        if words:
            found.append(" ".join(words))
    return tuple(dict.fromkeys(found))


def number_rates(text: str) -> tuple[str, ...]:
    """What calling the British numbers in a text costs: free, ordinary, special, premium."""
    rates = []
    for match in _SINGLE["call_number"].finditer(text):
        digits = re.sub(r"^\+44|\D", "", match.group(0)).lstrip("0")
        table = _LISTS["number_rates"].items()
        rates.append(next((rate for rate, start in table if start.match(digits)), "ordinary"))
    if shows("premium", text):
        rates.append("premium")
    return tuple(dict.fromkeys(rates))


def channels_in(text: str) -> tuple[str, ...]:
    """The channels a text speaks of; all of them where it speaks of contact at large."""
    return codes_in("channels", text) or (ALL_CHANNELS if shows("anybody", text) else ())


def channels_refused(text: str) -> tuple[str, ...]:
    """The channels a request closes: those after a no, or all but those after an only."""
    closed = [code for part in _SINGLE["refusal"].findall(text) for code in channels_in(part)]
    if closed:
        return tuple(dict.fromkeys(closed))
    if re.search(r"\bonly\b", text, re.IGNORECASE):
        left = channels_in(text)
        return tuple(code for code in ALL_CHANNELS if code not in left)
    return ()


def hours_in(text: str) -> tuple[str, ...]:
    """The windows of time a text speaks of, as far as they can be read."""
    return hours_readable(match.group(0).strip() for match in _WHEN.finditer(text))


def hours_readable(windows: Iterable[str]) -> tuple[str, ...]:
    """Those of the windows that can be read."""
    kept = []
    for window in windows:
        try:
            hours_read(window)
        except ValueError:
            continue
        kept.append(window)
    return tuple(kept)
