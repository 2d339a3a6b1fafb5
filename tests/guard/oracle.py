"""The hours, caps and stops of mainland China and of the house, written down a second time.

By hand from the sentences of the law and of the lender's choices, without the packs, the condition
language, the counters or anything else of the program: plain loops over what happened. What it
names must be what the guard names, rule by rule, and the same first permitted moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
UNANSWERED = {"no_answer", "busy", "switched_off", "voicemail", "not_in_service"}
REACHED = {"effective_conversation", "conversation", "refused"}
DAY = timedelta(days=1)
# A window of the week: weekday (1 is Monday, 0 every day), first minute, minute after the last.
Window = tuple[int, int, int]


@dataclass(frozen=True)
class Happened:
    """An earlier contact. An empty result: cleared a moment ago, nobody knows yet."""

    at: datetime
    kind: str
    result: str
    direction: str = "out"
    number: str = "n1"
    recipient: str = "borrower"
    purpose: str = "collect"
    style: str = "interactive"
    actor: str = "bank"


@dataclass(frozen=True)
class Limits:
    """What the lender may change on any day, from an hour on; as shipped."""

    calls: int = 3
    messages: int = 1
    call_from: int = 8 * 60 + 30
    call_to: int = 21 * 60


@dataclass(frozen=True)
class Scene:
    """An act and everything about the borrower that hours, caps and stops look at."""

    at: datetime
    kind: str = "call"
    channel: str = "phone"
    purpose: str = "collect"
    recipient: str = "borrower"
    number: str = "n1"
    style: str = "interactive"
    step: str = "approach"
    place: str = "home"
    product: str = "consumer"
    consent: tuple[Window, ...] = ()
    agreed: tuple[Window, ...] = ()
    refused: tuple[Window, ...] = ()
    solar: time | None = None
    holiday_until: date | None = None
    happened: tuple[Happened, ...] = ()
    promise_until: date | None = None
    no_contact_until: date | None = None
    refused_channels: tuple[str, ...] = ()
    flags: frozenset[str] = field(default_factory=frozenset)
    limits: Limits = Limits()

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZONE)

    def on(self, *names: str) -> bool:
        return any(name in self.flags for name in names)


def spoken(scene: Scene) -> dict[str, datetime | None]:
    """Every rule that speaks, with the first moment it leaves open (None: none, or it warns)."""
    said: dict[str, datetime | None] = {}
    said |= clocks(scene, scene.local)
    said |= caps(scene)
    said |= stops(scene)
    said |= persons(scene)
    return said


def earliest(scene: Scene, said: dict[str, datetime | None]) -> datetime | None:
    """The first moment after every wait at which no clock stands against the act any more.

    None where that is more than two weeks after the last wait.
    """
    moments = [moment for moment in said.values() if moment]
    if not moments:
        return None
    moment = max(moments)
    limit = moment + 14 * DAY
    while ahead := [m for m in clocks(scene, moment).values() if m] + promise(scene, moment):
        moment = max(ahead)
        if moment > limit:
            return None
    return moment


def clocks(scene: Scene, at: datetime) -> dict[str, datetime | None]:
    """Night, agreed and refused hours, holidays, if the act were done at `at`."""
    said: dict[str, datetime | None] = {}
    minute, day = at.hour * 60 + at.minute, at.isoweekday()
    answers = scene.purpose == "reply"
    consented = inside(scene.consent, day, minute)
    night = minute >= 22 * 60 or minute < 8 * 60
    spoken_aloud = scene.kind in ("call", "message", "visit")
    if spoken_aloud and not answers:
        if night and not consented:
            said["CN-CBA-QUIET"] = clock_next(at, 8, 0)
        if night and not consented and not inside(scene.agreed, day, minute):
            said["CN-GBT-QUIET"] = clock_next(at, 8, 0)
        if scene.agreed and not inside(scene.agreed, day, minute):
            said["CN-GBT-QUIET-AGREED"] = turn(scene.agreed, at, into=True)
        if inside(scene.refused, day, minute):
            said["HOUSE-REFUSED-HOURS"] = turn(scene.refused, at, into=False)
    if scene.kind in ("call", "visit") and not answers and not consented and scene.solar:
        sun = scene.solar.hour
        if sun >= 22 or sun < 7:
            said["CN-CBA-QUIET-SOLAR"] = None
    if not answers and not consented:
        limits = scene.limits
        if scene.kind == "call" and (minute >= limits.call_to or minute < limits.call_from):
            said["HOUSE-HOURS-CALL"] = clock_next(at, *divmod(limits.call_from, 60))
        if scene.kind == "message" and (minute >= 21 * 60 or minute < 9 * 60):
            said["HOUSE-HOURS-MESSAGE"] = clock_next(at, 9, 0)
        if scene.kind == "visit" and (minute >= 19 * 60 or minute < 9 * 60):
            said["HOUSE-HOURS-VISIT"] = clock_next(at, 9, 0)
    free = scene.holiday_until is not None and at.date() <= scene.holiday_until
    if free and scene.kind in ("call", "visit") and scene.purpose == "collect":
        assert scene.holiday_until is not None
        said["HOUSE-HOLIDAY"] = midnight(scene.holiday_until + DAY)
    return said


def inside(windows: tuple[Window, ...], day: int, minute: int) -> bool:
    return any(wanted in (0, day) and first <= minute < end for wanted, first, end in windows)


def clock_next(at: datetime, hour: int, minute: int) -> datetime:
    """The next time the clock shows this after `at`."""
    today = datetime.combine(at.date(), time(hour, minute), ZONE)
    return today if today > at else today + DAY


def turn(windows: tuple[Window, ...], at: datetime, *, into: bool) -> datetime:
    """The first full half hour after `at` inside (or outside) the windows, within two weeks."""
    moment = at.replace(minute=0, second=0, microsecond=0)
    for _ in range(48 * 15):
        moment += timedelta(minutes=30)
        minute = moment.hour * 60 + moment.minute
        if moment > at and inside(windows, moment.isoweekday(), minute) is into:
            return moment
    raise AssertionError("a window that never comes")


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def days_ago(scene: Scene, one: Happened) -> int:
    return (scene.local.date() - one.at.astimezone(ZONE).date()).days


def caps(scene: Scene) -> dict[str, datetime | None]:
    """Calls, attempts, messages, letters and visits that have been enough already."""
    said: dict[str, datetime | None] = {}
    tomorrow = midnight(scene.local.date() + DAY)
    if scene.kind == "call":
        said |= call_caps(scene, tomorrow)
    if scene.kind == "message" and scene.purpose == "collect":
        sent = counted(scene, "message", 7)
        if sum(days_ago(scene, one) == 0 for one in sent) >= scene.limits.messages:
            said["HOUSE-MESSAGE-DAY"] = tomorrow
        if len(sent) >= 3:
            said["HOUSE-MESSAGE-WEEK"] = free_again(sent, 7)
    if scene.kind == "letter" and scene.purpose == "collect":
        posted = counted(scene, "letter", 14)
        if posted:
            said["HOUSE-LETTER-14"] = free_again(posted, 14)
    if scene.kind == "visit" and scene.step == "approach":
        paid = [
            one for one in scene.happened
            if one.kind == "visit" and one.result != "cancelled" and 0 <= days_ago(scene, one) < 7
        ]  # fmt: skip
        if paid:
            said["HOUSE-VISIT-7"] = free_again(paid, 7)
    return said


def call_caps(scene: Scene, tomorrow: datetime) -> dict[str, datetime | None]:
    said: dict[str, datetime | None] = {}
    today = [
        one for one in scene.happened
        if one.kind == "call" and one.direction == "out" and days_ago(scene, one) == 0
    ]  # fmt: skip
    spoke = [
        one for one in today
        if one.recipient == "borrower" and one.result not in UNANSWERED
        and one.result not in ("failed", "wrong_party")
    ]  # fmt: skip
    told = [
        one for one in today
        if one.recipient == "borrower" and one.style == "notice"
        and one.result not in (UNANSWERED - {"voicemail"}) | {"failed"}
    ]  # fmt: skip
    tried = [
        one for one in today
        if one.number == scene.number and one.result not in REACHED | {"wrong_party"}
    ]  # fmt: skip
    if scene.recipient == "borrower":
        if len(spoke) >= scene.limits.calls:
            said["CN-GBT-VOICE-3"] = tomorrow
        if scene.style == "notice" and len(told) >= 3:
            said["CN-NIFA-NOTICE-VOICE-3"] = tomorrow
        if len(tried) >= 6 and not scene.on("agreed_more_attempts"):
            said["CN-CBA-ATTEMPT-6"] = tomorrow  # only a warning; the house makes it wait
    enough = len(tried) >= 6 and not scene.on("agreed_more_attempts")
    if enough and scene.recipient in ("borrower", "guarantor"):
        said["HOUSE-ATTEMPT-6"] = tomorrow
    return said


def counted(scene: Scene, kind: str, days: int) -> list[Happened]:
    return [
        one for one in scene.happened
        if one.kind == kind and one.purpose == "collect" and one.direction == "out"
        and one.result not in ("failed", "cancelled") and 0 <= days_ago(scene, one) < days
    ]  # fmt: skip


def free_again(those: list[Happened], days: int) -> datetime:
    first = min(one.at.astimezone(ZONE).date() for one in those)
    return midnight(first + timedelta(days=days))


def promise(scene: Scene, at: datetime) -> list[datetime]:
    """A running promise is silence until the day after it is due."""
    if scene.promise_until is None or scene.purpose != "collect":
        return []
    after = midnight(scene.promise_until + DAY)
    return [after] if after > at else []


def stops(scene: Scene) -> dict[str, datetime | None]:
    """What stops collection, or puts it to a person."""
    said: dict[str, datetime | None] = {}
    collects = scene.purpose == "collect"
    card = scene.product == "credit_card"
    to_borrower = scene.recipient == "borrower"
    flags = {
        "HOUSE-BANKRUPT": collects and scene.on("bankrupt"),
        "HOUSE-COMPLAINT": collects and scene.on("complaint_open"),
        "HOUSE-DISPUTE": collects and scene.on("dispute_open"),
        "HOUSE-HELD": collects and scene.on("held"),
        "HOUSE-PLAN": collects and scene.on("agreement_performing"),
        "HOUSE-STOP": collects and scene.on("stop_requested"),
        "HOUSE-VULNERABLE": collects and scene.on("vulnerable"),
        "HOUSE-REPRESENTED": collects and to_borrower and scene.on("represented"),
        "HOUSE-MINOR": scene.on("minor"),
        "HOUSE-DECEASED": to_borrower and scene.on("deceased"),
        "HOUSE-HARDSHIP": scene.kind == "visit" and scene.on("hardship_open"),
        "HOUSE-HARDSHIP-CONTACT": collects
        and scene.kind in ("call", "message", "letter")
        and scene.on("hardship_open"),
        "HOUSE-WORKPLACE": scene.kind in ("visit", "call")
        and scene.place == "workplace"
        and scene.on("workplace_restricted"),
        "HOUSE-STALE": scene.kind in ("message", "letter")
        and scene.purpose in ("collect", "service")
        and scene.on("stale"),
        "HOUSE-CHANNEL": scene.purpose in ("collect", "service", "locate")
        and scene.channel in scene.refused_channels,
        "CN-CC-70-STOP": card and collects and scene.on("agreement_performing"),
        "CN-CC-69-DISPUTE": card
        and collects
        and scene.on("dispute_open")
        and not scene.on("dispute_annotated"),
    }
    said |= dict.fromkeys((name for name, speaks in flags.items() if speaks))
    if scene.no_contact_until and scene.local.date() <= scene.no_contact_until:
        said["CN-PSAP-50"] = None
    if collects and scene.promise_until is not None:
        said["HOUSE-PROMISE"] = midnight(scene.promise_until + DAY)
    return said


def persons(scene: Scene) -> dict[str, datetime | None]:
    """Whom one may turn to: the borrower, a guarantor bound by contract, seldom anybody else."""
    others = ("contact", "third_party", "workplace", "unknown")
    collects = scene.purpose == "collect"
    said: dict[str, datetime | None] = {}
    if collects and scene.recipient in others:
        said["CN-CBA-THIRD-PARTY"] = None
        said["CN-GBT-DEBTOR-ONLY"] = None
        if scene.product == "credit_card":
            said["CN-CC-68-TARGET"] = None
    if collects and scene.recipient == "guarantor" and not scene.on("guarantee_contract"):
        said["CN-GBT-DEBTOR-ONLY"] = None
    gone = scene.on("deceased", "incapacitated")
    if scene.recipient == "contact":
        may = gone or scene.on("borrower_unreachable")
        if not may or scene.on("contact_stop_requested") or scene.on("discloses_debt"):
            said["CN-GBT-CONTACT-COND"] = None
    waits = scene.recipient in ("contact", "third_party", "workplace") and not gone
    if waits and failed_days(scene) < 3:
        said["CN-CBA-THIRD-WAIT"] = None
    return said


def failed_days(scene: Scene) -> int:
    """Days in a row before today on which the registered number only ever failed."""
    reached = [
        one.at for one in scene.happened
        if one.kind == "call" and one.recipient == "borrower" and one.result in REACHED
    ]  # fmt: skip
    reached += [
        one.at for one in scene.happened
        if one.kind != "call" and one.recipient == "borrower" and one.result in REACHED
    ]  # fmt: skip
    days = {
        days_ago(scene, one)
        for one in scene.happened
        if one.kind == "call" and one.direction == "out" and one.recipient == "borrower"
        and one.number == "n1" and one.result in UNANSWERED
        and 0 < days_ago(scene, one) < 31 and all(one.at > moment for moment in reached)
    }  # fmt: skip
    if not days:
        return 0
    row = min(days)
    while row in days:
        row += 1
    return row - min(days)
