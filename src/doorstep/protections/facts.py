"""What a borrower's safeguards say in the words of the fact catalogue (`rulepacks/facts.toml`).

Two steps: `borrower_facts` for the borrower as a whole, read once for many; `act_facts` narrows
them to one act (which channel, number, debts). A fact whose only basis is a claim that has held
long enough is left out: unknown, so that the guard asks a person and names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from doorstep.guard.facts import Known
from doorstep.protections.safeguard import RESTS, Safeguard, hours_of
from doorstep.rules.values import NOTHING, Value

SOURCE = "protections"
ALL_DEBTS = "*"
NO_END = date(9999, 12, 31)
ADULT = 18
# The catalogue says phone where the book says call; an app's notice is a kind of messenger.
CHANNEL_WORDS = {"call": "phone", "push": "messenger"}
ASKED_OF_EVERYBODY = ("recording", "filming", "entry")


def borrower_facts(
    *, safeguards: Iterable[Safeguard], at: datetime, zone: str, born_on: date | None = None
) -> dict[str, Known]:
    """The facts of one borrower at an instant; `zone` is the borrower's.

    Beside the catalogue's names, for `act_facts` and for pages: `disputed_debts` (loan ids, or "*"
    for all), `held_debts`, `stopped_channels`, `stopped_numbers` (the numbers themselves, not their
    keys), `stopped_all`, `refused_hours`, `special_handling`, `representative_powers`,
    `preferred_channel`, `preferred_language`, `preferred_place`, `refused_places`; `allowed` and
    `refused`: which of recording, filming and entry the borrower allowed or refused beforehand
    (consent at the door is asked anew at every visit and is no fact of this register).
    """
    active = [s for s in safeguards if s.is_active(at=at)]
    values: dict[str, Value] = {
        **_circumstances(active, at=at, zone=zone, born_on=born_on),
        **_raised(active),
        **_wishes(active),
    }
    for unsettled in _unsettled(active, at=at, zone=zone):
        values.pop(unsettled, None)
    return {name: Known(value, at, SOURCE) for name, value in sorted(values.items())}


def act_facts(
    *,
    known: Mapping[str, Known],
    channel: str,
    number: str = "",
    debts: Sequence[str] = (),
    recipient: str = "borrower",
) -> dict[str, Known]:
    """The facts narrowed to one act; names that only `borrower_facts` needs are left out.

    `channel` is the catalogue's word, `number` the number or address itself. No `debts`: all.
    """
    facts = {name: fact for name, fact in known.items() if name not in BORROWER_ONLY}
    as_of = next((fact.as_of for fact in known.values()), None)

    def listed(name: str) -> tuple[str, ...] | None:
        fact = known.get(name)
        return fact.value if fact is not None and isinstance(fact.value, tuple) else None  # type: ignore[return-value]

    disputed, held = listed("disputed_debts"), listed("held_debts")
    channels, numbers = listed("stopped_channels"), listed("stopped_numbers")
    everything = known.get("stopped_all")
    if disputed is not None:
        facts["dispute_open"] = Known(_touches(disputed, debts), as_of, SOURCE)
    if held is not None:
        facts["held"] = Known(_touches(held, debts), as_of, SOURCE)
    if channels is not None and numbers is not None and everything is not None:
        stopped = channel in channels or number in numbers
        theirs = recipient in ("borrower", "representative", "workplace")
        facts["stop_requested"] = Known(
            bool(everything.value) or stopped if theirs else stopped, as_of, SOURCE
        )
        facts["contact_stop_requested"] = Known(not theirs and stopped, as_of, SOURCE)
    return facts


BORROWER_ONLY = frozenset(
    {"disputed_debts", "held_debts", "stopped_channels", "stopped_numbers", "stopped_all"}
)


def _touches(named: Sequence[str], debts: Sequence[str]) -> bool:
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
    today = at.astimezone(ZoneInfo(zone)).date()
    return {
        "deceased": "deceased" in kinds,
        "bankrupt": "bankruptcy" in kinds,
        "minor": "minor" in kinds or (born_on is not None and _years(born_on, today) < ADULT),
        "incapacitated": any(s.what == "guardian" for s in speakers),
        "no_contact_until": max((_last_day(s, zone) for s in orders), default=NOTHING),
        "hardship_open": "hardship" in kinds,
        "vulnerable": bool(care),
        "special_handling": tuple(sorted({code for s in care for code in _handling(s)})),
        "represented": bool(speakers),
        "representative_powers": tuple(sorted({p for s in speakers for p in s.powers})),
        "workplace_restricted": "workplace" in kinds,
    }


def _handling(safeguard: Safeguard) -> tuple[str, ...]:
    return safeguard.handling if safeguard.origin == "record" else ("pause",)


def _raised(active: list[Safeguard]) -> dict[str, Value]:
    disputed = {s.loan_id or ALL_DEBTS for s in active if s.kind == "dispute"}
    held = {
        s.loan_id or ALL_DEBTS
        for s in active
        if s.origin == "hold" or (s.kind == "vulnerability" and not RESTS.isdisjoint(s.handling))
    }
    stops = [s for s in active if s.kind == "stop_request"]
    refused = {
        word(s.channel)
        for s in active
        if s.kind == "preference" and s.stance == "refuses" and s.subject == "channel"
    }
    channels = {word(s.channel) for s in stops if s.scope == "channel"}
    return {
        "dispute_open": bool(disputed),
        "dispute_annotated": True,
        "disputed_debts": tuple(sorted(disputed)),
        "complaint_open": any(s.kind == "complaint" for s in active),
        "held": bool(held),
        "held_debts": tuple(sorted(held)),
        "stop_requested": any(s.scope in ("all", "") for s in stops),
        "stopped_all": any(s.scope in ("all", "") for s in stops),
        "stopped_channels": tuple(sorted(channels)),
        "stopped_numbers": tuple(sorted({s.number for s in stops if s.scope == "number"})),
        "refused_channels": tuple(sorted(refused | channels)),
    }


def _wishes(active: list[Safeguard]) -> dict[str, Value]:
    wishes = sorted(
        (s for s in active if s.kind == "preference"), key=lambda s: (s.starts_at, s.reference)
    )

    def hours(stance: str) -> tuple[str, ...]:
        named = [s for s in wishes if s.subject == "hours" and s.stance == stance]
        return tuple(sorted({line for s in named for line in hours_of(s)}))

    values: dict[str, Value] = {
        "consent_hours": hours("allows"),
        "refused_hours": hours("refuses"),
        "agreed_hours": hours("prefers"),
        "preferred_channel": NOTHING,
        "preferred_language": NOTHING,
        "preferred_place": NOTHING,
        "refused_places": tuple(
            sorted({s.place for s in wishes if s.subject == "place" and s.stance == "refuses"})
        ),
    }
    stances: dict[str, str] = {}
    for wish in wishes:  # the latest wish of a kind stands
        if wish.subject in ASKED_OF_EVERYBODY:
            stances[wish.subject] = wish.stance
        if wish.stance == "prefers" and wish.subject in ("channel", "language", "place"):
            said = {"channel": word(wish.channel), "language": wish.language, "place": wish.place}
            values[f"preferred_{wish.subject}"] = said[wish.subject]
    for name, stance in (("allowed", "allows"), ("refused", "refuses")):
        values[name] = tuple(sorted(what for what, said in stances.items() if said == stance))
    return values


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


def _last_day(safeguard: Safeguard, zone: str) -> date:
    if safeguard.ends_at is None:
        return NO_END
    return last_day(safeguard.ends_at, zone)


def last_day(ends_at: datetime, zone: str) -> date:
    """The last local day touched by a span with an exclusive end."""
    local = ends_at.astimezone(ZoneInfo(zone))
    at_midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return date.fromordinal(local.toordinal() - 1) if at_midnight else local.date()


def _years(born_on: date, today: date) -> int:
    before = (today.month, today.day) < (born_on.month, born_on.day)
    return today.year - born_on.year - before
