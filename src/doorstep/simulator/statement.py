"""What the lender states on a day: loans, instalments and payments as of that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow.compute as pc

from doorstep.delinquency.policy import DEFAULT
from doorstep.simulator.columns import (
    Bools,
    Days,
    Ints,
    Rows,
    as_day,
    chosen,
    joined,
    numbered,
    same,
    stream,
    where,
)
from doorstep.simulator.history import Instalments, scheduled_balance
from doorstep.simulator.lending import CARD, Loans, product_codes

MISSTATED = 0.002  # of overdue loans: the lender's own days past due are wrong
CHARGED_OFF_DAYS = 361
REVERSED = 0.0005


@dataclass(frozen=True)
class Statement:
    """Rows of three tables on a day, and the true dpd and amount overdue of every loan."""

    loans: Rows
    instalments: Rows
    payments: Rows
    dpd: Ints
    overdue: Ints


def statement_make(*, loans: Loans, rows: Instalments, seed: int, on: date) -> Statement:
    """State the truth as known at the end of `on`."""
    day = as_day(on)
    settled = rows.settled_on <= day
    part = np.where(~settled & (rows.part_on <= day), rows.part_amount, 0)
    interest_part = np.minimum(part, rows.interest)
    principal_paid = np.where(settled, rows.principal, part - interest_part)
    charged_to = _charged_to(loans, rows, settled)
    charged = penalty_vector(
        loans, rows.loan, rows.principal, (charged_to - rows.due_on).astype(np.int64)
    )
    waived = np.where(settled & rows.forgiven, charged, 0)
    paid = {
        "principal_paid": principal_paid,
        "interest_paid": np.where(settled, rows.interest, interest_part),
        "fee_paid": np.where(settled, rows.fee, 0),
        "penalty_paid": np.where(settled, charged - waived, 0),
    }
    instalments: Rows = {
        "loan_id": numbered("L", rows.loan + 1, 7),
        "number": rows.number,
        "due_on": rows.due_on,
        "principal_due": rows.principal,
        "interest_due": rows.interest,
        "fee_due": rows.fee,
        "penalty_due": charged,
        **paid,
        "penalty_waived": waived,
        "penalty_from": np.where(charged > 0, charged_to, np.datetime64("NaT", "D")),
        "settled_on": np.where(settled, rows.settled_on, np.datetime64("NaT", "D")),
    }
    received = sum(paid.values(), np.zeros(len(rows.loan), dtype=np.int64))
    late = ~settled & (rows.due_on < day)
    left = rows.principal + rows.interest + rows.fee + charged - received - waived
    accrued = penalty_vector(
        loans, rows.loan, rows.principal - principal_paid, (day - charged_to).astype(np.int64)
    )
    overdue = _sum(rows.loan, np.where(late, left + accrued, 0), loans.size)
    dpd = np.zeros(loans.size, dtype=np.int64)
    np.maximum.at(dpd, rows.loan[late], (day - rows.due_on[late]).astype(np.int64))
    behind = _sum(rows.loan, np.where(late, rows.principal - principal_paid, 0), loans.size)
    return Statement(
        loans=_loan_rows(loans, seed=seed, dpd=dpd, overdue=overdue, behind=behind),
        instalments=instalments,
        payments=_payment_rows(rows, received=received, settled=settled),
        dpd=dpd,
        overdue=overdue,
    )


def penalty_vector(loans: Loans, loan: Ints, base: Ints, days: Ints) -> Ints:
    """Simple daily penalty interest under the default policy, as `delinquency.penalty` defines it;
    tested equal. Instalments are small enough for 64-bit products."""
    percent = np.where(loans.penalty_percent < 0, DEFAULT.penalty_percent, loans.penalty_percent)
    rate = np.minimum((2 * loans.rate * percent + 100) // 200, DEFAULT.penalty_rate_cap_ppm)[loan]
    unit = 1_000_000 * DEFAULT.penalty_day_count
    interest = (2 * base * rate * np.maximum(days, 0) + unit) // (2 * unit)
    cap = (2 * base * DEFAULT.penalty_cap_percent + 100) // 200
    return np.minimum(interest, cap)


def _charged_to(loans: Loans, rows: Instalments, settled: Bools) -> Days:
    """Up to which day penalty interest is charged: when paid, else the latest due day."""
    latest = loans.due_on(0)[rows.loan]
    return np.where(settled, rows.settled_on, np.maximum(latest, rows.due_on))


def _sum(loan: Ints, amounts: Ints, size: int) -> Ints:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, loan, amounts)
    return total


def _loan_rows(loans: Loans, *, seed: int, dpd: Ints, overdue: Ints, behind: Ints) -> Rows:
    rng = stream(seed, "contracts")
    every = np.arange(loans.size)
    opened = loans.due_on(loans.age)
    matures = loans.due_on(loans.age - np.maximum(loans.term, 1))
    card, closed = loans.product == CARD, loans.closed
    left = scheduled_balance(loans, every, loans.age) + np.where(card, 0, behind)
    balance = np.where(closed, 0, np.maximum(left, behind))
    status = np.where(closed, 1, np.where(dpd >= CHARGED_OFF_DAYS, 2, 0))
    misstated = (rng.random(loans.size) < MISSTATED) & (dpd > 0)
    clauses = chosen(rng, {"第八条第二款": 0.96, "": 0.04}, loans.size)
    year = opened.astype("datetime64[Y]").astype(np.int64) + 1970
    return {
        "loan_id": numbered("L", loans.ids, 7),
        "borrower_id": numbered("C", loans.borrower + 1, 7),
        "product": product_codes(loans),
        "contract_ref": joined("澜贷字", year, "第", loans.ids, "号"),
        "clause_contact": same("第八条第一款", loans.size),
        "clause_visit": pc.if_else(pc.equal(clauses, ""), None, clauses),
        "clause_penalty": same("第六条", loans.size),
        "currency": same("CNY", loans.size),
        "principal": loans.principal,
        "balance": balance,
        "opened_on": opened,
        "matures_on": np.where(loans.term > 0, matures, np.datetime64("NaT", "D")),
        "annual_rate_ppm": loans.rate,
        "penalty_percent": where(loans.penalty_percent >= 0, loans.penalty_percent),
        "status": joined(np.array(["active", "closed", "charged_off"])[status]),
        "stated_dpd": np.where(misstated, dpd + 30, dpd),
        "stated_overdue": overdue,
    }


def _payment_rows(rows: Instalments, *, received: Ints, settled: Bools) -> Rows:
    """One payment a loan and day; a few that bounced, with the day of their reversal."""
    came = received > 0
    when = np.where(settled, rows.settled_on, rows.part_on)[came].astype(np.int64)
    key, which = np.unique(rows.loan[came] * 100_000 + when, return_inverse=True)
    amount = _sum(which, received[came], len(key))
    means = ("转账", "代扣", "柜台", "手机银行")
    bounced = key[(key * 7_919 % 1_000_003) < REVERSED * 1_000_003]
    loan, paid = np.append(key, bounced) // 100_000, np.append(key, bounced) % 100_000
    back = np.append(np.zeros(len(key), dtype=bool), np.ones(len(bounced), dtype=bool))
    paid_on = (paid - back).astype("datetime64[D]")
    number = loan + 1
    return {
        "payment_id": joined(
            numbered("P", number, 7), numbered("", paid, 5), joined(np.where(back, "R", ""))
        ),
        "loan_id": numbered("L", number, 7),
        "paid_on": paid_on,
        "amount": np.append(amount, amount[np.isin(key, bounced)]),
        "means": joined(np.array(means)[np.append(key, bounced) % len(means)]),
        "reversed_on": np.where(back, paid.astype("datetime64[D]"), np.datetime64("NaT", "D")),
    }
