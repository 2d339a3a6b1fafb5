"""Outsourced work: whether an agency acts, and whether the borrower was told of it."""

from __future__ import annotations

from doorstep.rules.cases.case_file import Case
from doorstep.rules.cases.words import Facts, Tools

_TOLD = ("facts.written_notice", "facts.borrower_notified")


def facts(case: Case, tools: Tools) -> Facts:
    """Who acts, where the case says that work was given away, and the notice of it."""
    found: Facts = {}
    if (outsourced := case.truth("facts.outsourced")) is not None:
        found["actor"] = "agency" if outsourced else "bank"
    for path in _TOLD:
        if (told := case.truth(path)) is not None:
            found["outsource_notice_given"] = told
    return found
