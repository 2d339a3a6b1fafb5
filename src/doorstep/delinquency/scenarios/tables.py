"""Our account in the tables of the scenarios: text, amounts with at least one decimal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from doorstep.delinquency.accounts.account import Account, Movement, Status
from doorstep.delinquency.accounts.events import Sort
from doorstep.delinquency.accounts.rows import Kind, Part, Row
from doorstep.delinquency.unsupported import Unsupported

Table = list[list[str]]

SORTS = {
    Sort.PAID_OUT: "Disbursement",
    Sort.DOWN_PAYMENT: "Down Payment",
    Sort.REPAYMENT: "Repayment",
    Sort.GOODWILL: "Goodwill Credit",
    Sort.MERCHANT_REFUND: "Merchant Issued Refund",
    Sort.PAYOUT_REFUND: "Payout Refund",
    Sort.CHARGED_BACK: "Chargeback",
    Sort.EARNED: "Accrual",
}
AMOUNTS: dict[str, Callable[[Row], int]] = {
    "Principal due": lambda row: row.due[Part.PRINCIPAL],
    "Interest": lambda row: row.due[Part.INTEREST],
    "Fees": lambda row: row.due[Part.FEE],
    "Penalties": lambda row: row.due[Part.PENALTY],
    "Due": lambda row: sum(row.due.values()),
    "Paid": lambda row: sum(row.paid.values()),
    "In advance": lambda row: row.in_advance,
    "Late": lambda row: row.late,
    "Waived": lambda row: sum(row.waived.values()),
    "Outstanding": lambda row: row.open,
}
NOT_PAID_OUT = {"Fees": "0.0", "Due": "0.0", "Outstanding": "0.0"}
PAID_OUT = {"Fees": "0.0", "Due": "0.0", "Paid": "0.0"}


def amount(cents: int) -> str:
    """1234 -> '12.34', 1200 -> '12.0'."""
    text = f"{Decimal(cents) / 100:.2f}"
    return text.removesuffix("0")


def written(day: date | None) -> str:
    """'01 February 2023'; empty for none."""
    return day.strftime("%d %B %Y") if day else ""


def schedule(header: Sequence[str], account: Account, *, lent: int, start_on: date) -> Table:
    """The rows of the schedule, each sum paid out before the rows that it changed."""
    sums = [(one.on, one.amount) for one in account.movements if one.sort is Sort.PAID_OUT]
    if not sums:
        return _rows(header, account, [(start_on, lent)], NOT_PAID_OUT)
    return _rows(header, account, sums, PAID_OUT)


def _rows(
    header: Sequence[str], account: Account, sums: list[tuple[date, int]], empty: Mapping[str, str]
) -> Table:
    table = [list(header)]
    balance = _charged_back(account)
    for number, row in enumerate(account.rows, start=1):
        while sums and (sums[0][0], row.kind is not Kind.DOWN_PAYMENT) < (row.due_on, True):
            on, lent = sums.pop(0)
            cells = {"Date": written(on), "Balance of loan": amount(lent), **empty}
            table.append([cells.get(name, "") for name in header])
            balance += lent
        balance -= row.due[Part.PRINCIPAL]
        cells = {
            "Nr": str(number),
            "Days": str((row.due_on - row.start_on).days),
            "Date": written(row.due_on),
            "Paid date": written(row.settled_on),
            "Balance of loan": amount(balance),
        }
        table.append([cells[name] if name in cells else _cell(name, row) for name in header])
    return table


def _charged_back(account: Account) -> int:
    return sum(
        one.amount for one in account.movements if one.sort is Sort.CHARGED_BACK and not one.undone
    )


def schedule_total(header: Sequence[str], account: Account) -> Table:
    """The sums of the schedule."""
    return [
        list(header),
        [amount(sum(_of(name)(row) for row in account.rows)) for name in header],
    ]


def transactions(header: Sequence[str], account: Account) -> Table:
    """What moved, in the order of the days."""
    ordered = sorted(account.movements, key=lambda one: one.on)
    return [list(header), *([_moved(name, one) for name in header] for one in ordered)]


def charges(header: Sequence[str], account: Account) -> Table:
    """The fees and penalties on the account."""
    table = [list(header)]
    for charge in account.charges:
        cells = {
            "Name": charge.name,
            "isPenalty": "true" if charge.part is Part.PENALTY else "false",
            "Payment due at": "Specified due date",
            "Due as of": written(charge.due_on),
            "Calculation type": "Flat",
            "Due": amount(charge.amount),
            "Paid": amount(charge.paid),
            "Waived": amount(charge.waived),
            "Outstanding": amount(charge.outstanding),
        }
        table.append([_known(cells, name) for name in header])
    return table


def status(account: Account, *, approved: bool, wanted: str) -> str:
    """Where the account stands, in capitals or in words as it is asked for."""
    code = {
        Status.EMPTY: "APPROVED" if approved else "SUBMITTED_AND_PENDING_APPROVAL",
        Status.ACTIVE: "ACTIVE",
        Status.SETTLED: "CLOSED_OBLIGATIONS_MET",
        Status.OVERPAID: "OVERPAID",
    }[account.status]
    words = {"CLOSED_OBLIGATIONS_MET": "Closed (obligations met)"}
    return code if wanted.isupper() else words.get(code, code.capitalize())


def _moved(name: str, movement: Movement) -> str:
    parts = {
        "Principal": Part.PRINCIPAL,
        "Interest": Part.INTEREST,
        "Fees": Part.FEE,
        "Penalties": Part.PENALTY,
    }
    if name in parts:
        return amount(movement.parts[parts[name]])
    return _known(
        {
            "Transaction date": written(movement.on),
            "Transaction Type": SORTS[movement.sort],
            "Amount": amount(movement.amount),
            "Loan Balance": amount(movement.balance),
            "Overpayment": amount(movement.overpaid),
            "Reverted": "true" if movement.undone else "false",
        },
        name,
    )


def _known(cells: Mapping[str, str], name: str) -> str:
    if name not in cells:
        raise Unsupported(f"The column {name!r} is not known.")
    return cells[name]


def _of(name: str) -> Callable[[Row], int]:
    if name not in AMOUNTS:
        raise Unsupported(f"The column {name!r} is not known.")
    return AMOUNTS[name]


def _cell(name: str, row: Row) -> str:
    return amount(_of(name)(row))
