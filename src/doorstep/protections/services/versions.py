"""Recording a protection, changing it and ending it, without ever forgetting what was known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Borrower, Loan
from doorstep.protections.kinds import TABLES
from doorstep.protections.models import (
    Handling,
    Protection,
    Standing,
    ToldBy,
    ToldHow,
    Vulnerability,
)
from doorstep.protections.models.record import REFERENCE
from doorstep.protections.proof import version_entry
from doorstep.protections.services.late import late_news_open
from doorstep.protections.signals import protection_changed
from doorstep.protections.terms import (
    NO_DEADLINE,
    Deadline,
    claim_deadline,
    deadline,
    deadline_after,
    local_day,
    parameters_now,
)
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

FURTHEST = timedelta(days=3 * 366)
OLDEST = timedelta(days=30 * 366)
MOST_NOTE = 2000
P = TypeVar("P", bound=Protection)


@dataclass(frozen=True, kw_only=True)
class News:
    """How a protection came to be known.

    `reference` names it for good: recording the same reference again changes nothing. `at` is now;
    `received_at` when the news reached the lender (None: now); `starts_at` when it takes effect
    (None: when the news came) and `ends_at` when it stops by itself. `by` None is the machine.
    `claimed`: nobody has confirmed it yet, so it holds for the term of its kind and then asks.
    """

    borrower: Borrower
    reference: str
    at: datetime
    by: Staff | None = None
    told_by: str = ToldBy.BORROWER
    told_how: str = ToldHow.MESSAGE
    received_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str = ""
    claimed: bool = False

    @property
    def came_at(self) -> datetime:
        """When the news reached the lender."""
        return self.received_at or self.at

    @property
    def from_at(self) -> datetime:
        """When the protection takes effect."""
        return self.starts_at or self.came_at


def must(by: Staff | None, permission: Permission) -> None:
    """Raises Refused when a member of staff lacks the permission; the machine may."""
    if by is not None and not by.may(permission):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")


def bad(field: str, message: str, *, hint: str = "") -> InputError:
    """What a form says at a field."""
    return InputError(message, code="BAD_PROTECTION", hint=hint, where=Where(field=field))


def cleaned(text: str, *, field: str, most: int, needed: str = "") -> str:
    """The text without edges; InputError when too long, or empty where `needed` says why not."""
    text = text.strip().replace("\x00", "")
    if needed and not text:
        raise bad(field, needed)
    if len(text) > most:
        raise bad(field, _("The text is longer than %(most)s characters.") % {"most": most})
    return text


def chosen(value: str, choices: Iterable[str], *, field: str) -> str:
    """The value when it is one of the choices; else InputError."""
    if value not in choices:
        raise bad(field, _("Choose one of the list."))
    return value


def own_loan(news: News, loan: Loan | None) -> Loan | None:
    """The loan when it is the borrower's; else InputError."""
    if loan is not None and loan.borrower_id != news.borrower.pk:
        raise bad("loan", _("This loan is not the customer's."))
    return loan


def version_open(
    model: type[P],
    *,
    news: News,
    due: Deadline | None = None,
    handling: Iterable[str] = (),
    **fields: Any,
) -> P:
    """Record a protection, or return the one that has this reference already.

    A claim is due when its term is over. Whatever was done to the borrower since it took effect
    and should not have been is listed as late news. Raises Refused without permission or when the
    reference names somebody else's; InputError for days that cannot be.
    """
    must(news.by, Permission.RECORD_PROTECTIONS)
    _check(news)
    if news.claimed:
        kind = fields.get("bar") or model._meta.model_name or ""
        due = claim_deadline(kind, at=news.came_at)
    values = {
        "reference": news.reference,
        "borrower": news.borrower,
        "starts_at": news.from_at,
        "ends_at": news.ends_at,
        "standing": Standing.CLAIMED if news.claimed else Standing.CONFIRMED,
        "told_by": news.told_by,
        "told_how": news.told_how,
        "received_at": news.came_at,
        "note": cleaned(news.note, field="note", most=MOST_NOTE),
        **(due.as_fields() if due else NO_DEADLINE),
        "recorded_by": news.by,
        "known_from": news.at,
        **fields,
    }
    with transaction.atomic():
        known = _known(model, news)
        if known is not None:
            return known
        try:
            with transaction.atomic():
                made = model._default_manager.create(**values)
        except IntegrityError:
            known = _known(model, news)
            if known is None:
                raise
            return known
        _handlings(made, handling)
        late_news_open(protections=[made], at=news.at)
        _changed(made, at=news.at)
    return made


