"""Workbooks: what a sheet hides is shown or refused, and nothing is taken from a cell on trust."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from doorstep.kernel.errors import InputError
from tests.portfolio.intake.reading import HEADER, Read, loans_mapping, read_files

ROW = ["L1", "C1", "张三", 1000, 500.5, date(2025, 1, 2)]


def _book(*rows: list[object], change: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(HEADER.split(","))
    for row in rows:
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _read(folder: Path, content: bytes, **mapping: str) -> Read:
    return read_files(folder, {"loans.xlsx": content}, loans_mapping(**mapping))


def test_numbers_dates_and_texts_are_taken_as_they_are(tmp_path: Path) -> None:
    second = ["L2", "C2", "李四", "1,000.00", 0.1 + 0.2, datetime(2025, 1, 2)]  # noqa: DTZ001 - a cell has no zone
    loans = _read(tmp_path, _book(ROW, second)).table("loans")
    assert [(row["principal"], row["balance"]) for row in loans] == [(100000, 50050), (100000, 30)]
    assert {row["opened_on"] for row in loans} == {date(2025, 1, 2)}


def test_an_id_that_was_a_number_has_lost_its_digits(tmp_path: Path) -> None:
    read = _read(tmp_path, _book(ROW, [440301199001011234, *ROW[1:]]))
    assert read.codes == [(3, "NUMBER_ROUNDED")]


def test_error_cells_and_formulas_without_value_are_refused(tmp_path: Path) -> None:
    wrong = ["L2", "C2", "李四", "=1/0", 1, date(2025, 1, 2)]
    content = _book(ROW, wrong, ["L3", "C3", "王五", "#N/A", 1, date(2025, 1, 2)])
    read = _read(tmp_path, content)
    assert read.codes == [(3, "CELL_FORMULA"), (4, "CELL_ERROR")]


def test_merged_rows_are_refused_and_hidden_ones_told(tmp_path: Path) -> None:
    def change(sheet: Worksheet) -> None:
        sheet.merge_cells("C2:C3")
        sheet.row_dimensions[4].hidden = True

    rows = [[f"L{n}", f"C{n}", "张三", 1, 1, date(2025, 1, 2)] for n in range(3)]
    read = _read(tmp_path, _book(*rows, change=change))
    assert read.codes == [(2, "CELL_MERGED"), (3, "CELL_MERGED"), (4, "ROW_HIDDEN")]
    assert (read.outcome.accepted, read.outcome.rejected) == (1, 2)


def test_a_workbook_of_several_sheets_needs_one_named(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("贷款").append(HEADER.split(","))
    book["贷款"].append(ROW)
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InputError) as told:
        _read(tmp_path, out.getvalue())
    assert told.value.code == "SHEET_NOT_CHOSEN"
    assert "贷款" in told.value.message
    assert _read(tmp_path, out.getvalue(), file='sheet = "贷款"').outcome.accepted == 1
    with pytest.raises(InputError, match="The sheets are"):
        _read(tmp_path, out.getvalue(), file='sheet = "别的"')


def test_both_epochs_give_the_same_day(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_book(ROW)))
    book.epoch = CALENDAR_MAC_1904
    out = io.BytesIO()
    book.save(out)
    assert _read(tmp_path, out.getvalue()).table("loans")[0]["opened_on"] == date(2025, 1, 2)


def test_a_day_number_without_a_date_format_is_refused(tmp_path: Path) -> None:
    content = _book([*ROW[:5], 45659])
    assert _read(tmp_path, content).codes == [(2, "DATE_SERIAL")]
    settled = _read(tmp_path, content, values='dates = ["excel1900"]')
    assert settled.table("loans")[0]["opened_on"] == date(2025, 1, 2)


def test_a_small_package_that_unpacks_to_a_lot_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO(_book(ROW))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet9.xml", b"0" * (80 << 20))
    assert len(out.getvalue()) < 200_000
    with pytest.raises(InputError) as told:
        _read(tmp_path, out.getvalue())
    assert told.value.code == "FILE_TOO_LARGE"


def test_a_password_is_told(tmp_path: Path) -> None:
    locked = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO(_book(ROW)))
    file.encrypt("secret", locked)
    with pytest.raises(InputError) as told:
        _read(tmp_path, locked.getvalue())
    assert told.value.code == "FILE_PASSWORD"


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing", _book(ROW)[:900]])
def test_a_damaged_package_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError) as told:
        _read(tmp_path, content)
    assert told.value.code == "FILE_DAMAGED"


def test_rejected_rows_come_back_as_a_workbook(tmp_path: Path) -> None:
    read = _read(tmp_path, _book(ROW, ["L2", "=2+2", "李四", "x", 1, date(2025, 1, 2)]))
    sheet = openpyxl.load_workbook(read.folder / "rejected" / "loans.xlsx").active
    assert isinstance(sheet, Worksheet)
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][-1] == "_reason"
    assert rows[1][0] == "L2"
    assert "AMOUNT_NOT_NUMBER" in str(rows[1][-1])
