"""The guard's answer for acts that are due, made binding in one transaction.

The borrowers are locked, facts are read fresh, the guard decides; places under caps are taken, the
contact is entered, the acts move on, the decisions go into the evidence, and clearances are sealed
over their place in the log. All of it is durable together, or nothing is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from doorstep.cases.models import Contact
from doorstep.channels.message import Message
from doorstep.dispatch.counting import Counters
from doorstep.dispatch.gathering import Gathered, facts_gather
from doorstep.dispatch.keys import clearance_key, number_key
from doorstep.dispatch.models import Act, ActState, CapSlot, Clearance
from doorstep.dispatch.rows import rows_highest, rows_insert, rows_update
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.guard.clearance import Clearance as Sealed
from doorstep.guard.clearance import clearance_seal
from doorstep.guard.decide import Made, decide
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.portfolio.models import Borrower
from doorstep.rules.counters import Key
from doorstep.rules.pack import Rulebook

CLEARANCE_LASTS = timedelta(seconds=120)
CONTACT_CHANNELS = {"phone": "call"}
BY_PEOPLE = ("call", "visit")
CLEARANCE_ROW = (
    "id", "act_id", "attempt", "number", "not_before", "not_after", "packs", "log_index", "mac",
    "at", "used_at",
)  # fmt: skip
CONTACT_ROW = (
    "contact_id", "borrower_id", "at", "channel", "direction", "result", "origin", "clearance",
    "number", "actor_kind", "recipient", "purpose", "by_id", "actor",
)  # fmt: skip
NO_DESTINATION = "no_destination"
CONDITIONS_OPEN = "conditions"


@dataclass(frozen=True)
class Ready:
    """A cleared act, ready to be handed to its channel once. `conditions` are what whoever does it
    must see to."""

    act_id: int
    borrower_id: str
    case_id: int
    reference: str
    channel: str
    attempt: int
    clearance: Sealed
    message: Message
    conditions: tuple[str, ...] = ()


@dataclass
class Cleared:
    """What became of the acts that were asked about."""

    ready: list[Ready] = field(default_factory=list)
    held_back: int = 0
    postponed: int = 0

    @property
    def looked_at(self) -> int:
        """How many acts were decided."""
        return len(self.ready) + self.held_back + self.postponed


@dataclass(frozen=True)
class _Decided:
    act: Act
    gathered: Gathered
    verdict: Verdict


def acts_clear(
    *,
    limit: int,
    worker: str,
    clock: Callable[[], datetime],
    rulebook: Rulebook,
    channels: Iterable[str] = (),
    to: ActState = ActState.SENDING,
) -> Cleared:
    """Decide the acts that are due now, at most `limit` and one a borrower and number; those
    permitted are cleared, claimed by `worker`, and their clearances marked as used.

    `channels` are those that can send; acts of others stay queued. Two workers never get the same
    act, and never decide about one borrower at the same time.
    """
    with transaction.atomic():
        acts = _due(limit, clock(), tuple(channels))
        return _clear(acts, worker, clock, rulebook, to)


def act_clear(
    *, act: Act, worker: str, clock: Callable[[], datetime], rulebook: Rulebook, to: ActState
) -> Cleared:
    """The same for one queued act, whose time it is now."""
    with transaction.atomic():
        queued = Act.objects.select_for_update().filter(pk=act.pk, state=ActState.QUEUED)
        return _clear(list(queued), worker, clock, rulebook, to)


def _due(limit: int, at: datetime, channels: tuple[str, ...]) -> list[Act]:
    queued = Act.objects.filter(
        state=ActState.QUEUED, planned_from__lte=at, planned_until__gt=at, channel__in=channels
    ).order_by("planned_from", "pk")
    if connection.features.has_select_for_update_skip_locked:
        queued = queued.select_for_update(skip_locked=True)
    chosen: list[Act] = []
    taken: set[str] = set()
    for act in queued[:limit]:
        if taken.isdisjoint((act.borrower_id, act.number)):
            taken.update((act.borrower_id, act.number))
            chosen.append(act)
    return chosen


def _clear(
    acts: list[Act],
    worker: str,
    clock: Callable[[], datetime],
    rulebook: Rulebook,
    to: ActState,
) -> Cleared:
    if not acts:
        return Cleared()
    _lock({act.borrower_id for act in acts})
    at = clock()  # read after the lock: whoever held it before has an earlier moment
    gathered = facts_gather(acts=acts, at=at, rulebook=rulebook)
    made: Made = {}
    decided = [
        _Decided(
            act,
            each,
            decide(rulebook=rulebook, action=each.action, facts=each.facts, at=at, made=made),
        )
        for act, each in zip(acts, gathered, strict=True)
    ]
    permitted = [each for each in decided if _may_go(each)]
    refused = [each for each in decided if not _may_go(each)]
    later = [each for each in refused if _may_wait(each)]
    blocked = [each for each in refused if not _may_wait(each)]
    _take_places(permitted, Counters(rulebook), at)
    _contact(permitted, at)
    _move(permitted, worker, at, to)
    _hold_back(blocked, at)
    _postpone(later)
    # From here on nobody else can append: only what needs its place in the log comes after.
    places = evidence_append(entries=[_entry(each) for each in (*permitted, *blocked)], at=at)
    ready = [_seal(each, place, at) for each, place in zip(permitted, places, strict=False)]
    _keep(ready, at)
    return Cleared(ready=ready, held_back=len(blocked), postponed=len(later))


def _lock(borrower_ids: set[str]) -> None:
    """One decision at a time about one borrower. SQLite's transaction holds the one lock there is;
    elsewhere the rows are locked in one order, so that two workers never wait for each other."""
    if connection.vendor == "sqlite":
        return
    locked = Borrower.objects.filter(pk__any_of=borrower_ids).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk"))


def _may_go(each: _Decided) -> bool:
    """Permitted now, and its number still is the one it was meant for."""
    gone = number_key(kind=each.gathered.to_kind, value=each.gathered.to) != each.act.number
    if gone:
        return False
    if each.verdict.outcome is Outcome.PERMIT:
        return True
    return each.verdict.outcome is Outcome.PERMIT_IF and each.act.kind in BY_PEOPLE


def _may_wait(each: _Decided) -> bool:
    until = each.verdict.not_before
    return (
        each.verdict.outcome is Outcome.NOT_BEFORE
        and until is not None
        and until < each.act.planned_until
    )


def why_of(verdict: Verdict) -> str:
    """The first word on why an act is held back: the rule that weighs most, or what is missing."""
    if verdict.outcome is Outcome.PERMIT:
        return NO_DESTINATION
    if verdict.outcome is Outcome.PERMIT_IF:
        return CONDITIONS_OPEN
    for reason in verdict.reasons:
        if reason.outcome == str(verdict.outcome):
            return reason.rule[:64]
    return (verdict.reasons[0].rule if verdict.reasons else str(verdict.outcome))[:64]


def _entry(each: _Decided) -> Entry:
    act = each.act
    return Entry(
        kind="decision",
        subject=act.borrower_id,
        case=str(act.case_id),
        body={
            "reference": act.reference,
            "attempt": act.attempts + 1,
            "act": act.kind,
            "channel": act.channel,
            "purpose": act.purpose,
            "recipient": act.recipient,
            "number": act.number,
            "template": act.template,
            "content_sha256": act.content_sha256,
            "verdict": each.verdict.record,
        },
    )


def _seal(each: _Decided, log_index: int, at: datetime) -> Ready:
    act, attempt = each.act, each.act.attempts + 1
    sealed = clearance_seal(
        key=clearance_key(),
        id=_clearance_id(act),
        case=str(act.case_id),
        recipient_ref=act.borrower_id,
        contact_point=act.number,
        channel=act.channel,
        content_sha256=act.content_sha256,
        not_before=at,
        not_after=at + CLEARANCE_LASTS,
        packs=each.verdict.packs,
        log_index=log_index,
    )
    content = act.content
    message = Message(
        reference=act.reference,
        to=each.gathered.to,
        kind=each.gathered.to_kind,
        medium=act.channel,
        text=content["text"],
        subject=content.get("subject", ""),
        html=content.get("html", ""),
        body=content.get("body", ""),
        language=content["language"],
        large=content.get("reading") == "plain",
    )
    return Ready(
        act.pk, act.borrower_id, act.case_id, act.reference, act.channel, attempt, sealed, message,
        each.verdict.conditions,
    )  # fmt: skip


def _keep(ready: Sequence[Ready], at: datetime) -> None:
    rows_insert(
        model=Clearance,
        columns=CLEARANCE_ROW,
        rows=[
            (
                sealed.id, each.act_id, each.attempt, sealed.contact_point, sealed.not_before,
                sealed.not_after, json.dumps(sealed.packs), sealed.log_index, sealed.mac, at, at,
            )
            for each in ready
            if (sealed := each.clearance)
        ],
    )  # fmt: skip


def _contact(permitted: Sequence[_Decided], at: datetime) -> None:
    rows_insert(
        model=Contact,
        columns=CONTACT_ROW,
        rows=[
            (
                f"act-{_clearance_id(act)}", act.borrower_id, at,
                CONTACT_CHANNELS.get(act.channel, act.channel), "out", "", "platform",
                _clearance_id(act), act.number, act.actor, act.recipient, act.purpose,
                act.proposed_by_id, "",
            )
            for act in (each.act for each in permitted)
        ],
    )  # fmt: skip


def _take_places(permitted: Sequence[_Decided], counters: Counters, at: datetime) -> None:
    wanted: list[tuple[_Decided, str, str, date]] = []
    for each in permitted:
        on = at.astimezone(ZoneInfo(each.gathered.action.zone)).date()
        for cap in counters.caps(kind=each.act.kind, on=on):
            key = each.act.number if cap.key is Key.NUMBER else each.act.borrower_id
            wanted.append((each, cap.name, key, on))
    if not wanted:
        return
    taken = rows_highest(
        model=CapSlot,
        keys={"counter": "text", "key": "text", "window": "date"},
        rows=[(counter, key, on) for _, counter, key, on in wanted],
        column="slot",
    )
    rows_insert(
        model=CapSlot,
        columns=("clearance_id", "counter", "key", "window", "slot"),
        rows=[
            (_clearance_id(each.act), counter, key, on, (highest or 0) + 1)
            for (each, counter, key, on), highest in zip(wanted, taken, strict=True)
        ],
    )


def _clearance_id(act: Act) -> str:
    """The id of the clearance for the attempt that the act is about to make."""
    return f"{act.reference}.{act.attempts + 1}"


def _move(permitted: Sequence[_Decided], worker: str, at: datetime, to: ActState) -> None:
    rows_update(
        model=Act,
        key="id",
        columns={"id": "bigint", "clearance_id": "text", "attempts": "integer"},
        rows=[
            (act.pk, _clearance_id(act), act.attempts + 1)
            for act in (each.act for each in permitted)
        ],
        same={"state": str(to), "worker": worker, "state_at": at, "why": ""},
    )


def _hold_back(blocked: Sequence[_Decided], at: datetime) -> None:
    rows_update(
        model=Act,
        key="id",
        columns={"id": "bigint", "verdict": "jsonb", "why": "text"},
        rows=[
            (each.act.pk, json.dumps(each.verdict.as_dict()), why_of(each.verdict))
            for each in blocked
        ],
        same={"state": str(ActState.BLOCKED), "state_at": at},
    )


def _postpone(later: Sequence[_Decided]) -> None:
    rows_update(
        model=Act,
        key="id",
        columns={"id": "bigint", "planned_from": "timestamptz", "verdict": "jsonb", "why": "text"},
        rows=[
            (
                each.act.pk, each.verdict.not_before, json.dumps(each.verdict.as_dict()),
                why_of(each.verdict),
            )
            for each in later
        ],
        same={},
    )  # fmt: skip
