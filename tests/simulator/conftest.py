"""One small bank for the reading tests; it is made once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from doorstep.simulator.bank import Bank, Book, bank_make, book_of

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def bank() -> Bank:
    """4,000 loans, 400 overdue borrowers."""
    return bank_make(loans=4_000, seed=7, on=TODAY)


@pytest.fixture(scope="session")
def book(bank: Bank) -> Book:
    """The book of the day."""
    return book_of(bank, on=TODAY)


@pytest.fixture(scope="session")
def yesterday(bank: Bank) -> Book:
    """The book of the day before."""
    return book_of(bank, on=TODAY - timedelta(days=1))
