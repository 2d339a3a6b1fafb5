"""A list as an Excel sheet: names masked, and nothing that a program would run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from doorstep.cases.models import Case
from doorstep.delinquency.dues import bucket_label
from doorstep.kernel.money import minor_digits
from doorstep.sites.office import case_words

MOST_ROWS = 1_048_575
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
HEADINGS: tuple[tuple[str | Promise, int], ...] = (
    (gettext_lazy("Case"), 9),
    (gettext_lazy("Customer number"), 16),
    (gettext_lazy("Customer"), 10),
    (gettext_lazy("Days past due"), 10),
    (gettext_lazy("Bucket"), 8),
    (gettext_lazy("Currency"), 9),
    (gettext_lazy("Due"), 14),
    (gettext_lazy("Principal"), 14),
    (gettext_lazy("Interest"), 14),
    (gettext_lazy("Penalty interest"), 14),
    (gettext_lazy("Fees"), 12),
    (gettext_lazy("Next step"), 20),
    (gettext_lazy("Why"), 60),
    (gettext_lazy("On hold"), 18),
    (gettext_lazy("With"), 18),
    (gettext_lazy("Branch"), 18),
    (gettext_lazy("As of"), 12),
)

Cell = str | int | float


def write_excel(
    file: IO[bytes], rows: Iterator[list[Cell]], *, headings: Sequence[tuple[str | Promise, int]]
) -> int:
    """Write headings and rows in constant memory; returns how many rows there were."""
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    heading, amount = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for column, (label, width) in enumerate(headings):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, str(label), heading)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            count = MOST_ROWS
            break
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(count, column, safe_text(cell))
            else:
                sheet.write_number(count, column, cell, amount if isinstance(cell, float) else None)
    sheet.autofilter(0, 0, count, len(headings) - 1)
    book.close()
    return count


def safe_text(text: str) -> str:
    """Text that no program reads as a formula, not even after saving as CSV."""
    return f"'{text}" if text.startswith(FORMULA_BEGINNINGS) else text


def row_of(case: Case, *, edges: tuple[int, ...], steps: dict[str, str]) -> list[Cell]:
    """One case as cells; names masked, amounts in whole units, steps in the words of `steps`."""
    scale = 10 ** minor_digits(case.currency)
    parts = (case.due_total, case.due_principal, case.due_interest, case.due_penalty, case.due_fee)
    return [
        case.pk,
        case.borrower_id,
        case_words.who(case),
        case.dpd,
        bucket_label(case.bucket, edges=edges),
        case.currency,
        *(minor / scale for minor in parts),
        steps[case.step],
        case_words.why(case),
        case_words.hold_words(case.hold_kind),
        str(case.assignee or ""),
        str(case.branch or ""),
        case.business_date.isoformat(),
    ]
