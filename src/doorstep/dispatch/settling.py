"""What became of what was sent: answers of gateways, receipts, doubts. Each applied once.

An act in doubt keeps its clearance and its places under the caps. It is sent again only where it
is sure that nobody took it, and then under another clearance and the same reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from doorstep.cases.models import Contact
from doorstep.channels.message import Report, Standing
from doorstep.channels.sms_smpp import short_of
from doorstep.dispatch.keys import number_key
from doorstep.dispatch.models import Act, ActState, CapSlot, Clearance, Receipt
from doorstep.dispatch.rows import rows_highest, rows_insert, rows_update
from doorstep.dispatch.sending import Answer, Said
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append

MOST_ATTEMPTS = 6
FIRST_WAIT = 30.0
LONGEST_WAIT = 3600.0
ASK_FIRST = timedelta(seconds=20)
UNDER_WAY = (ActState.SENDING, ActState.IN_DOUBT)
TOOK = (ActState.SENDING, ActState.IN_DOUBT, ActState.SENT)
CONTACT_RESULTS = {
    Standing.ACCEPTED: "sent",
    Standing.DELIVERED: "delivered",
    Standing.FAILED: "failed",
}
STATES = {
    Standing.ACCEPTED: ActState.SENT,
    Standing.DELIVERED: ActState.DELIVERED,
    Standing.FAILED: ActState.FAILED,
}


@transaction.atomic
def answers_settle(*, answers: Sequence[Answer], at: datetime) -> None:
    """Record what the gateways said to a batch, with its evidence."""
    by_said = {said: [a for a in answers if a.said is said] for said in Said}
    _accepted(by_said[Said.ACCEPTED], at)
    _doubtful(by_said[Said.IN_DOUBT], at)
    for answer in by_said[Said.NOT_TAKEN]:
        act_release(
            act_id=answer.ready.act_id, clearance_id=answer.ready.clearance.id,
            again=True, why=answer.code, wait=answer.wait, at=at,
        )  # fmt: skip
    for answer in by_said[Said.REJECTED]:
        act_release(
            act_id=answer.ready.act_id, clearance_id=answer.ready.clearance.id,
            again=False, why=answer.code, wait=0.0, at=at,
        )  # fmt: skip
    evidence_append(entries=[_entry(answer) for answer in answers], at=at)


def _accepted(answers: Sequence[Answer], at: datetime) -> None:
    if not answers:
        return
    named = {
        answer.ready.act_id: answer.gateway_reference
        for answer in answers
        if answer.gateway_reference and answer.gateway_reference != answer.ready.reference
    }
    rows_update(
        model=Act,
        key="clearance_id",
        columns={"clearance_id": "text", "gateway_reference": "text"},
        rows=[
            (ready.clearance.id, named.get(ready.act_id, ""))
            for ready in (answer.ready for answer in answers)
        ],
        same={"state": str(ActState.SENT), "state_at": at, "worker": "", "ask_at": None},
        only=("state", [str(state) for state in UNDER_WAY]),
    )
    clearances = [answer.ready.clearance.id for answer in answers]
    Contact.objects.filter(clearance__any_of=clearances, result="").update(result="sent")
    _late_receipts({reference: act_id for act_id, reference in named.items()})


def _late_receipts(acts: dict[str, int]) -> None:
    """Receipts that came before the gateway's own name for the message did."""
    waiting = Receipt.objects.filter(act=None, gateway_reference__any_of=acts)
    for receipt in waiting.exclude(gateway_reference=""):
        receipt.act_id = acts[receipt.gateway_reference]
        receipt.save(update_fields=["act"])
        _apply({Standing(receipt.standing): [receipt.act_id]}, receipt.received_at)


