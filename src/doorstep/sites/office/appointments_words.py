"""Appointments as people read them: where they stand, what happened, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.dispatch.rulebook import rulebook_current
from doorstep.kernel.errors import DoorstepError
from doorstep.kernel.masking import mask_address
from doorstep.sites.office.messages_words import why_of_code
from doorstep.sites.office.rule_words import worded
from doorstep.sites.office.rulebook import rule_named
from doorstep.visits.appointments import Span
from doorstep.visits.models import Appointment
from doorstep.visits.models.appointments import AppointmentState

TONES: dict[str, str] = {
    AppointmentState.PROPOSED: "amber", AppointmentState.AGREED: "plain",
    AppointmentState.DECLINED: "quiet", AppointmentState.CANCELLED: "quiet",
    AppointmentState.KEPT: "green", AppointmentState.MISSED: "amber",
}  # fmt: skip
WAYS: Mapping[str, str | Promise] = {
    "phone": gettext_lazy("On the phone"),
    "sms": gettext_lazy("By text message"),
    "letter": gettext_lazy("By letter"),
    "notice": gettext_lazy("By the notice of a planned visit"),
}
STEPS: Mapping[str, str | Promise] = {
    "proposed": gettext_lazy("A visit was proposed"),
    "offer_sent": gettext_lazy("Invitation"),
    "announced": gettext_lazy("Planned without an answer"),
    "agreed": gettext_lazy("Agreed"),
    "moved": gettext_lazy("Moved to another time"),
    "declined": gettext_lazy("The customer wants no visit"),
    "notice": gettext_lazy("Notice of who comes and when"),
    "reconfirm": gettext_lazy("Question whether it still suits"),
    "confirmed": gettext_lazy("Confirmed again"),
    "change_told": gettext_lazy("Word of the new time"),
    "cancelled": gettext_lazy("Cancelled"),
    "withdrawn": gettext_lazy("Withdrawn by the guard"),
    "withdrawal_told": gettext_lazy("Word that nobody comes"),
    "to_call": gettext_lazy("Could not be written to: call"),
    "kept": gettext_lazy("Took place"),
    "missed": gettext_lazy("Did not take place"),
}
WISHES: Mapping[str, str | Promise] = {
    "woman": gettext_lazy("A woman among the two"),
    "call_before": gettext_lazy("A call before you come"),
}
LEFT_OUT: Mapping[str, str | Promise] = {
    "NO_POINT": gettext_lazy("no number or address that reaches them in time"),
    "NO_TEMPLATE": gettext_lazy("no approved text for this"),
    "FACT_MISSING": gettext_lazy("something the text must say is not known"),
    "VISIT_NOT_PERMITTED": gettext_lazy("the guard does not permit the visit any more"),
}
PLAIN = ("ERROR", "BAD_INPUT")


def step_words(what: str) -> str:
    """What happened; a code nobody translated stays as it is."""
    return str(STEPS.get(what, what))


def left_out_words(code: str) -> str:
    """Why nothing could be sent or a visit was withdrawn: a word of ours, or the rule that spoke;
    what somebody wrote stays as it is."""
    if code in LEFT_OUT:
        return str(LEFT_OUT[code])
    try:
        return worded(rule_named(rulebook_current(), code).title)
    except Http404:
        return why_of_code(code)


def refused_words(error: DoorstepError) -> str:
    """A refusal for the page, with why nothing could be sent where that is what was refused."""
    why = "" if error.code in PLAIN else left_out_words(error.code)
    why = "" if why == error.code else f"({why})"
    return " ".join(part for part in (error.message, why, error.hint) if part)


def span_words(span: Span | None) -> str:
    """A time in one line, on the lender's clock: 26 Nov 2026 14:00–15:00."""
    if span is None:
        return "–"
    begins, ends = (timezone.localtime(moment) for moment in span)
    return f"{date_format(begins, 'DATE_FORMAT')} {begins:%H:%M}–{ends:%H:%M}"


def hours_words(span: Span | None) -> str:
    """The hours alone, under a heading that says the day."""
    if span is None:
        return "–"
    begins, ends = (timezone.localtime(moment) for moment in span)
    return f"{begins:%H:%M}–{ends:%H:%M}"


def slot_words(span: Span) -> str:
    """The same with the day of the week, to be read out."""
    begins, ends = span
    day = f"{date_format(begins, 'D')} {date_format(begins, 'DATE_FORMAT')}"
    return f"{day} {begins:%H:%M}–{ends:%H:%M}"


def place_shown(appointment: Appointment) -> str:
    """Where it is, masked as everywhere in the office."""
    if appointment.address is not None:
        kind = _("Place of work") if appointment.address.kind == "work" else _("Home")
        return f"{kind} · {mask_address(appointment.address.text)}"
    return appointment.place or "–"


def wishes_words(wishes: Mapping[str, object]) -> list[str]:
    """What the customer asked for."""
    said = [str(words) for name, words in WISHES.items() if wishes.get(name)]
    return [*said, *([str(wishes["note"])] if wishes.get("note") else [])]


def waits_words(appointment: Appointment, *, at: datetime, answered: bool, planned: bool) -> str:
    """What somebody should do about it next; empty where it only has to come."""
    if appointment.state == AppointmentState.PROPOSED:
        return _("An answer has come: read it") if answered else _("Ask for an answer")
    if appointment.state != AppointmentState.AGREED:
        return ""
    if appointment.until_at is not None and appointment.until_at <= at:
        return _("Say what came of it")
    if not planned:
        return _("Not in a published plan yet")
    return "" if appointment.confirmed_at else _("Confirm before setting out")