@transaction.atomic
def version_change(
    of: P, *, at: datetime, handling: Iterable[str] | None = None, **changes: Any
) -> P:
    """The next version of a protection, as it is known from now on.

    Raises Refused when somebody changed it meanwhile.
    """
    model = type(of)
    rows = model._default_manager.select_for_update()
    known = rows.filter(reference=of.reference, known_until__isnull=True).get()
    if known.pk != of.pk:
        raise Refused(
            _("Somebody has changed this meanwhile."),
            code="CHANGED_MEANWHILE",
            hint=_("Look at it again before you decide."),
        )
    if at < known.known_from:
        raise Refused(_("This is known from a later time on."), code="CLOCK_WENT_BACK")
    codes = _codes(known) if handling is None else list(handling)
    known.known_until = at
    known.save(update_fields=["known_until"])
    kept = {
        field.attname: getattr(known, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    kept |= {"version": known.version + 1, "known_from": at, "known_until": None}
    fresh = model(**kept)
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save(force_insert=True)
    _handlings(fresh, codes)
    if fresh.starts_at < known.starts_at:
        late_news_open(protections=[fresh], at=at)
    _changed(fresh, at=at)
    return fresh


@transaction.atomic
def protection_end(of: P, *, ends_at: datetime, why: str, by: Staff, at: datetime) -> P:
    """End a protection at an instant, now or earlier.

    Raises Refused when it has ended already, or is a claim that must be settled instead.
    """
    must(by, who_may_end(of))
    must_run(of)
    if of.standing == Standing.CLAIMED:
        raise Refused(
            _("Nobody has said yet whether this is so."),
            code="SETTLE_FIRST",
            hint=_("Say what was found: it is so, or it was not."),
        )
    why = cleaned(why, field="why", most=MOST_NOTE, needed=_("Say why it ends."))
    if not of.starts_at < ends_at <= at:
        raise bad("ends_at", _("It can end after it began and not later than now."))
    return version_change(of, at=at, ends_at=ends_at, note=why, recorded_by=by, **NO_DEADLINE)


@transaction.atomic
def claim_settle(
    of: P,
    *,
    confirmed: bool,
    why: str,
    by: Staff,
    at: datetime,
    due: Deadline | None = None,
    **fields: Any,
) -> P:
    """Say whether what was only claimed is so. `fields` hold what confirms it (a document)."""
    must(by, Permission.RECORD_PROTECTIONS if confirmed else Permission.ANSWER_COMPLAINTS)
    if of.standing != Standing.CLAIMED:
        raise Refused(_("This is no open claim any more."), code="SETTLED_ALREADY")
    why = cleaned(why, field="why", most=MOST_NOTE, needed=_("Say what shows it."))
    standing = Standing.CONFIRMED if confirmed else Standing.REFUTED
    day = due.as_fields() if due else NO_DEADLINE
    return version_change(of, at=at, standing=standing, note=why, recorded_by=by, **day, **fields)


def claim_confirm(*, of: P, why: str, by: Staff, at: datetime) -> P:
    """Confirm a claim by what was shown or found; what is looked at again gets its next day."""
    term = f"{of.kind}_review"
    again = deadline(term, at=at) if term in parameters_now().terms else None
    return claim_settle(of, confirmed=True, why=why, by=by, at=at, due=again)


@transaction.atomic
def protection_backdate(of: P, *, starts_at: datetime, why: str, by: Staff, at: datetime) -> P:
    """Say that a protection took effect at another time than was thought."""
    must(by, Permission.RECORD_PROTECTIONS)
    why = cleaned(why, field="why", most=MOST_NOTE, needed=_("Say what shows it."))
    if not at - OLDEST <= starts_at <= at or (of.ends_at is not None and starts_at >= of.ends_at):
        raise bad("starts_at", _("The first day does not fit."))
    return version_change(of, at=at, starts_at=starts_at, note=why, recorded_by=by)


@transaction.atomic
def deadlines_settle(*, at: datetime) -> int:
    """Count again the deadlines that waited for a calendar of working days; returns how many are
    sure now."""
    settled = 0
    for model in TABLES.values():
        unsure = model._default_manager.filter(known_until__isnull=True, due_sure=False)
        for row in unsure:
            again = deadline_after(row.due_term, after=row.due_after or local_day(at))
            if again.sure:
                version_change(row, at=at, **again.as_fields())
                settled += 1
    return settled


def must_run(of: Protection) -> None:
    """Raises Refused when the protection is over, or was not so."""
    if of.ends_at is not None or of.standing == Standing.REFUTED:
        raise Refused(_("This has ended already."), code="ENDED_ALREADY")


def _check(news: News) -> None:
    if not news.reference or len(news.reference) > REFERENCE:
        raise bad("reference", _("The reference is missing or too long."))
    chosen(news.told_by, ToldBy.values, field="told_by")
    chosen(news.told_how, ToldHow.values, field="told_how")
    if not news.at - OLDEST <= news.came_at <= news.at:
        raise bad("received_at", _("The news cannot have come later than now."))
    if not news.at - OLDEST <= news.from_at <= news.at + FURTHEST:
        raise bad("starts_at", _("The first day is too far away."))
    if news.ends_at is not None and not news.from_at < news.ends_at <= news.at + 10 * FURTHEST:
        raise bad("ends_at", _("The last day lies before the first, or too far away."))


def _known(model: type[P], news: News) -> P | None:
    known = model._default_manager.filter(
        reference=news.reference, known_until__isnull=True
    ).first()
    if known is not None and known.borrower_id != news.borrower.pk:
        raise Refused(
            _("This reference names something of another customer."), code="REFERENCE_TAKEN"
        )
    return known


def _codes(of: Protection) -> list[str]:
    if not isinstance(of, Vulnerability):
        return []
    return list(of.handlings.order_by("code").values_list("code", flat=True))


def _handlings(of: Protection, codes: Iterable[str]) -> None:
    if isinstance(of, Vulnerability):
        Handling.objects.bulk_create(Handling(vulnerability=of, code=code) for code in codes)


def _changed(of: Protection, *, at: datetime) -> None:
    """Tell those who listen, then prove when it was known; the log is locked last."""
    protection_changed.send(sender=type(of), borrower_ids=[of.borrower_id], at=at, by_night=False)
    evidence_append(entries=[version_entry(of)], at=at)


def who_may_end(of: Protection) -> Permission:
    """The permission it takes to end it: what stops contact is lifted by compliance alone."""
    gentle = ("preference", "hardship", "vulnerability")
    return Permission.RECORD_PROTECTIONS if of.kind in gentle else Permission.ANSWER_COMPLAINTS
