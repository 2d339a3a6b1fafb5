"""Every fault a lender's file can have: its code, whether it rejects the row, and what to do.

Hints are English message ids; whoever shows them translates them (`hint_of`).
A problem never carries a full personal value: `shown_text` cuts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """What a fault does: refuses the file, rejects the row, or is told and counted."""

    FILE = "file"
    ROW = "row"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that cannot be read."""

    code: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that was read, with something to tell about it."""

    value: Any
    code: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault at its place. `line` is the physical line (row of a sheet); 0 is the file itself."""

    line: int
    column: str
    code: str
    shown: str

    @property
    def level(self) -> Level:
        """What it does."""
        return FAULTS[self.code][0]

    def contract(self) -> dict[str, Any]:
        """The error contract: line, column, code, shown, hint (English)."""
        return {
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "shown": self.shown,
            "hint": FAULTS[self.code][1],
        }


def shown_text(text: str | None, *, personal: bool = False) -> str:
    """The start of a value, enough to find it and never the whole: '12a…'.

    Personal values show one character. Control and direction characters become '·'.
    """
    if not text:
        return ""
    head = text[: 1 if personal else min(6, max(1, len(text) * 2 // 3))]
    clean = "".join(c if c.isprintable() and not _hidden(c) else "·" for c in head)
    return clean if not personal and len(text) <= len(head) else clean + "…"


def _hidden(character: str) -> bool:
    return character in "\u200b\u200c\u200d\u2060\ufeff" or "\u202a" <= character <= "\u202e"


def hint_of(code: str) -> str:
    """The English hint of a code."""
    return FAULTS[code][1]


def _(text: str) -> str:
    """Marks a text for the translators."""
    return text


FILE, ROW, WARNING = Level.FILE, Level.ROW, Level.WARNING

FAULTS: dict[str, tuple[Level, str]] = {
    "FILE_EMPTY": (FILE, _("The file is empty. Send it again.")),
    "FILE_NO_ROWS": (FILE, _("The file has a header and no rows. Send the full file.")),
    "FILE_FORMAT": (FILE, _("The file is not the format the mapping names. Save it as CSV, XLSX or Parquet.")),
    "FILE_PACKED": (FILE, _("The file is packed. Unpack it and send the CSV, XLSX or Parquet file inside.")),
    "FILE_PASSWORD": (FILE, _("The workbook is protected by a password. Save it without one.")),
    "FILE_TOO_LARGE": (FILE, _("The workbook unpacks to far more than its size. Send the rows as CSV or Parquet.")),
    "FILE_DAMAGED": (FILE, _("The file is damaged and cannot be read to its end. Send it again.")),
    "ENCODING_WRONG": (FILE, _("The text is not in the declared encoding. Correct `encoding` in the mapping.")),
    "ENCODING_UNSURE": (FILE, _("The encoding cannot be told from the text. Declare `encoding` in the mapping.")),
    "DELIMITER_WRONG": (FILE, _("The columns are separated by another character. Correct `delimiter` in the mapping.")),
    "HEADER_MISSING": (FILE, _("The header row lacks this column. Add it, or correct the mapping.")),
    "HEADER_DUPLICATE": (FILE, _("Two columns have this name. Rename one of them.")),
    "SHEET_NOT_CHOSEN": (FILE, _("The workbook has several sheets. Name the one to read as `sheet` in the mapping.")),
    "SHEET_MISSING": (FILE, _("The workbook has no sheet of this name. Correct `sheet` in the mapping.")),
    "TABLE_UNKNOWN": (FILE, _("The file name and header fit no table. Name the file after its table, such as loans.csv.")),
    "TRAILER_MISSING": (FILE, _("The closing row with the control totals is missing: the file may be cut off. Send it again.")),
    "TRAILER_COUNT": (FILE, _("The closing row counts other rows than the file has. Send the full file.")),
    "TRAILER_TOTAL": (FILE, _("The closing row's total is not the sum of the column. Send the correct file.")),
    "ROW_BYTES_BAD": (ROW, _("Some bytes are not text in the file's encoding. Write the row again in that encoding.")),
    "ROW_NUL": (ROW, _("The row holds NUL characters. Remove them.")),
    "ROW_QUOTE_OPEN": (ROW, _("A quotation mark opens here and is not closed. Close it, or double it inside a value.")),
    "ROW_NOT_OBJECT": (ROW, _("This is not an object with named values. Write each row as one.")),
    "ROW_RAGGED": (ROW, _("The row has more or fewer fields than the header. Put values with separators in quotation marks.")),
    "FIELD_TOO_LONG": (ROW, _("A field is longer than any real value. Check for a missing quotation mark or separator.")),
    "CELL_ERROR": (ROW, _("The cell holds an error of the spreadsheet. Correct its formula.")),
    "CELL_FORMULA": (ROW, _("The cell holds a formula without its value. Open the file, calculate, save, or paste values.")),
    "CELL_MERGED": (ROW, _("The row has merged cells. Unmerge them and fill each cell.")),
    "ROW_HIDDEN": (WARNING, _("The row is hidden in the sheet and was read like any other.")),
    "VALUE_MISSING": (ROW, _("A value is required here.")),
    "TEXT_TOO_LONG": (ROW, _("The text is longer than the field. Shorten it.")),
    "TEXT_CONTROL": (ROW, _("The text holds control or direction characters. Remove them.")),
    "TEXT_HIDDEN": (WARNING, _("Invisible characters were removed from the text.")),
    "NUMBER_BAD": (ROW, _("This is not a whole number.")),
    "NUMBER_ROUNDED": (ROW, _("The number was rounded by a spreadsheet and its last digits are lost. Store the column as text.")),
    "AMOUNT_NOT_NUMBER": (ROW, _("This is not an amount. Write digits with a decimal point, such as 1234.56.")),
    "AMOUNT_AMBIGUOUS": (ROW, _("The separators can be read in two ways. Set `decimal` in the mapping.")),
    "AMOUNT_TOO_FINE": (ROW, _("The amount has more decimals than the currency's smallest unit. Round it at the source.")),
    "AMOUNT_TOO_LARGE": (ROW, _("The amount is larger than any real one. Check the unit in the mapping.")),
    "AMOUNT_NEGATIVE": (ROW, _("The amount must not be negative here.")),
    "AMOUNT_CURRENCY": (ROW, _("The amount names another currency than the row. Correct one of them.")),
    "CURRENCY_UNKNOWN": (ROW, _("This is not a currency code. Use ISO 4217, such as CNY.")),
    "RATE_BAD": (ROW, _("This is not a yearly interest rate. Write 4.35%, or set `unit` of the column in the mapping.")),
    "DATE_BAD": (ROW, _("This is not a date. Write 2026-01-31.")),
    "DATE_AMBIGUOUS": (ROW, _("Day and month can be read in two ways. Set `dates` in the mapping.")),
    "DATE_SERIAL": (ROW, _("This is a spreadsheet's day number. Format the column as a date, or set `dates` in the mapping.")),
    "DATE_IMPOSSIBLE": (ROW, _("There is no such day in the calendar.")),
    "DATE_FAR": (ROW, _("The date is too far away to be real. Correct it, or leave it empty if there is none.")),
    "INSTANT_BAD": (ROW, _("This is not a time. Write 2026-01-31T09:30:00+08:00.")),
    "CODE_UNKNOWN": (ROW, _("This word is not in the code list. Add it to the mapping's codes.")),
    "ID_BAD": (ROW, _("This is not an identity number of the stated kind.")),
    "ID_CHECKSUM": (WARNING, _("The identity number's check character is wrong. Confirm it with the borrower.")),
    "ID_CHECKSUM_WRONG": (ROW, _("The identity number's check character is wrong. Correct it.")),
    "ID_LIKELY_ROUNDED": (WARNING, _("The identity number ends in 000 and fails its check: a spreadsheet may have rounded it.")),
    "ID_OLD_FORM": (WARNING, _("A 15-digit identity number was written in its 18-digit form.")),
    "PHONE_BAD": (ROW, _("This is not a telephone number.")),
    "PHONE_MASKED": (ROW, _("The number is masked. Send the full number.")),
    "PHONE_PLACEHOLDER": (ROW, _("This is a placeholder, not somebody's number. Leave it empty.")),
    "PHONE_SEVERAL": (ROW, _("There are several numbers in one cell. Give each its own column or row.")),
    "PHONE_EXTENSION": (ROW, _("A number with an extension reaches a switchboard first. Send a direct number.")),
    "EMAIL_BAD": (ROW, _("This is not an e-mail address.")),
    "NAME_BAD": (ROW, _("This is not a person's or firm's name.")),
    "ZONE_UNKNOWN": (ROW, _("This is not a time zone. Use an IANA name, such as Asia/Shanghai.")),
    "POINT_BAD": (ROW, _("Latitude and longitude do not name a point on Earth.")),
    "POINT_HALF": (ROW, _("Latitude and longitude must both be there, or neither.")),
    "DUPLICATE_ROW": (ROW, _("The same row stands in the files more than once. Only the first was kept.")),
    "SAME_KEY_DIFFERENT": (ROW, _("Several rows have this key and different values; none was kept. Send the right one.")),
    "PARENT_MISSING": (ROW, _("The row this one belongs to is missing or was rejected. Send both.")),
    "CURRENCY_MIXED": (ROW, _("The loan's currency is not the one the mapping reads its amounts in.")),
    "PAYMENT_UNKNOWN": (ROW, _("No payment of this number was taken in. Send the payment itself first.")),
    "PAYMENT_REVERSED": (ROW, _("This payment has been taken back already, or other than as a whole.")),
    "PARTS_EXCEED_DUE": (ROW, _("Paid and waived together exceed what is due.")),
    "TOTAL_NOT_PARTS": (ROW, _("The total is not the sum of its parts.")),
    "PHONE_SHARED": (WARNING, _("Many borrowers have this number. Confirm whose it is before calling.")),
    "PHONE_OF_THIRD_PARTY": (WARNING, _("The number is given as the borrower's and as somebody else's. It will not be used until confirmed.")),
    "DPD_DISAGREES": (WARNING, _("The stated days past due are not those of the oldest unpaid instalment.")),
    "OVERDUE_DISAGREES": (WARNING, _("The stated overdue amount is not the sum of the overdue instalments.")),
    "DATE_AFTER_BOOK": (WARNING, _("The day lies after the day of the book.")),
    "STATUS_WITHOUT_BILL": (WARNING, _("The status says overdue and no bill is open.")),
}  # fmt: skip
