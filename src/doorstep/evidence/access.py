"""Who saw personal data, and for what purpose: an entry of the log before it is shown."""

from __future__ import annotations

from datetime import datetime

from doorstep.evidence.entry import Entry
from doorstep.evidence.models import Leaf
from doorstep.evidence.services import evidence_append
from doorstep.kernel.errors import InputError, Where


def access_record(
    *, subject: str, what: str, purpose: str, by: str, at: datetime, case: str = ""
) -> Leaf:
    """Record that `by` sees `what` of a borrower, for a purpose. Raises InputError without one."""
    if not purpose.strip():
        raise InputError(
            "State what the personal data is needed for.",
            code="NO_PURPOSE",
            where=Where(field="purpose"),
        )
    body = {"what": what, "purpose": purpose.strip(), "by": by}
    [leaf] = evidence_append(entries=[Entry("access", subject, body, case=case, agent=by)], at=at)
    return leaf
