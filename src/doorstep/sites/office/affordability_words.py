"""Affordability as people read it: the lines of the form, and how each was counted."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
INCOME: Words = {
    "wage": _("Wages, after tax"),
    "business": _("Own business"),
    "casual": _("Odd jobs, irregular work"),
    "pension": _("Pension"),
    "benefits": _("State support"),
    "rent": _("Rent received"),
    "family": _("Support from family"),
    "other": _("Other income"),
}
SPENDING: Words = {
    "housing": _("Rent, home, property fees"),
    "food": _("Food and daily needs"),
    "utilities": _("Water, power, gas, heating"),
    "transport": _("Getting about"),
    "health": _("Doctor and medicine"),
    "education": _("School and learning"),
    "clothing": _("Clothes and shoes"),
    "phone": _("Phone and internet"),
    "care": _("Care for children, parents, the ill"),
    "insurance": _("Insurance"),
    "other": _("Everything else"),
}
DEBTS: Words = {
    "mortgage": _("Mortgage elsewhere"),
    "car": _("Car loan elsewhere"),
    "card": _("Credit cards elsewhere"),
    "online": _("Online loans"),
    "business": _("Business loan elsewhere"),
    "family": _("Owed to family or friends"),
    "other": _("Other debts"),
}
LINES = {"income": INCOME, "spending": SPENDING, "debt": DEBTS}
GROUPS: Words = {
    "income": _("What comes in a month"),
    "spending": _("What life costs a month"),
    "debt": _("Other lenders, a month"),
}
HOW: Words = {
    "as_said": _("counted as said"),
    "in_part": _("counted in part: it comes and goes"),
    "raised": _("low for such a household: the usual least is counted until a reason is given"),
    "explained": _("unusual, counted as said: a reason is given"),
    "lowered": _("high for such a household: the usual most is counted until a reason is given"),
}


def line_words(group: str, code: str) -> str:
    """A line's name; a code nobody translated stays as it is."""
    return str(LINES.get(group, {}).get(code, code))
