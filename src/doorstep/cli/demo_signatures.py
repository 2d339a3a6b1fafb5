"""Agreements of the example bank on the offers that were approved: in force, half signed, drawn up.

Everything is done by the same services a page calls. What is there stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import cycle
from math import sin

from django.db import transaction

from doorstep.agreements import document
from doorstep.agreements.models import Agreement, Offer, OfferState
from doorstep.agreements.services.signatures import Signed, agreement_seal, agreement_sign
from doorstep.agreements.strokes import strokes_png
from doorstep.dispatch.agreement_making import agreement_make
from doorstep.kernel.errors import DoorstepError
from doorstep.treatment.wording import language_code

STATES = ("in_force", "in_force", "drafted", "in_force", "signing")
DRAWN = (tuple((60 + 4.0 * x, 150 + 90 * sin(x / 9) * sin(x / 31)) for x in range(190)),)
PLACE = "云川市松林区支行营业厅"


def agreements_make(*, at: datetime, progress: Callable[[float], None]) -> None:
    """An agreement on every approved offer, most of them signed and sealed."""
    if Agreement.objects.exists():
        return
    found = Offer.objects.filter(state=OfferState.APPROVED).select_related("borrower", "maker")
    offers = list(found.order_by("pk"))
    for done, (offer, state) in enumerate(zip(offers, cycle(STATES), strict=False), start=1):
        try:
            with transaction.atomic():
                offer_agreement(offer, state, at)
        except DoorstepError:
            pass  # no font, or a rule that speaks against it: an approved offer like any other
        progress(done / len(offers))


def offer_agreement(offer: Offer, state: str, at: datetime) -> None:
    """Draw up the agreement on an approved offer and bring it as far as `state`."""
    by, language = offer.maker, language_code(offer.borrower.language)
    made = agreement_make(offer=offer, language=language, by=by, at=at)
    if state == "drafted":
        return
    signed = Signed(
        way="screen", name=offer.borrower.name, place=PLACE,
        consent=document.words()[language]["consents"], picture=strokes_png(DRAWN),
    )  # fmt: skip
    agreement_sign(
        agreement=made, party="borrower", signed=signed, sha256=made.sha256, by=by, at=at
    )
    if state == "in_force":
        agreement_seal(agreement=made, place=PLACE, sha256=made.sha256, by=by, at=at)
