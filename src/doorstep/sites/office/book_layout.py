"""How a lender's files must look: every table and column in words, and empty files to fill in."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from doorstep.portfolio.schema import TABLES, Column, Kind, Table
from doorstep.sites.office.access import StaffRequest, needs
from doorstep.sites.office.layout_words import traditional
from doorstep.workforce.roles import Permission

TABLE_WORDS: dict[str, Promise] = {
    "employers": _("Employers"),
    "borrowers": _("Borrowers"),
    "contact_points": _("Phone numbers and e-mail addresses"),
    "addresses": _("Addresses"),
    "loans": _("Loans"),
    "instalments": _("Instalments"),
    "payments": _("Payments"),
    "contacts": _("Contacts of the last 90 days"),
    "protections": _("Disputes, complaints, hardship and other protections"),
    "promises": _("Promises to pay"),
    "flags": _("What outside sources say"),
}

KIND_WORDS: dict[Kind, Promise] = {
    Kind.TEXT: _("text"),
    Kind.CODE: _("one of these words"),
    Kind.INTEGER: _("whole number"),
    Kind.MONEY: _("amount in the smallest unit, such as fen: 123456 is 1,234.56"),
    Kind.RATE: _("rate a year in millionths: 43500 is 4.35 %"),
    Kind.DEGREES: _("degrees"),
    Kind.DAY: _("day, such as 2026-01-31"),
    Kind.INSTANT: _("day and time with zone"),
}

EXAMPLE_MAPPING = """\
[file]
encoding = "gb18030"
delimiter = ","

[values]
unit = "yuan"
rate = "percent"
dates = ["ymd"]

[codes.product]
"信用卡" = "credit_card"
"消费贷" = "consumer"

[[tables]]
table = "borrowers"
[tables.columns]
borrower_id = "客户号"
name = "姓名"

[[tables]]
table = "loans"
[tables.columns]
loan_id = "借据号"
borrower_id = "客户号"
product = { from = "产品", codes = "product" }
currency = { const = "CNY" }
principal = { from = "放款金额(万元)", unit = "wan" }
balance = "本金余额"
opened_on = "放款日"
annual_rate_ppm = "年利率"
"""


@dataclass(frozen=True)
class Line:
    """One column as the page prints it."""

    column: Column
    meaning: str
    kind: Promise
    is_key: bool


def column_meaning(column: Column) -> str:
    """What a column holds, in the reader's language."""
    language = (get_language() or "zh-hans").lower()
    if language.startswith("zh-hant"):
        return traditional(column.zh)
    return column.zh if language.startswith("zh") else column.en


def table_words(name: str) -> str:
    """A table's name in the reader's language; an unknown one as it is."""
    return str(TABLE_WORDS.get(name, name))


def _lines(table: Table) -> list[Line]:
    return [
        Line(column, column_meaning(column), KIND_WORDS[column.kind], column.name in table.key)
        for column in table.columns
    ]


@needs(Permission.SEE_BOOKS)
@require_safe
def book_layout(request: StaffRequest) -> HttpResponse:
    """The layout in words, with a template of every table to download."""
    tables = [(name, table_words(name), _lines(table)) for name, table in TABLES.items()]
    context = {"tables": tables, "example": EXAMPLE_MAPPING}
    return render(request, "office/books/layout.html", context)


@needs(Permission.SEE_BOOKS)
@require_safe
def book_template(request: StaffRequest, table: str) -> HttpResponse:
    """An empty CSV file with the headings of one table, as an attachment."""
    if table not in TABLES:
        raise Http404
    stream = io.StringIO()
    csv.writer(stream).writerow(column.name for column in TABLES[table].columns)
    answer = HttpResponse(stream.getvalue().encode("utf-8-sig"), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    return answer
