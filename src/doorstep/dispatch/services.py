"""Deeds of people at the one door: settling doubts, taking back, recording what went past it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.cases.models import Case, Contact
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.models import Act, ActState, Inbound, Incident
from doorstep.dispatch.settling import act_release
from doorstep.dispatch.withdrawing import acts_withdraw
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

MOST_NOTE = 2000
TAKEN, NOT_TAKEN = "taken", "not_taken"
CHANNELS = ("sms", "email", "letter", "call", "visit", "messenger")


@transaction.atomic
def act_settle(*, act: Act, outcome: str, note: str, by: Staff, at: datetime) -> Act:
    """A person settles a doubt: the message was `taken`, or surely `not_taken` (then it has failed;
    it is not sent again by itself). Raises Refused without permission or when there is no doubt,
    InputError without a reason."""
    if not by.may(Permission.APPROVE_MESSAGES):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    note = _note(note, _("Say how you know: whoever reads it later must understand it."))
    act = Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
    if act.state != ActState.IN_DOUBT or outcome not in (TAKEN, NOT_TAKEN):
        raise Refused(_("This message is not in doubt any more."), code="WRONG_STATE")
    clearance = str(act.clearance_id)
    if outcome == TAKEN:
        act.state, act.state_at, act.ask_at, act.why = ActState.SENT, at, None, ""
        act.save(update_fields=["state", "state_at", "ask_at", "why"])
        Contact.objects.filter(clearance=clearance, result="").update(result="sent")
    else:
        act_release(
            act_id=act.pk, clearance_id=clearance, again=False, why="person", wait=0.0, at=at
        )
        act.refresh_from_db()
    body = {"reference": act.reference, "clearance": clearance, "found": outcome, "note": note}
    evidence_append(
        entries=[Entry("doubt", act.borrower_id, body, case=str(act.case_id), agent=by.username)],
        at=at,
    )
    return act


def act_withdraw(*, act: Act, by: Staff, at: datetime) -> None:
    """Take back one act that has not gone out. Raises Refused without permission or too late."""
    if not (by.may(Permission.PROPOSE_MESSAGES) or by.may(Permission.APPROVE_MESSAGES)):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    chosen = Act.objects.filter(pk=act.pk)
    if not acts_withdraw(acts=chosen, why="taken_back", by=by.username, at=at):
        raise Refused(
            _("It is too late: this message has gone out or was ended before."), code="WRONG_STATE"
        )


@transaction.atomic
def uncleared_record(
    *,
    case: Case,
    channel: str,
    when: datetime,
    result: str,
    note: str,
    by: Staff,
    at: datetime,
    key: str = "",
) -> Incident:
    """Record a contact that was made without a clearance. It can always be recorded, by anybody who
    writes notes, and opens an incident; it counts under the caps like any other. The same `key`
    names the same contact: it is recorded once.

    Raises InputError for a channel or time that cannot be, or without an account of what happened.
    """
    if not by.may(Permission.WRITE_NOTES):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if channel not in CHANNELS:
        raise InputError(_("Choose how it happened."), where=Where(field="channel"))
    if not at - timedelta(days=365) <= when <= at:
        raise InputError(_("Say when it happened."), where=Where(field="when"))
    note = _note(note, _("Say what happened."))
    named = f"past-{key or reference_make()}"
    known = Incident.objects.filter(contact=named).first() if key else None
    if known is not None:
        return known
    contact = Contact.objects.create(
        contact_id=named, borrower_id=case.borrower_id, at=when,
        channel=channel, direction="out", result=result[:16], origin="uncleared", by=by,
        actor=by.display_name,
    )  # fmt: skip
    incident = Incident.objects.create(
        contact=contact, case=case, note=note, recorded_by=by, recorded_at=at
    )
    body = {
        "contact": contact.pk, "channel": channel, "when": when.isoformat(), "result": result,
        "note": note,
    }  # fmt: skip
    evidence_append(
        entries=[Entry("incident", case.borrower_id, body, case=str(case.pk), agent=by.username)],
        at=at,
    )
    return incident


@transaction.atomic
def incident_close(*, incident: Incident, how: str, by: Staff, at: datetime) -> Incident:
    """Say what came of looking into it. Raises Refused without permission or when it is closed."""
    if not by.may(Permission.ANSWER_COMPLAINTS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    incident = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if incident.closed_at is not None:
        raise Refused(_("This incident is closed already."), code="WRONG_STATE")
    incident.closed_how = _note(how, _("Say what came of it."))[:1000]
    incident.closed_by, incident.closed_at = by, at
    incident.save(update_fields=["closed_how", "closed_by", "closed_at"])
    return incident


def inbound_see(*, inbound: Inbound, by: Staff, at: datetime) -> None:
    """A person has seen what somebody wrote."""
    Inbound.objects.filter(pk=inbound.pk, seen_at=None).update(seen_by=by, seen_at=at)


def _note(text: str, needed: str) -> str:
    text = text.strip().replace("\x00", "")[:MOST_NOTE]
    if not text:
        raise InputError(needed, code="NO_NOTE", where=Where(field="note"))
    return text
