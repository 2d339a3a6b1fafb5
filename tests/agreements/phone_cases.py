"""Cases of loans, means, days and tables with the server's answers, for the phone to answer too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from doorstep.agreements import document
from doorstep.agreements.affordability import (
    GROUPS,
    GUIDELINE,
    Guideline,
    Household,
    Line,
    Range,
    affordability_of,
    valid_until,
)
from doorstep.agreements.figures import amount_in_words
from doorstep.agreements.option_table import TABLE, OptionTable, Way
from doorstep.agreements.options import Means, Option, closed_for, options_for
from doorstep.agreements.phone_tables import options_plain, phone_tables, spending_plain
from doorstep.agreements.proposal import Proposal, longest_months, proposal_least, proposal_terms
from doorstep.agreements.terms import BorrowerLoan, Plan, Terms, parts_json
from doorstep.delinquency.dues import Parts
from doorstep.kernel.errors import DoorstepError

PRODUCTS = (
    "credit_card", "credit_card", "consumer", "consumer", "auto", "auto", "business", "other",
    "mortgage", "unheard_of",
)  # fmt: skip
CAUSES = ("job_loss", "less_income", "illness", "family", "disaster", "business", "other")
CURRENCIES = ("CNY", "CNY", "CNY", "HKD", "JPY", "EUR")
BREACH = document.Breach(5, 2, 30)
LENDER = document.Lender(
    "Example Bank", "1 Example Road", "95500", "95501", "https://bank.example/v",
    "the app of the bank", True,
)  # fmt: skip
LENDER_PLAIN = {
    "name": LENDER.name, "hotline": LENDER.hotline, "complaint_line": LENDER.complaint_line,
    "verify_at": LENDER.verify_at, "pay_channels": LENDER.pay_channels,
    "reports_credit": LENDER.reports_credit,
}  # fmt: skip


def phone_cases(*, number: int, seed: int) -> dict[str, Any]:
    """`number` cases as JSON: what is asked and what the server answers."""
    draw = Draw(np.random.default_rng(seed))
    tables = phone_tables(on=date(2026, 11, 23), country="CN")
    return {
        "tables": tables, "lender": LENDER_PLAIN, "cases": [draw.case() for _each in range(number)]
    }  # fmt: skip


class Draw:
    """Cases drawn one after the other, edges more often than chance would have them."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random

    def case(self) -> dict[str, Any]:
        """One case with its answer."""
        on = date(2026, 1, 1) + timedelta(days=self._whole(0, 1100))
        first = self._one(
            (None, on, on + timedelta(days=1), on + timedelta(days=self._whole(2, 92)))
        )
        loans, means, options = self._loans(), self._means(on), self._options()
        guideline, household = self._guideline(), self._household()
        proposal = Proposal(
            self._money(), first or on + timedelta(days=30), self._one((0, 0, 0, 1, 3, 6, 24)),
            self._one(({}, {}, {"penalty": 100}, {"interest": 33, "fee": 100})),
        )  # fmt: skip
        lines = self._lines(guideline)
        amounts = [
            (self._whole(0, 10 ** self._whole(1, 14)), currency, language)
            for currency in ("CNY", "USD", "JPY") for language in document.LANGUAGES
        ]  # fmt: skip
        made = tried(lambda: proposal_terms(loans=loans, proposal=proposal, on=on, policy=options))
        open_now = tried(
            lambda: options_for(
                borrower_loans=loans, affordability=means, on=on, policy=options, first_on=first
            )
        )
        drawn = self._document(open_now, loans, means, on)
        asked = {
            "loans": [loan.as_json() for loan in loans],
            "means": means_plain(means),
            "on": on.isoformat(),
            "first_on": first.isoformat() if first else None,
            "options": options_plain(options),
            "proposal": {
                "monthly": proposal.monthly, "first_on": proposal.first_on.isoformat(),
                "pause": proposal.pause, "waive": dict(proposal.waive),
            },
            "guideline": spending_plain(guideline),
            "household": {"adults": household.adults, "children": household.children},
            "lines": [
                {"group": each.group, "code": each.code, "minor": each.minor, "why": each.why}
                for each in lines
            ],
            "amounts": amounts,
            "document": drawn and drawn[0],
        }  # fmt: skip
        answer = {
            "options": open_now
            if isinstance(open_now, dict)
            else list(map(option_plain, open_now)),
            "closed": tried(
                lambda: [
                    [each.key, each.kind, each.why.value]
                    for each in closed_for(
                        borrower_loans=loans, affordability=means, policy=options
                    )
                ]
            ),
            "proposal": made
            if isinstance(made, dict)
            else {"terms": terms_plain(made[0]), "plan": plan_plain(made[1])},
            "least": tried(
                lambda: proposal_least(loans=loans, proposal=proposal, on=on, policy=options)
            ),
            "longest": longest_months(loans, policy=options),
            "affordability": tried(lambda: result_plain(household, lines, guideline)),
            "valid_until": valid_until(on=on, guideline=guideline).isoformat(),
            "words": [
                amount_in_words(minor, currency, language=language)
                for minor, currency, language in amounts
            ],
            "document": drawn and drawn[1],
        }
        return {"asked": asked, "answer": answer}

    def _loans(self) -> tuple[BorrowerLoan, ...]:
        number, currency = self._one((1, 1, 1, 1, 2, 3)), self._one(CURRENCIES)
        found = [self._loan(f"L-{place}", currency) for place in range(number)]
        if number > 1 and self._whole(0, 25) == 0:
            found[0] = replace(found[0], currency="USD")
        return tuple(found)

    def _loan(self, loan_id: str, currency: str) -> BorrowerLoan:
        owed = Parts(
            self._money(), self._one((0, self._money() // 50)),
            self._one((0, self._whole(0, 9999))), self._one((0, self._whole(0, 99999))),
        )  # fmt: skip
        if self._whole(0, 30) == 0:
            owed = Parts()
        share = self._whole(0, 100)
        overdue = self._one(
            (
                Parts(), owed,
                Parts(owed.principal * share // 100, owed.interest, owed.fee, owed.penalty),
            )
        )  # fmt: skip
        return BorrowerLoan(
            loan_id=loan_id, product=self._one(PRODUCTS), currency=currency,
            annual_rate_ppm=self._one((0, 43_500, 182_500, 999_999, self._whole(1, 360_000))),
            owed=owed, overdue=overdue, overdue_count=self._whole(0, 9),
            dpd=self._one((0, 1, 89, 90, self._whole(0, 900))),
            months_left=self._one((0, 0, 1, 2, self._whole(1, 30), self._long())),
            usual=self._one((0, self._whole(1, 900_000))),
        )  # fmt: skip

    def _long(self) -> int:
        return self._whole(1, 365 if self._whole(0, 12) == 0 else 60)

    def _means(self, on: date) -> Means | None:
        causes = frozenset(each for each in CAUSES if self._whole(0, 2) == 0)
        if self._whole(0, 9) == 0:
            return self._one((None, Means(None, "", date.min, causes=causes)))
        return Means(
            disposable=self._one((0, -self._whole(1, 10**6), 1, self._money() // 20)),
            currency=self._one(CURRENCIES),
            valid_until=on + timedelta(days=self._one((-1, 0, 40, 90))),
            willing=bool(self._whole(0, 3)), causes=causes,
        )  # fmt: skip

    def _options(self) -> OptionTable:
        if self._whole(0, 1):
            return TABLE
        ways = tuple(self._way(each) for each in TABLE.ways)
        return replace(
            TABLE, ways=ways, first_days=self._whole(1, 60), card_months=self._whole(1, 60),
            ended_months=self._whole(1, 36),
        )  # fmt: skip

    def _way(self, way: Way) -> Way:
        changes: dict[str, Any] = {"dpd_from": self._one((way.dpd_from, 0, 30))}
        if way.smaller:
            changes |= {"smaller": self._whole(1, 9), "smaller_percent": self._whole(1, 100)}
        if way.pause:
            changes["pause"] = self._whole(1, 24)
        if way.settle_percent:
            changes["settle_percent"] = self._whole(1, 100)
        if way.waive:
            changes["waive"] = {
                part: self._whole(0, 100) for part in ("penalty", "fee", "interest")
            }
        if isinstance(way.months, tuple):
            kept = tuple(each for each in way.months if self._whole(0, 2))
            changes["months"] = kept or (self._whole(1, 60),)
            changes["rate_percent"] = self._one((way.rate_percent, self._whole(0, 100)))
        return replace(way, **changes)

    def _guideline(self) -> Guideline:
        ranges = {
            code: Range(low, low + self._whole(0, 300_000))
            for code in GUIDELINE.spending
            for low in [self._whole(0, 90_000)]
        }
        return replace(
            GUIDELINE, spending=ranges, reserve_percent=self._whole(0, 100),
            adult_percent=self._whole(0, 100), child_percent=self._whole(0, 99),
            income={code: self._whole(0, 100) for code in GUIDELINE.income},
            valid_days=self._whole(1, 400),
        )  # fmt: skip

    def _household(self) -> Household:
        return Household(self._one((1, 2, self._whole(0, 31))), self._one((0, self._whole(0, 31))))

    def _lines(self, guideline: Guideline) -> list[Line]:
        whys = ("", "", " \u3000\x1f", "\ufeff", "a reason")
        lines = [
            Line(group, code, self._one((0, self._whole(0, 400_000), money)), self._one(whys))
            for group in GROUPS for code in guideline.codes(group) if self._whole(0, 2)
            for money in [self._money()]
        ]  # fmt: skip
        odd = (
            Line("income", "lottery", 1),
            Line("spending", "food", -1),
            Line("debt", "car", 10**13),
        )
        return [*lines, self._one(odd)] if self._whole(0, 19) == 0 else lines

    def _document(
        self,
        options: Any,
        loans: tuple[BorrowerLoan, ...],
        means: Means | None,
        on: date,
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """A plan as the document states it, and what the document says."""
        if isinstance(options, dict) or not options:
            return None
        option = self._one(options)
        plan = stated(option, loans, means, on)
        language = self._one(document.LANGUAGES)
        paper = document.Paper("N", 1, "C", on, language)
        signer = document.Signer("A", "B", "")
        values = document.document_values(plan=plan, lender=LENDER, signer=signer, paper=paper)
        names = ("title", "plain_title", "plain", "sections", "consents_title", "consents")
        said = {name: values[name] for name in (*names, "sign_title", "sign_note")}
        return {"language": language, "plan": stated_plain(plan)}, said

    def _money(self) -> int:
        return self._whole(1, 10 ** self._whole(2, 10))

    def _whole(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high, endpoint=True))

    def _one(self, choices: Any) -> Any:
        return choices[self._whole(0, len(choices) - 1)]


def tried(work: Callable[[], Any]) -> Any:
    """What comes of it, or the code by which it is refused."""
    try:
        return work()
    except DoorstepError as error:
        return {"refused": error.code}


def means_plain(means: Means | None) -> dict[str, Any] | None:
    """As the day pack holds it."""
    if means is None:
        return None
    return {
        "disposable": means.disposable, "currency": means.currency, "willing": means.willing,
        "valid_until": means.valid_until.isoformat(), "causes": sorted(means.causes),
    }  # fmt: skip


def option_plain(option: Option) -> dict[str, Any]:
    """Everything of an option that a person could see."""
    return {
        "key": option.key,
        "terms": terms_plain(option.terms),
        "loans": list(option.loans),
        "plan": plan_plain(option.plan),
        "beside": option.beside,
        "contract_total": option.contract_total,
        "difference": option.difference,
        "share_ppm": None if option.share_ppm is None else str(option.share_ppm),
        "fit": option.fit.value,
    }


def terms_plain(terms: Terms) -> dict[str, Any]:
    """As it is kept."""
    return terms.as_json()


def plan_plain(plan: Plan) -> dict[str, Any]:
    """Every row and every sum."""

    def by_loan(found: Any) -> dict[str, list[int]]:
        return {loan: parts_json(parts) for loan, parts in found.items()}

    old = sum(parts.interest - plan.waived[loan].interest for loan, parts in plan.owed.items())
    return {
        "rows": [
            [row.number, row.due_on.isoformat(), parts_json(row.parts), by_loan(row.by_loan)]
            for row in plan.rows
        ],
        "owed": by_loan(plan.owed),
        "waived": by_loan(plan.waived),
        "waived_parts": parts_json(plan.waived_parts),
        "new_interest": sum(row.parts.interest for row in plan.rows) - old,
        "total": plan.total,
        "most": plan.most,
        "usual": plan.usual,
    }


def result_plain(household: Household, lines: list[Line], guideline: Guideline) -> dict[str, Any]:
    """What is left a month and every finding."""
    found = affordability_of(household=household, lines=lines, guideline=guideline)
    return {
        "income": found.income, "spending": found.spending, "debts": found.debts,
        "reserve": found.reserve, "disposable": found.disposable,
        "findings": [each.as_json() for each in found.findings],
    }  # fmt: skip


def stated(
    option: Option, loans: tuple[BorrowerLoan, ...], means: Means | None, on: date
) -> document.Plan:
    """An option as its document states it."""
    plain = plan_plain(option.plan)
    rate = option.terms.rate_ppm
    known = means is not None and means.disposable is not None
    return document.Plan(
        kind=option.terms.kind,
        currency=loans[0].currency,
        counted_on=on,
        owed=tuple(
            document.Owed(
                loan.product, loan.loan_id, loan.annual_rate_ppm if rate is None else rate,
                parts.principal, parts.interest, penalty=parts.penalty, fee=parts.fee,
            )
            for loan in loans if loan.loan_id in option.plan.owed
            for parts in [option.plan.owed[loan.loan_id]]
        ),
        dues=tuple(
            document.Due(
                row.number, row.due_on, row.parts.principal, row.parts.interest,
                penalty=row.parts.penalty, fee=row.parts.fee,
            )
            for row in option.plan.rows
        ),
        waived=option.plan.waived_parts.total,
        new_interest=plain["new_interest"],
        breach=BREACH,
        assessed_on=on if known else None,
        disposable=(means.disposable or 0) if means else 0,
    )  # fmt: skip


def stated_plain(plan: document.Plan) -> dict[str, Any]:
    """The same as JSON."""
    parts = ("principal", "interest", "penalty", "fee")
    return {
        "kind": plan.kind, "currency": plan.currency, "counted_on": plan.counted_on.isoformat(),
        "owed": [
            {"product": each.product, "contract": each.contract, "rate_ppm": each.rate_ppm}
            | {part: getattr(each, part) for part in parts}
            for each in plan.owed
        ],
        "dues": [
            {"number": each.number, "due_on": each.due_on.isoformat()}
            | {part: getattr(each, part) for part in parts}
            for each in plan.dues
        ],
        "waived": plan.waived, "new_interest": plan.new_interest,
        "breach": {
            "grace_days": plan.breach.grace_days, "missed": plan.breach.missed,
            "open_days": plan.breach.open_days,
        },
        "assessed_on": plan.assessed_on.isoformat() if plan.assessed_on else None,
        "disposable": plan.disposable,
    }  # fmt: skip
