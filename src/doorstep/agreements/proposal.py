"""The borrower's own proposal, in the same form as our options. Pure.

A borrower says what they can pay a month and from when, whether they need a pause first, and what
they ask to be waived. From that the shortest plan follows whose instalments are not higher.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from doorstep.agreements.option_table import TABLE, OptionTable
from doorstep.agreements.options import CARD
from doorstep.agreements.terms import LONGEST_MONTHS, BorrowerLoan, Plan, Terms, plan_of
from doorstep.kernel.errors import Refused


@dataclass(frozen=True)
class Proposal:
    """What a borrower proposes. `monthly`: the most a month, minor units; `waive`: percent by
    component; `rate_ppm`: None for each loan's own (cards: the plan's own, see options.toml)."""

    monthly: int
    first_on: date
    pause: int = 0
    waive: Mapping[str, int] = field(default_factory=dict)


def proposal_terms(
    *,
    loans: Sequence[BorrowerLoan],
    proposal: Proposal,
    on: date,
    policy: OptionTable = TABLE,
) -> tuple[Terms, Plan]:
    """The shortest plan that keeps within what the borrower can pay, and its rows.

    Raises InputError for terms that cannot be, and Refused TOO_LITTLE where the debt would not end
    within the longest term there is (`proposal_least` says from what amount it would).
    """
    if proposal.monthly < proposal_least(loans=loans, proposal=proposal, on=on, policy=policy):
        raise Refused("At this amount the debt would not end in time.", code="TOO_LITTLE")
    low, high = 1, _longest(loans, proposal, policy)
    while low < high:
        middle = (low + high) // 2
        if _made(loans, proposal, middle, on, policy)[1].most <= proposal.monthly:
            high = middle
        else:
            low = middle + 1
    return _made(loans, proposal, low, on, policy)


def proposal_least(
    *,
    loans: Sequence[BorrowerLoan],
    proposal: Proposal,
    on: date,
    policy: OptionTable = TABLE,
) -> int:
    """The least a month with which a plan of this form ends within the longest term there is."""
    return _made(loans, proposal, _longest(loans, proposal, policy), on, policy)[1].most


def longest_months(loans: Sequence[BorrowerLoan], *, policy: OptionTable = TABLE) -> int:
    """The longest a plan for these loans may last: five years where a card is among them
    (CN-CC-70-TERM), else what options.toml allows each product."""
    lower = policy.way("lower_instalment").most_months
    limits = [policy.card_most() if loan.product == CARD else lower.get(loan.product, 60)
              for loan in loans]  # fmt: skip
    return min(limits, default=LONGEST_MONTHS)


def _longest(loans: Sequence[BorrowerLoan], proposal: Proposal, policy: OptionTable) -> int:
    return max(longest_months(loans, policy=policy) - proposal.pause, 1)


def _made(
    loans: Sequence[BorrowerLoan], proposal: Proposal, months: int, on: date, policy: OptionTable
) -> tuple[Terms, Plan]:
    cards = all(loan.product == CARD for loan in loans)
    percent = policy.way("instalments").rate_percent
    rate = min(loan.annual_rate_ppm for loan in loans) * percent // 100 if cards else None
    terms = Terms(
        kind=_kind(proposal, cards), months=months, first_on=proposal.first_on, rate_ppm=rate,
        pause=proposal.pause, waive=dict(proposal.waive),
    )  # fmt: skip
    return terms, plan_of(loans=loans, terms=terms, on=on)


def _kind(proposal: Proposal, cards: bool) -> str:
    if any(proposal.waive.values()):
        return "waiver"
    if proposal.pause:
        return "deferral"
    return "instalments" if cards else "lower_instalment"
