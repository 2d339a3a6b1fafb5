"""How a figure of the bill came about, in sentences: rate x days x amount, and the ceilings."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doorstep.delinquency.bill import BillLine, PenaltyCount
from doorstep.delinquency.policy import Compounding, PenaltyBase
from doorstep.kernel.money import format_minor
from doorstep.sites.office.case_words import language


def amount(minor: int, currency: str) -> str:
    """Money in the page's language."""
    return format_minor(minor, currency, language=language())


def rate(ppm: int) -> str:
    """Parts per million as a percentage without needless zeros: 43500 -> 4.35%."""
    text = f"{Decimal(ppm) / 10_000:.4f}".rstrip("0").rstrip(".")
    return f"{text}%"


def penalty_words(line: BillLine, *, currency: str) -> list[str]:
    """The working of one instalment's penalty interest, a sentence a step; none without any.

    The amounts named add up to the line's outstanding penalty interest.
    """
    count = line.penalty
    words = []
    if count.charged:
        words.append(_charged(count, currency))
    if count.accrued:
        words.append(_accrued(count, currency))
    if count.accrued and count.rate_was_lowered:
        words.append(
            _("The contract names %(wanted)s a year; the ceiling lowers it to %(rate)s.")
            % {"wanted": rate(count.rate_wanted_ppm), "rate": rate(count.rate_ppm)}
        )
    if count.amount_was_lowered:
        words.append(
            _("That would be %(uncapped)s; the ceiling lowers it to %(accrued)s.")
            % {
                "uncapped": amount(count.uncapped, currency),
                "accrued": amount(count.accrued, currency),
            }
        )
    return words


def _charged(count: PenaltyCount, currency: str) -> str:
    shown = amount(count.charged, currency)
    if count.charged_to is None:
        return _("Charged by the lender and unpaid: %(amount)s.") % {"amount": shown}
    return _("Charged by the lender up to %(day)s and unpaid: %(amount)s.") % {
        "day": date_format(count.charged_to, "DATE_FORMAT"),
        "amount": shown,
    }


def _accrued(count: PenaltyCount, currency: str) -> str:
    base = (
        _("overdue principal %(amount)s")
        if count.covers is PenaltyBase.PRINCIPAL
        else _("overdue principal and interest %(amount)s")
    ) % {"amount": amount(count.base, currency)}
    days = ngettext("%(count)s day", "%(count)s days", count.days) % {"count": count.days}
    shown = amount(count.accrued if not count.amount_was_lowered else count.uncapped, currency)
    formula = {
        Compounding.NONE: _(
            "Since %(since)s: %(base)s × %(rate)s a year ÷ %(year)s × %(days)s = %(amount)s."
        ),
        Compounding.DAILY: _(
            "Since %(since)s: %(base)s at %(rate)s a year ÷ %(year)s, added every day "
            "for %(days)s = %(amount)s."
        ),
        Compounding.MONTHLY: _(
            "Since %(since)s: %(base)s at %(rate)s a year ÷ %(year)s, added every 30 days, "
            "for %(days)s = %(amount)s."
        ),
    }[count.compounding]
    return formula % {
        "since": date_format(count.since, "DATE_FORMAT"),
        "base": base,
        "rate": rate(count.rate_ppm),
        "year": count.day_count,
        "days": days,
        "amount": shown,
    }
