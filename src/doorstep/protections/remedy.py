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

from doorstep.protections.models import Channel, LateAct, LateNews


def apology_draft(*, late: LateNews, acts: Sequence[LateAct], language: str) -> str:
    """An apology in the borrower's language; to the family where the borrower has died. Empty while
    no act is certain: first somebody looks."""
    if not any(act.certain for act in acts):
        return ""
    with translation.override(language.lower()):
        lines = [_("Dear customer,"), "", _apology(late, acts), *_lines(acts)]
        if late.kind == "deceased":
            lines[0] = _("To the family,")
        return "\n".join(
            [*lines, "", _("Until it is cleared up, nobody will contact you about it.")]
        )


def correction_draft(*, late: LateNews, acts: Sequence[LateAct]) -> str:
    """What to put right here, in the language of the house."""
    with translation.override(settings.LANGUAGE_CODE):
        unsure = sum(not act.certain for act in acts)
        lines = [
            _("Put right:"),
            ngettext(
                "- Do not count %(count)s contact as work done.",
                "- Do not count %(count)s contacts as work done.",
                len(acts),
            )
            % {"count": len(acts)},
            _("- Cancel every fee, note or step that came from them."),
        ]
        if unsure:
            words = ngettext(
                "- Look at %(count)s contact whose record says too little.",
                "- Look at %(count)s contacts whose record says too little.",
                unsure,
            )
            lines.append(words % {"count": unsure})
        if late.kind == "deceased":
            lines.append(_("- Ask the family once, in writing, who settles the estate."))
        return "\n".join(lines)


def _apology(late: LateNews, acts: Sequence[LateAct]) -> str:
    day = date_format(late.took_effect_at.astimezone(_zone()), "DATE_FORMAT")
    sure = sum(act.certain for act in acts)
    if late.kind == "deceased":
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


def _lines(acts: Sequence[LateAct]) -> list[str]:
    return [f"- {_moment(act.at)} {_channel(act.channel)}" for act in acts if act.certain]


def _moment(at: datetime) -> str:
    local = at.astimezone(_zone())
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


def _channel(code: str) -> str:
    return str(Channel(code).label) if code in Channel.values else code


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
