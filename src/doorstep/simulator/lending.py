"""Products and loans: who borrowed how much, on which terms, when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa

from doorstep.simulator.columns import Bools, Days, Floats, Ints, month_day, stream


@dataclass(frozen=True)
class Product:
    """One product. Amounts in yuan, rates in parts per million a year, terms in months (0: a card).

    `share` of all loans, `overdue_share` of the overdue ones (cards hold 48 % of non-performing
    packages; the rest is assumed). `age` is the longest age in months.
    """

    code: str
    share: float
    overdue_share: float
    middle: int
    spread: float
    most: int
    rates: tuple[int, ...]
    terms: tuple[int, ...]
    age: int
    penalty_percent: int | None


PRODUCTS = (
    Product(
        "credit_card", share=0.40, overdue_share=0.48, middle=22_000, spread=0.7, most=300_000,
        rates=(182_500,), terms=(0,), age=72, penalty_percent=100,
    ),
    Product(
        "consumer", share=0.36, overdue_share=0.34, middle=18_000, spread=0.9, most=300_000,
        rates=(72_000, 108_000, 146_000, 180_000), terms=(6, 12, 12, 24, 36), age=36,
        penalty_percent=150,
    ),
    Product(
        "auto", share=0.08, overdue_share=0.05, middle=85_000, spread=0.5, most=400_000,
        rates=(38_800, 49_900, 68_000), terms=(24, 36, 36, 60), age=60, penalty_percent=150,
    ),
    Product(
        "mortgage", share=0.07, overdue_share=0.03, middle=620_000, spread=0.5, most=3_000_000,
        rates=(30_500, 34_500, 41_000), terms=(240, 300, 360), age=120, penalty_percent=150,
    ),
    Product(
        "business", share=0.06, overdue_share=0.07, middle=160_000, spread=0.8, most=2_000_000,
        rates=(43_500, 61_000, 85_000), terms=(12, 24, 36), age=36, penalty_percent=150,
    ),
    Product(
        "other", share=0.03, overdue_share=0.03, middle=9_000, spread=0.5, most=50_000,
        rates=(60_000, 120_000), terms=(12, 18), age=18, penalty_percent=None,
    ),
)  # fmt: skip
CODES = tuple(product.code for product in PRODUCTS)
CARD = CODES.index("credit_card")
ASLEEP = 0.42  # cards that nobody uses: no balance, no statements
CLOSED = 0.04
MINIMUM_PERCENT = 8  # of the card's balance asked for each month


@dataclass(frozen=True)
class Loans:
    """Loans in order of their number. Money in fen; `age` is how many instalments fell due before
    today; `last_due` the latest of those days; `idle` has no instalments (asleep or closed)."""

    borrower: Ints
    product: Ints
    principal: Ints
    used: Ints
    rate: Ints
    penalty_percent: Ints
    term: Ints
    age: Ints
    due_day: Ints
    last_month: Days
    idle: Bools
    closed: Bools
    overdue: Bools

    @property
    def size(self) -> int:
        """How many loans there are."""
        return len(self.borrower)

    def due_on(self, back: int | Ints) -> Days:
        """The due day `back` cycles before the latest one (negative: to come)."""
        return month_day(self.last_month - np.asarray(back).astype("timedelta64[M]"), self.due_day)

    @property
    def ids(self) -> Ints:
        """Numbers of the loans, from 1."""
        return np.arange(1, self.size + 1)


def loans_make(*, size: int, borrowers: int, overdue: int, seed: int, on: date) -> Loans:
    """Loans of borrowers 0 to borrowers-1; the first `overdue` of a shuffled list of borrowers have
    at least one that can be late."""
    rng = stream(seed, "loans")
    borrower = np.concatenate([np.arange(borrowers), rng.integers(0, borrowers, size - borrowers)])
    late_borrower = np.zeros(borrowers, dtype=bool)
    late_borrower[rng.permutation(borrowers)[:overdue]] = True
    late = late_borrower[borrower] & (np.arange(size) < borrowers)
    late |= late_borrower[borrower] & (rng.random(size) < 0.35)
    product = np.where(
        late,
        rng.choice(len(PRODUCTS), size, p=_shares("overdue_share")),
        rng.choice(len(PRODUCTS), size, p=_shares("share")),
    )
    terms = _terms(rng, product)
    idle_card = (product == CARD) & (rng.random(size) < ASLEEP) & ~late
    closed = (rng.random(size) < CLOSED) & ~late & ~idle_card
    age = _ages(rng, product, terms)
    late &= age > 0
    late[:borrowers] |= late_borrower
    age = np.where(late, np.maximum(age, 1), age)
    due_day = rng.integers(1, 29, size)
    principal = _amounts(rng, product)
    order = np.argsort(borrower, kind="stable")
    columns = Loans(
        borrower=borrower,
        product=product,
        principal=principal,
        used=_used(rng, product, principal, idle_card),
        rate=_rates(rng, product),
        penalty_percent=_of_product(product, "penalty_percent"),
        term=terms,
        age=age,
        due_day=due_day,
        last_month=_last_months(due_day, on),
        idle=idle_card | closed,
        closed=closed,
        overdue=late,
    )
    return Loans(**{name: values[order] for name, values in vars(columns).items()})


def product_codes(loans: Loans) -> pa.Array:
    """Product words of the loans."""
    return pa.array(list(CODES)).take(pa.array(loans.product))


def _shares(name: str) -> Floats:
    shares = np.array([getattr(product, name) for product in PRODUCTS])
    normal: Floats = shares / shares.sum()
    return normal


def _of_product(product: Ints, name: str) -> Ints:
    values = [getattr(each, name) for each in PRODUCTS]
    found: Ints = np.array([-1 if value is None else value for value in values])[product]
    return found


def _terms(rng: np.random.Generator, product: Ints) -> Ints:
    terms = np.zeros(len(product), dtype=np.int64)
    for position, each in enumerate(PRODUCTS):
        here = product == position
        terms[here] = rng.choice(each.terms, here.sum())
    return terms


def _ages(rng: np.random.Generator, product: Ints, terms: Ints) -> Ints:
    longest = _of_product(product, "age")
    most = np.where(terms > 0, np.minimum(terms - 1, longest), longest)
    months: Ints = (rng.random(len(product)) ** 1.7 * (most + 1)).astype(np.int64)
    return months


def fresh_due_days(loans: Loans, *, fresh: Bools, seed: int, on: date) -> Loans:
    """The loans with new due days where `fresh`: those in their first month late fell due more
    often lately than long ago, because most pay soon."""
    rng = stream(seed, "due days")
    ago = rng.exponential(11.0, loans.size).astype(np.int64) % 30 + 1
    day = np.datetime64(on, "D") - ago.astype("timedelta64[D]")
    of_month = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    due_day = np.where(fresh, np.minimum(of_month, 28), loans.due_day)
    return replace(loans, due_day=due_day, last_month=_last_months(due_day, on))


def _last_months(due_day: Ints, on: date) -> Days:
    """The month of the latest due day before `on`."""
    this = np.datetime64(on, "M")
    months: Days = np.where(due_day < on.day, this, this - np.timedelta64(1, "M"))
    return months.astype("datetime64[M]")


def _amounts(rng: np.random.Generator, product: Ints) -> Ints:
    middle, most = _of_product(product, "middle"), _of_product(product, "most")
    spread = np.array([each.spread for each in PRODUCTS])[product]
    yuan = middle * np.exp(spread * rng.standard_normal(len(product)))
    return np.clip((yuan / 500).round().astype(np.int64) * 500, 1_000, most) * 100


def _rates(rng: np.random.Generator, product: Ints) -> Ints:
    rates = np.zeros(len(product), dtype=np.int64)
    for position, each in enumerate(PRODUCTS):
        here = product == position
        rates[here] = rng.choice(each.rates, here.sum())
    return rates


def _used(rng: np.random.Generator, product: Ints, principal: Ints, idle: Bools) -> Ints:
    """What of a card's limit is drawn, in fen; all of any other loan."""
    drawn = (principal * rng.beta(1.6, 2.4, len(product))).astype(np.int64).clip(20_000)
    return np.where(product == CARD, np.where(idle, 0, np.minimum(drawn, principal)), principal)
