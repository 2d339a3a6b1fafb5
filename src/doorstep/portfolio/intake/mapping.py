"""How to read a lender's file: a mapping in TOML, read into frozen dataclasses.

A mapping names the file's form (`[file]`), how values are written (`[values]`), the lender's words
for our codes (`[codes.NAME]`) and, table by table (`[[tables]]`), where each column comes from.
A column comes from a header (`"借据号"` or `{ from = "借据号", ... }`), is the same for all
(`{ const = "CNY" }`) or is put together (`{ pattern = "客户 {ID}" }`). Several blocks of one table
make several rows of one line (phone1, phone2). docs/reference/mapping.md describes every field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.intake.amounts import UNITS, currencies
from doorstep.portfolio.intake.days import ORDERS
from doorstep.portfolio.intake.words import RATE_UNITS
from doorstep.portfolio.schema import DATUMS, TABLES, Kind, Table

SHIPPED = Path(__file__).parent / "mappings"
FORMATS = ("auto", "csv", "xlsx", "parquet")
SHAPES = ("tables", "canonical", "card-months")
CHECKSUMS = ("warn", "reject", "ignore")


@dataclass(frozen=True)
class Trailer:
    """The closing row: its first field begins so; where it counts rows and sums a column."""

    starts_with: str
    count_field: int | None = None
    total_field: int | None = None
    total_of: str | None = None


@dataclass(frozen=True)
class FileForm:
    """How the file itself is written. `header` is the row of the header, counted from 1."""

    format: str = "auto"
    encoding: str = "auto"
    delimiter: str = "auto"
    header: int = 1
    sheet: str = ""
    trailer: Trailer | None = None


@dataclass(frozen=True)
class ValueForm:
    """How values are written, where a column does not say otherwise."""

    unit: str = "major"
    decimal: str = "auto"
    currency: str = "CNY"
    dates: tuple[str, ...] = ()
    rate: str = "percent"
    datum: str = "wgs84"
    phone_region: str = "CN"
    id_kind: str = "cn_ric"
    id_checksum: str = "warn"
    zone: str = "Asia/Shanghai"
    farthest_years: int = 50
    shared_phone: int = 5


@dataclass(frozen=True)
class ColumnSource:
    """Where a column's values come from: one of `header`, `const`, `pattern`."""

    header: str = ""
    const: str | None = None
    pattern: str = ""
    unit: str = ""
    codes: str = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers it reads."""
        if self.header:
            return (self.header,)
        return tuple(part.partition("}")[0] for part in self.pattern.split("{")[1:])


@dataclass(frozen=True)
class Block:
    """One row of a table out of each line. Skipped where the column `unless_empty` is empty.

    `totals`: (total, parts) headers that must add up in every line.
    """

    table: str
    columns: Words[str, ColumnSource]
    unless_empty: str = ""
    totals: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `card` holds the parameters of the shape card-months."""

    name: str
    shape: str
    file: FileForm = FileForm()
    values: ValueForm = ValueForm()
    codes: Words[str, Words[str, str]] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    card: Words[str, Any] = field(default_factory=dict)


def mapping_named(name: str) -> Mapping:
    """A shipped mapping (`canonical`, `card_months`) or the TOML file at a path."""
    shipped = SHIPPED / f"{name}.toml"
    if name.replace("_", "").isalnum() and shipped.is_file():
        return mapping_read(shipped)
    return mapping_read(Path(name))


