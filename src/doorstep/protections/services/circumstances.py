"""Hardship, vulnerability and stops by law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.protections.models import (
    HandlingCode,
    Hardship,
    HardshipCause,
    LegalStop,
    LegalStopKind,
    Vulnerability,
    VulnerabilityCause,
)
from doorstep.protections.services.versions import (
    News,
    bad,
    chosen,
    claim_settle,
    cleaned,
    must,
    must_run,
    version_change,
    version_open,
)
from doorstep.protections.terms import deadline
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

R = TypeVar("R", Hardship, Vulnerability)


def hardship_record(*, news: News, cause: str = HardshipCause.OTHER) -> Hardship:
    """Record that the borrower cannot pay as agreed; somebody looks again by a day."""
    return version_open(
        Hardship,
        news=news,
        due=deadline("hardship_review", at=news.came_at),
        owner=news.by,
        cause=chosen(cause, HardshipCause.values, field="cause"),
    )


def vulnerability_record(*, news: News, cause: str, handling: Iterable[str]) -> Vulnerability:
    """Record that the borrower needs special handling, and which: at least one kind."""
    return version_open(
        Vulnerability,
        news=news,
        due=deadline("vulnerability_review", at=news.came_at),
        owner=news.by,
        cause=chosen(cause, VulnerabilityCause.values, field="cause"),
        handling=_handling(handling),
    )


@transaction.atomic
def vulnerability_handle(
    *, of: Vulnerability, handling: Iterable[str], why: str, by: Staff, at: datetime
) -> Vulnerability:
    """Change what is done differently for a vulnerable borrower."""
    must(by, Permission.RECORD_PROTECTIONS)
    must_run(of)
    why = cleaned(why, field="why", most=2000, needed=_("Say what has changed."))
    return version_change(of, at=at, handling=_handling(handling), note=why, recorded_by=by)


@transaction.atomic
def review_keep(*, of: R, why: str, by: Staff, at: datetime) -> R:
    """Looked at again: it goes on, and somebody looks again when the next term is over."""
    must(by, Permission.RECORD_PROTECTIONS)
    must_run(of)
    why = cleaned(why, field="why", most=2000, needed=_("Say how things stand."))
    day = deadline(f"{of.kind}_review", at=at)
    return version_change(of, at=at, note=why, recorded_by=by, **day.as_fields())


def legal_stop_record(
    *,
    news: News,
    bar: str,
    authority: str = "",
    document: str = "",
    document_on: date | None = None,
) -> LegalStop:
    """Record a death, a bankruptcy, a police no-contact order or minority.

    Without a document it can only be a claim (`news.claimed`).
    """
    document = cleaned(document, field="document", most=200)
    if not news.claimed and not document:
        raise bad(
            "document",
            _("Name the document that shows it, or record it as a claim."),
            hint=_("A claim stops contact too, until its term is over."),
        )
    return version_open(
        LegalStop,
        news=news,
        owner=news.by,
        bar=chosen(bar, LegalStopKind.values, field="bar"),
        authority=cleaned(authority, field="authority", most=200),
        document=document,
        document_on=document_on,
    )


def legal_stop_confirm(
    *,
    of: LegalStop,
    document: str,
    authority: str = "",
    document_on: date | None = None,
    by: Staff,
    at: datetime,
) -> LegalStop:
    """Confirm a claimed stop by the document that shows it."""
    needed = _("Name the document that shows it.")
    document = cleaned(document, field="document", most=200, needed=needed)
    return claim_settle(
        of,
        confirmed=True,
        why=document,
        by=by,
        at=at,
        document=document,
        authority=cleaned(authority, field="authority", most=200),
        document_on=document_on,
    )


def _handling(codes: Iterable[str]) -> list[str]:
    found = sorted(set(codes))
    if not found:
        raise bad("handling", _("Choose what is done differently: a mark alone helps nobody."))
    for code in found:
        chosen(code, HandlingCode.values, field="handling")
    return found
