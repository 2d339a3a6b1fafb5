"""Further sums paid out on one account: what they do to its rows.

A sum is due in part at once (the down payment); the rest joins the rows to come. Either these are
the whole divided by all rows, as if it had been so from the beginning (a row due that day too), or
they share what is left (it is not). The last row takes what rounding leaves.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from doorstep.delinquency.accounts.rows import Kind, Part, Row
from doorstep.delinquency.accounts.terms import Terms
from doorstep.delinquency.rounding import rounded
from doorstep.delinquency.unsupported import Unsupported


def down_payment(terms: Terms, amount: int) -> int:
    """What of a sum paid out is due at once."""
    exact = amount * terms.down_payment / Fraction(100)
    return rounded(exact, terms.rounding, multiple=terms.multiple or 1)


def down_payment_row(on: date, amount: int) -> Row:
    """The row of a down payment."""
    row = Row(on, on, Kind.DOWN_PAYMENT)
    row.charge(Part.PRINCIPAL, amount)
    return row


def sum_joins(terms: Terms, rows: list[Row], *, on: date, amount: int) -> list[Row]:
    """The rows after one more sum was paid out; those to come hold more principal.

    Unsupported with interest, without a down payment, or where no row is left to hold it.
    """
    if terms.percent or not terms.down_payment:
        raise Unsupported(
            "A further sum with interest, or without down payment, is not worked out."
        )
    regular = [row for row in rows if row.kind is Kind.REGULAR]
    passed = [row for row in regular if row.due_on < on + timedelta(days=terms.sums_from_now)]
    coming = regular[len(passed) :]
    if not coming or any(row.kind is Kind.ADDITIONAL for row in rows):
        raise Unsupported("A sum paid out when no row is left for it is not worked out.")
    down = down_payment(terms, amount)
    whole = sum(row.due[Part.PRINCIPAL] for row in regular) + amount - down
    left = whole - sum(row.due[Part.PRINCIPAL] for row in passed)
    shared, among = (left, len(coming)) if terms.sums_from_now else (whole, len(regular))
    each = rounded(Fraction(shared, among), terms.rounding, multiple=terms.multiple or 1)
    _shared_out(coming, each, left)
    place = rows.index(coming[0])
    return [*rows[:place], *([down_payment_row(on, down)] if down else []), *rows[place:]]


def _shared_out(rows: list[Row], each: int, left: int) -> None:
    """Principal `left` in parts of `each` on rows, the rest on the last."""
    parts = []
    for row in rows:
        part = left if row is rows[-1] else min(each, left)
        if part < row.paid[Part.PRINCIPAL]:
            raise Unsupported("A row of which more is paid than it would hold is not worked out.")
        parts.append(part)
        left -= part
    for row, part in zip(rows, parts, strict=True):
        row.charge(Part.PRINCIPAL, part - row.due[Part.PRINCIPAL])
