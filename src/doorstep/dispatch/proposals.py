"""Messages proposed together: written, put to the guard for a preview, approved by a second person.

A preview promises nothing: whoever may be written to then is asked about again at the moment of
sending.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.models import Act, ActState, Proposal, ProposalState
from doorstep.dispatch.points import Point, points_choose
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.outreach.gathering import facts_gather
from doorstep.outreach.mass import Mass, mass_render
from doorstep.outreach.render import Rendered
from doorstep.outreach.selectors import lender_current, template_choose, templates_in_force
from doorstep.outreach.template import Template
from doorstep.outreach.words import Kind
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST = 5000
SPREAD_SHARE = 0.8  # of the time there is; the rest is for what must wait or be tried again
LONGEST = timedelta(days=7)
PURPOSES = {
    Kind.PRE_DUE: "service",
    Kind.APPOINTMENT: "service",
    Kind.VISIT_CONFIRM: "service",
    Kind.VISIT_CHANGE: "service",
    Kind.VISIT_WITHDRAWN: "service",
    Kind.VISIT_SET_OUT: "service",
    Kind.IMPOSTOR_WARNING: "service",
    Kind.CONTACT_CHECK: "service",
    Kind.DOCUMENT_COPY: "service",
    Kind.ANSWER: "reply",
    Kind.VISIT_NOTICE: "notice",
}
NO_POINT = "no_point"


@dataclass(frozen=True)
class Written:
    """The acts of a proposal, unsaved, and the cases for which there is none, by reason."""

    acts: list[Act]
    left_out: Counter[str]
    cost: int
    currency: str


def acts_propose(
    *,
    cases: QuerySet[Case],
    template: str,
    planned_from: datetime,
    planned_until: datetime,
    by: Staff,
    at: datetime,
    note: str = "",
) -> Proposal:
    """Propose one message to each case, spread over the time given. Nothing is sent by this.

    Every act is kept with the guard's answer for its time. Raises Refused without permission, when
    nobody is left to write to, NO_TEMPLATE or LENDER_UNKNOWN; InputError for a time that cannot be.
    """
    _must(by, Permission.PROPOSE_MESSAGES)
    _check_time(planned_from, planned_until, at)
    chosen = list(cases.filter(status="open").order_by("-priority", "pk")[: MOST + 1])
    if len(chosen) > MOST:
        raise InputError(
            _("That is more than %(most)s messages at once.") % {"most": MOST},
            code="TOO_MANY",
            hint=_("Narrow the filter and propose in parts."),
        )
    text = _template(template)
    written = acts_write(
        cases=chosen, template=text, planned_from=planned_from, planned_until=planned_until,
        by=by, at=at,
    )  # fmt: skip
    if not written.acts:
        raise Refused(
            _("None of these customers can be written to this way."),
            code="NOBODY_LEFT",
            hint=_("They have no number that may be used, or the text lacks what it must say."),
        )
    verdicts = acts_screen(acts=written.acts, at=at, rulebook=rulebook_current())
    with transaction.atomic():
        proposal = Proposal.objects.create(
            template=text.key, template_version=text.version, channel=str(text.medium),
            planned_from=planned_from, planned_until=planned_until, note=note.strip()[:500],
            preview=preview_of(written.acts, verdicts, written.left_out), cost=written.cost,
            currency=written.currency, proposed_by=by, proposed_at=at,
        )  # fmt: skip
        for act, verdict in zip(written.acts, verdicts, strict=True):
            act.proposal = proposal
            if not may_go(act, verdict):
                act.verdict, act.why = verdict.as_dict(), why_of(verdict)
        Act.objects.bulk_create(written.acts)
        evidence_append(entries=[_entry("proposed", proposal, by)], at=at)
    return proposal


def acts_write(
    *,
    cases: Sequence[Case],
    template: Template,
    planned_from: datetime,
    planned_until: datetime,
    by: Staff,
    at: datetime,
) -> Written:
    """One unsaved act a case, each text rendered in the borrower's language and reading."""
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    lender = lender_current()
    known = facts_gather(cases=cases, lender=lender, on=on)
    inforce = templates_in_force()
    templates = {
        case_id: template_choose(
            templates={template.key: template} | inforce, kind=template.kind, tone=template.tone,
            medium=template.medium, reading=about.reading,
        )
        for case_id, about in known.items()
    }  # fmt: skip
    mass = mass_render(templates=templates, known=known, prices=lender.prices)
    points = points_choose(
        borrower_ids=[case.borrower_id for case in cases], channel=str(template.medium)
    )
    left_out = Counter(each.code for each in mass.unwritten)
    acts: list[Act] = []
    share = (planned_until - planned_from) * SPREAD_SHARE / max(len(mass.texts), 1)
    for case in cases:
        text, point = mass.texts.get(case.pk), points.get(case.borrower_id)
        if text is None:
            continue
        if point is None:
            left_out[NO_POINT] += 1
            continue
        start = planned_from + share * len(acts)
        acts.append(act_of(case, templates[case.pk], text, point, start, planned_until, by, at))
    return Written(acts, left_out, _cost(mass, acts), mass.currency)


