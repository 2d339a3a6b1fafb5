"""Placing and ending holds by staff, and following those of the lender's book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Book, BookState, Borrower, Loan
from doorstep.protections.models import Hold, HoldKind
from doorstep.protections.proof import hold_entry
from doorstep.protections.services.late import late_holds_open
from doorstep.protections.signals import protection_changed
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

FURTHEST = timedelta(days=3 * 366)
MOST_NOTE = 500
AT_ONCE = 500

# borrower, kind, first day, last day, loan, note: a row of the book's table of protections
LenderRow = tuple[str, str, date, date | None, str | None, str]


@transaction.atomic
def hold_place(
    *,
    borrower: Borrower,
    kind: str,
    starts_on: date,
    ends_on: date | None,
    note: str,
    by: Staff,
    at: datetime,
    on: date,
    loan: Loan | None = None,
) -> Hold:
    """Leave a borrower (or one loan) alone from a day to a day, both inclusive; no end: until
    somebody ends it. `on` is today.

    Raises Refused without permission; InputError for an unknown kind, an empty note, days that do
    not fit together or lie too far away, or a loan of somebody else.
    """
    _must_place(by)
    note = note.strip().replace("\x00", "")
    if kind not in HoldKind.values:
        raise _bad("kind", _("Choose why the borrower is left alone."))
    if not note:
        raise _bad("note", _("Say what happened: whoever reads it next must understand the hold."))
    if len(note) > MOST_NOTE:
        raise _bad("note", _("The note is longer than %(most)s characters.") % {"most": MOST_NOTE})
    if not on - FURTHEST <= starts_on <= on + FURTHEST:
        raise _bad("starts_on", _("The first day is too far away."))
    if ends_on is not None and ends_on < max(starts_on, on):
        raise _bad("ends_on", _("The last day lies before the first, or is over already."))
    if ends_on is not None and ends_on > on + FURTHEST:
        raise _bad("ends_on", _("The last day is too far away; leave it empty for no end."))
    if loan is not None and loan.borrower_id != borrower.pk:
        raise _bad("loan", _("This loan is not the borrower's."))
    hold = Hold.objects.create(
        borrower=borrower,
        kind=kind,
        loan=loan,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        source="staff",
        placed_by=by,
        placed_at=at,
    )
    late_holds_open(holds=[hold], at=at)
    protection_changed.send(sender=Hold, borrower_ids=[borrower.pk], at=at, by_night=False)
    evidence_append(entries=[hold_entry(hold, by=by)], at=at)
    return hold


@transaction.atomic
def hold_end(*, hold: Hold, by: Staff, at: datetime) -> Hold:
    """End a hold that staff placed. Raises Refused when it is the lender's, or ended already."""
    _must_place(by)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.source != "staff":
        raise Refused(
            _("This hold comes from the lender's book."),
            code="LENDERS_HOLD",
            hint=_("It ends when the lender's next book no longer holds it."),
        )
    if hold.ended_at is not None:
        raise Refused(_("This hold has been ended already."), code="ENDED_ALREADY")
    hold.ended_at, hold.ended_by = at, by
    hold.save(update_fields=["ended_at", "ended_by"])
    protection_changed.send(sender=Hold, borrower_ids=[hold.borrower_id], at=at, by_night=False)
    evidence_append(entries=[hold_entry(hold, by=by)], at=at)
    return hold


@transaction.atomic
def lender_holds_follow(*, rows: Iterable[LenderRow], at: datetime) -> int:
    """Let the lender's holds be those the book names; returns how many changed.

    One the book no longer names, or names otherwise, is ended and keeps its row: what was known
    when stays known. News that was late by a book or more lists what was done meanwhile.
    """
    named = {row[:3]: row[3:] for row in rows}
    ended, kept = [], set()
    lenders = Hold.objects.filter(source="lender", ended_at__isnull=True)
    for hold in lenders:
        key = (hold.borrower_id, hold.kind, hold.starts_on)
        if named.get(key) == (hold.ends_on, hold.loan_id, hold.note):
            kept.add(key)
        else:
            ended.append((hold.pk, key))
    for some in _pieces([pk for pk, _key in ended]):
        Hold.objects.filter(pk__in=some).update(ended_at=at)
    fresh = [_lenders(key, named[key], at) for key in named if key not in kept]
    Hold.objects.bulk_create(fresh, batch_size=AT_ONCE)
    known_before = {key for _pk, key in ended}
    news = [h for h in fresh if (h.borrower_id, h.kind, h.starts_on) not in known_before]
    _late(news, at=at)
    touched = sorted({key[0] for _pk, key in ended} | {hold.borrower_id for hold in fresh})
    if touched:
        protection_changed.send(sender=Hold, borrower_ids=touched, at=at, by_night=True)
    return len(fresh) + len(known_before - set(named))


def _lenders(
    key: tuple[str, str, date], rest: tuple[date | None, str | None, str], at: datetime
) -> Hold:
    borrower_id, kind, starts_on = key
    ends_on, loan_id, note = rest
    return Hold(
        borrower_id=borrower_id,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        loan_id=loan_id,
        note=note,
        source="lender",
        placed_at=at,
    )


def _late(holds: Sequence[Hold], *, at: datetime) -> None:
    """Look into the holds that an earlier book should have named already."""
    books = Book.objects.filter(state=BookState.LOADED).order_by("-business_date")
    days = list(books.values_list("business_date", flat=True)[:2])
    if len(days) == 2:
        late_holds_open(holds=[hold for hold in holds if hold.starts_on <= days[1]], at=at)


def _pieces(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _must_place(by: Staff) -> None:
    if not by.may(Permission.PLACE_HOLDS):
        raise Refused(_("Your role does not include placing holds."), code="NOT_PERMITTED")


def _bad(field: str, message: str) -> InputError:
    return InputError(message, code="BAD_HOLD", where=Where(field=field))
