"""Placing and ending holds by staff. What the lender's book holds is ended in the lender's book."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.portfolio.models import Borrower, Loan
from doorstep.protections.models import Hold, HoldKind
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Permission

FURTHEST = timedelta(days=3 * 366)
MOST_NOTE = 500


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
    return Hold.objects.create(
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
    return hold


def _must_place(by: Staff) -> None:
    if not by.may(Permission.PLACE_HOLDS):
        raise Refused(_("Your role does not include placing holds."), code="NOT_PERMITTED")


def _bad(field: str, message: str) -> InputError:
    return InputError(message, code="BAD_HOLD", where=Where(field=field))