def act_of(
    case: Case,
    template: Template,
    text: Rendered,
    point: Point,
    start: datetime,
    until: datetime,
    by: Staff | None,
    at: datetime,
) -> Act:
    """A rendered text as an act that waits for a second person, unsaved."""
    return Act(
        reference=reference_make(),
        kind="letter" if text.medium == "letter" else "message",
        channel=str(text.medium),
        purpose=PURPOSES.get(text.kind, "collect"),
        case=case,
        borrower_id=case.borrower_id,
        contact_point_id=point.contact_point_id,
        address_id=point.address_id,
        number=point.number,
        template=template.key,
        template_version=template.version,
        content=content_of(text),
        content_sha256=text.sha256,
        contains=sorted(text.contains),
        planned_from=start,
        planned_until=until,
        state=ActState.PROPOSED,
        proposed_by=by,
        made_at=at,
        state_at=at,
    )


def content_of(text: Rendered) -> dict[str, str]:
    """A rendered text as an act keeps it."""
    return {
        "text": text.text,
        "subject": text.subject,
        "html": text.html,
        "body": text.body,
        "language": text.language,
        "kind": str(text.kind),
        "tone": str(text.tone),
        "reading": str(text.reading),
    }


def _cost(mass: Mass, acts: Sequence[Act]) -> int:
    """The cost of those that can be addressed; each costs the same share of what all would."""
    return round(mass.cost * len(acts) / len(mass.texts)) if mass.texts else 0


def may_go(act: Act, verdict: Verdict) -> bool:
    """Whether the act can go out in its time: now, or from a moment before it is too late."""
    if verdict.outcome is Outcome.PERMIT:
        return True
    until = verdict.not_before
    return verdict.outcome is Outcome.NOT_BEFORE and until is not None and until < act.planned_until


def preview_of(
    acts: Sequence[Act], verdicts: Sequence[Verdict], left_out: Mapping[str, int]
) -> dict[str, Any]:
    """How many may go, wait or are held back, and why: a group a first reason, with an example."""
    groups: dict[str, dict[str, Any]] = {}
    counts = Counter(allowed=0, later=0, blocked=0)
    for act, verdict in zip(acts, verdicts, strict=True):
        if verdict.outcome is Outcome.PERMIT:
            counts["allowed"] += 1
            continue
        counts["later" if may_go(act, verdict) else "blocked"] += 1
        why = why_of(verdict)
        group = groups.setdefault(
            why,
            {"why": why, "count": 0, "goes": may_go(act, verdict), "verdict": verdict.as_dict()},
        )
        group["count"] += 1
    ordered = sorted(groups.values(), key=lambda group: (-group["count"], group["why"]))
    return {**counts, "groups": ordered, "left_out": dict(left_out)}


