"""What the ladder may look at: one overdue borrower's facts, and how they are found.

`borrower_facts` is the definition. The columnar night repeats it set-wise and is tested equal.

Which loans count: the overdue loans that no hold takes out one by one. A hold that names a loan
takes that loan's days and amounts out; when no overdue loan is left, all of them count again and
the borrower is held as a whole by the severest of those holds. A hold that names no loan holds the
borrower. Amounts are those of one currency: the one that is longest past due, then the one with
most overdue, then the first by code; `currencies` tells that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.delinquency.dues import NOTHING, LoanDues, bucket
from doorstep.delinquency.policy import Policy
from doorstep.treatment.circumstances import Address, Contact, Point, Promise, Protection
from doorstep.treatment.holds import Holding, holdings, severest

MESSAGES = ("sms", "email", "messenger", "push")
PHONES = ("mobile", "landline")
USABLE_STATES = ("unverified", "verified", "stale")
VISITABLE = ("home", "work", "registered", "mailing")
ANSWERED = ("reached", "right_party")


class FactKind(StrEnum):
    """How a fact is compared and written."""

    COUNT = "count"
    MONEY = "money"
    DAY = "day"
    WORD = "word"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class FactMeaning:
    """One fact: its kind, whether it may be absent, and what it means in words."""

    kind: FactKind
    en: str
    zh: str
    may_be_absent: bool = False


@dataclass(frozen=True)
class Facts:
    """The facts of one overdue borrower on one day; see `CATALOGUE` for their meaning."""

    dpd: int
    bucket: int
    currency: str
    due_total: int
    due_principal: int
    due_interest: int
    due_fee: int
    due_penalty: int
    loans_overdue: int
    loans_held: int
    currencies: int
    instalments_overdue: int
    oldest_due_on: date
    late_12m: int
    paid_late_12m: int
    material: bool
    in_grace: bool
    hold_kind: str | None
    hold_until: date | None
    promises_broken_12m: int
    usable_points: int
    usable_phones: int
    usable_addresses: int
    messages: int
    calls: int
    calls_answered: int
    letters: int
    visits: int
    visits_answered: int
    inbound: int
    days_since_contact: int | None

    def as_json(self) -> dict[str, Any]:
        """Plain values; days as ISO text."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }


M, N = FactMeaning, FactKind
CATALOGUE: dict[str, FactMeaning] = {
    "dpd": M(N.COUNT, "days past due", "逾期天数"),
    "bucket": M(N.COUNT, "bucket", "逾期阶段"),
    "currency": M(N.WORD, "currency of the amounts", "币种"),
    "due_total": M(N.MONEY, "overdue amount", "逾期金额"),
    "due_principal": M(N.MONEY, "overdue principal", "逾期本金"),
    "due_interest": M(N.MONEY, "overdue interest", "逾期利息"),
    "due_fee": M(N.MONEY, "overdue fees", "逾期费用"),
    "due_penalty": M(N.MONEY, "penalty interest", "罚息"),
    "loans_overdue": M(N.COUNT, "overdue loans that count", "计入的逾期贷款笔数"),
    "loans_held": M(N.COUNT, "overdue loans a hold takes out", "暂停处理的逾期贷款笔数"),
    "currencies": M(N.COUNT, "currencies with something overdue", "逾期涉及币种数"),
    "instalments_overdue": M(N.COUNT, "overdue instalments", "逾期期数"),
    "oldest_due_on": M(N.DAY, "oldest unpaid due day", "最早未还应还日"),
    "late_12m": M(N.COUNT, "instalments late in the last 12 months", "近12个月逾期期数"),
    "paid_late_12m": M(
        N.COUNT, "instalments paid late in the last 12 months", "近12个月逾期后还清期数"
    ),
    "material": M(N.YES_NO, "large enough to enter collections", "达到起催金额"),
    "in_grace": M(N.YES_NO, "within the days of grace", "处于宽限期"),
    "hold_kind": M(N.WORD, "why the borrower is left alone", "暂停原因", may_be_absent=True),
    "hold_until": M(N.DAY, "last day of the hold", "暂停截止日", may_be_absent=True),
    "promises_broken_12m": M(
        N.COUNT, "promises not kept in the last 12 months", "近12个月未兑现承诺次数"
    ),
    "usable_points": M(N.COUNT, "own numbers and addresses for messages", "可用联系方式数"),
    "usable_phones": M(N.COUNT, "own telephone numbers", "可用电话数"),
    "usable_addresses": M(N.COUNT, "own postal addresses", "可用地址数"),
    "messages": M(N.COUNT, "messages sent since it fell due", "到期后已发消息数"),
    "calls": M(N.COUNT, "calls made since it fell due", "到期后已拨电话数"),
    "calls_answered": M(N.COUNT, "calls answered since it fell due", "到期后已接通电话数"),
    "letters": M(N.COUNT, "letters sent since it fell due", "到期后已寄信函数"),
    "visits": M(N.COUNT, "visits made since it fell due", "到期后已上门次数"),
    "visits_answered": M(N.COUNT, "visits that met somebody", "到期后上门见到人次数"),
    "inbound": M(N.COUNT, "times the borrower got in touch", "客户主动联系次数"),
    "days_since_contact": M(
        N.COUNT, "days since we last reached out", "距上次联系天数", may_be_absent=True
    ),
}


