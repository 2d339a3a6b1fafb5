"""What a borrower's safeguards say in the words of the fact catalogue (`rulepacks/facts.toml`).

Two steps: `borrower_facts` for the borrower as a whole, read once for many; `act_facts` narrows
them to one act (which channel, number, debts). A fact whose only basis is a claim that has held
long enough is left out: unknown, so that the guard asks a person and names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from doorstep.guard.facts import Known
from doorstep.protections.safeguard import Safeguard, hours_of
from doorstep.rules.values import NOTHING, Scalar, Value

SOURCE = "protections"
ALL_DEBTS = "*"
NO_END = date(9999, 12, 31)
ADULT = 18
# The catalogue says phone where the book says call; an app's notice is a kind of messenger.
CHANNEL_WORDS = {"call": "phone", "push": "messenger"}
PLACE_WORDS = {"branch": "other"}
ASKED_OF_EVERYBODY = ("recording", "filming", "entry", "attempts")
WRITTEN = ("letter", "email", "message", "portal", "document")
# What special handling takes away, so that it binds and is not only shown.
WITHOUT = {
    "no_visits": ("visit",),
    "no_calls": ("phone", "voicemail"),
    "written_only": ("phone", "visit", "voicemail"),
}
NOT_DAYTIME = ("* 00:00-10:00", "* 17:00-24:00")


def borrower_facts(
    *, safeguards: Iterable[Safeguard], at: datetime, zone: str, born_on: date | None = None
) -> dict[str, Known]:
    """The facts of one borrower at an instant; `zone` is the borrower's.

    Beside the catalogue's names, for `act_facts` and for pages: `disputed_debts`, `held_debts`
    (loan ids, or "*" for all), `stopped_all`, `stopped_channels`, `stopped_numbers` (the numbers
    themselves, not their keys), `allowed_places`, `special_handling`, `representative_powers`,
    `preferred_channel`, `preferred_language`; `allowed` and `refused`: which of recording, filming,
    entry and more attempts the borrower allowed or refused beforehand (consent at the door is asked
    anew at every visit and is no fact of this register).
    """
    active = [s for s in safeguards if s.is_active(at=at)]
    values: dict[str, Value] = {
        **_circumstances(active, at=at, zone=zone, born_on=born_on),
        **_raised(active, zone=zone),
        **_wishes(active, zone=zone),
    }
    for unsettled in _unsettled(active, at=at, zone=zone):
        values.pop(unsettled, None)
    return {name: Known(value, at, SOURCE) for name, value in sorted(values.items())}


def act_facts(
    *,
    known: Mapping[str, Known],
    channel: str,
    number: str = "",
    number_key: str = "",
    debts: Sequence[str] = (),
    recipient: str = "borrower",
    place: str = "",
) -> dict[str, Known]:
    """The facts narrowed to one act; names that only `borrower_facts` needs are left out.

    `channel` and `place` are the catalogue's words, `number` the number or address itself and
    `number_key` its key. No `debts`: all.
    """
    facts = {name: fact for name, fact in known.items() if name not in BORROWER_ONLY}
    if "stopped_all" not in known:
        return facts
    as_of = known["stopped_all"].as_of
    everything = known["stopped_all"].value is True
    in_numbers = bool(number) and number in _listed(known, "stopped_numbers")
    stopped = in_numbers or channel in _listed(known, "stopped_channels")
    theirs = recipient in OWN_RECIPIENTS
    values: dict[str, Value] = {
        "dispute_open": _touches(_listed(known, "disputed_debts"), debts),
        "held": _touches(_listed(known, "held_debts"), debts),
        "stop_requested": stopped or (theirs and everything),
        "contact_stop_requested": stopped and not theirs,
        "refused_numbers": (number_key,) if in_numbers and number_key else (),
        "place_consent": bool(place) and place in _listed(known, "allowed_places"),
    }
    return facts | {name: Known(value, as_of, SOURCE) for name, value in values.items()}


OWN_RECIPIENTS = ("borrower", "representative", "workplace")
BORROWER_ONLY = frozenset(
    {
        "disputed_debts", "held_debts", "stopped_all", "stopped_channels", "stopped_numbers",
        "allowed_places", "special_handling", "representative_powers", "preferred_channel",
        "preferred_language", "allowed", "refused",
    }
)  # fmt: skip


def _listed(known: Mapping[str, Known], name: str) -> tuple[Scalar, ...]:
    fact = known.get(name)
    return fact.value if fact is not None and isinstance(fact.value, tuple) else ()


def _touches(named: Sequence[Scalar], debts: Sequence[str]) -> bool:
    if not named:
        return False
    return ALL_DEBTS in named or not debts or not set(named).isdisjoint(debts)


def _circumstances(
    active: list[Safeguard], *, at: datetime, zone: str, born_on: date | None
) -> dict[str, Value]:
    kinds = {s.kind for s in active}
    orders = [s for s in active if s.kind == "police_no_contact"]
    care = [s for s in active if s.kind == "vulnerability"]
    speakers = [s for s in active if s.kind == "representative"]
    today = _local(at, zone).date()
    return {
        "deceased": "deceased" in kinds,
        "bankrupt": "bankruptcy" in kinds,
        "minor": "minor" in kinds or is_minor(born_on, on=today),
        "incapacitated": any(s.what == "guardian" for s in speakers),
        "no_contact_until": max((_last_day(s, zone) for s in orders), default=NOTHING),
        "hardship_open": "hardship" in kinds,
        "vulnerable": bool(care),
        "special_handling": tuple(sorted({code for s in care for code in _handling(s)})),
        "represented": any(s.instead for s in speakers),
        "representative_powers": tuple(sorted({p for s in speakers for p in s.powers})),
        "workplace_restricted": "workplace" in kinds,
        **_occasion(care, zone),
    }


def _occasion(care: list[Safeguard], zone: str) -> dict[str, Value]:
    deaths = [_local(s.starts_at, zone).date() for s in care if s.what == "bereavement"]
    return {
        "occasion": "bereavement" if deaths else NOTHING,
        "occasion_on": max(deaths, default=NOTHING),
    }


def _handling(safeguard: Safeguard) -> tuple[str, ...]:
    return safeguard.handling if safeguard.origin == "record" else ("pause",)


def _raised(active: list[Safeguard], *, zone: str) -> dict[str, Value]:
    disputed = {s.loan_id or ALL_DEBTS for s in active if s.kind == "dispute"}
    held = {s.loan_id or ALL_DEBTS for s in active if s.origin == "hold" or "pause" in s.handling}
    stops = [s for s in active if s.kind == "stop_request"]
    everything = [s for s in stops if s.scope in ("all", "")]
    return {
        "dispute_open": bool(disputed),
        "dispute_annotated": True,  # recording it here is the annotation
        "dispute_written_on": _written_on([s for s in active if s.kind == "dispute"], zone),
        "disputed_debts": tuple(sorted(disputed)),
        "complaint_open": any(s.kind == "complaint" for s in active),
        "held": bool(held),
        "held_debts": tuple(sorted(held)),
        "cease_written_on": _written_on(everything, zone),
        "stop_requested": bool(everything),
        "stopped_all": bool(everything),
        "stopped_channels": tuple(sorted({word(s.channel) for s in stops if s.channel})),
        "stopped_numbers": tuple(sorted({s.number for s in stops if s.number})),
    }


def _written_on(safeguards: list[Safeguard], zone: str) -> Value:
    days = [_local(s.received_at, zone).date() for s in safeguards if s.told_how in WRITTEN]
    return min(days, default=NOTHING)


def _wishes(active: list[Safeguard], *, zone: str) -> dict[str, Value]:
    wishes = sorted(
        (s for s in active if s.kind == "preference"), key=lambda s: (s.starts_at, s.reference)
    )

    def named(subject: str, stance: str) -> list[Safeguard]:
        return [s for s in wishes if s.subject == subject and s.stance == stance]

    def hours(stance: str) -> set[str]:
        return {line for s in named("hours", stance) for line in hours_of(s)}

    handling = {code for s in active if s.kind == "vulnerability" for code in s.handling}
    stopped = {word(s.channel) for s in active if s.kind == "stop_request" and s.channel}
    refused = {word(s.channel) for s in named("channel", "refuses")} | stopped
    refused |= {channel for code in handling for channel in WITHOUT.get(code, ())}
    late_or_early = NOT_DAYTIME if "daytime_only" in handling else ()
    consents = named("hours", "allows")
    stances = {s.subject: s.stance for s in wishes if s.subject in ASKED_OF_EVERYBODY}
    return {
        "consent_hours": tuple(sorted(hours("allows"))),
        "agreed_hours": tuple(sorted(hours("prefers"))),
        "refused_hours": tuple(sorted({*hours("refuses"), *late_or_early})),
        "consent_given_clock": _clock(consents[-1], zone) if consents else NOTHING,
        "agreed_more_attempts": stances.get("attempts") == "allows",
        "refused_channels": tuple(sorted(refused)),
        "consented_channels": tuple(sorted({word(s.channel) for s in named("channel", "allows")})),
        "preferred_channel": _latest([word(s.channel) for s in named("channel", "prefers")]),
        "preferred_language": _latest([s.language for s in named("language", "prefers")]),
        "preferred_place": _latest([_place(s) for s in named("place", "prefers")]),
        "refused_places": tuple(sorted({_place(s) for s in named("place", "refuses")})),
        "allowed_places": tuple(sorted({_place(s) for s in named("place", "allows")})),
        "allowed": tuple(sorted(what for what, said in stances.items() if said == "allows")),
        "refused": tuple(sorted(what for what, said in stances.items() if said == "refuses")),
    }


def _latest(said: list[str]) -> Value:
    return said[-1] if said else NOTHING


def _place(safeguard: Safeguard) -> str:
    return PLACE_WORDS.get(safeguard.place, safeguard.place)


def _clock(safeguard: Safeguard, zone: str) -> time:
    return _local(safeguard.received_at, zone).time().replace(second=0, microsecond=0)


# Which facts a claim of a kind speaks of, and which of them only it can make true.
SPEAKS_OF = {
    "deceased": ("deceased",),
    "bankruptcy": ("bankrupt",),
    "minor": ("minor",),
    "police_no_contact": ("no_contact_until",),
    "hardship": ("hardship_open",),
    "vulnerability": ("vulnerable",),
    "representative": ("represented",),
    "workplace": ("workplace_restricted",),
}


def _unsettled(active: list[Safeguard], *, at: datetime, zone: str) -> set[str]:
    """Facts whose every basis is a claim that has held long enough and now asks."""
    found = set()
    for kind, names in SPEAKS_OF.items():
        own = [s for s in active if s.kind == kind]
        if own and all(s.asks(at=at, zone=zone) for s in own):
            found |= set(names)
    return found


def word(channel: str) -> str:
    """The catalogue's word for a channel of the book."""
    return CHANNEL_WORDS.get(channel, channel)


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _last_day(safeguard: Safeguard, zone: str) -> date:
    if safeguard.ends_at is None:
        return NO_END
    return last_day(safeguard.ends_at, zone)


def last_day(ends_at: datetime, zone: str) -> date:
    """The last local day touched by a span with an exclusive end."""
    local = _local(ends_at, zone)
    at_midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return date.fromordinal(local.toordinal() - 1) if at_midnight else local.date()


def is_minor(born_on: date | None, *, on: date) -> bool:
    """Whether somebody born on the day is under age on the other; unknown birthdays are not."""
    if born_on is None:
        return False
    before = (on.month, on.day) < (born_on.month, born_on.day)
    return on.year - born_on.year - before < ADULT
