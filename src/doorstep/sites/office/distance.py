"""How far away a day or an instant is, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def days_away(days: int) -> str:
    """Whole days from today: 0 is today, positive is to come."""
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": days}
    return ngettext("%(count)s day ago", "%(count)s days ago", -days) % {"count": -days}


def time_away(seconds: float) -> str:
    """Seconds from now, rounded down to minutes, hours or days."""
    size = abs(seconds)
    if size < MINUTE:
        return _("now")
    if size >= 2 * DAY:
        return days_away(int(seconds / DAY))
    if size < HOUR:
        count, ahead, past = int(size // MINUTE), _minutes_ahead, _minutes_ago
    else:
        count, ahead, past = int(size // HOUR), _hours_ahead, _hours_ago
    return ahead(count) if seconds > 0 else past(count)


def _minutes_ahead(count: int) -> str:
    return ngettext("%(count)s minute left", "%(count)s minutes left", count) % {"count": count}


def _minutes_ago(count: int) -> str:
    return ngettext("%(count)s minute ago", "%(count)s minutes ago", count) % {"count": count}


def _hours_ahead(count: int) -> str:
    return ngettext("%(count)s hour left", "%(count)s hours left", count) % {"count": count}


def _hours_ago(count: int) -> str:
    return ngettext("%(count)s hour ago", "%(count)s hours ago", count) % {"count": count}