def shipped_mappings() -> list[str]:
    """Names of the mappings that come with Doorstep."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def mapping_read(path: Path) -> Mapping:
    """Read a mapping. Raises InputError naming the file and the field."""
    try:
        text = path.read_text("utf-8-sig")
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"The mapping cannot be read: {getattr(error, 'strerror', None) or error}.",
            code="BAD_MAPPING",
            hint=f"Give a TOML file, or one of {', '.join(shipped_mappings())}.",
            where=Where(file=str(path)),
        ) from None
    return _Reading(str(path)).mapping(raw, name=path.stem)


class _Reading:
    """Checks field by field; every complaint names the file and the dotted field."""

    def __init__(self, file: str) -> None:
        self.file = file

    def bad(self, where: str, message: str, hint: str = "") -> InputError:
        return InputError(
            message, code="BAD_MAPPING", hint=hint, where=Where(file=self.file, field=where)
        )

    def known(self, raw: Any, where: str, names: set[str]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise self.bad(where, "This must be a table of fields.")
        for name in raw:
            if name not in names:
                place = f"{where}.{name}" if where else name
                raise self.bad(
                    place, "There is no such field.", f"Known: {', '.join(sorted(names))}."
                )
        return raw

    def choice(self, raw: dict[str, Any], name: str, where: str, choices: Any, default: str) -> str:
        value = raw.get(name, default)
        if value not in choices:
            raise self.bad(
                f"{where}.{name}".strip("."), f"{value!r} is not known.",
                f"Use one of {', '.join(map(str, sorted(choices)))}.",
            )  # fmt: skip
        return str(value)

    def text(self, raw: dict[str, Any], name: str, where: str, default: str = "") -> str:
        value = raw.get(name, default)
        if not isinstance(value, str):
            raise self.bad(f"{where}.{name}", "This must be text.")
        return value

    def count(self, raw: dict[str, Any], name: str, where: str, default: int | None) -> int | None:
        value = raw.get(name, default)
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or value < 1
        ):
            raise self.bad(f"{where}.{name}", "This must be a whole number from 1.")
        return value

    def mapping(self, raw: dict[str, Any], *, name: str) -> Mapping:
        self.known(raw, "", {"name", "shape", "file", "values", "codes", "tables", "card"})
        shape = self.choice(raw, "shape", "", SHAPES, "tables")
        codes = self.codes(raw.get("codes", {}))
        blocks = tuple(
            self.block(block, f"tables[{place}]", codes)
            for place, block in enumerate(raw.get("tables", []), start=1)
        )
        if shape == "tables" and not blocks:
            raise self.bad("tables", "The mapping names no table.", "Add a [[tables]] block.")
        card = self.known(raw.get("card", {}), "card", CARD_FIELDS)
        missing = sorted(CARD_NEEDED - set(card)) if shape == "card-months" else []
        if missing:
            raise self.bad(f"card.{missing[0]}", "This field is missing.")
        return Mapping(
            name=self.text(raw, "name", "", name),
            shape=shape,
            file=self.form(raw.get("file", {})),
            values=self.values(raw.get("values", {})),
            codes=codes,
            blocks=blocks,
            card=card,
        )

    def form(self, raw: Any) -> FileForm:
        names = {"format", "encoding", "delimiter", "header", "sheet", "trailer"}
        raw = self.known(raw, "file", names)
        encoding = self.text(raw, "encoding", "file", "auto")
        try:
            if encoding != "auto":
                "".encode(encoding)
        except LookupError:
            raise self.bad("file.encoding", f"There is no encoding {encoding!r}.") from None
        delimiter = self.text(raw, "delimiter", "file", "auto")
        if delimiter != "auto" and len(delimiter) != 1:
            raise self.bad("file.delimiter", "The delimiter must be one character, or auto.")
        return FileForm(
            format=self.choice(raw, "format", "file", FORMATS, "auto"),
            encoding=encoding,
            delimiter=delimiter,
            header=self.count(raw, "header", "file", 1) or 1,
            sheet=self.text(raw, "sheet", "file"),
            trailer=self.trailer(raw["trailer"]) if "trailer" in raw else None,
        )

    def trailer(self, raw: Any) -> Trailer:
        names = {"starts_with", "count_field", "total_field", "total_of"}
        raw = self.known(raw, "file.trailer", names)
        starts = self.text(raw, "starts_with", "file.trailer")
        if not starts:
            raise self.bad("file.trailer.starts_with", "This field is missing.")
        total_of = self.text(raw, "total_of", "file.trailer") or None
        total_field = self.count(raw, "total_field", "file.trailer", None)
        if (total_of is None) != (total_field is None):
            raise self.bad("file.trailer.total_of", "total_of and total_field go together.")
        count = self.count(raw, "count_field", "file.trailer", None)
        return Trailer(starts, count, total_field, total_of)

    def values(self, raw: Any) -> ValueForm:
        plain = ValueForm()
        raw = self.known(raw, "values", set(ValueForm.__dataclass_fields__))
        dates = raw.get("dates", [])
        if not isinstance(dates, list) or not set(map(str, dates)) <= set(ORDERS):
            raise self.bad("values.dates", "Unknown form of date.", f"Use {', '.join(ORDERS)}.")
        if {"dmy", "mdy"} <= set(dates):
            raise self.bad("values.dates", "dmy and mdy cannot both be true of a file.")
        kinds = TABLES["borrowers"].column("id_kind").codes
        return ValueForm(
            unit=self.choice(raw, "unit", "values", UNITS, plain.unit),
            decimal=self.choice(raw, "decimal", "values", ("auto", ".", ","), plain.decimal),
            currency=self.choice(raw, "currency", "values", currencies(), plain.currency),
            dates=tuple(dates),
            rate=self.choice(raw, "rate", "values", RATE_UNITS, plain.rate),
            datum=self.choice(raw, "datum", "values", DATUMS, plain.datum),
            phone_region=self.text(raw, "phone_region", "values", plain.phone_region),
            id_kind=self.choice(raw, "id_kind", "values", kinds, plain.id_kind),
            id_checksum=self.choice(raw, "id_checksum", "values", CHECKSUMS, plain.id_checksum),
            zone=self.text(raw, "zone", "values", plain.zone),
            farthest_years=self.count(raw, "farthest_years", "values", plain.farthest_years) or 50,
            shared_phone=self.count(raw, "shared_phone", "values", plain.shared_phone) or 5,
        )

    def codes(self, raw: Any) -> dict[str, dict[str, str]]:
        for name, words in self.known(raw, "codes", set(raw)).items():
            if not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
                raise self.bad(f"codes.{name}", "A code list gives a code for each word.")
        return dict(raw)

    def block(self, raw: Any, where: str, codes: dict[str, dict[str, str]]) -> Block:
        raw = self.known(raw, where, {"table", "columns", "unless_empty", "totals"})
        table = TABLES[self.choice(raw, "table", where, TABLES, "")]
        columns = {}
        for name, source in self.known(
            raw.get("columns", {}), f"{where}.columns", {c.name for c in table.columns}
        ).items():
            columns[name] = self.source(source, f"{where}.columns.{name}", table, name, codes)
        for column in table.columns:
            if column.required and column.name not in columns:
                raise self.bad(
                    f"{where}.columns.{column.name}", f"Table {table.name} needs this column."
                )
        skip = self.text(raw, "unless_empty", where)
        if skip and skip not in columns:
            raise self.bad(f"{where}.unless_empty", "The block has no such column.")
        totals = self.totals(raw.get("totals", []), f"{where}.totals")
        return Block(table.name, columns, skip, totals)

    def totals(self, raw: Any, where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        out = []
        for row in raw:
            row = self.known(row, where, {"total", "parts"})
            parts = row.get("parts")
            if not isinstance(row.get("total"), str) or not isinstance(parts, list) or not parts:
                raise self.bad(where, "A total names one header and a list of parts.")
            out.append((row["total"], tuple(map(str, parts))))
        return tuple(out)

    def source(
        self, raw: Any, where: str, table: Table, name: str, codes: dict[str, dict[str, str]]
    ) -> ColumnSource:
        if isinstance(raw, str):
            raw = {"from": raw}
        raw = self.known(raw, where, {"from", "const", "pattern", "unit", "codes"})
        if sum(word in raw for word in ("from", "const", "pattern")) != 1:
            raise self.bad(where, "Give one of from, const, pattern.")
        kind = table.column(name).kind
        units = UNITS if kind is Kind.MONEY else RATE_UNITS if kind is Kind.RATE else ()
        unit = self.choice(raw, "unit", where, {*map(str, units), ""}, "")
        listed = self.choice(raw, "codes", where, {*codes, ""}, "")
        self.code_words(listed, where, table, name, codes)
        const = raw.get("const")
        return ColumnSource(
            header=self.text(raw, "from", where),
            const=None if const is None else str(const),
            pattern=self.text(raw, "pattern", where),
            unit=unit,
            codes=listed,
        )

    def code_words(
        self, listed: str, where: str, table: Table, name: str, codes: dict[str, dict[str, str]]
    ) -> None:
        allowed = table.column(name).codes
        for word, code in codes.get(listed, {}).items():
            if allowed and code not in allowed:
                raise self.bad(
                    f"codes.{listed}.{word}", f"{code!r} is not a code of {table.name}.{name}.",
                    f"Use one of {', '.join(allowed)}.",
                )  # fmt: skip


CARD_NEEDED = {"id", "limit", "months", "due_days", "opened_on", "rate", "minimum_percent"}
CARD_FIELDS = CARD_NEEDED | {
    "name", "sex", "sexes", "minimum_least", "statuses", "bills", "payments", "branch_code",
    "language", "time_zone", "clause_contact", "clause_visit",
}  # fmt: skip
