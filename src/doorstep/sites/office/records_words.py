"""Words and tones of visit records in lists."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from doorstep.visits.models import VisitOutcome

LATE: dict[str, str | Promise] = {
    "sent_later": _("Written the same day, sent later"),
    "written_later": _("Written after the day of the visit"),
}
TONES: dict[str, str] = {
    VisitOutcome.AGREED: "green", VisitOutcome.PROMISED: "green", VisitOutcome.DECLINED: "plain",
    VisitOutcome.NOT_MET: "quiet", VisitOutcome.THIRD_PARTY: "quiet",
    VisitOutcome.REFUSED_TALK: "plain", VisitOutcome.LEFT_EARLY: "amber",
}  # fmt: skip
