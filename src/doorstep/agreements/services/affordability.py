"""Deeds on affordability: the form saved as it is filled, finished, checked against papers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.agreements.affordability import (
    GUIDELINE,
    INCOME,
    Event,
    Household,
    Line,
    affordability_of,
    household_checked,
    lines_checked,
    valid_until,
)
from doorstep.agreements.models import (
    Affordability,
    AffordabilityEvent,
    AffordabilityLine,
    AffordabilityPaper,
    AffordabilityState,
)
from doorstep.agreements.selectors.affordability import (
    IN_FORCE,
    events_of,
    hardship_causes,
    household_of,
    lines_of,
)
from doorstep.cases.models import Case
from doorstep.cases.services import personal_data_look
from doorstep.evidence.entry import Entry
from doorstep.evidence.files import file_open, file_seal
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.kernel.pictures import page_clean
from doorstep.protections.models import HardshipCause
from doorstep.protections.services import News, hardship_record
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission
from doorstep.workforce.services.may import must_may

MOST_NOTE, MOST_WHY = 1000, 200
MOST_PAPERS = 20


@dataclass(frozen=True)
class Form:
    """What stands on the form; a draft may be as empty as it likes."""

    household: Household = field(default_factory=Household)
    lines: Sequence[Line] = ()
    events: Sequence[Event] = ()
    willing: bool = False
    note: str = ""


@transaction.atomic
def affordability_save(*, case: Case, form: Form, by: Staff, at: datetime) -> Affordability:
    """Keep the form as far as it is filled in: one draft a case, whoever goes on with it.

    Raises Refused without permission or for a closed case; InputError naming the field for an
    answer that cannot be.
    """
    must_may(by=by, permission=Permission.TAKE_AFFORDABILITY)
    if case.status != "open":
        raise Refused(_("The case is closed."), code="CASE_CLOSED")
    household_checked(form.household)
    lines_checked(form.lines)
    _events_checked(form.events)
    draft, _made = Affordability.objects.select_for_update().get_or_create(
        case=case,
        state=AffordabilityState.DRAFT,
        defaults={
            "borrower_id": case.borrower_id, "currency": GUIDELINE.currency, "begun_at": at,
            "saved_at": at, "filled_by": by,
        },
    )  # fmt: skip
    draft.adults, draft.children = form.household.adults, form.household.children
    draft.willing, draft.note = form.willing, _clean(form.note, MOST_NOTE)
    draft.saved_at, draft.filled_by = at, by
    draft.save()
    _rows_kept(draft, form)
    return draft


@transaction.atomic
def affordability_finish(
    *, draft: Affordability, by: Staff, at: datetime, on: date
) -> Affordability:
    """The customer has said all: what is left a month is worked out, holds from day `on` for as
    long as `spending.toml` says, and replaces what was known before.

    A sudden event that is not on record becomes a claimed hardship: it protects at once. Raises
    Refused without permission or when it is finished already; InputError without any answer.
    """
    must_may(by=by, permission=Permission.TAKE_AFFORDABILITY)
    draft = _locked(draft)
    if draft.state != AffordabilityState.DRAFT:
        raise Refused(_("This form is finished already."), code="WRONG_STATE")
    lines = lines_of(draft)
    if not any(line.group == INCOME for line in lines):
        raise InputError(
            _("Say what comes in a month; nothing is an answer too, as 0."),
            code="NO_INCOME",
            where=Where(field="income.wage"),
        )
    result = affordability_of(household=household_of(draft), lines=lines)
    earlier = Affordability.objects.filter(borrower=draft.borrower_id, state__in=IN_FORCE)
    earlier.update(state=AffordabilityState.REPLACED)
    draft.state, draft.stated_at, draft.valid_until = (
        AffordabilityState.STATED, at, valid_until(on=on),
    )  # fmt: skip
    draft.income_minor, draft.spending_minor = result.income, result.spending
    draft.debts_minor, draft.reserve_minor = result.debts, result.reserve
    draft.disposable_minor = result.disposable
    draft.findings = [finding.as_json() for finding in result.findings]
    draft.guideline = f"{GUIDELINE.edition}:{GUIDELINE.digest}"
    draft.save()
    _hardships(draft, by, at)
    evidence_append(entries=[_entry("stated", draft, by)], at=at)
    return draft


@transaction.atomic
def affordability_verify(
    *, affordability: Affordability, lines: Collection[str], how: str, by: Staff, at: datetime
) -> Affordability:
    """Say which lines (`group.code`) papers have shown to be so, and which papers. Raises Refused
    without permission or when it is not in force; InputError for a line that is not there, or
    without saying how."""
    must_may(by=by, permission=Permission.TAKE_AFFORDABILITY)
    row = _locked(affordability)
    if row.state not in IN_FORCE:
        raise Refused(_("Only the form in force can be checked."), code="WRONG_STATE")
    there = {f"{line.group}.{line.code}": line for line in row.lines.all()}
    if not lines or set(lines) - set(there):
        raise _bad("lines", _("Choose the lines that the papers show."))
    how = _clean(how, MOST_WHY)
    if not how:
        raise _bad("how", _("Say which papers show it, or who confirmed it."))
    chosen = [there[name].pk for name in lines]
    AffordabilityLine.objects.filter(pk__in=chosen).update(verified=True)
    row.state, row.verified_by, row.verified_at = AffordabilityState.VERIFIED, by, at
    row.save(update_fields=["state", "verified_by", "verified_at"])
    evidence_append(entries=[_entry("verified", row, by, lines=sorted(lines), how=how)], at=at)
    return row


@transaction.atomic
def paper_add(
    *, affordability: Affordability, about: str, raw: bytes, place: UUID, by: Staff, at: datetime
) -> AffordabilityPaper:
    """Keep a picture of a paper, drawn anew and sealed under the customer's key, at a `place` that
    nothing else lies at. The same picture twice is kept once.

    Raises Refused without permission or beyond MOST_PAPERS; InputError as `page_clean`, and for a
    line that is not on the form.
    """
    must_may(by=by, permission=Permission.TAKE_AFFORDABILITY)
    known = {f"{group}.{code}" for group in ("income", "spending", "debt")
             for code in GUIDELINE.codes(group)}  # fmt: skip
    if about not in known | {"event"}:
        raise _bad("about", _("Say what the paper shows."))
    content = page_clean(raw, field="paper")
    digest = hashlib.sha256(content).hexdigest()
    there = affordability.papers.filter(sha256=digest).first()
    if there is not None:
        return there
    if affordability.papers.count() >= MOST_PAPERS:
        raise Refused(
            _("There are %(most)s papers already.") % {"most": MOST_PAPERS}, code="TOO_MANY"
        )
    sealed = file_seal(
        subject=affordability.borrower_id, place=_place(place), content=content, at=at
    )
    made = AffordabilityPaper.objects.create(
        affordability=affordability, about=about, media="image/jpeg", size=len(content),
        sha256=digest, place=place, sealed=sealed, added_by=by, added_at=at,
    )  # fmt: skip
    entry = _entry("paper", affordability, by, about=about, sha256=digest)
    evidence_append(entries=[entry], at=at)
    return made


def paper_open(*, paper: AffordabilityPaper, purpose: str, by: Staff, at: datetime) -> bytes:
    """The picture, after it is on record who looks at it and what for. Raises as
    `personal_data_look`; NotFound when the customer was erased."""
    row = paper.affordability
    personal_data_look(case=row.case, what="papers", purpose=purpose, by=by, at=at)
    return file_open(subject=row.borrower_id, place=_place(paper.place), sealed=bytes(paper.sealed))


def _rows_kept(draft: Affordability, form: Form) -> None:
    draft.lines.all().delete()
    draft.events.all().delete()
    AffordabilityLine.objects.bulk_create(
        AffordabilityLine(
            affordability=draft, group=line.group, code=line.code, minor=line.minor,
            why=_clean(line.why, MOST_WHY),
        )
        for line in form.lines
    )  # fmt: skip
    AffordabilityEvent.objects.bulk_create(
        AffordabilityEvent(
            affordability=draft, cause=event.cause, since=event.since,
            expected_until=event.expected_until,
        )
        for event in form.events
    )  # fmt: skip


def _events_checked(events: Sequence[Event]) -> None:
    for event in events:
        if event.cause not in HardshipCause.values:
            raise _bad("events", _("Choose one of the list."))
        if event.since and event.expected_until and event.expected_until < event.since:
            raise _bad(f"until.{event.cause}", _("This ends before it begins."))
    if len({event.cause for event in events}) < len(events):
        raise _bad("events", _("Each kind of event once."))


def _hardships(row: Affordability, by: Staff, at: datetime) -> None:
    known = hardship_causes(borrower_ids=[row.borrower_id], at=at).get(row.borrower_id, ())
    for event in events_of(row):
        if event.cause in known:
            continue
        news = News(
            borrower=row.borrower, reference=f"affordability:{row.pk}:{event.cause}", at=at, by=by,
            claimed=True,
        )  # fmt: skip
        hardship_record(news=news, cause=event.cause)


def _locked(row: Affordability) -> Affordability:
    rows = Affordability.objects.select_for_update(of=("self",)).select_related("borrower", "case")
    return rows.get(pk=row.pk)


def _place(place: UUID) -> str:
    return f"agreements_affordabilitypaper:sealed:{place}"


def _clean(text: str, most: int) -> str:
    return text.strip().replace("\x00", "")[:most]


def _bad(name: str, why: str) -> InputError:
    return InputError(why, code="BAD_AFFORDABILITY", where=Where(field=name))


def _entry(deed: str, row: Affordability, by: Staff, **more: object) -> Entry:
    return Entry(
        kind=f"affordability.{deed}",
        subject=row.borrower_id,
        case=str(row.case_id),
        agent=by.username,
        body={
            "affordability": row.pk, "income": row.income_minor, "spending": row.spending_minor,
            "debts": row.debts_minor, "reserve": row.reserve_minor,
            "disposable": row.disposable_minor, "guideline": row.guideline,
            "valid_until": row.valid_until.isoformat() if row.valid_until else None, **more,
        },
    )  # fmt: skip