@transaction.atomic
def acts_approve(*, proposal: Proposal, by: Staff, at: datetime) -> Proposal:
    """Let the proposed messages go out in their time. Raises Refused without permission,
    SAME_PERSON to whoever proposed them, WRONG_STATE, or TOO_LATE when their time is over."""
    proposal = _decide(proposal, by)
    if proposal.planned_until <= at:
        raise Refused(
            _("The time for these messages is over."),
            code="TOO_LATE",
            hint=_("Propose them again for another time."),
        )
    waiting = proposal.acts.filter(state=ActState.PROPOSED)
    waiting.filter(verdict__isnull=False).update(state=ActState.BLOCKED, state_at=at)
    waiting.update(state=ActState.QUEUED, state_at=at)
    return _decided(proposal, ProposalState.APPROVED, "", by, at)


@transaction.atomic
def proposal_reject(*, proposal: Proposal, why: str, by: Staff, at: datetime) -> Proposal:
    """Send a proposal back, and say why. Raises as `acts_approve`; InputError without a reason."""
    proposal = _decide(proposal, by)
    if not why.strip():
        raise InputError(
            _("Say why, so that it can be put right."), code="NO_REASON", where=Where(field="why")
        )
    acts_withdraw(acts=proposal.acts.all(), why="sent_back", by=by.username, at=at)
    return _decided(proposal, ProposalState.REJECTED, why.strip()[:500], by, at)


@transaction.atomic
def proposal_withdraw(*, proposal: Proposal, by: Staff, at: datetime) -> int:
    """Take back whatever of a proposal has not gone out; returns how many. Anybody who may propose
    or approve can."""
    if not (by.may(Permission.PROPOSE_MESSAGES) or by.may(Permission.APPROVE_MESSAGES)):
        raise _not_permitted()
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    count = acts_withdraw(acts=proposal.acts.all(), why="taken_back", by=by.username, at=at)
    if proposal.state == ProposalState.WAITING:
        proposal.state = ProposalState.WITHDRAWN
        proposal.save(update_fields=["state"])
    return count


def _decide(proposal: Proposal, by: Staff) -> Proposal:
    _must(by, Permission.APPROVE_MESSAGES)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if proposal.proposed_by_id == by.pk:
        raise Refused(
            _("Whoever proposed these messages cannot approve them."),
            code="SAME_PERSON",
            hint=_("Ask a colleague who may approve messages."),
        )
    if proposal.state != ProposalState.WAITING:
        raise Refused(_("This proposal has been decided already."), code="WRONG_STATE")
    return proposal


def _decided(
    proposal: Proposal, state: ProposalState, why: str, by: Staff, at: datetime
) -> Proposal:
    proposal.state, proposal.decided_why = state, why
    proposal.decided_by, proposal.decided_at = by, at
    proposal.save(update_fields=["state", "decided_why", "decided_by", "decided_at"])
    evidence_append(entries=[_entry(str(state), proposal, by)], at=at)
    return proposal


def _entry(kind: str, proposal: Proposal, by: Staff) -> Entry:
    return Entry(
        kind=f"proposal.{kind}",
        subject="",
        agent=by.username,
        body={
            "proposal": proposal.pk,
            "template": f"{proposal.template}/{proposal.template_version}",
            "channel": proposal.channel,
            "planned_from": proposal.planned_from.isoformat(),
            "planned_until": proposal.planned_until.isoformat(),
            "acts": proposal.acts.count(),
            "why": proposal.decided_why,
        },
    )


def _template(key: str) -> Template:
    found = templates_in_force().get(key)
    if found is None or str(found.medium) == "phone":
        raise InputError(
            _("Choose a text that is in force."), code="NO_TEMPLATE", where=Where(field="template")
        )
    return found


def _check_time(planned_from: datetime, planned_until: datetime, at: datetime) -> None:
    if planned_until <= planned_from or planned_until <= at:
        raise InputError(
            _("The time ends before it begins, or is over already."),
            code="BAD_TIME",
            where=Where(field="planned_until"),
        )
    if planned_until - at > LONGEST:
        raise InputError(
            _("Messages are proposed for the next %(days)s days at most.") % {"days": LONGEST.days},
            code="BAD_TIME",
            hint=_("What is true today may not be by then."),
            where=Where(field="planned_until"),
        )


def _must(by: Staff, permission: Permission) -> None:
    if not by.may(permission):
        raise _not_permitted()


def _not_permitted() -> Refused:
    return Refused(_("Your role does not include this."), code="NOT_PERMITTED")
