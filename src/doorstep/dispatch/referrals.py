"""Going to court is an act on a person: the guard is asked before anybody agrees to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import LegalReferral
from doorstep.agreements.services.legal import referral_decide
from doorstep.cases.models import Case
from doorstep.dispatch.clearing import why_of
from doorstep.dispatch.deciding import acts_screen
from doorstep.dispatch.models import Act
from doorstep.dispatch.rulebook import rulebook_current
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.guard.action import Kind
from doorstep.guard.verdict import Outcome, Verdict
from doorstep.kernel.errors import Refused
from doorstep.workforce.models import Staff


def referral_verdict(*, case: Case, by: Staff, at: datetime) -> Verdict:
    """What the guard says of going to court with this case now, if `by` decides it."""
    act = Act(
        kind=str(Kind.LEGAL_REFERRAL), channel="", purpose="collect", case=case,
        borrower_id=case.borrower_id, content={}, contains=[], planned_from=at,
        planned_until=at + timedelta(days=1), made_at=at, state_at=at,
        proposed_by=by,
    )  # fmt: skip
    (verdict,) = acts_screen(acts=[act], at=at, rulebook=rulebook_current())
    return verdict


@transaction.atomic
def referral_approve(
    *, referral: LegalReferral, why: str, by: Staff, at: datetime
) -> LegalReferral:
    """Agree to a referral. Raises as `referral_decide`; Refused GUARD when the guard does not
    permit it now, with its first reason."""
    approved = referral_decide(referral=referral, approve=True, why=why, by=by, at=at)
    case = Case.objects.select_for_update(of=("self",)).get(pk=referral.case_id)
    verdict = referral_verdict(case=case, by=by, at=at)
    if verdict.outcome not in (Outcome.PERMIT, Outcome.PERMIT_IF):
        raise Refused(
            _("The rules do not permit going to court now: %(why)s") % {"why": why_of(verdict)},
            code="GUARD",
        )
    body = {"referral": approved.pk, "verdict": verdict.as_dict()}
    entry = Entry("decision", case.borrower_id, body, case=str(case.pk), agent=by.username)
    evidence_append(entries=[entry], at=at)
    return approved
