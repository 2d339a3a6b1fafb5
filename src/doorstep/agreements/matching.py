"""Whose money is it: a payment matched to a loan by its reference, then by amount and day; and how
it is shared out over what is open, oldest first.

Money is whole minor units. Nothing is guessed: where two answers are possible there is none, and a
person decides (`Unmatched.near` names what it may be).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Key = tuple[str, int | str]
"""What kind of thing is open, and its number."""
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/\-]{2,}")
MOST_NEAR = 5


class How(StrEnum):
    """What told whose money it is."""

    REFERENCE = "reference"
    AMOUNT_AND_DAY = "amount_and_day"
    PERSON = "person"


class Why(StrEnum):
    """Why nobody can be named."""

    NOTHING_FITS = "nothing_fits"
    SEVERAL_FIT = "several_fit"
    POINTS_TO_SEVERAL = "points_to_several"
    WHICH_LOAN = "which_loan"
    OTHER_CURRENCY = "other_currency"
    OTHER_NAME = "other_name"


@dataclass(frozen=True)
class Incoming:
    """A payment as it was told: `told` is what the payer wrote, `payer` the name of the account."""

    reference: str
    amount: int
    currency: str
    paid_on: date
    told: str = ""
    payer: str = ""


@dataclass(frozen=True)
class Account:
    """A loan that money may belong to."""

    loan_id: str
    borrower_id: str
    currency: str


@dataclass(frozen=True)
class Open:
    """An amount that is open on a loan: an instalment of a plan, or a promise."""

    key: Key
    loan_id: str
    due_on: date
    outstanding: int


@dataclass(frozen=True)
class Match:
    """The loan a payment belongs to, and what told so."""

    loan_id: str
    how: How


@dataclass(frozen=True)
class Unmatched:
    """Nobody can be named, why, and the loans it may belong to."""

    why: Why
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What a payment counts for, and how much of it for nothing that is open."""

    shares: tuple[tuple[Key, int], ...]
    rest: int


@dataclass
class Ledger:
    """What can be matched against: accounts, the words that name them (with the loans each means),
    the names of borrowers by loan, open amounts. One plan over several loans is open on each of
    them under the same key.
    """

    accounts: Mapping[str, Account]
    words: Mapping[str, frozenset[str]]
    names: Mapping[str, str] = field(default_factory=dict)
    opens: Iterable[Open] = ()
    days_around: int = 5

    def __post_init__(self) -> None:
        self.by_amount: dict[tuple[str, int], list[Open]] = defaultdict(list)
        self.of_loan: dict[str, list[Open]] = defaultdict(list)
        self.left: dict[Key, int] = {}
        for each in self.opens:
            account = self.accounts[each.loan_id]
            self.by_amount[(account.currency, each.outstanding)].append(each)
            self.of_loan[each.loan_id].append(each)
            self.left[each.key] = each.outstanding
        for opens in self.of_loan.values():
            opens.sort(key=lambda one: (one.due_on, str(one.key)))

    def match(self, payment: Incoming) -> Match | Unmatched:
        """The loan this payment belongs to, or why that cannot be said."""
        named = [self.words[word] for word in words_of(payment.told) if word in self.words]
        if named:
            return self._of_reference(payment, frozenset.intersection(*named))
        return self._of_amount(payment)

    def take(self, payment: Incoming, loan_id: str) -> Taken:
        """Share a payment of this loan out over what is open on it; what follows sees it paid."""
        shares, rest = shared_out(payment.amount, self.of_loan[loan_id], left=self.left)
        for key, share in shares:
            self.left[key] -= share
        return Taken(tuple(shares), rest)

    def _of_reference(self, payment: Incoming, loans: frozenset[str]) -> Match | Unmatched:
        if not loans:
            return Unmatched(Why.POINTS_TO_SEVERAL)
        fitting = sorted(loan for loan in loans if self.accounts[loan].currency == payment.currency)
        if not fitting:
            return Unmatched(Why.OTHER_CURRENCY, _near(loans))
        if len(fitting) == 1:
            return Match(fitting[0], How.REFERENCE)
        exact = [loan for loan in fitting if self._due_near(loan, payment)]
        if len(exact) == 1:
            return Match(exact[0], How.REFERENCE)
        if self._one_plan(fitting):
            return Match(fitting[0], How.REFERENCE)
        return Unmatched(Why.WHICH_LOAN, _near(exact or fitting))

    def _one_plan(self, loans: list[str]) -> bool:
        """Whether one plan covers all of these loans: then it is the plan that is paid."""
        plans = [
            {each.key for each in self.of_loan.get(loan, ()) if each.key[0] == "plan"}
            for loan in loans
        ]
        return bool(set.intersection(*plans))

    def _due_near(self, loan: str, payment: Incoming) -> bool:
        return any(self._fits(each, payment) for each in self.of_loan.get(loan, ()))

    def _fits(self, each: Open, payment: Incoming) -> bool:
        return (
            self.left[each.key] == payment.amount
            and abs((each.due_on - payment.paid_on).days) <= self.days_around
        )

    def _of_amount(self, payment: Incoming) -> Match | Unmatched:
        same = self.by_amount.get((payment.currency, payment.amount), ())
        loans = {each.loan_id for each in same if self._fits(each, payment)}
        if payment.payer:
            own = {loan for loan in loans if self.names.get(loan) == payment.payer}
            if loans and not own:
                return Unmatched(Why.OTHER_NAME, _near(loans))
            loans = own
        if len(loans) == 1:
            return Match(loans.pop(), How.AMOUNT_AND_DAY)
        return Unmatched(Why.SEVERAL_FIT if loans else Why.NOTHING_FITS, _near(loans))


def words_of(told: str) -> list[str]:
    """What in a payer's words may be a number of ours: the whole, and its pieces."""
    whole = told.strip()
    return list(dict.fromkeys([whole, *TOKEN.findall(whole)])) if whole else []


def _near(loans: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(loans)[:MOST_NEAR])


def shared_out(
    amount: int, opens: Iterable[Open], *, left: Mapping[Key, int]
) -> tuple[list[tuple[Key, int]], int]:
    """An amount over what is `left` of the open amounts, in their order; and what is over.

    Shares and rest add up to the amount, no share is zero, none exceeds what is left.
    """
    shares: list[tuple[Key, int]] = []
    for each in opens:
        if amount <= 0:
            break
        if (share := min(amount, left[each.key])) > 0:
            shares.append((each.key, share))
            amount -= share
    return shares, amount
