"""What was paid when: the true course of the last twelve months, instalment by instalment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from doorstep.simulator.behaviour import NAMES, TYPES, draw_history
from doorstep.simulator.columns import Bools, Days, Floats, Ints, as_day, stream
from doorstep.simulator.lending import CARD, CODES, MINIMUM_PERCENT, Loans

MONTHS = 13  # cycles seen: twelve past ones and the one that is running
LATEST_LAG = 24  # a late payment within a cycle comes at most so many days after the due day
PARTLY = 0.12  # of overdue loans: the oldest open instalment is paid in part
TINY = 0.03  # of loans in their first month: all but a few yuan is paid
FORGIVEN = 0.06  # of late instalments that were paid: the penalty interest was waived
LATE_FEE_PERCENT = 5


@dataclass(frozen=True)
class Instalments:
    """True instalments ordered by loan and number; money in fen. `loan` is a position in Loans,
    `back` the cycles before the latest due one (-1 to come); `settled_on` NaT while unpaid."""

    loan: Ints
    number: Ints
    back: Ints
    due_on: Days
    principal: Ints
    interest: Ints
    fee: Ints
    settled_on: Days
    forgiven: Bools
    part_amount: Ints
    part_on: Days


def arrears_make(*, loans: Loans, now: Ints, kinds: Ints, seed: int) -> Ints:
    """Arrears of every loan before and after each of the last MONTHS cycles."""
    return draw_history(stream(seed, "arrears"), now=now, kinds=kinds, age=loans.age, months=MONTHS)


def instalments_make(
    *, loans: Loans, arrears: Ints, kinds: Ints, seed: int, on: date
) -> Instalments:
    """Instalments of the window, older ones still open, and the next one to come."""
    rng = stream(seed, "history")
    paid_on = _payment_days(rng, loans=loans, arrears=arrears, kinds=kinds, on=on)
    pieces = [
        piece
        for back in range(-1, MONTHS + int(arrears[:, 0].max()))
        for piece in [_cycle(loans, arrears, paid_on, back)]
        if len(piece[0])
    ]
    loan, back, settled_on = (np.concatenate(column) for column in zip(*pieces, strict=True))
    order = np.lexsort((-back, loan))
    loan, back, settled_on = loan[order], back[order], settled_on[order]
    number = loans.age[loan] - back
    principal, interest, fee = _amounts(loans, arrears, loan=loan, number=number, back=back)
    part_amount, part_on = _parts(rng, loan, back, settled_on, principal + interest, loans, on)
    return Instalments(
        loan=loan,
        number=number,
        back=back,
        due_on=_due_on(loans, loan, back),
        principal=principal,
        interest=interest,
        fee=fee,
        settled_on=settled_on,
        forgiven=rng.random(len(loan)) < FORGIVEN,
        part_amount=part_amount,
        part_on=part_on,
    )


def _due_on(loans: Loans, loan: Ints, back: Ints) -> Days:
    first = (loans.last_month[loan] - back.astype("timedelta64[M]")).astype("datetime64[D]")
    days: Days = first + (loans.due_day[loan] - 1).astype("timedelta64[D]")
    return days


def _payment_days(
    rng: np.random.Generator, *, loans: Loans, arrears: Ints, kinds: Ints, on: date
) -> Days:
    """The day money came in each cycle (columns as in `arrears`, the first one unused)."""
    late_chance = np.array([TYPES[name].late for name in NAMES])[kinds]
    days = np.full(arrears.shape, np.datetime64("NaT", "D"))
    for column in range(1, MONTHS + 1):
        due = loans.due_on(MONTHS - column)
        late = (arrears[:, column - 1] > 0) | (rng.random(loans.size) < late_chance)
        lag = np.minimum(rng.exponential(6.0, loans.size).astype(np.int64), LATEST_LAG - 1) + 1
        if column == MONTHS:
            lag = (lag - 1) % (as_day(on) - due).astype(np.int64) + 1
        early = -rng.integers(0, 4, loans.size)
        days[:, column] = due + np.where(late, lag, early).astype("timedelta64[D]")
    return days


def _cycle(loans: Loans, arrears: Ints, paid_on: Days, back: int) -> tuple[Ints, Ints, Days]:
    """Loan, back and settlement day of the instalments that fell due `back` cycles ago."""
    wanted = ~loans.idle & (loans.age > back)
    if back >= MONTHS:
        wanted &= arrears[:, 0] > back - MONTHS
    rows = np.flatnonzero(wanted)
    settled = np.full(len(rows), np.datetime64("NaT", "D"))
    if back >= 0:
        for column in range(max(1, MONTHS - back), MONTHS + 1):
            now = np.isnat(settled) & (arrears[rows, column] <= back - MONTHS + column)
            settled[now] = paid_on[rows[now], column]
    return rows, np.full(len(rows), back), settled


def _amounts(
    loans: Loans, arrears: Ints, *, loan: Ints, number: Ints, back: Ints
) -> tuple[Ints, Ints, Ints]:
    """Principal, interest and fee of each instalment."""
    card = loans.product[loan] == CARD
    scheduled = scheduled_balance(loans, loan, number - 1) - scheduled_balance(loans, loan, number)
    principal = np.where(card, loans.used[loan] * MINIMUM_PERCENT // 100, scheduled)
    level = level_payment(loans, loan)
    on_balance = _rounded(scheduled_balance(loans, loan, number - 1) * _monthly(loans, loan))
    last = number == loans.term[loan]
    interest = np.where(card | last, on_balance, np.maximum(level - scheduled, 0))
    column = np.clip(MONTHS - 1 - back, 0, MONTHS)
    behind = (arrears[loan, column] > 0) & (back < MONTHS)
    late_fee = np.maximum((principal + interest) * LATE_FEE_PERCENT // 100, 1_000)
    service = loans.principal[loan] // 200
    fee = np.where(card & behind, late_fee, 0)
    return principal, interest, np.where(loans.product[loan] == CODES.index("other"), service, fee)


def scheduled_balance(loans: Loans, loan: Ints, number: Ints) -> Ints:
    """Principal left after instalment `number` of a loan in equal instalments (rounded to fen, so
    that the parts add up to the loan); what is drawn for a card."""
    growth, term = 1 + _monthly(loans, loan), np.maximum(loans.term[loan], 1)
    full = growth**term
    share = (full - growth ** np.minimum(number, term)) / (full - 1)
    left = _rounded(loans.principal[loan] * share)
    return np.where(loans.term[loan] == 0, loans.used[loan], left)


def level_payment(loans: Loans, loan: Ints) -> Ints:
    """The equal instalment: principal x i / (1 - (1 + i)^-n), rounded to fen."""
    rate, term = _monthly(loans, loan), np.maximum(loans.term[loan], 1)
    return _rounded(loans.principal[loan] * rate / (1 - (1 + rate) ** -term))


def _monthly(loans: Loans, loan: Ints) -> Floats:
    monthly: Floats = loans.rate[loan] / 12e6
    return monthly


def _rounded(money: Floats) -> Ints:
    whole: Ints = np.floor(money + 0.5).astype(np.int64)
    return whole


def _parts(
    rng: np.random.Generator,
    loan: Ints,
    back: Ints,
    settled_on: Days,
    amount: Ints,
    loans: Loans,
    on: date,
) -> tuple[Ints, Days]:
    """Part payments on the oldest open instalment of some overdue loans, in the running cycle."""
    open_ = np.isnat(settled_on) & (back >= 0)
    oldest = open_ & (np.append([-1], loan[:-1]) != loan) | (
        open_ & ~np.append([False], open_[:-1])
    )
    share = rng.uniform(0.2, 0.8, len(loan))
    tiny = oldest & (back == 0) & (rng.random(len(loan)) < TINY)
    partly = oldest & (rng.random(len(loan)) < PARTLY) | tiny
    left = np.where(tiny, rng.integers(800, 4_900, len(loan)), (amount * share).astype(np.int64))
    paid = np.where(partly, np.maximum(amount - left, 0), 0)
    running = (as_day(on) - loans.due_on(0)[loan]).astype(np.int64)
    ago = (rng.random(len(loan)) * running).astype(np.int64)
    day = as_day(on) - ago.astype("timedelta64[D]")
    return paid, np.where(paid > 0, day, np.datetime64("NaT", "D"))
