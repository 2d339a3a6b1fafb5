"""Rules as people read them: their words in the page's language, badges, and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from doorstep.guard.action import Kind
from doorstep.rules.bound import Bound
from doorstep.rules.catalogue import Catalogue
from doorstep.rules.condition import Condition
from doorstep.rules.rule import Confidence, Effect, Rule, Severity
from doorstep.rules.values import Value
from doorstep.rules.words import code_words, condition_words

SAYS: dict[Effect, str | Promise] = {
    Effect.FORBID: _("Forbids"),
    Effect.NOT_BEFORE: _("Not before a time"),
    Effect.ASK: _("Asks a person"),
    Effect.PERMIT_IF: _("Only if"),
    Effect.REQUIRE: _("Requires"),
    Effect.END_CONTACT: _("Ends the contact"),
    Effect.PERMIT: _("Permits"),
    Effect.NONE: _("For information"),
}
TONES = {Effect.FORBID: "red", Effect.END_CONTACT: "red", Effect.ASK: "amber"}
CONFIDENCES: dict[Confidence, str | Promise] = {
    Confidence.SEEN_PRIMARY: _("The instrument's own text was read"),
    Confidence.SEEN_QUOTED: _("Quoted by a named third party"),
    Confidence.FROM_MEMORY: _("From memory, to be verified"),
    Confidence.HOUSE: _("The lender's own rule"),
}
KINDS: dict[str, str | Promise] = {
    Kind.MESSAGE: _("Message"),
    Kind.CALL: _("Call"),
    Kind.VISIT: _("Visit"),
    Kind.LETTER: _("Letter"),
    Kind.THIRD_PARTY_ENQUIRY: _("Enquiry with a third party"),
    Kind.DISCLOSURE: _("Disclosure"),
    Kind.SKIP_TRACE: _("Search for a new address or number"),
    Kind.FEE_CHANGE: _("Change of a fee"),
    Kind.LEGAL_REFERRAL: _("Referral to court"),
    Kind.PLACEMENT: _("Placement with an agency"),
    Kind.AGREEMENT: _("Agreement"),
    Kind.RECORD_PURGE: _("Deletion of a record"),
    Kind.RECORD_KEEP: _("Keeping of a record"),
}


def language() -> str:
    """Which of a rule's two languages the page shows."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def worded(words: Mapping[str, str]) -> str:
    """The words in the page's language."""
    return words.get(language(), "")


def says(rule: Rule) -> tuple[str, str]:
    """What a rule says when it speaks, and the tone of its badge."""
    if rule.severity is Severity.WARN:
        return str(_("Warns")), "amber"
    if rule.test is None:
        return str(_("Left to a person")), "amber"
    return str(SAYS[rule.effect]), TONES.get(rule.effect, "plain")


def conditions(bound: Bound, catalogue: Catalogue) -> list[tuple[str, str]]:
    """The parts of a rule's condition, each with its heading, as sentences."""
    parts: list[tuple[str | Promise, Condition | None]] = [
        (_("It speaks when"), bound.when),
        (_("unless"), bound.unless),
        (_("and then not before"), bound.not_before),
    ]
    return [
        (str(heading), condition_words(part, catalogue, language()))
        for heading, part in parts
        if part is not None
    ]


def known_words(facts: Mapping[str, Value], catalogue: Catalogue) -> list[tuple[str, str]]:
    """Facts by what they mean, with their values as people write them."""
    found: list[tuple[str, str]] = []
    for name, value in facts.items():
        meaning: Any = catalogue.get(name)
        label = (meaning.zh if language() == "zh" else meaning.en) if meaning else name
        found.append((label, code_words(name, value, catalogue, language())))
    return found
