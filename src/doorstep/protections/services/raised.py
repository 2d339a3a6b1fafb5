"""Complaints and disputes: opening, giving to somebody, answering, escalating, going on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import Refused
from doorstep.portfolio.models import Loan
from doorstep.protections.models import Complaint, Component, Dispute, Outcome, Standing, Topic
from doorstep.protections.models.raised import Answered
from doorstep.protections.services.owners import owner_with_least
from doorstep.protections.services.versions import (
    News,
    bad,
    chosen,
    cleaned,
    must,
    must_run,
    own_loan,
    version_change,
    version_open,
)
from doorstep.protections.terms import NO_DEADLINE, deadline
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_WORDS = 4000
A = TypeVar("A", bound=Answered)
# How long a complaint may take in all, by how often its deadline was moved.
EXTENSIONS = ("complaint_answer", "complaint_extended", "complaint_extended_again")


def complaint_open(
    *,
    news: News,
    words: str,
    topic: str = Topic.OTHER,
    about_act: str = "",
    about_template: str = "",
    owner: Staff | None = None,
) -> Complaint:
    """Record a complaint: contact rests at once, somebody owns it, an answer is due by a day.

    `words` are what the borrower said. `about_act` is our reference of the act complained about,
    `about_template` its text. Raises Refused without permission, InputError for what cannot be.
    """
    needed = _("Say what the customer complains about.")
    return version_open(
        Complaint,
        news=news,
        due=deadline(EXTENSIONS[0], at=news.came_at),
        owner=owner or owner_with_least(),
        words=cleaned(words, field="words", most=MOST_WORDS, needed=needed),
        topic=chosen(topic, Topic.values, field="topic"),
        about_act=about_act[:100],
        about_template=about_template[:100],
    )


def dispute_open(
    *,
    news: News,
    loan: Loan | None = None,
    component: str = Component.ALL,
    amount: int | None = None,
    owner: Staff | None = None,
) -> Dispute:
    """Record that a loan, or an amount of it (minor units), is disputed; `news.note` says why.

    Nothing of it is collected until it is answered. Raises as `complaint_open`.
    """
    own_loan(news, loan)
    if amount is not None and (loan is None or not 0 < amount < 2**62):
        raise bad("amount", _("An amount is more than nothing, and of one loan."))
    return version_open(
        Dispute,
        news=news,
        due=deadline("dispute_answer", at=news.came_at),
        owner=owner or owner_with_least(),
        loan=loan,
        component=chosen(component, Component.values, field="component"),
        amount=amount,
    )


def raised_assign(*, of: A, owner: Staff, by: Staff, at: datetime) -> A:
    """Give it to somebody who may answer it."""
    must(by, Permission.ANSWER_COMPLAINTS)
    _must_be_open(of)
    if not owner.may(Permission.ANSWER_COMPLAINTS):
        raise bad("owner", _("This person may not answer."))
    return version_change(of, at=at, owner=owner, recorded_by=by)


def dispute_answer(*, of: Dispute, outcome: str, answer: str, by: Staff, at: datetime) -> Dispute:
    """Answer a dispute; from then on what is left of the amount may be collected again."""
    return _answered(of, outcome=outcome, answer=answer, by=by, at=at, ends_at=at)


def complaint_answer(
    *, of: Complaint, outcome: str, answer: str, by: Staff, at: datetime
) -> Complaint:
    """Answer a complaint. Contact goes on resting until somebody decides otherwise."""
    return _answered(of, outcome=outcome, answer=answer, by=by, at=at)


@transaction.atomic
def _answered(of: A, *, outcome: str, answer: str, by: Staff, at: datetime, **more: Any) -> A:
    must(by, Permission.ANSWER_COMPLAINTS)
    _must_be_open(of)
    needed = _("Write the answer the customer gets.")
    return version_change(
        of,
        at=at,
        outcome=chosen(outcome, Outcome.values, field="outcome"),
        answer=cleaned(answer, field="answer", most=MOST_WORDS, needed=needed),
        answered_by=by,
        answered_at=at,
        recorded_by=by,
        **NO_DEADLINE,
        **more,
    )


@transaction.atomic
def complaint_contact_resume(*, of: Complaint, why: str, by: Staff, at: datetime) -> Complaint:
    """Decide that contact may go on after an answered complaint, and say why."""
    must(by, Permission.ANSWER_COMPLAINTS)
    must_run(of)
    if not of.is_answered:
        raise Refused(
            _("The complaint has not been answered."),
            code="ANSWER_FIRST",
            hint=_("Answer it first; contact goes on only by a decision after that."),
        )
    why = cleaned(why, field="why", most=2000, needed=_("Say why contact may go on."))
    return version_change(of, at=at, ends_at=max(at, of.starts_at), note=why, recorded_by=by)


@transaction.atomic
def complaint_escalate(*, of: Complaint, to: Staff, why: str, by: Staff, at: datetime) -> Complaint:
    """Take a complaint to somebody else, one level up."""
    must(by, Permission.ANSWER_COMPLAINTS)
    _must_be_open(of)
    why = cleaned(why, field="why", most=500, needed=_("Say why it goes up."))
    if not to.may(Permission.ANSWER_COMPLAINTS) or to.pk == of.owner_id:
        raise bad("to", _("Choose somebody else who may answer."))
    return version_change(
        of, at=at, owner=to, level=of.level + 1, escalated_at=at, escalated_why=why, recorded_by=by
    )


@transaction.atomic
def complaint_extend(*, of: Complaint, why: str, by: Staff, at: datetime) -> Complaint:
    """Move the deadline of a complicated complaint as far as the lender's terms allow.

    Raises Refused when it has been moved as often as the terms allow.
    """
    must(by, Permission.ANSWER_COMPLAINTS)
    _must_be_open(of)
    why = cleaned(why, field="why", most=2000, needed=_("Say why it takes longer."))
    days = [deadline(name, at=of.received_at) for name in EXTENSIONS]
    later = [day for day in days if of.due_on is not None and day.day > of.due_on]
    if not later:
        raise Refused(_("The deadline cannot be moved any more."), code="NO_MORE_TIME")
    return version_change(of, at=at, note=why, recorded_by=by, **later[0].as_fields())


def _must_be_open(of: Answered) -> None:
    must_run(of)
    if of.is_answered:
        raise Refused(_("This has been answered already."), code="ANSWERED_ALREADY")
    if of.standing == Standing.REFUTED:
        raise Refused(_("This was not so."), code="REFUTED")
