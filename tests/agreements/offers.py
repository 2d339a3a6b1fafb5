"""A customer with loans, a form and people to work with, for the tests of offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from doorstep.agreements.affordability import Event, Household, Line
from doorstep.agreements.models import Affordability, AffordabilityPaper, Offer
from doorstep.agreements.services.affordability import (
    Form,
    affordability_finish,
    affordability_save,
)
from doorstep.agreements.services.offers import offer_make
from doorstep.agreements.terms import Terms
from doorstep.cases.models import Case
from doorstep.delinquency.policy import DEFAULT
from doorstep.portfolio.models import Loan
from doorstep.workforce.models import Branch, Staff
from doorstep.workforce.roles import Role
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_branch,
    make_case,
    make_instalments,
    make_loan,
    make_staff,
    make_team,
)

FIRST = ON + timedelta(days=30)
LINES = (
    Line("income", "wage", 800_000),
    Line("spending", "housing", 150_000),
    Line("spending", "food", 100_000),
    Line("spending", "utilities", 20_000),
    Line("spending", "transport", 20_000),
    Line("spending", "health", 10_000),
    Line("spending", "clothing", 10_000),
    Line("spending", "phone", 8_000),
    Line("spending", "other", 10_000),
)
DISPOSABLE = 800_000 - 328_000 - 32_800


@dataclass
class Desk:
    """A branch with its people, and a customer with a consumer loan of 3,300.00 overdue."""

    branch: Branch = field(default_factory=make_branch)
    case: Case = field(init=False)
    loan: Loan = field(init=False)
    agent: Staff = field(init=False)
    leader: Staff = field(init=False)
    approver: Staff = field(init=False)
    manager: Staff = field(init=False)

    def __post_init__(self) -> None:
        team = make_team(branch=self.branch)
        self.agent = make_staff(Role.DESK_AGENT, team=team)
        self.leader = make_staff(Role.TEAM_LEADER, team=team)
        self.approver = make_staff(Role.APPROVER, branch=self.branch)
        self.manager = make_staff(Role.COLLECTIONS_MANAGER, branch=self.branch)
        borrower = make_borrower(branch=self.branch)
        self.case = make_case(borrower=borrower, team=team, assignee=self.agent)
        self.loan = make_loan(
            borrower=borrower, product="consumer", balance=1_200_000,
            annual_rate_ppm=120_000, matures_on=ON + timedelta(days=270),
        )  # fmt: skip
        make_instalments(loan=self.loan, first_due_on=ON - timedelta(days=330), paid=9)

    def form(self, *, cause: str | None = "job_loss", lines: tuple[Line, ...] = LINES) -> Form:
        """What the customer says."""
        events = (Event(cause, ON - timedelta(days=40)),) if cause else ()
        return Form(Household(1, 0), lines, events, willing=True)

    def finished(self, *, cause: str | None = "job_loss", on: date = ON) -> Affordability:
        """The form, filled in and finished."""
        draft = affordability_save(
            case=self.case, form=self.form(cause=cause), by=self.agent, at=AT
        )
        return affordability_finish(draft=draft, by=self.agent, at=AT, on=on)

    def offer(
        self,
        *,
        terms: Terms | None = None,
        note: str = "",
        by: Staff | None = None,
        on: date = ON,
    ) -> Offer:
        """An offer of ours, not yet submitted: twelve lower instalments unless said otherwise."""
        return offer_make(
            case=self.case, terms=terms or lower(), loans=[self.loan.pk], reason_code="job_loss",
            by=by or self.agent, at=AT, on=on, policy=DEFAULT, note=note,
        )  # fmt: skip


def lower(*, months: int = 12, first_on: date = FIRST, kind: str = "lower_instalment") -> Terms:
    """Terms of lower instalments."""
    return Terms(kind, months, first_on)


def make_offer(*, case: Case, loan: Loan, **fields: Any) -> Offer:
    """An offer of 12 instalments that is being prepared, as a row without its instalments."""
    maker = fields.pop("maker", None) or make_staff()
    values: dict[str, Any] = {
        "kind": "lower_instalment", "proposed_by": "lender", "made_at": AT, "counted_on": ON,
        "currency": "CNY", "terms": lower().as_json(), "snapshot": [], "reason_code": "job_loss",
        "months": 12, "first_on": FIRST, "last_on": FIRST + timedelta(days=335),
        "instalment_minor": 110_000, "owed_minor": 1_200_000, "total_minor": 1_320_000,
        "contract_minor": 1_300_000, **fields,
    }  # fmt: skip
    offer = Offer.objects.create(case=case, borrower=case.borrower, maker=maker, **values)
    offer.loans.set([loan])
    return offer


def make_paper(*, case: Case) -> AffordabilityPaper:
    """A paper on a form that is being filled in; what is sealed opens for nobody."""
    form = Affordability.objects.create(
        case=case, borrower=case.borrower, currency="CNY", begun_at=AT, saved_at=AT
    )
    return AffordabilityPaper.objects.create(
        affordability=form, about="event", media="image/jpeg", size=1, sha256="0" * 64,
        place=uuid4(), sealed=b"0", added_at=AT,
    )  # fmt: skip
