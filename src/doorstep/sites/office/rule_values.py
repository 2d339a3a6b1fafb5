"""What the values of a rule are called: the numbers, hours and lists that are set in its file."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.rules.catalogue import Catalogue
from doorstep.rules.rule import Rule
from doorstep.rules.values import Value
from doorstep.rules.words import code_words
from doorstep.sites.office.rule_words import language, worded

NAMES: Mapping[str, str | Promise] = {
    "most": _("At most"),
    "fewest": _("At least"),
    "days": _("Within days"),
    "months": _("Within months"),
    "years": _("Years"),
    "calls": _("Calls"),
    "quiet_from": _("Quiet from"),
    "quiet_to": _("Quiet until"),
    "night_from": _("Night from, by the sun"),
    "night_to": _("Night until, by the sun"),
    "opens": _("Open from"),
    "closes": _("Open until"),
    "days_apart": _("Days apart, at least"),
    "days_between_collections": _("Days between two collections, at least"),
    "months_unpaid": _("Months unpaid, at least"),
    "longest_months": _("Months, at most"),
    "keep_months": _("Months to be kept, at least"),
    "required": _("Must contain"),
    "first_items": _("Must contain"),
    "later_items": _("Must contain"),
    "suit_items": _("Must contain"),
    "must_state": _("Must contain"),
    "never": _("Never"),
    "forbidden": _("Never"),
    "sensitive": _("Sensitive information"),
    "amounts": _("Measures of what was recovered"),
    "max_calls": _("Calls, at most"),
    "max_contacts": _("Contacts, at most"),
    "max_personal": _("Attempts on a personal number, at most"),
    "max_other": _("Attempts elsewhere, at most"),
    "calls_in_a_day": _("Calls in a day, at most"),
    "persistent_calls": _("Calls in a row, at most"),
    "enquiries_a_day": _("Enquiries in a day, at most"),
    "silent_messages": _("Messages without an answer, at most"),
    "notice_days": _("Days of notice, at least"),
    "occasion_days": _("Days around the occasion"),
    "days_after_treatment": _("Days after treatment"),
    "safe_from": _("In force from"),
    "simple_ways": _("Simple ways to opt out"),
    "occasions": _("Occasions"),
    "unusual_places": _("Unusual places"),
    "persons_allowed": _("Persons who may be spoken to"),
    "persons_not_counted": _("Persons who do not count"),
    "entitled": _("Persons entitled"),
    "consumer_relations": _("Persons counted as the customer"),
    "allowed": _("Permitted"),
    "unsuitable": _("Unsuitable"),
    "dear_rates": _("Dear numbers"),
    "bank_holidays": _("Public holidays"),
} | dict.fromkeys(
    (
        "abusive", "busy_words", "false_words", "legal_steps", "pretexts", "shaming", "taking",
        "threats",
    ),
    _("Words looked for"),
)  # fmt: skip


def value_name(name: str) -> str:
    """What a value is called; one that has no words of its own, by its name in the file."""
    return str(NAMES.get(name, name.replace("_", " ")))


def value_rows(values: Mapping[str, Value], catalogue: Catalogue) -> list[tuple[str, str]]:
    """The values of a rule, each with what it is called."""
    return [
        (value_name(name), code_words(name, value, catalogue, language()))
        for name, value in values.items()
    ]


def reason_shown(rule: Rule, catalogue: Catalogue) -> str:
    """The reason a rule gives, with today's values put in; a fact, which differs from case to case,
    stands there by what it means, in brackets."""
    row = rule.row_on(None)
    return worded(rule.reason).format_map(_Inserted(row.values if row else {}, catalogue))


class _Inserted(dict[str, str]):
    def __init__(self, values: Mapping[str, Value], catalogue: Catalogue) -> None:
        super().__init__()
        self.values_set, self.catalogue = values, catalogue

    def __missing__(self, name: str) -> str:
        if name in self.values_set:
            return code_words(name, self.values_set[name], self.catalogue, language())
        meaning = self.catalogue.get(name)
        if meaning is None:
            return f"[{name}]"
        return f"[{meaning.zh if language() == 'zh' else meaning.en}]"
