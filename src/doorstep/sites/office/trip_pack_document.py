"""The trip pack on paper: every text and figure as plain values for the template."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from doorstep.kernel.pdf import pdf_render
from doorstep.sites.office.case_words import language
from doorstep.sites.office.trip_pack import Pack, Stop
from doorstep.treatment.wording import language_code
from doorstep.workforce.letter import qr_square

TEMPLATE = Path(__file__).parent / "documents" / "trip_pack.typ"


def render(*, pack: Pack, at: datetime) -> bytes:
    """The PDF in the active language. Raises DoorstepError as `pdf_render` does."""
    return pdf_render(
        template=TEMPLATE,
        values=values_of(pack),
        language=language_code(language()),
        title=_("Trip pack"),
        at=at,
    )


def values_of(pack: Pack) -> dict[str, Any]:
    """Everything the template prints."""
    return {
        "title": _("Trip pack"),
        "private": _("Personal data: keep it with you, show it to nobody, hand it back tonight."),
        "foot": f"{_('Document')} {pack.number} · {_('Verification code')} {pack.code}",
        "square": qr_square(f"{pack.verify_at} {pack.number} {pack.code}"),
        "square_alt": _("Code to check this document"),
        "pages": re.split(r"\{pages?\}", _("Page {page} of {pages}")),
        "summary": [list(row) for row in pack.summary],
        "itinerary_title": _("Itinerary"),
        "itinerary_heads": [_("Order"), _("Begins"), _("Customer"), _("Address"), _("Risk")],
        "itinerary": [
            [str(place), stop.time, stop.who, stop.place, stop.risk.words]
            for place, stop in enumerate(pack.stops, start=1)
        ],
        "stops": [_stop(place, stop) for place, stop in enumerate(pack.stops, start=1)],
        "sections": _sections(pack),
        "numbers_title": _("Whom to call"),
        "numbers": [list(row) for row in pack.numbers],
    }


def _stop(place: int, stop: Stop) -> dict[str, Any]:
    risk = stop.risk
    return {
        "title": f"{place} · {stop.time} · {stop.who}",
        "place": stop.place,
        "tables": [
            [_("What is agreed"), [list(row) for row in stop.agreed]],
            [_("About the loan"), [list(row) for row in stop.facts]],
            [_("Verified ways to reach them"), [list(row) for row in stop.points]],
        ],
        "risk_title": f"{_('Risks and measures')} · {risk.words}",
        "risk": [
            *(f"{each.words} ({each.source})" for each in risk.because),
            *risk.measures,
        ]
        or [_("Nothing is known that makes this visit dangerous. Stay attentive.")],
        "police": f"{_('Nearest police station')}: {stop.police}" if stop.police else "",
        "accounts": stop.bill,
        "bill_title": _("Bill and repayment table"),
    }


def _sections(pack: Pack) -> list[list[Any]]:
    """The lists that hold for the whole day: options, script, documents, equipment, plan."""
    return [
        [_("Options to offer"), [["", [pack.options_intro, *pack.options]]]],
        [_("In plain words"), [[title, lines] for title, lines in pack.script]],
        [_("Papers to take"), [["", [each.words for each in pack.documents]]]],
        [_("Equipment"), [[title, items] for title, items in pack.equipment]],
        [_("Emergency plan"), [["", pack.plan]]],
    ]
