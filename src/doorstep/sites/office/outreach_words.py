"""What texts are for, who carries them, and what is wrong with them, as people read it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.outreach.checking import Fault, FaultKind
from doorstep.outreach.fields import FIELDS
from doorstep.outreach.models import VersionState
from doorstep.outreach.template import Template
from doorstep.outreach.words import Kind, Medium, Reading, Tone
from doorstep.treatment.wording import language_code

KINDS: dict[str, str | Promise] = {
    Kind.REMINDER: gettext_lazy("Reminder"),
    Kind.PRE_DUE: gettext_lazy("Before the due date"),
    Kind.BROKEN_PROMISE: gettext_lazy("Arrangement not met"),
    Kind.LETTER: gettext_lazy("Collection letter"),
    Kind.VISIT_NOTICE: gettext_lazy("Notice of a visit"),
    Kind.APPOINTMENT: gettext_lazy("Appointment"),
    Kind.VISIT_CONFIRM: gettext_lazy("Before we set out"),
    Kind.VISIT_CHANGE: gettext_lazy("The visit at another time"),
    Kind.VISIT_WITHDRAWN: gettext_lazy("No visit"),
    Kind.VISIT_SET_OUT: gettext_lazy("The visitors are on their way"),
    Kind.IMPOSTOR_WARNING: gettext_lazy("Somebody pretends to be us"),
    Kind.CALL_SCRIPT: gettext_lazy("Call script"),
    Kind.CONTACT_CHECK: gettext_lazy("Is this your number?"),
    Kind.DOCUMENT_COPY: gettext_lazy("Copy of a document"),
    Kind.ANSWER: gettext_lazy("Answer"),
}
TONES: dict[str, str | Promise] = {
    Tone.FRIENDLY: gettext_lazy("friendly"),
    Tone.SECOND: gettext_lazy("second"),
    Tone.HARDSHIP: gettext_lazy("for hardship"),
    Tone.CONSEQUENCE: gettext_lazy("true consequences"),
    Tone.PLAIN_FACTS: gettext_lazy("plain facts"),
    Tone.NEUTRAL: gettext_lazy("neutral, names no account"),
}
MEDIA: dict[str, str | Promise] = {
    Medium.SMS: gettext_lazy("Text message"),
    Medium.EMAIL: gettext_lazy("E-mail message"),
    Medium.LETTER: gettext_lazy("Letter"),
    Medium.PHONE: gettext_lazy("Call"),
    Medium.MESSENGER: gettext_lazy("Messenger"),
}
READINGS: dict[str, str | Promise] = {
    Reading.USUAL: gettext_lazy("Everybody"),
    Reading.PLAIN: gettext_lazy("Older people, large print"),
}
STATE_TONES: dict[str, str] = {
    VersionState.APPROVED: "green",
    VersionState.SUBMITTED: "amber",
    VersionState.SENT_BACK: "quiet",
    VersionState.RETIRED: "quiet",
}
SHIPPED = "shipped"
STATES: dict[str, str | Promise] = {
    SHIPPED: gettext_lazy("As shipped"),
    **{state.value: state.label for state in VersionState},
}
LANGUAGE_NAMES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


@dataclass(frozen=True)
class Told:
    """Something to correct, in words. `passage` quotes the text; `rules` are ids."""

    what: str
    passage: str = ""
    rules: tuple[str, ...] = ()


def title_of(template: Template) -> str:
    """The template's title in the page's language."""
    return template.titles[page_language()]


def page_language() -> str:
    """The language of the page, in our spelling: zh-Hans, zh-Hant, en."""
    return language_code(get_language() or "")


def fault_told(fault: Fault, text: str) -> Told:
    """What is to be corrected, in the page's language."""
    language = page_language()
    match fault.kind:
        case FaultKind.MISSING if fault.item:
            return Told(
                _("Missing: %(what)s") % {"what": fault.item.meaning[language]},
                rules=fault.item.basis,
            )
        case FaultKind.MISPLACED if fault.item:
            words = _("Must come before anything about the account: %(what)s")
            return Told(words % {"what": fault.item.meaning[language]}, rules=fault.item.basis)
        case FaultKind.FORBIDDEN if fault.finding:
            finding = fault.finding
            why = finding.why["zh" if language == "zh-Hans" else language]
            return Told(why, text[finding.start : finding.end], finding.source)
        case _:
            return Told(PLAIN_FAULTS[fault.kind] % {"what": _named(fault.what)})


def _named(what: str) -> str:
    """A fact by its meaning, anything else as it is."""
    return f"{{{what}}} {FIELDS[what].meaning[page_language()]}" if what in FIELDS else what


PLAIN_FAULTS: dict[FaultKind, str | Promise] = {
    FaultKind.UNREADABLE: gettext_lazy("Cannot be read: %(what)s"),
    FaultKind.FOREIGN_LINK: gettext_lazy("Links to %(what)s, which is not the lender's."),
    FaultKind.NOT_NEUTRAL: gettext_lazy("A stranger may read this, and it tells: %(what)s"),
    FaultKind.NOT_MASKED: gettext_lazy("Only letters may name this in full: %(what)s"),
    FaultKind.SUBJECT: gettext_lazy("E-mails and letters have a subject, other texts have none."),
}
