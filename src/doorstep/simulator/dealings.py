"""What happened between lender and borrowers: contacts, promises, protections, outside flags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from doorstep.simulator.behaviour import NAMES, TYPES
from doorstep.simulator.columns import (
    Days,
    Ints,
    Rows,
    as_day,
    chosen,
    numbered,
    picked,
    same,
    stream,
    where,
)
from doorstep.simulator.history import Instalments

SEEN_DAYS = 90
# Share of overdue borrowers, by what protects them, and the hidden type it mostly falls on.
PROTECTED: dict[str, tuple[float, str]] = {
    "dispute": (0.012, "strategic"),
    "complaint": (0.008, "evasive"),
    "hardship": (0.020, "hardship"),
    "vulnerability": (0.016, "vulnerable"),
    "deceased": (0.003, "vulnerable"),
    "stop_request": (0.005, "evasive"),
    "bankruptcy": (0.0015, "hardship"),
    "police_no_contact": (0.0006, "evasive"),
    "minor": (0.0003, "vulnerable"),
    "representative": (0.005, "vulnerable"),
}
LASTING = ("deceased", "bankruptcy", "minor", "stop_request")
NOTES = {
    "dispute": "客户对费用有异议",
    "complaint": "投诉处理中",
    "hardship": "客户反映收入下降，材料审核中",
    "vulnerability": "高龄或健康原因，需特别照顾",
    "deceased": "家属来电告知，待补材料",
    "stop_request": "客户要求停止联系",
    "bankruptcy": "法院已受理",
    "police_no_contact": "警方要求暂停联系",
    "minor": "客户为未成年人",
    "representative": "委托律师代理",
}
FLAGS = {"returned_mail": "退信", "court_case": "诉讼中", "number_ported": "号码已携转"}


@dataclass(frozen=True)
class Overdue:
    """The overdue borrowers: position, hidden type, days past due today, their worst loan."""

    borrower: Ints
    kind: Ints
    dpd: Ints
    loan: Ints


def contacts_make(*, overdue: Overdue, seed: int, on: date) -> tuple[Rows, Ints, Days]:
    """Contacts of the last 90 days, up to yesterday evening; rows, whose they are, their day."""
    rng = stream(seed, "contacts")
    mean = np.minimum(0.6 + overdue.dpd / 14, 7.0)
    who = np.repeat(np.arange(len(overdue.borrower)), rng.poisson(mean))
    size = len(who)
    reach_back = np.minimum(overdue.dpd[who], SEEN_DAYS)
    ago = (rng.random(size) * reach_back).astype(np.int64) + 1
    day = as_day(on) - ago.astype("timedelta64[D]")
    minute = rng.integers(9 * 60, 20 * 60, size) - 8 * 60  # office hours in Shanghai, as UTC
    early = overdue.dpd[who] - ago < 8
    channel = np.where(
        early,
        rng.choice(3, size, p=(0.75, 0.15, 0.10)),
        rng.choice(4, size, p=(0.20, 0.62, 0.10, 0.08)),
    )
    answers = np.array([TYPES[name].answers for name in NAMES])[overdue.kind[who]]
    told = rng.random(size)
    spoken = np.where(told < answers, 1, np.where(told < answers + 0.04, 3, 2))
    result = np.where(channel == 1, spoken, np.where(rng.random(size) < 0.94, 0, 4))
    result = np.where(channel == 3, 5, result)
    borrower = overdue.borrower[who]
    rows: Rows = {
        "contact_id": numbered("K", np.arange(1, size + 1), 8),
        "borrower_id": numbered("C", borrower + 1, 7),
        "at": day.astype("datetime64[us]") + minute.astype("timedelta64[m]"),
        "channel": picked(("sms", "call", "email", "letter"), channel),
        "direction": same("out", size),
        "result": picked(
            ("delivered", "right_party", "no_answer", "wrong_party", "failed", "sent"), result
        ),
        "actor": chosen(rng, {"坐席一组": 0.5, "坐席二组": 0.3, "系统": 0.2}, size),
    }
    return rows, borrower, day


@dataclass(frozen=True)
class Promises:
    """Promises with their true course: `paid_on` NaT where nothing came."""

    borrower: Ints
    loan: Ints
    agreed: Ints
    made_on: Days
    due_on: Days
    amount: Ints
    paid_on: Days
    grace: Ints


def promises_make(*, overdue: Overdue, rows: Instalments, seed: int, on: date) -> Promises:
    """Kept promises where a part came in; running and broken ones where nothing did."""
    rng = stream(seed, "promises")
    size = len(overdue.loan)
    parts = np.flatnonzero(rows.part_amount > 0)
    of_loan = np.full(int(rows.loan.max(initial=0)) + 2, -1)
    of_loan[rows.loan[parts]] = parts
    part = of_loan[overdue.loan]
    chance = rng.random(size)
    promised = np.flatnonzero((chance < 0.4) & (part >= 0) | (chance < 0.2) & (part < 0))
    part = part[promised]
    came = part >= 0
    paid_on = np.where(came, rows.part_on[part], np.datetime64("NaT", "D"))
    due_in = rng.integers(-12, 13, len(promised))
    due = as_day(on) + due_in.astype("timedelta64[D]")
    due_on = np.where(came, paid_on + rng.integers(0, 3, len(promised)), due)
    before = rng.integers(1, 12, len(promised)).astype("timedelta64[D]")
    made_on: Days = np.minimum(due_on, as_day(on)) - before
    open_amount = _open_amount(rows, len(of_loan))[overdue.loan[promised]]
    return Promises(
        borrower=overdue.borrower[promised],
        loan=overdue.loan[promised],
        agreed=(rng.random(len(promised)) < 0.15).astype(np.int64),
        made_on=made_on,
        due_on=due_on,
        amount=np.where(came, rows.part_amount[part], np.maximum(open_amount, 100)),
        paid_on=paid_on,
        grace=rng.choice(3, len(promised), p=(0.7, 0.0, 0.3)).astype(np.int64),
    )


def promise_rows(promises: Promises, *, on: date) -> Rows:
    """The promises as known on a day: kept, broken after due day and grace, else running."""
    day = as_day(on)
    kept = promises.paid_on <= day
    broken = ~kept & (promises.due_on + promises.grace < day)
    size = len(kept)
    return {
        "promise_id": numbered("Q", np.arange(1, size + 1), 6),
        "borrower_id": numbered("C", promises.borrower + 1, 7),
        "loan_id": numbered("L", promises.loan + 1, 7),
        "kind": picked(("promise", "agreement"), promises.agreed),
        "made_on": promises.made_on,
        "due_on": promises.due_on,
        "amount": promises.amount,
        "paid_amount": np.where(kept, promises.amount, 0),
        "grace_days": promises.grace,
        "state": picked(("running", "kept", "broken"), kept + 2 * broken),
    }


def protections_make(*, overdue: Overdue, seed: int, on: date) -> tuple[Rows, Ints, Days]:
    """Disputes, complaints, hardship and the rest; some already over, a few new today."""
    rng = stream(seed, "protections")
    kinds = list(PROTECTED)
    picks = []
    for position, (share, mostly) in enumerate(PROTECTED.values()):
        likely = np.where(overdue.kind == NAMES.index(mostly), 4.0, 0.6)
        chance = share * likely / likely.mean()
        who = np.flatnonzero(rng.random(len(likely)) < chance)
        picks.append(np.stack([who, np.full(len(who), position)]))
    who, kind = np.concatenate(picks, axis=1)
    size = len(who)
    ago = (rng.random(size) * np.minimum(overdue.dpd[who] + 5, 120)).astype(np.int64)
    starts = as_day(on) - ago.astype("timedelta64[D]")
    lasting = np.isin(kind, [kinds.index(name) for name in LASTING]) | (rng.random(size) < 0.2)
    length = np.where(rng.random(size) < 0.1, ago - 1, rng.integers(20, 120, size))
    ends = starts + np.maximum(length, 0).astype("timedelta64[D]")
    rows: Rows = {
        "borrower_id": numbered("C", overdue.borrower[who] + 1, 7),
        "kind": picked(kinds, kind),
        "starts_on": starts,
        "ends_on": where(~lasting, ends),
        "loan_id": where(
            (kind == kinds.index("dispute")) & (rng.random(size) < 0.5),
            numbered("L", overdue.loan[who] + 1, 7),
        ),
        "note": picked([NOTES[name] for name in kinds], kind),
    }
    return rows, overdue.borrower[who], starts


def flags_make(*, overdue: Overdue, seed: int, on: date) -> tuple[Rows, Ints]:
    """What outside sources say about a few."""
    rng = stream(seed, "flags")
    who = np.flatnonzero(rng.random(len(overdue.borrower)) < 0.02)
    kind = rng.integers(0, len(FLAGS), len(who))
    rows: Rows = {
        "borrower_id": numbered("C", overdue.borrower[who] + 1, 7),
        "kind": picked(list(FLAGS), kind),
        "value": picked(list(FLAGS.values()), kind),
        "source": same("行内系统", len(who)),
        "as_of": as_day(on) - rng.integers(2, 60, len(who)).astype("timedelta64[D]"),
    }
    return rows, overdue.borrower[who]


def _open_amount(rows: Instalments, size: int) -> Ints:
    """Unpaid principal, interest and fees that fell due, a loan."""
    amount = np.zeros(size, dtype=np.int64)
    open_ = np.isnat(rows.settled_on) & (rows.back >= 0)
    due = rows.principal + rows.interest + rows.fee - rows.part_amount
    np.add.at(amount, rows.loan[open_], due[open_])
    return amount
