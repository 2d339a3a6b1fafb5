"""What may be done to a customer now, why not more, and when: for pages, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from doorstep.cases.models import Case
from doorstep.dispatch.allowed import DAYS, OPEN, PERSON, SHUT, Allowed, Span, Way, case_allowed
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.kernel import clock
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.case_access import case_or_404
from doorstep.sites.office.messages_words import VerdictShown, verdict_shown
from doorstep.workforce.roles import Permission

NAMES: dict[str, tuple[str | Promise, str]] = {
    "sms": (gettext_lazy("Text message"), "message"),
    "email": (gettext_lazy("E-mail"), "mail"),
    "messenger": (gettext_lazy("Messenger"), "message"),
    "phone": (gettext_lazy("Call"), "phone"),
    "visit": (gettext_lazy("Visit"), "map-pin"),
    "letter": (gettext_lazy("Letter"), "file-text"),
}
ASSUMED: dict[str, str | Promise] = {
    "visit": gettext_lazy(
        "As for two qualified agents with a valid authority letter, to the door."
    ),
}
STATES: dict[str, str | Promise] = {
    OPEN: gettext_lazy("allowed"),
    PERSON: gettext_lazy("a person decides"),
    SHUT: gettext_lazy("not allowed"),
}
LABELS, HOUR, ROW, TOP = 66, 12, 19, 16  # the drawing: widths and heights in its own units


@dataclass(frozen=True)
class Bar:
    """A stretch of one day in the drawing: where it stands, and what it means."""

    x: float
    y: int
    width: float
    state: str
    words: str


@dataclass(frozen=True)
class Line:
    """One day of the week: what it is called, where it stands, and its open hours in words."""

    label: str
    y: int
    hours: str


@dataclass(frozen=True)
class Band:
    """The week of the ways that are open at the same hours."""

    number: int
    names: str
    bars: list[Bar]
    lines: list[Line]
    now_x: float
    always: bool


@dataclass(frozen=True)
class WayShown:
    """A way of contact with the guard's answer in words; `open_now`: it may be at once."""

    name: str
    icon: str
    verdict: VerdictShown
    open_now: bool
    earliest: datetime | None
    rests_until: datetime | None
    assumed: str


@dataclass(frozen=True)
class AllowedShown:
    """Everything a page says about what is allowed now."""

    at: datetime
    zone: str
    elsewhere: bool
    ways: list[WayShown]
    unreachable: list[str]
    bands: list[Band]
    other_names: str
    next_name: str
    next_at: datetime | None
    hours: range
    states: list[tuple[str, str]]


@needs(Permission.SEE_CASES)
@never_cache
@require_GET
def allowed_json(request: StaffRequest, case_id: int) -> HttpResponse:
    """The guard's answer for every way of contact, in the stable form of a verdict."""
    case = case_or_404(request.user, case_id)
    found = case_allowed(case=case, at=clock.now(), rulebook=rulebook_current())
    return JsonResponse(found.as_dict(), json_dumps_params={"ensure_ascii": False})


def allowed_of(case: Case, *channels: str) -> AllowedShown | None:
    """What is allowed on an open case, for a page; of `channels` alone where some are given."""
    if case.status != "open":
        return None
    found = case_allowed(case=case, at=clock.now(), rulebook=rulebook_current(), channels=channels)
    return allowed_shown(found)


def allowed_shown(found: Allowed) -> AllowedShown:
    """The answer in the page's language."""
    reachable = [way for way in found.ways if way.verdict is not None]
    bands = _bands(reachable, found.at)
    first = _first(reachable)
    return AllowedShown(
        at=found.at,
        zone=found.zone,
        elsewhere=found.at.utcoffset() != timezone.localtime(found.at).utcoffset(),
        ways=[_way(way, found.at) for way in reachable],
        unreachable=[name_of(way.channel) for way in found.ways if way.verdict is None],
        bands=bands,
        other_names=_(", ").join(band.names for band in bands[1:]),
        next_name=_(", ").join(name_of(way.channel) for way in first),
        next_at=first[0].earliest if first else None,
        hours=range(0, 25, 6),
        states=[(state, str(words)) for state, words in STATES.items()],
    )


def _first(ways: Sequence[Way]) -> list[Way]:
    """The ways that are open first, together; a letter only where nothing else ever is."""
    opening = [way for way in ways if way.earliest is not None]
    talking = [way for way in opening if way.kind != "letter"] or opening
    earliest = min((way.earliest for way in talking if way.earliest), default=None)
    return [way for way in talking if way.earliest == earliest]


def name_of(channel: str) -> str:
    """A way of contact as people call it."""
    return str(NAMES[channel][0])


def _way(way: Way, at: datetime) -> WayShown:
    assert way.verdict is not None
    shown = verdict_shown(way.verdict.as_dict())
    assert shown is not None
    return WayShown(
        name=name_of(way.channel),
        icon=NAMES[way.channel][1],
        verdict=shown,
        open_now=way.earliest is not None and way.earliest <= at,
        earliest=way.earliest,
        rests_until=way.rests_until,
        assumed=str(ASSUMED.get(way.kind, "")),
    )


def _bands(ways: Sequence[Way], at: datetime) -> list[Band]:
    """One drawing for all ways whose weeks are alike; none for weeks that are shut throughout."""
    alike: dict[tuple[Span, ...], list[Way]] = {}
    for way in ways:
        if any(span.state != SHUT for span in way.week):
            alike.setdefault(way.week, []).append(way)
    now = at.replace(tzinfo=None)
    return [
        Band(
            number=number,
            names=_(", ").join(name_of(way.channel) for way in some),
            bars=[bar for span in week for bar in _bars(span, at)],
            lines=[_line(at.date() + timedelta(days=n), n, week) for n in range(DAYS)],
            now_x=_x(now - _midnight(now)),
            always=all(span.state == OPEN for span in week),
        )
        for number, (week, some) in enumerate(alike.items())
    ]


def _bars(span: Span, at: datetime) -> list[Bar]:
    """The stretch cut at every midnight, as the clock on the wall shows it."""
    found: list[Bar] = []
    for start, end in _days_of(span):
        n = (start.date() - at.date()).days
        midnight = _midnight(start)
        words = f"{_day_label(start.date(), n)} {_clock(start)}–{_clock_end(start, end)}"
        x = _x(start - midnight)
        found.append(
            Bar(
                x, TOP + n * ROW, round(_x(end - midnight) - x, 2), span.state,
                f"{words} {STATES[span.state]}",
            )
        )  # fmt: skip
    return found


def _days_of(span: Span) -> list[tuple[datetime, datetime]]:
    start, last = span.start.replace(tzinfo=None), span.end.replace(tzinfo=None)
    parts = []
    while start < last:
        midnight = _midnight(start) + timedelta(days=1)
        parts.append((start, min(midnight, last)))
        start = midnight
    return parts


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def _line(day: date, n: int, week: Sequence[Span]) -> Line:
    open_parts = [
        f"{_clock(start)}–{_clock_end(start, end)}"
        for span in week
        if span.state == OPEN
        for start, end in _days_of(span)
        if start.date() == day
    ]
    return Line(_day_label(day, n), TOP + n * ROW, _(", ").join(open_parts))


def _day_label(day: date, n: int) -> str:
    if n == 0:
        return _("Today")
    if n == 1:
        return _("Tomorrow")
    return f"{date_format(day, 'D')} {day.day}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _clock_end(start: datetime, end: datetime) -> str:
    return "24:00" if end.date() > start.date() else _clock(end)


def _x(passed: timedelta) -> float:
    return round(LABELS + passed / timedelta(hours=1) * HOUR, 2)
