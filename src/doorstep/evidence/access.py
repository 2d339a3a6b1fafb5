"""Who saw personal data, and for what purpose: an entry of the log before it is shown."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from doorstep.evidence.entry import Entry
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Where

SHORTEST_PURPOSE = 4
LONGEST_PURPOSE = 300


def access_record(
    *, subject: str, what: str, purpose: str, by: str, at: datetime, case: str = ""
) -> int:
    """Record that `by` sees `what` of a borrower; returns the place in the log. Raises InputError
    without a purpose."""
    purpose = " ".join(purpose.replace("\x00", "").split())[:LONGEST_PURPOSE]
    if len(purpose) < SHORTEST_PURPOSE:
        raise InputError(
            _("State what you need the data for."),
            code="NO_PURPOSE",
            hint=_("At least %(least)s characters.") % {"least": SHORTEST_PURPOSE},
            where=Where(field="purpose"),
        )
    body = {"what": what, "purpose": purpose, "by": by}
    [place] = evidence_append(entries=[Entry("access", subject, body, case=case, agent=by)], at=at)
    return place