def _doubtful(answers: Sequence[Answer], at: datetime) -> None:
    for code in {answer.code for answer in answers}:
        clearances = [answer.ready.clearance.id for answer in answers if answer.code == code]
        Act.objects.filter(clearance_id__any_of=clearances, state=ActState.SENDING).update(
            state=ActState.IN_DOUBT, state_at=at, worker="", why=code[:64], ask_at=at + ASK_FIRST
        )


def act_release(
    *, act_id: int, clearance_id: str, again: bool, why: str, wait: float, at: datetime
) -> None:
    """Nobody took the message, for sure: its clearance and places are given back; with `again` it
    is queued once more after a while that doubles each time, else it has failed.

    Does nothing where the clearance is not the act's live one. Runs in the caller's transaction.
    """
    act = (
        Act.objects.select_for_update(of=("self",))
        .filter(pk=act_id, clearance=clearance_id, state__in=UNDER_WAY)
        .first()
    )
    if act is None:
        return
    act.clearance, act.worker, act.ask_at, act.why = None, "", None, why[:64]
    act.state_at = at
    pause = max(wait, min(FIRST_WAIT * 2 ** (act.attempts - 1), LONGEST_WAIT))
    if not again or act.attempts >= MOST_ATTEMPTS:
        act.state = ActState.FAILED
    elif at + timedelta(seconds=pause) >= act.planned_until:
        act.state = ActState.EXPIRED
    else:
        act.state, act.planned_from = ActState.QUEUED, at + timedelta(seconds=pause)
    act.save(
        update_fields=["clearance", "worker", "ask_at", "why", "state", "state_at", "planned_from"]
    )
    Clearance.objects.filter(pk=clearance_id).update(released_at=at)
    CapSlot.objects.filter(clearance=clearance_id).delete()
    Contact.objects.filter(clearance=clearance_id).delete()


@transaction.atomic
def reports_apply(*, channel: str, reports: Sequence[Report], at: datetime) -> int:
    """Record receipts that are new and move their acts; returns how many were new."""
    fresh = _new({report.key: report for report in reports}, channel)
    if not fresh:
        return 0
    acts = _acts_of(fresh, channel)
    rows_insert(
        model=Receipt,
        columns=(
            "channel", "key", "gateway_reference", "standing", "at", "received_at", "detail",
            "act_id",
        ),
        rows=[
            (
                channel, report.key, report.gateway_reference, str(report.standing), report.at, at,
                report.detail, acts[report.key].pk if report.key in acts else None,
            )
            for report in fresh
        ],
    )  # fmt: skip
    moved: dict[Standing, list[int]] = {}
    for report in fresh:
        if report.key in acts:
            moved.setdefault(report.standing, []).append(acts[report.key].pk)
    _apply(moved, at)
    evidence_append(
        entries=[_receipt_entry(report, acts.get(report.key), channel) for report in fresh], at=at
    )
    return len(fresh)


def _new(reports: dict[str, Report], channel: str) -> list[Report]:
    known = rows_highest(
        model=Receipt,
        keys={"channel": "text", "key": "text"},
        rows=[(channel, key) for key in reports],
        column="id",
    )
    return [report for report, had in zip(reports.values(), known, strict=True) if had is None]


class _Told(NamedTuple):
    """The act that a receipt is about."""

    pk: int
    reference: str
    gateway_reference: str
    borrower_id: str
    case_id: int


def _acts_of(reports: Sequence[Report], channel: str) -> dict[str, _Told]:
    ours = {report.reference for report in reports if report.reference}
    rows = Act.objects.filter(channel=channel)
    by_ours = {act.reference: act for act in _told(rows.filter(reference__any_of=ours))}
    missing = {
        r.gateway_reference for r in reports if r.reference not in by_ours and r.gateway_reference
    }
    named = _told(rows.filter(gateway_reference__any_of=missing)) if missing else []
    by_theirs = {act.gateway_reference: act for act in named}
    found = {}
    for report in reports:
        act = by_ours.get(report.reference) or by_theirs.get(report.gateway_reference)
        if act is None and "@" in report.reference:
            act = _by_hint(report.reference, rows)
        if act is not None:
            found[report.key] = act
    return found


