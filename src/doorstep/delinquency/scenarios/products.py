"""What the products of the scenarios settle that their terms do not say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from doorstep.delinquency.accounts.allocation import (
    PENALTY_FEE_INTEREST_PRINCIPAL,
    Future,
    Order,
    Walk,
    order_of,
)
from doorstep.delinquency.accounts.events import Sort
from doorstep.delinquency.accounts.rows import Part
from doorstep.delinquency.accounts.terms import Early, Recalculation, Rest
from doorstep.delinquency.unsupported import Unsupported


@dataclass(frozen=True)
class Product:
    """A product. `whole`: instalments are whole units of the currency; `progressive`: a further sum
    joins the rows to come."""

    recalculation: Recalculation | None = None
    whole: bool = True
    down_payment: Fraction = Fraction(0)
    down_payment_at_once: bool = False
    progressive: bool = False
    walk: Walk = Walk.BY_ROW
    by_row_delinquency: bool = False


RECALCULATED = "LP1_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION"
QUARTER = Fraction(25)
PRODUCTS = {
    "LP1": Product(),
    "LP1_INTEREST_FLAT": Product(),
    "LP1_INTEREST_DECLINING_BALANCE_PERIOD_SAME_AS_PAYMENT": Product(),
    "LP1_INTEREST_DECLINING_BALANCE_PERIOD_DAILY": Product(),
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE": Product(),
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE_INTEREST_FLAT": Product(),
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": Product(),
    "LP1_PAYMENT_STRATEGY_DUE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE_INTEREST_FLAT": Product(),
    f"{RECALCULATED}_COMPOUNDING_NONE": Product(Recalculation()),
    f"{RECALCULATED}_COMPOUNDING_NONE_RESCHEDULE_REDUCE_NR_INST": Product(
        Recalculation(early=Early.FEWER_INSTALMENTS)
    ),
    f"{RECALCULATED}_COMPOUNDING_NONE_RESCHEDULE_RESCH_NEXT_REP": Product(
        Recalculation(early=Early.NEXT_INSTALMENTS)
    ),
    f"{RECALCULATED}_SAME_AS_REPAYMENT_COMPOUNDING_NONE": Product(Recalculation(rest=Rest.DUE_DAY)),
    "LP1_1MONTH_INTEREST_DECLINING_BALANCE_DAILY_RECALCULATION_COMPOUNDING_MONTHLY": Product(
        Recalculation(compound_monthly=True)
    ),
    "LP2_DOWNPAYMENT": Product(down_payment=QUARTER),
    "LP2_DOWNPAYMENT_INTEREST": Product(down_payment=QUARTER),
    "LP2_DOWNPAYMENT_AUTO": Product(down_payment=QUARTER, down_payment_at_once=True),
    "LP2_DOWNPAYMENT_ADVANCED_PAYMENT_ALLOCATION": Product(down_payment=QUARTER, progressive=True),
    "LP2_DOWNPAYMENT_AUTO_ADVANCED_PAYMENT_ALLOCATION": Product(
        down_payment=QUARTER, down_payment_at_once=True, progressive=True
    ),
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_HORIZONTAL": Product(
        whole=False, progressive=True, down_payment=QUARTER
    ),
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_VERTICAL": Product(
        whole=False, progressive=True, down_payment=QUARTER, walk=Walk.BY_PART
    ),
    "LP2_DOWNPAYMENT_ADV_PMT_ALLOC_PROGRESSIVE_LOAN_SCHEDULE_HORIZONTAL"
    "_INSTALLMENT_LEVEL_DELINQUENCY": Product(
        whole=False, progressive=True, down_payment=QUARTER, by_row_delinquency=True
    ),
}
"""By their names. Down payments are a quarter; grace before delinquency three days everywhere."""

GRACE_DAYS = 3
ADVANCED = order_of(Part.PENALTY, Part.FEE, Part.PRINCIPAL, Part.INTEREST, charges_in_turn=True)
ORDERS = {
    "PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER": PENALTY_FEE_INTEREST_PRINCIPAL,
    "DUE_PENALTY_FEE_INTEREST_PRINCIPAL_IN_ADVANCE_PRINCIPAL_PENALTY_FEE_INTEREST": order_of(
        Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL, charges_apart=True,
        charges_on_their_day=True,
        in_advance=(Part.PRINCIPAL, Part.PENALTY, Part.FEE, Part.INTEREST),
    ),
    "DUE_PENALTY_INTEREST_PRINCIPAL_FEE_IN_ADVANCE_PENALTY_INTEREST_PRINCIPAL_FEE": order_of(
        Part.PENALTY, Part.INTEREST, Part.PRINCIPAL, Part.FEE, charges_apart=True
    ),
    "ADVANCED_PAYMENT_ALLOCATION": ADVANCED,
}  # fmt: skip
FUTURES = {
    "NEXT_INSTALLMENT": Future.NEXT,
    "LAST_INSTALLMENT": Future.LAST,
    "REAMORTIZATION": Future.ALL_ALIKE,
}
FUTURE_OF = {Sort.GOODWILL: Future.LAST, Sort.MERCHANT_REFUND: Future.ALL_ALIKE}
"""Where money in advance goes by its sort, where the order is the advanced one."""

CHARGES = {"LOAN_NSF_FEE": ("NSF fee", Part.PENALTY), "LOAN_SNOOZE_FEE": ("Snooze fee", Part.FEE)}


def product_of(name: str) -> Product:
    """The product of a name; Unsupported where it is none of ours."""
    if name not in PRODUCTS:
        raise Unsupported(f"The product {name} is not worked out.")
    return PRODUCTS[name]


def order_named(name: str, product: Product) -> Order:
    """The order of payment of a name."""
    if name not in ORDERS:
        raise Unsupported(f"The order of payment {name} is not worked out.")
    return replace(ORDERS[name], walk=product.walk)


def order_for(sort: Sort, base: Order, default: Future) -> Order:
    """The order of one sort of payment: only the advanced one knows several."""
    if base.steps != ADVANCED.steps:
        return base
    return replace(base, future=FUTURE_OF.get(sort, default))
