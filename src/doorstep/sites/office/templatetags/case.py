"""Words and marks of a case, beside those every page uses.

{% load case %}
{% hold_badge case %}   On hold: Dispute
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from doorstep.cases.models import Case
from doorstep.delinquency.bill import BillLine
from doorstep.sites.office import bill_words
from doorstep.sites.office.case_words import hold_words
from doorstep.sites.office.templatetags.office import badge

register = template.Library()


@register.simple_tag
def hold_badge(case: Case) -> SafeString:
    """That a case is on hold, and why."""
    return badge(_("On hold: %(kind)s") % {"kind": hold_words(case.hold_kind)}, "amber")


@register.filter
def hold_label(kind: str) -> str:
    """A kind of hold as people read it."""
    return hold_words(kind)


@register.filter
def entry(mapping: Mapping[str, Any], key: str) -> Any:
    """The entry of a mapping, None when there is none."""
    return mapping.get(key)


@register.filter
def rate(ppm: int) -> str:
    """Parts per million a year as a percentage."""
    return bill_words.rate(ppm)


@register.filter
def penalty_words(line: BillLine, currency: str) -> list[str]:
    """How the penalty interest of a line of the bill came about."""
    return bill_words.penalty_words(line, currency=currency)


@register.filter
def language_name(code: str) -> str:
    """A language by its own name."""
    return dict(settings.LANGUAGES).get(code.lower(), code)
