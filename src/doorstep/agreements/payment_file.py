"""A lender's file of payments (CSV, Excel, Parquet), read row by row: each is accepted or refused
with line, column, code and hint, as in any other delivery.

Headers in English or Chinese. Required: reference (the bank's number of the payment), paid_on,
amount. A row that names in `reverses` the reference of another takes that payment back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from doorstep.agreements.matching import Incoming
from doorstep.portfolio.intake.amounts import amount_reader, read_currency
from doorstep.portfolio.intake.columns import as_text
from doorstep.portfolio.intake.days import day_reader
from doorstep.portfolio.intake.faults import FAULTS, Doubt, Fault, shown_text
from doorstep.portfolio.intake.files import open_source
from doorstep.portfolio.intake.mapping import FileForm
from doorstep.portfolio.intake.source import MARKER, Batch, Source, refusal
from doorstep.portfolio.intake.words import identifier_reader, text_reader

MOST_PROBLEMS = 500
AT_ONCE = 25_000
COLUMNS = {
    "reference": ("流水号", "交易流水号"),
    "paid_on": ("到账日", "还款日", "入账日期"),
    "amount": ("金额", "还款金额"),
    "currency": ("币种",),
    "told": ("附言", "摘要", "备注"),
    "payer": ("付款人", "户名"),
    "means": ("还款方式", "渠道"),
    "reverses": ("冲正流水号",),
}
REQUIRED = ("reference", "paid_on", "amount")
PERSONAL = frozenset({"payer", "told"})
LONGEST = {"reference": 120, "told": 300, "payer": 300, "means": 100, "reverses": 120}


@dataclass(frozen=True)
class Told:
    """One accepted row: a payment, or with `reverses` the taking back of another."""

    line: int
    payment: Incoming
    means: str = ""
    reverses: str = ""


@dataclass
class PaymentRows:
    """What was read of a file. rows = accepted + rejected; problems follow the error contract."""

    rows: int = 0
    rejected: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, column: str, code: str, text: str, *, personal: bool) -> None:
        """Note one fault; of very many only the first are kept, the count is of all."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(
                {
                    "line": line, "column": column, "code": code,
                    "shown": shown_text(text, personal=personal), "hint": FAULTS[code][1],
                }
            )  # fmt: skip


def payment_rows(
    path: Path, *, on: date, found: PaymentRows, at_once: int = AT_ONCE, currency: str = "CNY"
) -> Iterator[list[Told]]:
    """The accepted rows of the file as of the day `on`, so many at once; what else there is to say
    of it goes to `found`. Raises InputError, at the latest when the last row has been read, where
    the file cannot be used as a whole."""
    source = open_source(path, FileForm(), ())
    reader = RowReader(_headers(source, path), on=on, currency=currency, found=found)
    for batch in source.batches():
        reader.batch(batch)
        if len(reader.told) >= at_once:
            yield reader.told
            reader.told = []
    if reader.told:
        yield reader.told


def _headers(source: Source, path: Path) -> dict[str, tuple[int, str]]:
    """The place and written header of each of our columns."""
    found: dict[str, tuple[int, str]] = {}
    for name, others in COLUMNS.items():
        for header in (name, *others):
            if header in source.headers:
                found[name] = (source.headers.index(header), header)
                break
        else:
            if name in REQUIRED:
                raise refusal(
                    "HEADER_MISSING", path,
                    f"There is no column {name!r} ({others[0]}) in the header.", field=name, line=1,
                )  # fmt: skip
    return found


class RowReader:
    """Reads rows one by one or in batches; every distinct text is read once."""

    def __init__(
        self, headers: dict[str, tuple[int, str]], *, on: date, currency: str, found: PaymentRows
    ) -> None:
        self.headers, self.currency, self.found = headers, currency, found
        self.order = sorted(headers, key=lambda each: each == "amount")  # its currency comes first
        self.told: list[Told] = []
        self.day = lru_cache(4096)(day_reader(orders=(), latest=on))
        self.amounts: dict[str, Callable[[str], Any]] = {}
        self.texts = {
            name: identifier_reader(name)
            if name in ("reference", "reverses")
            else text_reader(name)
            for name in LONGEST
        }

    def batch(self, batch: Batch) -> None:
        """One batch of rows."""
        self.found.rows += len(batch.lines) + len(batch.broken)
        self.found.rejected += len(batch.broken)
        for broken in batch.broken:
            head = ",".join(broken.fields)[:40]
            self.found.refuse(broken.line, broken.column, broken.code, head, personal=True)
        columns = {
            name: as_text(batch.columns[place]).to_pylist()
            for name, (place, _header) in self.headers.items()
        }
        names = tuple(columns)
        for line, cells in zip(batch.lines, zip(*columns.values(), strict=True), strict=True):
            self.row(line, dict(zip(names, cells, strict=True)))

    def row(self, line: int, cells: dict[str, str | None]) -> None:
        """One row: all its faults are told, and it is accepted only without any."""
        values: dict[str, Any] = {"currency": self.currency}
        faults = list(self._read(cells, values))
        for name, code in faults:
            header = self.headers[name][1]
            personal = name in PERSONAL
            self.found.refuse(line, header, code, cells.get(name) or "", personal=personal)
        if faults:
            self.found.rejected += 1
            return
        means, reverses = values.pop("means", ""), values.pop("reverses", "")
        self.told.append(Told(line, Incoming(**values), means, reverses))

    def _read(
        self, cells: dict[str, str | None], values: dict[str, Any]
    ) -> Iterator[tuple[str, str]]:
        for name in self.order:
            text = (cells.get(name) or "").strip()
            if not text:
                if name in REQUIRED:
                    yield name, "VALUE_MISSING"
                continue
            if text.startswith(MARKER):
                yield name, text.removeprefix(MARKER)
                continue
            value = self._value(name, text, values["currency"])
            if isinstance(value, Doubt):
                value = value.value
            if isinstance(value, Fault):
                yield name, value.code
            else:
                values[name] = value

    def _value(self, name: str, text: str, currency: str) -> Any:
        if name == "paid_on":
            return self.day(text)
        if name == "currency":
            return read_currency(text)
        if name == "amount":
            if currency not in self.amounts:
                read = amount_reader(currency=currency, unit="major", negative=False)
                self.amounts[currency] = lru_cache(65_536)(read)
            value = self.amounts[currency](text)
            return Fault("AMOUNT_NEGATIVE") if value == 0 else value
        value = self.texts[name](text)
        if isinstance(value, str) and len(value) > LONGEST[name]:
            return Fault("TEXT_TOO_LONG")
        return value
