"""Protections as people read them: what it is, what it means for contact, how it came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.masking import mask_email, mask_name, mask_number
from doorstep.kernel.money import format_minor
from doorstep.protections.kinds import kind_of
from doorstep.protections.models import (
    POWERS,
    Dispute,
    HandlingCode,
    HoldKind,
    LateNews,
    Preference,
    Protection,
    Representative,
    StopRequest,
    Subject,
    Vulnerability,
    WorkplaceRestriction,
)
from doorstep.protections.safeguard import EVERY_DAY, Safeguard
from doorstep.sites.office.case_words import language

KIND_LABELS: dict[str, str | Promise] = {
    **dict(HoldKind.choices),
    "preference": gettext_lazy("Consent or preference"),
    "workplace": gettext_lazy("No contact at work"),
}
# What the form of each table is called; the key is a name of `protections.kinds.TABLES`.
TABLE_LABELS: dict[str, str | Promise] = {
    "complaint": gettext_lazy("Complaint"),
    "dispute": gettext_lazy("Dispute"),
    "hardship": gettext_lazy("Hardship"),
    "vulnerability": gettext_lazy("Vulnerability"),
    "stoprequest": gettext_lazy("Request to stop contact"),
    "representative": gettext_lazy("Representative"),
    "preference": gettext_lazy("Consent or preference"),
    "workplacerestriction": gettext_lazy("No contact at work"),
    "legalstop": gettext_lazy("Death, bankruptcy, police order, minor"),
    "late": gettext_lazy("Acts that should not have happened"),
}
EFFECTS: dict[str, str | Promise] = {
    "complaint": gettext_lazy(
        "No collection until it is answered and somebody lets contact go on."
    ),
    "dispute": gettext_lazy("Nothing of what is disputed is collected until it is answered."),
    "hardship": gettext_lazy("The ladder rests; help may be offered."),
    "deceased": gettext_lazy("No contact with the customer at all."),
    "bankruptcy": gettext_lazy("No collection from the customer."),
    "police_no_contact": gettext_lazy("No contact of any kind, by nobody."),
    "minor": gettext_lazy("No contact at all."),
}
HOLD_EFFECT = gettext_lazy("No step is taken.")
WEEKDAYS: dict[str, str | Promise] = {
    "1": gettext_lazy("Mon"),
    "2": gettext_lazy("Tue"),
    "3": gettext_lazy("Wed"),
    "4": gettext_lazy("Thu"),
    "5": gettext_lazy("Fri"),
    "6": gettext_lazy("Sat"),
    "7": gettext_lazy("Sun"),
}


def kind_words(row: Protection | LateNews) -> str:
    """What kind of protection it is."""
    kind = row.kind if isinstance(row, LateNews) else kind_of(row)
    return str(KIND_LABELS.get(kind, kind))


def effect_words(safeguard: Safeguard) -> str:
    """What it means for contact."""
    if safeguard.origin == "hold":
        return str(HOLD_EFFECT)
    if safeguard.kind in EFFECTS:
        return str(EFFECTS[safeguard.kind])
    match safeguard.kind:
        case "stop_request":
            return _stop_effect(safeguard)
        case "vulnerability":
            return "; ".join(str(HandlingCode(code).label) for code in safeguard.handling)
        case "representative" if safeguard.instead:
            return _("Only the representative is contacted.")
        case "representative":
            return _("The customer is contacted as before; the representative may take part.")
        case "workplace":
            return _("Nobody turns up or calls at work.")
        case _:
            return _("The guard keeps to it for every contact.")


def _stop_effect(safeguard: Safeguard) -> str:
    if safeguard.scope == "all":
        return _("No collection contact until a person decides.")
    return _("Other ways stay open.")


def detail_words(row: Protection) -> str:
    """What this one says, in a line; names and numbers masked."""
    details = DETAILS.get(type(row))
    return details(row) if details else _label(row)


def _label(row: Any) -> str:
    for name in ("topic", "cause"):
        if hasattr(row, name):
            return str(getattr(row, f"get_{name}_display")())
    shown = [part for part in (getattr(row, "authority", ""), getattr(row, "document", "")) if part]
    return " · ".join(shown)


def _dispute(row: Any) -> str:
    parts = [str(row.get_component_display())]
    if row.loan_id:
        parts.append(_("only loan %(number)s") % {"number": row.loan_id})
    if row.amount is not None and row.loan:
        parts.append(format_minor(row.amount, row.loan.currency, language=language()))
    return " · ".join(parts)


def _vulnerability(row: Any) -> str:
    return str(row.get_cause_display())


def _stop(row: Any) -> str:
    said = {"channel": row.get_channel_display, "number": lambda: masked(row.number)}
    scope = str(row.get_scope_display())
    return f"{scope}: {said[row.scope]()}" if row.scope in said else scope


def _representative(row: Any) -> str:
    powers = [str(POWERS[power]) for power in row.powers]
    return " · ".join([str(row.get_role_display()), mask_name(row.name), *powers])


def _preference(row: Any) -> str:
    said: dict[str, Callable[[], str]] = {
        Subject.HOURS: lambda: _hours(row),
        Subject.CHANNEL: lambda: str(row.get_channel_display()),
        Subject.PLACE: lambda: str(row.get_place_display()),
        Subject.LANGUAGE: lambda: dict(settings.LANGUAGES).get(row.language.lower(), row.language),
    }
    parts = [str(row.get_stance_display()), str(row.get_subject_display())]
    if row.subject in said:
        parts.append(said[row.subject]())
    return " · ".join(parts)


def _hours(row: Any) -> str:
    hours = f"{row.from_time:%H:%M}–{row.to_time:%H:%M}"
    if row.weekdays == EVERY_DAY:
        return hours
    return f"{hours} ({', '.join(str(WEEKDAYS[day]) for day in row.weekdays)})"


def _workplace(row: Any) -> str:
    return f"{row.get_forbidden_by_display()}: {row.get_what_display()}"


DETAILS: dict[type[Protection], Callable[[Any], str]] = {
    Dispute: _dispute,
    Vulnerability: _vulnerability,
    StopRequest: _stop,
    Representative: _representative,
    Preference: _preference,
    WorkplaceRestriction: _workplace,
}


def told_words(row: Protection) -> str:
    """Who said so and how."""
    return f"{row.get_told_by_display()} · {row.get_told_how_display()}"


def masked(value: str) -> str:
    """A number or address with its middle starred."""
    return mask_email(value) if "@" in value else mask_number(value)
