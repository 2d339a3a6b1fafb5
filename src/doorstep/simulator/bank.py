"""The bank put together: everything true about it, and its book as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from doorstep.portfolio.schema import TABLES
from doorstep.simulator import dealings
from doorstep.simulator.behaviour import NAMES, STEADY, TYPES, draw_arrears, draw_types
from doorstep.simulator.columns import (
    Bools,
    Ints,
    Rows,
    as_day,
    day_array,
    numbered,
    picked,
    stream,
)
from doorstep.simulator.history import Instalments, arrears_make, instalments_make
from doorstep.simulator.lending import Loans, fresh_due_days, loans_make
from doorstep.simulator.people import People, people_make
from doorstep.simulator.reach import Reach, reach_make
from doorstep.simulator.statement import statement_make

Book = dict[str, pa.Table]
BORROWERS_PER_LOAN = 0.8
OVERDUE_PER_LOAN = 0.1
# Hidden types among those who are not overdue: most are steady, the others are between two falls.
QUIET = {
    "forgetful": 0.06,
    "hardship": 0.03,
    "strategic": 0.02,
    "evasive": 0.01,
    "vulnerable": 0.02,
    STEADY: 0.86,
}


@dataclass(frozen=True)
class Bank:
    """A synthetic lender as of business date `on`; `kinds` are hidden types by borrower."""

    seed: int
    on: date
    people: People
    loans: Loans
    kinds: Ints
    arrears: Ints
    instalments: Instalments
    reach: Reach
    overdue: dealings.Overdue


def bank_make(*, loans: int, seed: int, on: date) -> Bank:
    """Make up a bank of `loans` loans, a tenth as many overdue borrowers; the same for the same
    seed and day. `loans` is at least 20."""
    borrowers, late = round(loans * BORROWERS_PER_LOAN), round(loans * OVERDUE_PER_LOAN)
    people = people_make(size=borrowers, seed=seed, on=on)
    lent = loans_make(size=loans, borrowers=borrowers, overdue=late, seed=seed, on=on)
    kinds = _kinds(lent, borrowers, seed)
    loan_kinds = kinds[lent.borrower]
    now = np.where(lent.overdue, draw_arrears(stream(seed, "now"), loan_kinds), 0)
    lent = fresh_due_days(lent, fresh=now == 1, seed=seed, on=on)
    arrears = arrears_make(loans=lent, now=now, kinds=loan_kinds, seed=seed)
    rows = instalments_make(loans=lent, arrears=arrears, kinds=loan_kinds, seed=seed, on=on)
    return Bank(
        seed=seed,
        on=on,
        people=people,
        loans=lent,
        kinds=kinds,
        arrears=arrears,
        instalments=rows,
        reach=reach_make(people=people, kinds=kinds, seed=seed, on=on),
        overdue=_overdue(lent, rows, kinds, on),
    )


def book_of(bank: Bank, *, on: date) -> Book:
    """The lender's book of a day: `bank.on` or one before. Loans opened on the day itself enter the
    book a day later; so do their borrowers."""
    stated = statement_make(loans=bank.loans, rows=bank.instalments, seed=bank.seed, on=on)
    opened = stated.loans["opened_on"] < as_day(on)
    known = np.zeros(bank.people.size, dtype=bool)
    known[bank.loans.borrower[opened]] = True
    contacts, contact_of, contact_day = dealings.contacts_make(
        overdue=bank.overdue, seed=bank.seed, on=bank.on
    )
    promises = dealings.promises_make(
        overdue=bank.overdue, rows=bank.instalments, seed=bank.seed, on=bank.on
    )
    protections, protection_of, since = dealings.protections_make(
        overdue=bank.overdue, seed=bank.seed, on=bank.on
    )
    flags, flag_of = dealings.flags_make(overdue=bank.overdue, seed=bank.seed, on=bank.on)
    day = as_day(on)
    return {
        "employers": table_of("employers", bank.people.employers),
        "borrowers": table_of("borrowers", bank.people.borrowers, known),
        "contact_points": table_of("contact_points", bank.reach.points, known[bank.reach.point_of]),
        "addresses": table_of("addresses", bank.reach.addresses, known[bank.reach.address_of]),
        "loans": table_of("loans", stated.loans, opened),
        "instalments": table_of("instalments", stated.instalments, opened[bank.instalments.loan]),
        "payments": table_of("payments", stated.payments),
        "contacts": table_of("contacts", contacts, known[contact_of] & (contact_day < day)),
        "protections": table_of("protections", protections, known[protection_of] & (since <= day)),
        "promises": table_of(
            "promises", dealings.promise_rows(promises, on=on), promises.made_on <= day
        ),
        "flags": table_of("flags", flags, known[flag_of]),
    }


def truth_of(bank: Bank) -> Book:
    """What the program must not see: hidden types, and whether a borrower's number reaches them."""
    size = bank.people.size
    return {
        "borrowers": pa.table(
            {
                "borrower_id": numbered("C", np.arange(1, size + 1), 7),
                "hidden_type": picked(NAMES, bank.kinds),
                "number_works": bank.reach.number_works,
                **{
                    name: np.array([getattr(TYPES[each], name) for each in NAMES])[bank.kinds]
                    for name in ("answers", "keeps", "pull")
                },
            }
        )
    }


def table_of(name: str, rows: Rows, wanted: Bools | None = None) -> pa.Table:
    """A table of the book in the columns and order of the schema, sorted by its key."""
    table = TABLES[name]
    schema = table.arrow()
    size = len(next(iter(rows.values())))
    columns = []
    for column in table.columns:
        kind = schema.field(column.name).type
        if column.name in rows:
            values = rows[column.name]
            array = values if isinstance(values, pa.Array | pa.ChunkedArray) else day_array(values)
            columns.append(array.cast(kind))
        else:
            columns.append(pa.repeat(pa.scalar(column.default, kind), size))
    made = pa.table(columns, schema=schema)
    kept = made if wanted is None else made.filter(pa.array(wanted))
    return kept.sort_by([(key, "ascending") for key in table.key])


def _kinds(loans: Loans, borrowers: int, seed: int) -> Ints:
    rng = stream(seed, "types")
    late = np.zeros(borrowers, dtype=bool)
    late[loans.borrower[loans.overdue]] = True
    shares = np.array([QUIET[name] for name in NAMES])
    quiet = rng.choice(len(NAMES), borrowers, p=shares)
    return np.where(late, draw_types(rng, borrowers), quiet)


def _overdue(loans: Loans, rows: Instalments, kinds: Ints, on: date) -> dealings.Overdue:
    """Overdue borrowers with their worst loan (the earlier one where two are equal)."""
    open_ = np.isnat(rows.settled_on) & (rows.back >= 0)
    dpd = np.zeros(loans.size, dtype=np.int64)
    np.maximum.at(dpd, rows.loan[open_], (as_day(on) - rows.due_on[open_]).astype(np.int64))
    late = np.flatnonzero(dpd > 0)
    order = late[np.lexsort((late, -dpd[late], loans.borrower[late]))]
    borrower, first = np.unique(loans.borrower[order], return_index=True)
    worst = order[first]
    return dealings.Overdue(borrower=borrower, kind=kinds[borrower], dpd=dpd[worst], loan=worst)
