"""Deeds on risks: looking at the dangers of a visit, and the second person's yes or no."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Address
from doorstep.visits.models import RiskAssessment
from doorstep.visits.risk import HIGH, TABLE, risk_of
from doorstep.visits.selectors.risk import risk_of_cases
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

MOST_NOTE = 1000


@transaction.atomic
def risk_assess(
    *,
    case: Case,
    factors: Collection[str],
    by: Staff,
    at: datetime,
    on: date,
    address: Address | None = None,
    note: str = "",
) -> RiskAssessment:
    """Keep what somebody found out about the dangers of a visit on day `on`; good for
    `risk.toml`'s valid_days. What is on record is added, whether stated or not.

    Raises Refused without permission, InputError for an unknown factor, an address of somebody
    else, or a factor `other` that nobody explains.
    """
    must_may(by=by, permission=Permission.ASSESS_RISK)
    _check(case, factors, address, note)
    standing = risk_of_cases(case_ids=[case.pk], on=on)[case.pk]
    record = {each.factor for each in standing.because if each.source != "assessed"}
    stated = [code for code in TABLE.factors if code in record | set(factors)]
    found = risk_of(stated)
    made = RiskAssessment.objects.create(
        case=case, address=address, factors=stated, measures=[*found.measures, *found.instead],
        level=found.level, note=note.strip().replace("\x00", "")[:MOST_NOTE], assessed_by=by,
        assessed_at=at, valid_until=on + timedelta(days=TABLE.valid_days - 1),
    )  # fmt: skip
    evidence_append(entries=[_entry("assessed", made, by)], at=at)
    return made


@transaction.atomic
def risk_approve(*, assessment: RiskAssessment, by: Staff, at: datetime) -> RiskAssessment:
    """A second person finds that the visit may be made with these measures, by daylight. Raises
    Refused without permission, SAME_PERSON to whoever assessed it, WRONG_STATE when it is decided,
    not high, or no longer the newest."""
    assessment = _decidable(assessment, by)
    assessment.approved_by, assessment.approved_at = by, at
    assessment.save(update_fields=["approved_by", "approved_at"])
    evidence_append(entries=[_entry("approved", assessment, by)], at=at)
    return assessment


@transaction.atomic
def risk_reject(*, assessment: RiskAssessment, why: str, by: Staff, at: datetime) -> RiskAssessment:
    """A second person says no, and why: there is no visit. Raises as `risk_approve`; InputError
    without a reason."""
    assessment = _decidable(assessment, by)
    why = why.strip().replace("\x00", "")[:300]
    if not why:
        raise InputError(_("Say why, so that another way can be found."), where=Where(field="why"))
    assessment.rejected_why = why
    assessment.save(update_fields=["rejected_why"])
    evidence_append(entries=[_entry("rejected", assessment, by)], at=at)
    return assessment


def _check(case: Case, factors: Collection[str], address: Address | None, note: str) -> None:
    unknown = set(factors) - set(TABLE.factors)
    if unknown:
        raise InputError(
            _("%(code)s is not something we know how to assess.")
            % {"code": sorted(unknown)[0][:40]},
            where=Where(field="factors"),
        )
    if address is not None and address.borrower_id != case.borrower_id:
        raise InputError(_("This address is not this customer's."), where=Where(field="address"))
    if "other" in factors and not note.strip():
        raise InputError(_("Say what else is dangerous."), where=Where(field="note"))


def _decidable(assessment: RiskAssessment, by: Staff) -> RiskAssessment:
    must_may(by=by, permission=Permission.APPROVE_RISK)
    assessment = RiskAssessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    if assessment.assessed_by_id == by.pk:
        raise Refused(
            _("Whoever assessed a risk cannot approve it."),
            code="SAME_PERSON",
            hint=_("Ask a colleague who may approve high risks."),
        )
    newer = RiskAssessment.objects.filter(case=assessment.case_id, pk__gt=assessment.pk)
    decided = assessment.approved_at is not None or assessment.rejected_why
    if decided or assessment.level != HIGH or newer.exists():
        raise Refused(_("This risk does not wait for a decision any more."), code="WRONG_STATE")
    return assessment


def _entry(deed: str, assessment: RiskAssessment, by: Staff) -> Entry:
    return Entry(
        kind=f"risk.{deed}",
        subject=assessment.case.borrower_id,
        case=str(assessment.case_id),
        agent=by.username,
        body={
            "assessment": assessment.pk,
            "address": assessment.address_id,
            "factors": assessment.factors,
            "level": assessment.level,
            "measures": assessment.measures,
            "note": assessment.note,
            "valid_until": assessment.valid_until.isoformat(),
            "why": assessment.rejected_why,
        },
    )