def borrower_facts(
    *,
    loans: Sequence[LoanDues],
    points: Iterable[Point] = (),
    addresses: Iterable[Address] = (),
    contacts: Iterable[Contact] = (),
    promises: Sequence[Promise] = (),
    protections: Sequence[Protection] = (),
    on: date,
    policy: Policy,
    time_zone: str,
) -> Facts | None:
    """The facts of a borrower on a day; None when nothing is overdue.

    `time_zone` is the lender's: it turns the instants of contacts into calendar days.
    """
    overdue = [loan for loan in loans if loan.dpd > 0]
    if not overdue:
        return None
    held = holdings(protections=protections, promises=promises, on=on)
    counted, hold = _split(overdue, held)
    currency = _currency(counted)
    amounts = sum((loan.overdue for loan in counted if loan.currency == currency), NOTHING)
    dpd = max(loan.dpd for loan in counted)
    oldest = min(loan.oldest_due_on for loan in counted if loan.oldest_due_on)
    own = [p for p in points if p.owner == "borrower" and p.state in USABLE_STATES]
    currencies = len({loan.currency for loan in counted})
    return Facts(
        dpd=dpd,
        bucket=bucket(dpd, edges=policy.bucket_edges),
        currency=currency,
        due_total=amounts.total,
        due_principal=amounts.principal,
        due_interest=amounts.interest,
        due_fee=amounts.fee,
        due_penalty=amounts.penalty,
        loans_overdue=len(counted),
        loans_held=sum(any(h.loan_id == loan.loan_id for h in held) for loan in overdue),
        currencies=currencies,
        instalments_overdue=sum(len(loan.rows) for loan in counted),
        oldest_due_on=oldest,
        late_12m=sum(loan.late_12m for loan in loans),
        paid_late_12m=sum(loan.late_12m - _unpaid_12m(loan) for loan in loans),
        material=amounts.total >= policy.materiality or currencies > 1,
        in_grace=dpd <= policy.grace_days,
        hold_kind=hold.kind if hold else None,
        hold_until=hold.until if hold else None,
        promises_broken_12m=sum(
            promise.is_broken(on=on) and 0 <= (on - promise.due_on).days <= 365
            for promise in promises
        ),
        usable_points=len(own),
        usable_phones=sum(point.kind in PHONES for point in own),
        usable_addresses=sum(a.kind in VISITABLE and a.state in USABLE_STATES for a in addresses),
        **_contact_facts(contacts, after=oldest, on=on, time_zone=time_zone),
    )


def _split(
    overdue: list[LoanDues], held: Sequence[Holding]
) -> tuple[list[LoanDues], Holding | None]:
    """The loans that count and the hold on the borrower as a whole (see the module)."""
    of_loans = {h.loan_id for h in held if h.loan_id is not None}
    counted = [loan for loan in overdue if loan.loan_id not in of_loans]
    whole = [h for h in held if h.loan_id is None]
    if counted:
        return counted, severest(whole)
    ids = {loan.loan_id for loan in overdue}
    return overdue, severest(whole) or severest([h for h in held if h.loan_id in ids])


def _currency(loans: list[LoanDues]) -> str:
    def rank(currency: str) -> tuple[int, int, str]:
        own = [loan for loan in loans if loan.currency == currency]
        return (
            -max(loan.dpd for loan in own),
            -sum(loan.overdue.total for loan in own),
            currency,
        )

    return min({loan.currency for loan in loans}, key=rank)


def _unpaid_12m(loan: LoanDues) -> int:
    return sum(row.dpd <= 365 for row in loan.rows)


def _contact_facts(
    contacts: Iterable[Contact], *, after: date, on: date, time_zone: str
) -> dict[str, Any]:
    """Counts of contacts after the oldest unpaid due day and not later than `on`.

    What failed (never left, or could not be delivered) counts as not tried.
    """
    zone = ZoneInfo(time_zone)
    days = [(contact, contact.at.astimezone(zone).date()) for contact in contacts]
    recent = [(c, day) for c, day in days if after < day <= on and c.result != "failed"]
    out = [c for c, _day in recent if c.direction == "out"]
    last = max((day for c, day in recent if c.direction == "out"), default=None)
    calls = [c for c in out if c.channel == "call"]
    visits = [c for c in out if c.channel == "visit"]
    return {
        "messages": sum(c.channel in MESSAGES for c in out),
        "calls": len(calls),
        "calls_answered": sum(c.result in ANSWERED for c in calls),
        "letters": sum(c.channel == "letter" for c in out),
        "visits": len(visits),
        "visits_answered": sum(c.result in ANSWERED for c in visits),
        "inbound": len(recent) - len(out),
        "days_since_contact": (on - last) // timedelta(days=1) if last else None,
    }
