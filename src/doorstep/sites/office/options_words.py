"""Plans and offers as people read them: kinds, effects, reasons, who must agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.agreements.models import OfferKind
from doorstep.protections.models import HardshipCause

Words = dict[str, str | Promise]
KEYS: Words = {
    **{kind.value: kind.label for kind in OfferKind},
    "instalments": gettext_lazy("Card debt in instalments"),
    "catch_up": gettext_lazy("Arrears in instalments, the contract goes on"),
}
ABOUT: Words = {
    "instalments": gettext_lazy("All of the card debt in equal parts, five years at most."),
    "catch_up": gettext_lazy("What is overdue is paid in parts beside the usual instalments."),
    "extension": gettext_lazy("The overdue instalments move to the end; the term grows by them."),
    "lower_instalment": gettext_lazy("All that is owed over a longer time, so that each is lower."),
    "deferral": gettext_lazy("Nothing is paid for some months; then regular instalments."),
    "temporary_reduction": gettext_lazy("Half instalments for some months; then regular ones."),
    "rate_reduction": gettext_lazy("A lower rate and a longer time."),
    "waiver": gettext_lazy("Penalty interest and fees are given up; the rest is paid in parts."),
    "settlement": gettext_lazy("A part of the debt settles all of it."),
}
FITS: dict[str, tuple[str | Promise, str]] = {
    "fits": (gettext_lazy("Affordable"), "green"),
    "above_share": (gettext_lazy("Too much a month"), "amber"),
    "nothing_left": (gettext_lazy("Nothing is left a month"), "amber"),
    "lump_sum": (gettext_lazy("One large sum: ask where it comes from"), "amber"),
    "not_known": (gettext_lazy("Not known: nobody has asked what is affordable"), "quiet"),
    "out_of_date": (gettext_lazy("Not known: the form is out of date"), "quiet"),
    "other_currency": (gettext_lazy("Not known: the form is in another currency"), "quiet"),
}
SHUT: Words = {
    "not_this_product": gettext_lazy("not for these loans"),
    "no_hardship": gettext_lazy("opens with a hardship on record"),
    "not_late_enough": gettext_lazy("not this early"),
    "can_pay_at_once": gettext_lazy("the debt is within the customer's means (article 70)"),
    "willingness_not_stated": gettext_lazy("the customer has not said that they want to pay"),
    "nothing_owed": gettext_lazy("nothing of this is owed"),
    "no_term": gettext_lazy("no term is allowed for it"),
}
ARREARS: Words = {
    "into_plan": gettext_lazy("The arrears become part of the plan; days past due stop counting."),
    "paid_step_by_step": gettext_lazy("The arrears stay until the last of them is paid."),
    "ends_when_paid": gettext_lazy("The arrears end on the day the sum is paid."),
}
CREDIT: Words = {
    "restructured": gettext_lazy("Shown on the credit record as rearranged."),
    "overdue_until_paid": gettext_lazy("Shown on the credit record as overdue until paid."),
    "settled_for_less": gettext_lazy("Shown on the credit record as settled for less."),
}
MISSED: Words = {
    "collection_resumes": gettext_lazy("Contact about the debt may begin again."),
    "interest_resumes": gettext_lazy("The contract's interest runs again from then on."),
    "waiver_ends": gettext_lazy("What was given up is owed again."),
}
REASONS: Words = {
    **{cause.value: cause.label for cause in HardshipCause},
    "own_proposal": gettext_lazy("The customer's own proposal"),
    "keeps_paying": gettext_lazy("Has kept paying so far"),
    "our_mistake": gettext_lazy("We made a mistake"),
    "eased": gettext_lazy("Eases a plan that runs"),
}
REFUSALS: Words = {
    "not_affordable": gettext_lazy("It is more than the customer can afford"),
    "too_little": gettext_lazy("The amount is too small"),
    "too_long": gettext_lazy("It takes too long"),
    "papers_missing": gettext_lazy("Papers are missing"),
    "dispute_open": gettext_lazy("A dispute must be answered first"),
    "other_plan": gettext_lazy("Another plan is better for the customer"),
    "beyond_policy": gettext_lazy("It goes beyond what we may grant"),
    "other": gettext_lazy("Something else (say what)"),
}
LEVELS: Words = {
    "eased_by_rule": gettext_lazy("By rule"),
    "standard": gettext_lazy("Within the usual limits"),
    "larger": gettext_lazy("Larger: an approver"),
    "exceptional": gettext_lazy("Exceptional: two people"),
}
ROLES: Words = {
    "team_leader": gettext_lazy("team leader"),
    "approver": gettext_lazy("approver"),
    "collections_manager": gettext_lazy("collections manager"),
}
TONES = {
    "proposed": "plain", "submitted": "amber", "approved": "green", "refused": "quiet",
    "withdrawn": "quiet", "lapsed": "quiet",
}  # fmt: skip


def words(table: Words, code: str) -> str:
    """A code in the page's language; one that nobody translated stays as it is."""
    return str(table.get(code, code))


def several(table: Words, codes: Iterable[str]) -> list[str]:
    """Codes in the page's language."""
    return [words(table, code) for code in codes]


def needed_words(needed: Sequence[Sequence[str]]) -> list[str]:
    """Who must agree: one line a person."""
    return [_(" or ").join(several(ROLES, roles)) for roles in needed]
