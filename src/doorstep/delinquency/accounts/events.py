"""What happens to a loan account. An account is nothing but the history of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from doorstep.delinquency.accounts.allocation import Order
from doorstep.delinquency.accounts.rows import Part


class Sort(StrEnum):
    """The sorts of money that moved."""

    PAID_OUT = "paid_out"
    DOWN_PAYMENT = "down_payment"
    REPAYMENT = "repayment"
    GOODWILL = "goodwill"
    MERCHANT_REFUND = "merchant_refund"
    PAYOUT_REFUND = "payout_refund"
    CHARGED_BACK = "charged_back"
    EARNED = "earned"


@dataclass(frozen=True)
class PaidOut:
    """The lender paid the borrower a sum."""

    on: date
    amount: int


@dataclass(frozen=True)
class Charged:
    """The lender put a fee or penalty on the account, due on `due_on`."""

    on: date
    name: str
    part: Part
    amount: int
    due_on: date


@dataclass(frozen=True)
class Paid:
    """Money came in on a day; `order` says where it goes when not where the terms say."""

    on: date
    amount: int
    sort: Sort = Sort.REPAYMENT
    order: Order | None = None


@dataclass(frozen=True)
class Undone:
    """The movement with this place in the history of movements (from 0) never happened."""

    on: date
    place: int


@dataclass(frozen=True)
class ChargedBack:
    """Money paid earlier was taken back: the debt grows by it again."""

    on: date
    amount: int


@dataclass(frozen=True)
class ChargeWaived:
    """The lender forgave what is open of the charge with this place (from 0)."""

    on: date
    place: int


@dataclass(frozen=True)
class DayBegan:
    """The books went on to a day."""

    on: date


Event = DayBegan | PaidOut | Charged | Paid | Undone | ChargedBack | ChargeWaived
