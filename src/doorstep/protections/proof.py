"""What of protections goes into the evidence log: every version, as it was known, when it was."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Model

from doorstep.evidence.entry import Entry
from doorstep.protections.models import Hold, LateNews, Protection, Vulnerability
from doorstep.workforce.models import Staff

LEFT_OUT = frozenset({"id", "borrower_id", "apology", "correction"})


def version_entry(row: Protection) -> Entry:
    """One version of a protection, with what is done differently where it says so."""
    body = _columns(row) | {"table": row._meta.model_name}
    if isinstance(row, Vulnerability):
        body["handling"] = sorted(row.handlings.values_list("code", flat=True))
    return Entry(
        kind="protection", subject=row.borrower_id, agent=_agent(row.recorded_by), body=body
    )


def hold_entry(hold: Hold, *, by: Staff) -> Entry:
    """A hold as staff placed or ended it."""
    body = _columns(hold) | {"hold": hold.pk}
    return Entry(kind="hold", subject=hold.borrower_id, agent=_agent(by), body=body)


def remedy_entry(late: LateNews) -> Entry:
    """How acts that should not have happened were made good, and which they were."""
    acts = list(late.acts.order_by("at", "pk").values_list("source", "reference"))
    body = _columns(late) | {"acts": [list(act) for act in acts]}
    return Entry(kind="remedy", subject=late.borrower_id, agent=_agent(late.settled_by), body=body)


def _columns(row: Model) -> dict[str, Any]:
    columns = [field.attname for field in row._meta.concrete_fields]
    return {name: _plain(getattr(row, name)) for name in columns if name not in LEFT_OUT}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def _agent(staff: Staff | None) -> str:
    return staff.username[:128] if staff else ""
