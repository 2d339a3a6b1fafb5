"""The steps of the ladder and the movements of a case, as plain words without Django."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What to do next with a borrower: from nothing, over the softest act, to a person's review."""

    NONE = "none"
    WAIT = "wait"
    VERIFY = "verify"
    REMIND = "remind"
    REMIND_AGAIN = "remind_again"
    CALL = "call"
    LETTER = "letter"
    PROPOSE_VISIT = "propose_visit"
    REVIEW = "review"


class MovementKind(StrEnum):
    """What changed for a borrower between two nights."""

    ENTERED = "entered"
    WORSE = "worse"
    BETTER = "better"
    CURED = "cured"
    HELD = "held"
    RELEASED = "released"
    STEP = "step"
