"""What phones told from doors, as people read it: two versions side by side, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.sites.office.case_words import language
from doorstep.treatment.wording import language_code
from doorstep.visits.door.steps import door
from doorstep.visits.models import DoorEvent

KINDS: dict[str, str | Promise] = {
    "check_in": gettext_lazy("Check-in"),
    "dispute": gettext_lazy("The bill is challenged"),
    "affordability": gettext_lazy("What the customer can pay"),
    "agreement": gettext_lazy("A plan signed at the door"),
    "declined": gettext_lazy("No plan wanted"),
    "recording": gettext_lazy("Recording"),
    "recording_gap": gettext_lazy("A gap in the recording"),
    "leave_now": gettext_lazy("Left at once"),
    "note": gettext_lazy("Note"),
    "position": gettext_lazy("Place"),
    "report": gettext_lazy("The record of the visit"),
}
FIELDS: dict[str, str | Promise] = {
    "how": gettext_lazy("How"), "why": gettext_lazy("Why"), "given": gettext_lazy("Agreed to"),
    "who": gettext_lazy("Who was there"), "text": gettext_lazy("Words"),
    "said": gettext_lazy("What was said"), "outcome": gettext_lazy("Outcome"),
    "reasons": gettext_lazy("Reasons"), "situation": gettext_lazy("Situation"),
    "promise": gettext_lazy("Promise"), "hardship": gettext_lazy("Hardship"),
    "contact_facts": gettext_lazy("Contact facts"), "shown": gettext_lazy("Shown"),
    "people": gettext_lazy("People there"), "mood": gettext_lazy("Mood"),
    "terms": gettext_lazy("Terms"), "rows": gettext_lazy("Instalments"),
    "total": gettext_lazy("Total"), "loans": gettext_lazy("Loans"),
    "signatures": gettext_lazy("Signatures"), "consents": gettext_lazy("Consents"),
    "place": gettext_lazy("Place"), "distance_m": gettext_lazy("Metres from the address"),
    "partner": gettext_lazy("Partner"), "what": gettext_lazy("What"),
}  # fmt: skip
HIDDEN = frozenset({"png", "proof", "pass", "step"})
LONGEST = 400


def topic_words(event: DoorEvent) -> str:
    """What an event is about."""
    step = door().step(event.topic.partition(":")[2]) if event.kind == "step" else None
    if step is not None:
        return step.title[language_code(language())]
    return str(KINDS.get(event.kind, event.kind))


def side_by_side(one: DoorEvent, other: DoorEvent) -> list[dict[str, Any]]:
    """The fields of two events, those that differ first; pictures and proofs are not shown."""
    mine, theirs = _plain(one.body), _plain(other.body)
    rows = [
        {
            "field": str(FIELDS.get(name, name)),
            "one": _words(mine.get(name)),
            "other": _words(theirs.get(name)),
            "differs": mine.get(name) != theirs.get(name),
        }
        for name in dict.fromkeys((*mine, *theirs))
    ]
    return sorted(rows, key=lambda row: not row["differs"])


def told_words(event: DoorEvent) -> list[tuple[str, str]]:
    """The fields of one event."""
    return [
        (str(FIELDS.get(name, name)), _words(value)) for name, value in _plain(event.body).items()
    ]


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _without_pictures(value) for name, value in body.items() if name not in HIDDEN}


def _without_pictures(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_pictures(each) for name, each in value.items() if name not in HIDDEN}
    if isinstance(value, list):
        return [_without_pictures(each) for each in value]
    return value


def _words(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
