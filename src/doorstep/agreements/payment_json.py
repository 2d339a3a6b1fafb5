"""Payments told by another system as JSON: the columns of a file, read by the same rules.

`amount` is a whole number of the currency's smallest unit. Everything else is text as in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from doorstep.agreements.payment_file import COLUMNS, PaymentRows, RowReader, Told
from doorstep.kernel.money import minor_digits

MOST_DIGITS = 15


def payment_objects(
    rows: Sequence[Any], *, on: date, found: PaymentRows, currency: str = "CNY"
) -> list[Told]:
    """The accepted ones of the objects as of the day `on`, each as one line from 1; those refused
    go to `found` with line, column, code and hint."""
    headers = {name: (0, name) for name in COLUMNS}
    reader = RowReader(headers, on=on, currency=currency, found=found)
    found.rows += len(rows)
    for line, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            reader.row(line, _cells(row, currency))
        else:
            found.rejected += 1
            found.refuse(line, "", "ROW_NOT_OBJECT", str(row), personal=True)
    return reader.told


def _cells(row: dict[str, Any], currency: str) -> dict[str, str | None]:
    cells: dict[str, str | None] = {
        name: row[name] if isinstance(row.get(name), str) else _text(row.get(name))
        for name in COLUMNS
        if name != "amount"
    }
    cells["amount"] = _amount(row.get("amount"), cells["currency"] or currency)
    return cells


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _amount(value: Any, currency: str) -> str | None:
    """A whole number of smallest units as a file would write it; what is none stays as it came, and
    is refused as no amount."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**MOST_DIGITS:
        return f'"{value}"'[:40]
    digits = minor_digits(currency) if len(currency) == 3 and currency.isalpha() else 2
    return f"{Decimal(value).scaleb(-digits):f}"
