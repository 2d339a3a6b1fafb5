"""Deeds on one case: a note, a hold, a look at personal data. Each is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.cases.models import Case, Note, SavedView
from doorstep.evidence.access import access_record
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import PersonalDataAccess, Staff
from doorstep.workforce.roles import Permission

MOST_NOTE = 4000
MOST_VIEWS = 20
SHORTEST_PURPOSE = 4
LOOKS_AN_HOUR = 60


def note_write(*, case: Case, text: str, by: Staff, at: datetime) -> Note:
    """Keep a note on a case. Raises Refused without permission, InputError when empty or long."""
    _must(by, Permission.WRITE_NOTES)
    text = text.strip().replace("\x00", "")
    if not text:
        raise InputError(_("The note is empty."), code="EMPTY_NOTE", where=Where(field="text"))
    if len(text) > MOST_NOTE:
        raise InputError(
            _("The note is longer than %(most)s characters.") % {"most": MOST_NOTE},
            code="LONG_NOTE",
            where=Where(field="text"),
        )
    return Note.objects.create(case=case, text=text, by=by, at=at)


@transaction.atomic
def personal_data_look(
    *, case: Case, what: str, purpose: str, by: Staff, at: datetime
) -> PersonalDataAccess:
    """Record that `by` sees personal data of the case's borrower in full, before it is shown.

    Raises Refused without permission or after LOOKS_AN_HOUR looks within an hour; InputError
    without a purpose that says something.
    """
    _must(by, Permission.UNMASK)
    purpose = " ".join(purpose.replace("\x00", "").split())[:300]
    if len(purpose) < SHORTEST_PURPOSE:
        raise InputError(
            _("State what you need the data for."),
            code="NO_PURPOSE",
            hint=_("At least %(least)s characters.") % {"least": SHORTEST_PURPOSE},
            where=Where(field="purpose"),
        )
    lately = PersonalDataAccess.objects.filter(staff=by, at__gt=at - timedelta(hours=1))
    if lately.count() >= LOOKS_AN_HOUR:
        raise Refused(
            _("You have looked at personal data %(most)s times within an hour.")
            % {"most": LOOKS_AN_HOUR},
            code="TOO_MANY_LOOKS",
            hint=_("Wait a while; your team leader can see what was looked at and why."),
        )
    access_record(
        subject=case.borrower_id,
        case=str(case.pk),
        what=what,
        purpose=purpose,
        by=by.username,
        at=at,
    )
    return PersonalDataAccess.objects.create(
        staff=by, borrower_id=case.borrower_id, what=what, purpose=purpose, at=at
    )


def view_keep(*, staff: Staff, of: str, name: str, query: str) -> SavedView:
    """Keep a filter of a list under a name; the same name again replaces it."""
    name = " ".join(name.replace("\x00", "").split())[:60]
    if not name:
        raise InputError(_("Give the view a name."), code="NO_NAME", where=Where(field="name"))
    others = SavedView.objects.filter(staff=staff, of=of).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise Refused(
            _("You already keep %(most)s views.") % {"most": MOST_VIEWS},
            code="TOO_MANY_VIEWS",
            hint=_("Delete one first."),
        )
    view, _made = SavedView.objects.update_or_create(
        staff=staff, of=of, name=name, defaults={"query": query[:1000]}
    )
    return view


def view_drop(*, staff: Staff, view_id: int) -> None:
    """Forget one of one's own views; anybody else's stays."""
    SavedView.objects.filter(staff=staff, pk=view_id).delete()


def _must(by: Staff, permission: Permission) -> None:
    if not by.may(permission):
        raise Refused(_("Your role does not include this."), code="NOT_PERMITTED")
