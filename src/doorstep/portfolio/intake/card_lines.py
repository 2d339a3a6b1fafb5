"""A batch of monthly card lines as parts of a book: borrowers, loans, instalments, payments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from doorstep.kernel.errors import InputError, Where
from doorstep.portfolio.intake import words
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.portfolio.intake.card_months import CardLine, CardRows, card_rows, card_terms
from doorstep.portfolio.intake.columns import Part, Typed, as_text, read_texts
from doorstep.portfolio.intake.faults import Fault
from doorstep.portfolio.intake.mapping import Mapping
from doorstep.portfolio.intake.source import Batch
from doorstep.portfolio.schema import ARROW_TYPES, TABLES, Table


class CardLayout:
    """Reads lines by the mapping's `[card]`. Raises InputError where a parameter is unusable."""

    def __init__(self, mapping: Mapping, headers: Sequence[str], on: date) -> None:
        self.card, self.values, self.headers, self.on = mapping.card, mapping.values, headers, on
        months = len(self.card["months"])
        for name in ("due_days", "statuses", "bills", "payments"):
            if len(self.card[name]) != months:
                raise self._bad(name, f"There must be {months} of them, one a month.")
        currency = self.values.currency
        self.money = amount_reader(
            currency=currency, unit=self.values.unit, decimal=self.values.decimal
        )
        least = self.money(str(self.card.get("minimum_least", "0")))
        rate = words.rate_reader(self.values.rate)(str(self.card["rate"]))
        for name, value in (("minimum_least", least), ("rate", rate)):
            if isinstance(value, Fault):
                raise self._bad(name, "The value cannot be read.")
        self.rate = rate
        self.terms = card_terms(self.card, minimum_least=least)

    def _bad(self, name: str, message: str) -> InputError:
        return InputError(message, code="BAD_MAPPING", where=Where(field=f"card.{name}"))

    def parts(self, batch: Batch) -> list[Part]:
        """The batch as rows of four tables, and the faults of its lines."""
        faults: list[tuple[int, str, str]] = []
        ids = self._column(
            batch, self.card["id"], words.identifier_reader("loan_id"), pa.string(), faults
        )
        limits = self._column(batch, self.card["limit"], self.money, pa.int64(), faults)
        months = {
            name: list(
                zip(
                    *(self._column(batch, h, read, pa.int64(), faults) for h in self.card[name]),
                    strict=True,
                )
            )
            for name, read in (
                ("statuses", words.integer_reader(least=-9, most=99)),
                ("bills", self.money),
                ("payments", self.money),
            )
        }
        sexes = self._sexes(batch, faults)
        told = {row for row, _, _ in faults}
        rows: list[tuple[int, CardLine, CardRows]] = []
        for row, (loan_id, limit) in enumerate(zip(ids, limits, strict=True)):
            cells = [months[name][row] for name in ("statuses", "bills", "payments")]
            if loan_id is None or limit is None or any(None in group for group in cells):
                if row not in told:
                    faults.append((row, self.card["id"], "VALUE_MISSING"))
                continue
            line = CardLine(loan_id, limit, *cells)
            made = card_rows(line, self.terms, on=self.on)
            if made.without_bill:
                faults.append((row, self.card["statuses"][0], "STATUS_WITHOUT_BILL"))
            rows.append((row, line, made))
        return self._tables(batch, rows, sexes, faults)

    def _column(
        self, batch: Batch, header: str, read: Any, kind: Any, faults: list[tuple[int, str, str]]
    ) -> list[Any]:
        array = as_text(batch.columns[self.headers.index(header)])
        values: list[Any] = read_texts(array, read, kind, header, faults).to_pylist()
        told = {row for row, name, _ in faults if name == header}
        faults.extend(
            (row, header, "VALUE_MISSING")
            for row, value in enumerate(values)
            if value is None and row not in told
        )
        return values

    def _sexes(self, batch: Batch, faults: list[tuple[int, str, str]]) -> list[str | None]:
        if "sex" not in self.card:
            return [None] * len(batch.lines)
        listed = {str(word): code for word, code in self.card.get("sexes", {}).items()}
        return self._column(
            batch, self.card["sex"], words.code_reader(("f", "m"), listed), pa.string(), faults
        )

    def _tables(
        self,
        batch: Batch,
        rows: list[tuple[int, CardLine, CardRows]],
        sexes: list[str | None],
        faults: list[tuple[int, str, str]],
    ) -> list[Part]:
        card = self.card
        borrowers = [
            {
                "borrower_id": line.loan_id,
                "name": card.get("name", "{ID}").replace("{" + card["id"] + "}", line.loan_id),
                "sex": sexes[row],
                "language": card.get("language"),
                "time_zone": card.get("time_zone"),
                "branch_code": card.get("branch_code"),
            }
            for row, line, _ in rows
        ]
        loans = [
            {
                "loan_id": line.loan_id, "borrower_id": line.loan_id, "product": "credit_card",
                "clause_contact": card.get("clause_contact"),
                "clause_visit": card.get("clause_visit"),
                "currency": self.values.currency, "principal": line.limit, "balance": made.balance,
                "opened_on": card["opened_on"], "annual_rate_ppm": self.rate,
                "stated_dpd": made.stated_dpd,
            }
            for _, line, made in rows
        ]  # fmt: skip
        places = [row for row, _, _ in rows]
        dues = [(row, due) for row, _, made in rows for due in made.instalments]
        paid = [(row, payment) for row, _, made in rows for payment in made.payments]

        def shown(row: int, name: str) -> tuple[str, str]:
            cell = as_text(batch.columns[self.headers.index(name)].slice(row, 1))[0].as_py()
            return name, cell or ""

        def part(name: str, at: list[int], made: list[dict[str, Any]]) -> Part:
            table = TABLES[name]
            return Part(table, np.array(at, np.int64), Typed(_columns(table, made)), shown)

        return [
            Part(None, np.arange(len(batch.lines)), Typed({}, faults), shown),
            part("borrowers", places, borrowers),
            part("loans", places, loans),
            part("instalments", [row for row, _ in dues], [due for _, due in dues]),
            part("payments", [row for row, _ in paid], [payment for _, payment in paid]),
        ]


def _columns(table: Table, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows as columns of a table; what a row lacks is the column's default."""
    return {
        column.name: pa.array(
            [column.default if row.get(column.name) is None else row[column.name] for row in rows],
            ARROW_TYPES[column.kind],
        )
        for column in table.columns
    }
