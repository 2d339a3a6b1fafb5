"""Movement of loans between buckets from one book to the next (迁徙).

Two readings are kept apart:
- The matrix follows each loan: rows are its bucket in the earlier book, columns in the later one.
- The net flow rate compares totals only: balance now in bucket n+1 over the balance then in n
  (迁徙率). It can exceed 1 and says nothing about single loans.
Several currencies are never added together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

ABSENT = -1
"""The "bucket" of a loan that one of the two books does not hold."""


@dataclass(frozen=True)
class Standing:
    """Where one loan stands in one book: its bucket and its balance in minor units."""

    loan_id: str
    currency: str
    bucket: int
    balance: int


@dataclass(frozen=True, order=True)
class Transition:
    """Loans of a currency that went from bucket `before` to bucket `after`.

    `balance` is that of the earlier book, so that a row of the matrix adds up to what stood in its
    bucket then; loans that are new (`before` is ABSENT) count with the balance of the later book.
    """

    currency: str
    before: int
    after: int
    loans: int
    balance: int


def transitions(*, before: Iterable[Standing], after: Iterable[Standing]) -> tuple[Transition, ...]:
    """The cells of the matrix that hold a loan, in the order currency, before, after.

    A loan whose currency changed counts as gone in the one and new in the other.
    """
    then = {(row.loan_id, row.currency): row for row in before}
    now = {(row.loan_id, row.currency): row for row in after}
    loans: Counter[tuple[str, int, int]] = Counter()
    balance: defaultdict[tuple[str, int, int], int] = defaultdict(int)
    for key in then.keys() | now.keys():
        was, is_ = then.get(key), now.get(key)
        cell = (key[1], was.bucket if was else ABSENT, is_.bucket if is_ else ABSENT)
        loans[cell] += 1
        balance[cell] += was.balance if was else now[key].balance
    return tuple(sorted(Transition(*cell, loans[cell], balance[cell]) for cell in loans))


def balance_by_bucket(standings: Iterable[Standing], *, currency: str) -> dict[int, int]:
    """Balance of one currency in each bucket that holds some loan."""
    totals: defaultdict[int, int] = defaultdict(int)
    for row in standings:
        if row.currency == currency:
            totals[row.bucket] += row.balance
    return dict(totals)


def net_flow_rates(
    *, before: Mapping[int, int], after: Mapping[int, int], edges: Sequence[int]
) -> tuple[Fraction | None, ...]:
    """For each bucket n from 0: balance now in n+1 over the balance then in n.

    None where nothing stood in bucket n then. The last bucket is open and flows nowhere, so there
    is one rate for each edge.
    """
    return tuple(
        Fraction(after.get(number + 1, 0), before[number]) if before.get(number) else None
        for number in range(len(edges))
    )
