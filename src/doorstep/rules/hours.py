"""Hours of the week as people write them: `22:00-23:00`, `after 18:00`, `Sunday`, `mon-fri 9-12`.

A window includes its first moment and not its last; one that passes midnight goes on into the next
day. The canonical form is a tuple of lines `* 09:00-12:00` (every day) or `7 00:00-24:00` (1 is
Monday), sorted, never passing midnight: what a table can compare as text.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache

from doorstep.rules.moments import wall

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {
    **{word: (n,) for n, word in enumerate(DAYS, start=1)},
    "weekend": (6, 7), "weekends": (6, 7), "weekday": (1, 2, 3, 4, 5), "weekdays": (1, 2, 3, 4, 5),
    **{f"周{word}": (n,) for n, word in enumerate("一二三四五六日", start=1)},
    **{f"星期{word}": (n,) for n, word in enumerate("一二三四五六日", start=1)},
    "星期天": (7,), "周天": (7,), "周末": (6, 7), "工作日": (1, 2, 3, 4, 5),
}  # fmt: skip
_PARTS_OF_DAY = {
    "morning": (0, 12), "mornings": (0, 12), "afternoon": (12, 18), "afternoons": (12, 18),
    "evening": (18, 24), "evenings": (18, 24), "上午": (0, 12), "下午": (12, 18), "晚上": (18, 24),
}  # fmt: skip
_CLOCK = r"(\d{1,2})(?:[:.:](\d{2}))?(?::\d{2})?\s*(a\.?m\.?|p\.?m\.?)?"
_SPAN = re.compile(rf"{_CLOCK}\s*(?:-|–|—|~|至|to|until)\s*(?:次日)?\s*{_CLOCK}")
_AFTER = re.compile(rf"(?:after|from|since|晚于)\s*{_CLOCK}|{_CLOCK}\s*(?:以后|之后|后)")
_BEFORE = re.compile(rf"(?:before|until|till|早于)\s*{_CLOCK}|{_CLOCK}\s*(?:以前|之前|前)")
_DAY = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*|weekends?|weekdays?|(?:周|星期)[一二三四五六日天末]|工作日"
)
_LEFT_OVER = re.compile(r"(only|daily|every day|on|at|each|all day|每天|全天|[\s,;.、。]+)+")
_FULL_DAY = 24 * 60

Span = tuple[int, int]


def hours_read(text: str) -> tuple[str, ...]:
    """The canonical lines of one written window. ValueError where it is not understood."""
    rest = text.strip().lower()
    if re.fullmatch(r"(\*|[1-7]) \d\d:\d\d-\d\d:\d\d", rest):
        return (rest,)
    spans, rest = _spans(rest)
    days, rest = _days(rest)
    rest = _LEFT_OVER.sub("", rest)
    if rest or not (spans or days):
        raise ValueError(
            f"The hours {text!r} are not understood. "
            "Write 22:00-23:00, after 18:00, Sunday or mon-fri 09:00-12:00."
        )
    lines = [line for span in spans or [(0, _FULL_DAY)] for line in _lines(span, days)]
    return tuple(sorted(set(lines)))


@lru_cache(maxsize=4096)
def hours_canonical(hours: tuple[str, ...]) -> tuple[str, ...]:
    """The canonical lines of several written windows together."""
    return tuple(sorted({line for text in hours for line in hours_read(text)}))


@lru_cache(maxsize=4096)
def _minutes(hours: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """(day or 0 for every day, first minute, minute after the last) of each canonical line."""
    return tuple(
        (0 if line[0] == "*" else int(line[0]), _minute(line[2:7]), _minute(line[8:13]))
        for line in hours_canonical(hours)
    )


def hours_include(hours: tuple[str, ...], moment: time | datetime) -> bool | None:
    """Whether the moment lies in one of the windows; None where only its day could tell."""
    minute = moment.hour * 60 + moment.minute
    day = moment.isoweekday() if isinstance(moment, datetime) else None
    undecided = False
    for wanted, first, end in _minutes(hours):
        if not first <= minute < end:
            continue
        if wanted in (0, day):
            return True
        undecided = undecided or day is None
    return None if undecided else False


def hours_next(hours: tuple[str, ...], at: datetime, *, inside: bool) -> datetime | None:
    """The first moment not before `at` inside (or outside) the windows; None in a whole week."""
    if hours_include(hours, at) == inside:
        return at
    windows = _minutes(hours)
    edges = sorted({0, *(edge for _, *pair in windows for edge in pair if edge < _FULL_DAY)})
    for days in range(9):
        day = at.date() + timedelta(days=days)
        number = day.isoweekday()
        for edge in edges:
            meets = any(w in (0, number) and a <= edge < b for w, a, b in windows)
            if meets is inside:
                moment = wall(day, time(edge // 60, edge % 60), at.tzinfo)
                if moment > at and hours_include(hours, moment) == inside:
                    return moment
    return None


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _spans(text: str) -> tuple[list[Span], str]:
    """The clock spans of a text in minutes, and the text without them."""
    found: list[Span] = []

    def taken(match: re.Match[str]) -> str:
        found.append(_span(match))
        return " "

    for pattern in (_SPAN, _AFTER, _BEFORE):
        text = pattern.sub(taken, text)
    for word, (first, end) in _PARTS_OF_DAY.items():
        if re.search(rf"(?<![a-z]){word}(?![a-z])", text):
            found.append((first * 60, end * 60))
            text = re.sub(rf"(?<![a-z]){word}(?![a-z])", " ", text)
    return found, text


def _span(match: re.Match[str]) -> Span:
    if match.re is _SPAN:
        first, end = _clock(match, 1), _clock(match, 4)
        return first, end or _FULL_DAY
    minute = _clock(match, 1 if match.group(1) else 4)
    return (minute, _FULL_DAY) if match.re is _AFTER else (0, minute)


def _clock(match: re.Match[str], group: int) -> int:
    hour, minute = int(match.group(group)), int(match.group(group + 1) or 0)
    half = (match.group(group + 2) or "")[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 24 or minute > 59 or hour * 60 + minute > _FULL_DAY:
        raise ValueError(f"{match.group(0)!r} is no time of the day.")
    return hour * 60 + minute


def _days(text: str) -> tuple[tuple[int, ...], str]:
    """The days of the week a text names (none: every day), and the text without them."""
    days: set[int] = set()
    place = 0
    named = list(_DAY.finditer(text))
    for number, match in enumerate(named):
        these = _WORDS.get(match.group(0)) or _WORDS[match.group(0)[:3]]
        between = text[place : match.start()].strip()
        if number and days and between in ("-", "–", "to", "至", "到"):
            first = _WORDS.get(named[number - 1].group(0)) or _WORDS[named[number - 1].group(0)[:3]]
            span = (these[-1] - first[0]) % 7
            days.update((first[0] - 1 + step) % 7 + 1 for step in range(span + 1))
        days.update(these)
        place = match.end()
    rest = _DAY.sub(" ", text)
    return tuple(sorted(days)), re.sub(r"(?<=\s)(-|–|to|and|and on|至|到|和)(?=\s)", " ", rest)


def _lines(span: Span, days: tuple[int, ...]) -> list[str]:
    first, end = span
    if first < end:
        return [_line(day, first, end) for day in days or (0,)]
    late = [_line(day, first, _FULL_DAY) for day in days or (0,)] if first < _FULL_DAY else []
    early = [_line(day % 7 + 1 if day else 0, 0, end) for day in days or (0,)] if end else []
    return late + early


def _line(day: int, first: int, end: int) -> str:
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in (first, end)]
    return f"{day or '*'} {clocks[0]}-{clocks[1]}"
