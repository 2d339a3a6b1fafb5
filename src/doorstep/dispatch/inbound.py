"""What people write to us: recognised, acted on at once (stop first, ask later), shown to a person.

Everything that softens or stops is done by the machine; whatever would go on or collect is left to
a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from doorstep.cases.models import Case, Contact
from doorstep.channels.message import Incoming
from doorstep.dispatch.keys import number_key
from doorstep.dispatch.models import Act, ActState, Inbound
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.outreach.replies import Recognised, ReplyKind, reply_recognise
from doorstep.outreach.words import Kind
from doorstep.portfolio.models import Borrower, ContactPoint, VerificationTask
from doorstep.portfolio.services import verification_record
from doorstep.protections.models import LegalStopKind, RepresentativeKind, StopScope, ToldHow
from doorstep.protections.services.circumstances import hardship_record, legal_stop_record
from doorstep.protections.services.raised import complaint_open, dispute_open
from doorstep.protections.services.versions import News
from doorstep.protections.services.wishes import representative_record, stop_request_record

KINDS = {"sms": ("mobile", "landline"), "email": ("email",), "messenger": ("messenger",)}
TOLD_HOW = {"email": ToldHow.EMAIL}
NOT_NAMED = "?"
WENT = (ActState.SENDING, ActState.SENT, ActState.DELIVERED, ActState.IN_DOUBT)


@transaction.atomic
def inbound_receive(*, channel: str, incoming: Incoming, at: datetime) -> Inbound:
    """Keep what somebody wrote and do at once what stops or softens. The same message twice is one.

    A number that several borrowers share stops for all of them; only the one written to last is
    named on the record.
    """
    known = Inbound.objects.filter(channel=channel, key=incoming.key).first()
    if known is not None:
        return known
    points = _points(channel, incoming.sender)
    people = [point.borrower for point in points]
    last = _last_act(channel, points)
    told = last.borrower if last else (people[0] if people else None)
    found = reply_recognise(incoming.text, asked=_asked(last))
    kept = Inbound.objects.create(
        channel=channel,
        key=incoming.key[:160],
        number=_key(channel, incoming.sender, points),
        borrower=told,
        case=_case(told),
        text=incoming.text[:4000],
        at=incoming.at,
        received_at=at,
        recognised=str(found.kind),
        kinds=[str(kind) for kind in found.kinds],
        sure=found.sure,
    )
    _note_contact(kept, told, at)
    kept.done = _act_on(kept, found, points, people, last, at)
    kept.save(update_fields=["done"])
    evidence_append(entries=[_entry(kept)], at=at)
    return kept


def _points(channel: str, sender: str) -> list[ContactPoint]:
    forms = {sender, f"+{sender}", f"+86{sender.removeprefix('+86')}"}
    kinds = KINDS.get(channel, ())
    if channel == "email":
        return list(
            ContactPoint.objects.filter(kind="email", value__iexact=sender).select_related(
                "borrower"
            )
        )
    return list(
        ContactPoint.objects.filter(kind__in=kinds, value__in=forms)
        .select_related("borrower")
        .order_by("pk")
    )


def _key(channel: str, sender: str, points: Sequence[ContactPoint]) -> str:
    if points:
        return number_key(kind=points[0].kind, value=points[0].value)
    return number_key(kind=channel, value=sender)


def _last_act(channel: str, points: Sequence[ContactPoint]) -> Act | None:
    """What went to one of these last. What still waits, or never went, was answered by nobody."""
    acts = Act.objects.filter(channel=channel, contact_point__in=points, state__in=WENT)
    return acts.select_related("borrower").order_by("-clearance__log_index").first()


def _asked(last: Act | None) -> Kind | None:
    """The kind of text that was written to this number last."""
    kind = last.content.get("kind") if last else None
    return Kind(kind) if kind in set(Kind) else None


def _case(borrower: Borrower | None) -> Case | None:
    if borrower is None:
        return None
    return Case.objects.filter(borrower=borrower).order_by("-status", "-opened_on", "-pk").first()


def _note_contact(kept: Inbound, borrower: Borrower | None, at: datetime) -> None:
    if borrower is None:
        return
    Contact.objects.create(
        contact_id=f"in-{kept.pk}",
        borrower=borrower,
        at=kept.at,
        channel=kept.channel,
        direction="in",
        result="right_party" if kept.recognised != ReplyKind.WRONG_NUMBER else "wrong_party",
        actor="",
        number=kept.number,
        purpose="reply",
        origin="uncleared",
    )


Deed = Callable[[News, str], object]


def _act_on(
    kept: Inbound,
    found: Recognised,
    points: Sequence[ContactPoint],
    people: Sequence[Borrower],
    last: Act | None,
    at: datetime,
) -> list[str]:
    """Do what each recognised wish asks for; the names of what was done."""
    done = []
    for kind in found.kinds:
        if kind is ReplyKind.WRONG_NUMBER:
            for point in points:
                inbound_wrong_number(point=point, how="reply: wrong number", at=at)
            done.append("number_marked" if points else "")
        elif kind is ReplyKind.PAID:
            waiting = Act.objects.filter(borrower__in=people, purpose="collect")
            acts_withdraw(acts=waiting, why="says_paid", by="", at=at)
            done.append("reminders_withdrawn")
        else:
            done += [_protect(kind, kept, person, last, at) for person in people]
    return [name for name in dict.fromkeys(done) if name]


def inbound_wrong_number(*, point: ContactPoint, how: str, at: datetime) -> None:
    """The number is somebody else's: it is never used again, what waits for it is withdrawn, and
    somebody looks for another way to the borrower."""
    verification_record(contact_point=point, state="third_party", how=how, by=None, at=at)
    VerificationTask.objects.get_or_create(
        borrower_id=point.borrower_id,
        contact_point=None,
        address=None,
        reason="wrong_number",
        closed_at=None,
        defaults={"opened_at": at},
    )
    waiting = Act.objects.filter(contact_point=point)
    acts_withdraw(acts=waiting, why="wrong_number", by="", at=at)


def _protect(
    kind: ReplyKind, kept: Inbound, person: Borrower, last: Act | None, at: datetime
) -> str:
    """Record the protection a reply asks for, as a claim where somebody must look into it."""
    claimed = kind in (ReplyKind.HARDSHIP, ReplyKind.DECEASED, ReplyKind.REPRESENTED)
    news = News(
        borrower=person,
        reference=f"inbound:{kept.pk}:{kind}:{person.pk}"[:100],
        at=at,
        told_how=TOLD_HOW.get(kept.channel, ToldHow.MESSAGE),
        note=kept.text[:2000],
        claimed=claimed,
    )
    match kind:
        case ReplyKind.OPT_OUT:
            stop_request_record(news=news, scope=StopScope.CHANNEL, channel=kept.channel)
            return "channel_stopped"
        case ReplyKind.COMPLAINT:
            complaint_open(
                news=news,
                words=kept.text[:4000],
                about_act=last.reference if last else "",
                about_template=last.template if last else "",
            )
            return "complaint_opened"
        case ReplyKind.DISPUTE:
            dispute_open(news=news)
            return "dispute_opened"
        case ReplyKind.HARDSHIP:
            hardship_record(news=news)
            return "hardship_recorded"
        case ReplyKind.DECEASED:
            legal_stop_record(news=news, bar=LegalStopKind.DECEASED)
            return "death_claimed"
        case ReplyKind.REPRESENTED:
            representative_record(
                news=news, role=RepresentativeKind.OTHER, name=NOT_NAMED, instead=True
            )
            return "representative_claimed"
        case _:
            return ""


def _entry(kept: Inbound) -> Entry:
    return Entry(
        kind="inbound",
        subject=kept.borrower_id or "",
        case=str(kept.case_id or ""),
        body={
            "channel": kept.channel,
            "key": kept.key,
            "number": kept.number,
            "text": kept.text,
            "recognised": kept.kinds,
            "sure": kept.sure,
            "done": kept.done,
        },
    )
