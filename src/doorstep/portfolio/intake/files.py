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

PACKED = {
    b"\x1f\x8b": "gzip (.gz)",
    b"BZh": "bzip2 (.bz2)",
    b"\xfd7zXZ\x00": "xz (.xz)",
    b"\x28\xb5\x2f\xfd": "Zstandard (.zst)",
    b"7z\xbc\xaf\x27\x1c": "7-Zip (.7z)",
    b"Rar!": "RAR (.rar)",
}


def format_of(path: Path) -> str:
    """csv, xlsx or parquet, by the first bytes."""
    with path.open("rb") as file:
        if is_workbook(file):
            return "xlsx"
        file.seek(0)
        return "parquet" if file.read(4) == b"PAR1" else "csv"


def packed_as(path: Path) -> str:
    """What packed the file, by its first bytes; nothing when nothing did, or it may be a workbook
    (XLSX itself is a ZIP, and its reader looks inside)."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((name for mark, name in PACKED.items() if head.startswith(mark)), "")


def open_source(path: Path, form: FileForm, wanted: Sequence[str]) -> Source:
    """The file's rows. Raises InputError when it is not of the format the mapping names."""
    if not path.is_file():
        raise refusal("FILE_FORMAT", path, "There is no such file.")
    if packing := packed_as(path):
        raise refusal("FILE_PACKED", path, f"It is packed as {packing}.")
    real = format_of(path)
    if form.format not in {"auto", real}:
        raise refusal(
            "FILE_FORMAT", path, f"Declared {form.format}; its bytes are {real}.", field="format"
        )
    return SOURCES[real](path, form, wanted)
