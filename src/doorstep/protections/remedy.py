"""Drafts of what makes good: an apology to the person concerned, and what to put right here.

Drafts only: a person reads and changes them, and what goes out goes through the one door.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doorstep.protections.deeds import Wrong
from doorstep.protections.models import Channel
from doorstep.protections.safeguard import Safeguard


def apology_draft(*, safeguard: Safeguard, wrong: Sequence[Wrong], language: str) -> str:
    """An apology in the borrower's language; to the family where the borrower has died."""
    with translation.override(language.lower()):
        lines = [_("Dear customer,"), "", _apology(safeguard, wrong), *_lines(wrong)]
        if safeguard.kind == "deceased":
            lines[0] = _("To the family,")
        return "\n".join([*lines, "", _("Nobody will contact you about this again without need.")])


def correction_draft(*, safeguard: Safeguard, wrong: Sequence[Wrong]) -> str:
    """What to put right here, in the language of the house."""
    with translation.override(settings.LANGUAGE_CODE):
        unsure = sum(not each.certain for each in wrong)
        lines = [
            _("Put right:"),
            ngettext(
                "- Take %(count)s contact out of every count and report.",
                "- Take %(count)s contacts out of every count and report.",
                len(wrong),
            )
            % {"count": len(wrong)},
            _("- Cancel every fee, note or step that came from them."),
        ]
        if unsure:
            words = ngettext(
                "- Look at %(count)s contact whose record says too little.",
                "- Look at %(count)s contacts whose record says too little.",
                unsure,
            )
            lines.append(words % {"count": unsure})
        if safeguard.kind == "deceased":
            lines.append(_("- Ask the family once, in writing, who settles the estate."))
        return "\n".join(lines)


def _apology(safeguard: Safeguard, wrong: Sequence[Wrong]) -> str:
    day = date_format(safeguard.starts_at.astimezone(_zone()), "DATE_FORMAT")
    sure = sum(each.certain for each in wrong)
    if safeguard.kind == "deceased":
        words = ngettext(
            "We learned too late of your loss. After %(day)s we still tried to make contact "
            "%(count)s time. That should not have happened, and we are sorry.",
            "We learned too late of your loss. After %(day)s we still tried to make contact "
            "%(count)s times. That should not have happened, and we are sorry.",
            sure,
        )
    else:
        words = ngettext(
            "Since %(day)s we should have left you alone in this matter. We still made contact "
            "%(count)s time. That should not have happened, and we are sorry.",
            "Since %(day)s we should have left you alone in this matter. We still made contact "
            "%(count)s times. That should not have happened, and we are sorry.",
            sure,
        )
    return words % {"day": day, "count": sure}


def _lines(wrong: Sequence[Wrong]) -> list[str]:
    return [
        f"- {_moment(each.deed.at)} {_channel(each.deed.channel)}" for each in wrong if each.certain
    ]


def _moment(at: datetime) -> str:
    local = at.astimezone(_zone())
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


def _channel(code: str) -> str:
    return str(Channel(code).label) if code in Channel.values else code


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
