"""The night as a background task, so that the office can start it and go on working."""

from __future__ import annotations

from datetime import date

from django_tasks import task

from doorstep.cycle.services import night_run
from doorstep.kernel import clock
from doorstep.workforce.models import Staff


@task()
def run_night(on: str, staff_id: int | None = None) -> int:
    """Run the night of a day (ISO text); returns the run's number."""
    by = Staff.objects.get(pk=staff_id) if staff_id is not None else None
    return night_run(on=date.fromisoformat(on), by=by, at=clock.now()).pk