def _told(rows: QuerySet[Act]) -> list[_Told]:
    return [_Told(*row) for row in rows.values_list(*_Told._fields)]


def _by_hint(hint: str, rows: QuerySet[Act]) -> _Told | None:
    """An act in doubt by the 16 bits of its reference and the number it went to (SMPP)."""
    bits, _, value = hint.partition("@")
    keys = [number_key(kind="mobile", value=each) for each in (value, f"+{value}")]
    fitting = [
        act for act in _told(rows.filter(number__in=keys, state__in=TOOK))
        if str(short_of(act.reference)) == bits
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def _apply(moved: dict[Standing, list[int]], at: datetime) -> None:
    """Move acts to where the gateway says they stand; what was delivered stays delivered."""
    for standing, ids in moved.items():
        if standing not in STATES:
            continue
        from_states = UNDER_WAY if standing is Standing.ACCEPTED else TOOK
        Act.objects.filter(pk__any_of=ids, state__in=from_states).update(
            state=STATES[standing], state_at=at, worker="", ask_at=None
        )
        clearances = Clearance.objects.filter(act_id__any_of=ids, released_at=None)
        Contact.objects.filter(
            clearance__in=clearances.values("pk"), result__in=("", "sent")
        ).update(result=CONTACT_RESULTS[standing])


def act_stands(*, act: Act, standing: Standing, knows_within: float | None, at: datetime) -> None:
    """Apply what a gateway answered about an act in doubt.

    NOT_KNOWN proves that nobody took it only after the time within which the gateway surely knows;
    until then, and where nobody can tell, it is asked again later and later.
    """
    if standing in STATES:
        with transaction.atomic():
            _apply({standing: [act.pk]}, at)
            evidence_append(entries=[_doubt_entry(act, str(standing))], at=at)
        return
    since = act.clearance.used_at if act.clearance is not None else None
    if (
        standing is Standing.NOT_KNOWN
        and knows_within is not None
        and since is not None
        and (at - since).total_seconds() >= knows_within
    ):
        with transaction.atomic():
            act_release(
                act_id=act.pk, clearance_id=str(act.clearance_id), again=True, why="not_taken",
                wait=0.0, at=at,
            )  # fmt: skip
            evidence_append(entries=[_doubt_entry(act, "not_taken")], at=at)
        return
    waited = max((at - (since or act.state_at)).total_seconds(), 1.0)
    horizon = knows_within if standing is Standing.NOT_KNOWN and knows_within else LONGEST_WAIT
    pause = min(max(waited, 1.0), LONGEST_WAIT, max(horizon - waited, 0.05))
    Act.objects.filter(pk=act.pk, state=ActState.IN_DOUBT).update(
        ask_at=at + timedelta(seconds=pause)
    )


def _entry(answer: Answer) -> Entry:
    ready = answer.ready
    return Entry(
        kind="sent",
        subject=ready.borrower_id,
        case=str(ready.case_id),
        body={
            "reference": ready.reference,
            "clearance": ready.clearance.id,
            "said": str(answer.said),
            "code": answer.code,
            "gateway_reference": answer.gateway_reference,
        },
    )


def _receipt_entry(report: Report, act: _Told | None, channel: str) -> Entry:
    return Entry(
        kind="receipt",
        subject=act.borrower_id if act else "",
        case=str(act.case_id) if act else "",
        body={
            "reference": act.reference if act else report.reference,
            "channel": channel,
            "key": report.key,
            "standing": str(report.standing),
            "at": report.at.isoformat(),
            "detail": report.detail,
        },
    )


def _doubt_entry(act: Act, found: str) -> Entry:
    return Entry(
        kind="doubt",
        subject=act.borrower_id,
        case=str(act.case_id),
        body={"reference": act.reference, "clearance": act.clearance_id, "found": found},
    )
