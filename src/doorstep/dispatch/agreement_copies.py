"""The borrower's copy of an agreement, told of through the one door: where it is, and its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from doorstep.agreements.models import Agreement, AgreementCopy
from doorstep.agreements.services.copies import copy_make
from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import Act, ActState
from doorstep.dispatch.points import points_choose
from doorstep.dispatch.proposals import act_of, may_go
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import DoorstepError
from doorstep.outreach.gathering import Beside, Known, facts_gather
from doorstep.outreach.render import Value, message_render
from doorstep.outreach.selectors import lender_current, template_choose, templates_in_force
from doorstep.outreach.words import Kind, Medium, Tone
from doorstep.workforce.models import Staff

WAYS = (Medium.EMAIL, Medium.SMS)
WITHIN = timedelta(days=3)
NO_POINT = "NO_POINT"


@dataclass(frozen=True)
class Told:
    """The copy that was made and its code; the act that tells of it, or why there is none."""

    copy: AgreementCopy
    code: str
    act: Act | None
    why: str = ""


@transaction.atomic
def copy_send(*, agreement: Agreement, by: Staff, at: datetime) -> Told:
    """Make a copy for the borrower and tell them of it by e-mail, or by SMS where there is no
    address: by the first way the guard would let go. Raises as `copy_make`.

    The text says nothing of a debt; the code in it opens the document only together with the last
    characters of the borrower's identity number. Where nothing can be sent the code is handed over.
    """
    copy, code = copy_make(agreement=agreement, by=by, at=at)
    why = NO_POINT
    try:
        known = _known(agreement, copy, code, at)
        for medium in WAYS:
            act = _act(agreement, medium, known, by, at)
            if act is None:
                continue
            [verdict] = acts_screen(acts=[act], at=at, rulebook=rulebook_current())
            if may_go(act, verdict):
                act.save()
                evidence_append(entries=[_entry(act, by)], at=at)
                return Told(copy, code, act)
            why = why_of(verdict)
    except DoorstepError as error:
        why = error.code
    return Told(copy, code, None, why)


def _known(agreement: Agreement, copy: AgreementCopy, code: str, at: datetime) -> Known:
    case = agreement.case
    zone = ZoneInfo(case.borrower.time_zone)
    facts: dict[str, Value] = {
        "document_number": agreement.number,
        "document_code": code,
        "document_until": copy.expires_at.astimezone(zone).date(),
    }
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    beside = Beside(facts={case.pk: facts})
    return facts_gather(cases=[case], lender=lender_current(), on=on, beside=beside)[case.pk]


def _act(agreement: Agreement, medium: Medium, known: Known, by: Staff, at: datetime) -> Act | None:
    """The text by one way, waiting to be sent; None where the borrower cannot be reached by it."""
    case = agreement.case
    point = points_choose(borrower_ids=[case.borrower_id], channel=str(medium)).get(
        case.borrower_id
    )
    if point is None:
        return None
    template = template_choose(
        templates=templates_in_force(), kind=Kind.DOCUMENT_COPY, tone=Tone.NEUTRAL,
        medium=medium, reading=known.reading,
    )  # fmt: skip
    text = message_render(template=template, facts=known.facts, language=known.language)
    act = act_of(case, template, text, point, at, at + WITHIN, by, at)
    act.state = ActState.QUEUED
    return act


def _entry(act: Act, by: Staff) -> Entry:
    return Entry(
        kind="act.queued",
        subject=act.borrower_id,
        case=str(act.case_id),
        agent=by.username,
        body={
            "reference": act.reference,
            "template": f"{act.template}/{act.template_version}",
            "channel": act.channel,
            "content_sha256": act.content_sha256,
            "planned_until": act.planned_until.isoformat(),
        },
    )
