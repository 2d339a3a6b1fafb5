"""Means, offers and what follows from them in the example bank: a few cases in every state.

Everything is done by the same services a page calls. What is there stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from doorstep.agreements.affordability import GUIDELINE, Event, Household, Line
from doorstep.agreements.models import Affordability, Offer
from doorstep.agreements.options import options_for
from doorstep.agreements.proposal import Proposal, proposal_least
from doorstep.agreements.selectors.affordability import means_of
from doorstep.agreements.selectors.loans import borrower_loans
from doorstep.agreements.services.affordability import (
    Form,
    affordability_finish,
    affordability_save,
)
from doorstep.agreements.services.offers import (
    offer_approve,
    offer_counter,
    offer_make,
    offer_refuse,
    offer_submit,
)
from doorstep.cases.models import Case
from doorstep.cycle.policies import policy_of_last_night
from doorstep.kernel.errors import InputError, Refused
from doorstep.workforce.models import Staff
from doorstep.workforce.roles import Role

STATES = (
    "draft", "finished", "proposed", "submitted", "submitted", "own", "own", "approved", "approved",
    "approved", "refused",
)  # fmt: skip
MOST_CASES = 22
CAUSES = ("job_loss", "less_income", "illness", None, "business")
WORDS = "每月 10 号发工资，之后可以还。"
ANSWER = "按您每月的结余，这个方案负担太重；请看我们提出的另一个方案。"


def offers_make(
    *, staff: Mapping[str, Staff], at: datetime, progress: Callable[[float], None]
) -> None:
    """Forms and offers in every state for cases that desk agents have."""
    if Affordability.objects.exists():
        return
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    cases = list(_cases())
    causes = cycle(CAUSES)
    for done, (case, state) in enumerate(zip(cases, cycle(STATES), strict=False), start=1):
        with transaction.atomic():
            case_offer(case, state, next(causes), staff["approver"], on, at)
        progress(done / len(cases))


def _cases() -> Iterator[Case]:
    """Some cases of every desk agent, the most urgent first, that nothing holds."""
    agents = Staff.objects.filter(role=Role.DESK_AGENT, is_active=True).order_by("pk")
    each = max(MOST_CASES // max(agents.count(), 1), 1)
    for agent in agents:
        rows = Case.objects.filter(
            assignee=agent, status="open", hold_kind="", currency=GUIDELINE.currency
        )
        yield from rows.select_related("borrower", "assignee").order_by("-priority", "pk")[:each]


def case_offer(
    case: Case, state: str, cause: str | None, approver: Staff, on: date, at: datetime
) -> None:
    """Take the means of a case and bring an offer as far as `state`, as of a day."""
    agent = case.assignee
    if agent is None:
        return
    loans = borrower_loans(
        borrower_id=case.borrower_id, on=on, at=at, policy=policy_of_last_night()
    )
    if not loans or len({loan.currency for loan in loans}) > 1:
        return
    form = _form(sum(loan.usual for loan in loans), cause, case.pk, on)
    draft = affordability_save(case=case, form=form, by=agent, at=at)
    if state == "draft":
        return
    affordability_finish(draft=draft, by=agent, at=at, on=on)
    if state == "own":
        _own(case, agent, on, at)
    elif state != "finished":
        _ours(case, state, agent, approver, on, at)


def _form(usual: int, cause: str | None, seed: int, on: date) -> Form:
    """A household that could just pay what it agreed to, before something happened."""
    children = seed % 3
    household = Household(1 + seed % 2, children)
    spending = [
        Line("spending", code, (low.low + low.high) // 2)
        for code in GUIDELINE.spending
        if (low := GUIDELINE.range_for(code, household=household)).high and code != "care"
    ]
    life = sum(line.minor for line in spending)
    income = (life * 110 // 100 + usual * (70 + seed % 50) // 100) // 10_000 * 10_000
    events = (Event(cause, on - timedelta(days=30 + seed % 60)),) if cause else ()
    return Form(household, [Line("income", "wage", income), *spending], events, willing=True)


def _ours(case: Case, state: str, agent: Staff, approver: Staff, on: date, at: datetime) -> None:
    policy = policy_of_last_night()
    loans = borrower_loans(borrower_id=case.borrower_id, on=on, at=at, policy=policy)
    means = means_of(borrower_id=case.borrower_id, on=on, at=at)
    options = options_for(borrower_loans=loans, affordability=means, on=on)
    if not options:
        return
    option = options[0]
    try:
        offer = offer_make(
            case=case, terms=option.terms, loans=option.loans, reason_code="keeps_paying",
            by=agent, at=at, on=on, policy=policy, note="客户愿意还款。",
        )  # fmt: skip
        if state == "proposed":
            return
        offer = offer_submit(offer=offer, by=agent, at=at, on=on)
        _decided(offer, state, approver, on, at)
    except Refused:
        return  # beyond what anybody may grant: a case like any other


def _decided(offer: Offer, state: str, approver: Staff, on: date, at: datetime) -> None:
    if state == "approved":
        offer_approve(offer=offer, by=approver, at=at, on=on)
    elif state == "refused":
        offer_refuse(offer=offer, reasons=["not_affordable"], words=ANSWER, by=approver, at=at)


def _own(case: Case, agent: Staff, on: date, at: datetime) -> None:
    policy = policy_of_last_night()
    loans = borrower_loans(borrower_id=case.borrower_id, on=on, at=at, policy=policy)
    first = on + timedelta(days=25)
    try:
        least = proposal_least(loans=loans, proposal=Proposal(1, first), on=on)
        monthly = -(-least * 5 // 4 // 10_000) * 10_000
        offer_counter(
            case=case, proposal=Proposal(monthly, first), loans=[loan.loan_id for loan in loans],
            words=WORDS, by=agent, at=at, on=on, policy=policy,
        )  # fmt: skip
    except (Refused, InputError):
        return  # nothing to propose for
