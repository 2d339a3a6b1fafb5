"""Opens a lender's file by what it is, not by what it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from doorstep.portfolio.intake.csv_source import CsvSource
from doorstep.portfolio.intake.excel_source import ExcelSource, is_workbook
from doorstep.portfolio.intake.mapping import FileForm
from doorstep.portfolio.intake.parquet_source import ParquetSource
from doorstep.portfolio.intake.source import Source, refusal

SOURCES: dict[str, Callable[[Path, FileForm, Sequence[str]], Source]] = {
    "csv": CsvSource,
    "xlsx": ExcelSource,
    "parquet": ParquetSource,
}


def format_of(path: Path) -> str:
    """csv, xlsx or parquet, by the first bytes."""
    with path.open("rb") as file:
        if is_workbook(file):
            return "xlsx"
        file.seek(0)
        return "parquet" if file.read(4) == b"PAR1" else "csv"


def open_source(path: Path, form: FileForm, wanted: Sequence[str]) -> Source:
    """The file's rows. Raises InputError when it is not of the format the mapping names."""
    if not path.is_file():
        raise refusal("FILE_FORMAT", path, "There is no such file.")
    real = format_of(path)
    if form.format not in {"auto", real}:
        raise refusal(
            "FILE_FORMAT", path, f"Declared {form.format}; its bytes are {real}.", field="format"
        )
    return SOURCES[real](path, form, wanted)
