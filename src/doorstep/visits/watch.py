"""Who watches the timers: a thread beside every worker and every site, looking every few seconds.

It is a thread of its own so that a night of an hour or a slow gateway never delays an alarm, and
runs in every program so that none of them alone must live.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, InterfaceError, close_old_connections

from doorstep.visits.models import Alarm, PlannedVisit
from doorstep.visits.safety import place_of
from doorstep.visits.services.alarms import alarms_due, sos_raise
from doorstep.visits.services.safety import positions_forget
from doorstep.visits.spool import Sos, sos_forget, sos_waiting
from doorstep.workforce.models import Staff

EVERY_SECONDS = 5.0
FORGET_EVERY = 60
log = logging.getLogger(__name__)


class Watch(threading.Thread):
    """Looks until it is stopped; a database that is busy or away is asked again the next time."""

    def __init__(
        self, *, home: Path, clock: Callable[[], datetime], seconds: float = EVERY_SECONDS
    ) -> None:
        super().__init__(daemon=True, name="watch")
        self._home, self._clock, self._seconds = home, clock, seconds
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look at once, then every few seconds."""
        looked = 0
        while True:
            try:
                watch_once(home=self._home, clock=self._clock, forget=looked % FORGET_EVERY == 0)
            except (DatabaseError, InterfaceError, OSError) as error:
                log.warning("The timers could not be looked at: %s", error)
            except Exception:
                log.exception("The timers could not be looked at")
            finally:
                close_old_connections()
            looked += 1
            if self._stopped.wait(self._seconds):
                return

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()


def watch_once(*, home: Path, clock: Callable[[], datetime], forget: bool = False) -> list[Alarm]:
    """Take in calls that wait on this machine's disk, raise what is due, alert who is next; returns
    what was raised for a missed check-in. `forget`: also forget places of days that are over."""
    for path, sos in sos_waiting(home=home):
        if sos_take_in(sos=sos) is not None:
            sos_forget(path)
    raised = alarms_due(at=clock())
    if forget:
        positions_forget(at=clock())
    return raised


def sos_take_in(*, sos: Sos) -> Alarm | None:
    """An SOS from the disk as an alarm, as of the moment it was sent; None where the account is
    gone, which leaves the file for a person."""
    staff = Staff.objects.filter(pk=sos.staff).first()
    if staff is None:
        return None
    place = place_of(sos.latitude, sos.longitude)
    visit = PlannedVisit.objects.filter(pk=sos.visit).first() if sos.visit is not None else None
    return sos_raise(key=sos.key, by=staff, at=sos.at, visit=visit, place=place, duress=sos.duress)
