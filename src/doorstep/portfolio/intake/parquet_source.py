"""Rows out of Parquet. Columns keep their types; the row number stands for the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.portfolio.intake.mapping import FileForm
from doorstep.portfolio.intake.source import BATCH, Batch, check_header, refusal


class ParquetSource:
    """A Parquet file. Raises InputError where the file as a whole cannot be used."""

    encoding = "utf-8"
    delimiter = ""
    trailer: tuple[int, list[str]] | None = None

    def __init__(self, path: Path, form: FileForm, wanted: Sequence[str]) -> None:
        self.path = path
        try:
            self.file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise refusal("FILE_DAMAGED", path, f"Parquet cannot be opened: {error}.") from None
        self.headers = list(self.file.schema_arrow.names)
        check_header(self.headers, wanted, path, form)

    def batches(self) -> Iterator[Batch]:
        """Rows by row group, counted from 1."""
        first, total = 1, max(self.file.metadata.num_rows, 1)
        try:
            for piece in self.file.iter_batches(batch_size=BATCH):
                last = first + piece.num_rows
                columns = [_plain(column) for column in piece.columns]
                yield Batch(list(range(first, last)), columns, done=(last - 1) / total)
                first = last
        except (pa.ArrowException, OSError) as error:
            raise refusal(
                "FILE_DAMAGED", self.path, f"Row {first} cannot be read: {error}.", line=first
            ) from None


def _plain(column: pa.Array) -> pa.Array:
    """Without dictionary or large-string dress."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        return column.cast(pa.string())
    return column
