"""What the borrower agreed to or asked for: hours, channels, numbers, places."""

from __future__ import annotations

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools


def facts(case: Case, tools: Tools) -> Facts:
    """The facts of this concern that the case says."""
    return {}
