"""Looking into evasion: facts with their sources, for and against, decided by a second person.

A suspicion changes nothing for the borrower; what is confirmed is for a person to act on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.models import Investigation, InvestigationFact, InvestigationState
from doorstep.cases.models import Case
from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

LEAST_FACTS = 2


@transaction.atomic
def investigation_open(*, case: Case, suspicion: str, by: Staff, at: datetime) -> Investigation:
    """Begin to look into a suspicion. Raises Refused without permission or while one is open;
    InputError without saying what is suspected and why."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    suspicion = _words(suspicion, "suspicion", _("Say what is suspected, and why."))
    if case.investigations.filter(state__in=("open", "submitted")).exists():
        raise Refused(_("This is being looked into already."), code="ALREADY_OPEN")
    made = Investigation.objects.create(
        case=case, borrower_id=case.borrower_id, suspicion=suspicion[:1000], opened_by=by,
        opened_at=at,
    )  # fmt: skip
    _noted("opened", made, by, at)
    return made


@transaction.atomic
def fact_add(
    *,
    investigation: Investigation,
    text: str,
    source: str,
    speaks_for: bool,
    by: Staff,
    at: datetime,
) -> InvestigationFact:
    """Add a fact and where it comes from. Raises Refused without permission or when it is over;
    InputError without text or source: what nobody can check is no fact."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    investigation = _locked(investigation, InvestigationState.OPEN)
    made = InvestigationFact.objects.create(
        investigation=investigation,
        text=_words(text, "text", _("Say what is known.")),
        source=_words(source, "source", _("Say where it comes from."))[:300],
        speaks_for=speaks_for, by=by, at=at,
    )  # fmt: skip
    _noted("fact", investigation, by, at, fact=made.pk, speaks_for=speaks_for)
    return made


@transaction.atomic
def investigation_submit(
    *, investigation: Investigation, conclusion: str, by: Staff, at: datetime
) -> Investigation:
    """Say what follows from the facts and ask a second person. Raises Refused without permission,
    WRONG_STATE, or with fewer than LEAST_FACTS facts; InputError without a conclusion."""
    must_may(by=by, permission=Permission.REFER_LEGAL)
    investigation = _locked(investigation, InvestigationState.OPEN)
    if investigation.facts.count() < LEAST_FACTS:
        raise Refused(
            _("One fact is not enough: look for what speaks against it too."), code="TOO_FEW_FACTS"
        )
    investigation.conclusion = _words(conclusion, "conclusion", _("Say what follows from it."))
    investigation.state, investigation.submitted_by = InvestigationState.SUBMITTED, by
    investigation.save(update_fields=["conclusion", "state", "submitted_by"])
    _noted("submitted", investigation, by, at)
    return investigation


@transaction.atomic
def investigation_decide(
    *, investigation: Investigation, confirmed: bool, why: str, by: Staff, at: datetime
) -> Investigation:
    """A second person confirms it or calls it unfounded, with reasons. Raises Refused without
    permission, SAME_PERSON, WRONG_STATE; InputError without reasons."""
    must_may(by=by, permission=Permission.APPROVE_LEGAL)
    investigation = _locked(investigation, InvestigationState.SUBMITTED)
    if by.pk in (investigation.opened_by_id, investigation.submitted_by_id):
        raise Refused(_("Whoever looked into it cannot decide it."), code="SAME_PERSON")
    investigation.decided_why = _words(why, "why", _("Say why."))
    states = InvestigationState
    investigation.state = states.CONFIRMED if confirmed else states.UNFOUNDED
    investigation.decided_by, investigation.decided_at = by, at
    investigation.save(update_fields=["state", "decided_by", "decided_at", "decided_why"])
    _noted("confirmed" if confirmed else "unfounded", investigation, by, at)
    return investigation


def _locked(investigation: Investigation, state: InvestigationState) -> Investigation:
    rows = Investigation.objects.select_for_update(of=("self",))
    found = rows.select_related("case__borrower").get(pk=investigation.pk)
    if found.state != state:
        raise Refused(
            _("This investigation stands elsewhere by now."), code="WRONG_STATE",
            hint=_("Load the page again."),
        )  # fmt: skip
    return found


def _words(text: str, field: str, needed: str) -> str:
    text = text.strip().replace("\x00", "")[:2000]
    if not text:
        raise InputError(needed, code="NO_REASON", where=Where(field=field))
    return text


def _noted(kind: str, row: Investigation, by: Staff, at: datetime, **body: Any) -> None:
    entry = Entry(
        f"investigation.{kind}", row.borrower_id, {"investigation": row.pk, **body},
        case=str(row.case_id), agent=by.username,
    )  # fmt: skip
    evidence_append(entries=[entry], at=at)
