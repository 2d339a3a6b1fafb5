"""The call desk: may I call this number now, who answered, what came of it, when again.

A call is cleared like a message, only that a person makes it. Nothing about the debt is shown
before it is established that the borrower is on the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.cases.models import Case, Contact
from doorstep.dispatch.clearing import CLEARANCE_LASTS, act_clear
from doorstep.dispatch.gateways import DESK, desk_open, door_make
from doorstep.dispatch.inbound import inbound_wrong_number
from doorstep.dispatch.keys import reference_make
from doorstep.dispatch.leases import PERSON
from doorstep.dispatch.models import Act, ActState, CallResult
from doorstep.dispatch.points import point_of
from doorstep.dispatch.proposals import content_of
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.dispatch.sending import all_sent
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.outreach.gathering import facts_gather
from doorstep.outreach.render import message_render
from doorstep.outreach.selectors import lender_current, template_choose, templates_in_force
from doorstep.outreach.words import Kind, Medium, Reading, Tone
from doorstep.portfolio.models import ContactPoint
from doorstep.portfolio.services import verification_record
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

# What came of a call, and how long the same number is left alone by the desk afterwards. The law's
# caps hold besides; None: the number is marked, and not called again until somebody verifies it.
REDIAL: dict[str, timedelta | None] = {
    "no_answer": timedelta(hours=2),
    "busy": timedelta(minutes=15),
    "switched_off": timedelta(hours=4),
    "voicemail": timedelta(hours=4),
    "not_in_service": None,
    "wrong_party": None,
    "reached": timedelta(hours=4),
    "right_party": timedelta(days=1),
    "promised": timedelta(days=1),
    "refused": timedelta(days=7),
}
TALKED = ("right_party", "promised", "refused")


@dataclass(frozen=True)
class Asked:
    """The answer to "may I call this number now?": the act, cleared or held back with its verdict;
    `number` only where it was cleared."""

    act: Act
    number: str

    @property
    def may(self) -> bool:
        """Whether the call may be made."""
        return self.act.state == ActState.CLEARED


def call_clear(
    *, case: Case, contact_point: ContactPoint, by: Staff, clock: Callable[[], datetime]
) -> Asked:
    """Ask the guard for one call to one number of the case's borrower, now, by `by`.

    Where it is permitted the number is shown once and the call counts from now on. Raises Refused
    without permission, for a number of somebody else, while another call of `by` is not recorded,
    or while the number is to be left alone (`REDIAL`).
    """
    if not by.may(Permission.MAKE_CALLS):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
    if contact_point.borrower_id != case.borrower_id:
        raise Refused(_("This number is not this customer's."), code="NOT_THEIRS")
    _must_be_free(by)
    at = clock()
    _must_rest(contact_point, at)
    act = _act(case, contact_point, by, at)
    act.save()
    found = act_clear(
        act=act, worker=f"{PERSON}{by.pk}", clock=clock, rulebook=rulebook_current(),
        to=ActState.CLEARED,
    )  # fmt: skip
    if not found.ready:
        Act.objects.filter(pk=act.pk, state=ActState.QUEUED).update(state=ActState.BLOCKED)
        act.refresh_from_db()
        return Asked(act, "")
    door = door_make(clock)
    (answer,) = async_to_sync(all_sent)(ready=found.ready, channels=desk_open(door=door), door=door)
    act.refresh_from_db()
    if answer.said != "accepted":
        raise Refused(_("The desk did not open to this clearance."), code=answer.code)
    return Asked(act, found.ready[0].message.to)


def _must_be_free(by: Staff) -> None:
    open_call = Act.objects.filter(state=ActState.CLEARED, worker=f"{PERSON}{by.pk}").first()
    if open_call is not None:
        raise Refused(
            _("Your last call is not recorded yet."),
            code="CALL_OPEN",
            hint=_("Say what came of it first."),
        )


def _must_rest(point: ContactPoint, at: datetime) -> None:
    again = redial_at(number=point_of(point).number)
    if again is None or again <= at:
        return
    raise Refused(
        _("This number was tried a short while ago."),
        code="TOO_SOON",
        hint=_("Try it again from %(when)s.")
        % {"when": again.astimezone(ZoneInfo(settings.TIME_ZONE)).strftime("%H:%M")},
    )


def redial_at(*, number: str) -> datetime | None:
    """From when the desk may try a number again; None where nothing stands against it now."""
    last = CallResult.objects.filter(act__number=number).order_by("-at").first()
    return last.again_at if last else None


def _act(case: Case, point: ContactPoint, by: Staff, at: datetime) -> Act:
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    known = facts_gather(cases=[case], lender=lender_current(), on=on)[case.pk]
    template = template_choose(
        templates=templates_in_force(), kind=Kind.CALL_SCRIPT, tone=Tone.PLAIN_FACTS,
        medium=Medium.PHONE, reading=Reading.USUAL,
    )  # fmt: skip
    script = message_render(template=template, facts=known.facts, language=known.language)
    chosen = point_of(point)
    return Act(
        reference=reference_make(), kind="call", channel=DESK, purpose="collect", case=case,
        borrower_id=case.borrower_id, contact_point=point, number=chosen.number,
        template=template.key, template_version=template.version, content=content_of(script),
        content_sha256=script.sha256, contains=sorted(script.contains), planned_from=at,
        planned_until=at + CLEARANCE_LASTS, state=ActState.QUEUED, proposed_by=by, made_at=at,
        state_at=at,
    )  # fmt: skip


def call_verify(*, act: Act, how: str, by: Staff, at: datetime) -> CallResult:
    """The borrower is on the line, established by `how`; only now may the debt be spoken of.

    Raises Refused when the call is not one's own, InputError without saying how.
    """
    _own_open(act, by)
    how = how.strip().replace("\x00", "")[:200]
    if not how:
        raise InputError(_("Say how you know that it is the customer."), where=Where(field="how"))
    made, _new = CallResult.objects.get_or_create(
        act=act, defaults={"verified_at": at, "verified_how": how, "by": by}
    )
    return made


@transaction.atomic
def call_record(
    *,
    act: Act,
    outcome: str,
    by: Staff,
    at: datetime,
    note: str = "",
    recording: str = "",
) -> CallResult:
    """Record what came of a call. Raises Refused when it is not one's own or recorded before,
    InputError for an outcome that does not exist, or a talk with somebody whose identity was not
    established.

    A wrong number is marked as somebody else's at once; one out of service goes to be verified.
    """
    act = Act.objects.select_for_update(of=("self",)).get(pk=act.pk)
    _own_open(act, by)
    if outcome not in REDIAL:
        raise InputError(_("Choose what came of the call."), where=Where(field="outcome"))
    result = CallResult.objects.filter(act=act).first() or CallResult(act=act, by=by)
    if outcome in TALKED and result.verified_at is None:
        raise InputError(
            _("Nobody has established that it was the customer."),
            code="NOT_VERIFIED",
            hint=_("Record it as somebody else, or do the check first."),
            where=Where(field="outcome"),
        )
    pause = REDIAL[outcome]
    result.outcome, result.note, result.recording = outcome, note.strip()[:2000], recording[:200]
    result.at, result.again_at = at, at + pause if pause else None
    result.save()
    act.state, act.state_at, act.worker = ActState.DELIVERED, at, ""
    act.outcome = outcome
    act.save(update_fields=["state", "state_at", "worker", "outcome"])
    Contact.objects.filter(clearance=act.clearance_id).update(
        result=outcome, actor=by.display_name[:100]
    )
    if act.contact_point is not None and outcome == "wrong_party":
        inbound_wrong_number(point=act.contact_point, how="call: wrong number", at=at)
    if act.contact_point is not None and outcome == "not_in_service":
        verification_record(
            contact_point=act.contact_point, state="wrong", how="call: not in service", by=by, at=at
        )
    evidence_append(entries=[_entry(act, result, by)], at=at)
    return result


def _own_open(act: Act, by: Staff) -> None:
    if act.state != ActState.CLEARED or act.worker != f"{PERSON}{by.pk}":
        raise Refused(
            _("This is not a call of yours that waits to be recorded."), code="WRONG_STATE"
        )


def _entry(act: Act, result: CallResult, by: Staff) -> Entry:
    return Entry(
        kind="call",
        subject=act.borrower_id,
        case=str(act.case_id),
        agent=by.username,
        body={
            "reference": act.reference,
            "clearance": act.clearance_id,
            "outcome": result.outcome,
            "verified": result.verified_at.isoformat() if result.verified_at else None,
            "verified_how": result.verified_how,
            "recording": result.recording,
            "note": result.note,
        },
    )
