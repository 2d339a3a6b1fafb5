"""The rules that decide now. A worker asks before every batch, so a change binds on the minute."""

from __future__ import annotations

from doorstep.kernel import clock
from doorstep.rules.pack import Rulebook
from doorstep.rules.selectors import rulebook_at


def rulebook_current() -> Rulebook:
    """The rulebook that every act is decided by at this moment."""
    return rulebook_at(clock.now())
