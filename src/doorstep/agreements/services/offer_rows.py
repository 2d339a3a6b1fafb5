"""What the deeds on offers share: the row they change, its place on the log, and their faults."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.agreements.models import Offer, OfferState
from doorstep.evidence.entry import Entry
from doorstep.kernel.errors import InputError, Refused, Where
from doorstep.workforce.models import Staff

MOST_WORDS = 1000


def offer_locked(offer: Offer, *states: OfferState) -> Offer:
    """The row, locked. Raises Refused WRONG_STATE when it is in none of the states any more."""
    row = Offer.objects.select_for_update(of=("self",)).select_related("case").get(pk=offer.pk)
    if row.state not in states:
        raise Refused(
            _("This offer is %(state)s.") % {"state": row.get_state_display()},
            code="WRONG_STATE",
            hint=_("Look at it again: somebody may have been quicker."),
        )
    return row


def offer_entry(deed: str, offer: Offer, by: Staff | None, **more: object) -> Entry:
    """What the log keeps of a deed on an offer."""
    return Entry(
        kind=f"offer.{deed}",
        subject=offer.borrower_id,
        case=str(offer.case_id),
        agent=by.username if by else "",
        body={
            "offer": offer.pk, "kind": offer.kind, "proposed_by": offer.proposed_by,
            "terms": offer.terms, "currency": offer.currency, "owed": offer.owed_minor,
            "total": offer.total_minor, "waived": offer.waived_minor, "level": offer.level,
            "reason": offer.reason_code, "note": offer.note, **more,
        },
    )  # fmt: skip


def clean(text: str) -> str:
    """What somebody wrote, without edges."""
    return text.strip().replace("\x00", "")[:MOST_WORDS]


def unfit(name: str, why: str) -> InputError:
    """What a form says at a field."""
    return InputError(why, code="BAD_OFFER", where=Where(field=name))
