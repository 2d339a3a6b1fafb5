"""Why something is granted, and why a proposal is not possible: codes. Pure.

Every concession has a code of `CONCESSIONS`; every refusal one or more of `REFUSALS` and words of
its own for the customer.
"""

from __future__ import annotations

HARDSHIPS = ("job_loss", "less_income", "illness", "family", "disaster", "business", "other")
CONCESSIONS = (*HARDSHIPS, "own_proposal", "keeps_paying", "our_mistake", "eased")
REFUSALS = (
    "not_affordable", "too_little", "too_long", "papers_missing", "dispute_open", "other_plan",
    "beyond_policy", "other",
)  # fmt: skip
