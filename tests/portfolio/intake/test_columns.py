"""Columns taken at once are what their readers give; what is accepted fits into the tables."""

import pyarrow as pa
import pytest
from django.apps import apps
from django.db.models import CharField, Model
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.portfolio.intake.columns import Reading, _maker, _quick, read_texts
from doorstep.portfolio.intake.mapping import ColumnSource, mapping_named
from doorstep.portfolio.intake.words import longest_of
from doorstep.portfolio.schema import ARROW_TYPES, TABLES, Kind
from tests.portfolio.intake.reading import ON

MODELS = {
    "employers": "portfolio.Employer", "borrowers": "portfolio.Borrower",
    "contact_points": "portfolio.ContactPoint", "addresses": "portfolio.Address",
    "loans": "portfolio.Loan", "payments": "portfolio.Payment", "flags": "portfolio.ExternalFlag",
    "contacts": "cases.Contact", "promises": "agreements.Promise",
}  # fmt: skip
TEXTS = st.one_of(
    st.from_regex(r"[0-9]{1,16}", fullmatch=True),
    st.from_regex(r"[ -~]{0,20}", fullmatch=True),
    st.sampled_from(["", " ", "'=1", "#N/A", "1E+17", "-5", "张三", "x" * 200]),
)


@settings(deadline=None)
@given(st.sampled_from(["loan_id", "balance", "clause_visit"]), st.lists(TEXTS, max_size=6))
def test_the_shortcut_gives_what_the_reader_gives(name: str, texts: list[str]) -> None:
    table, source = TABLES["loans"], ColumnSource(header="x")
    column, reading = table.column(name), Reading(mapping_named("canonical"), ON)
    array = pa.array(texts, pa.string())
    quick = _quick(table, column, source, array, reading)
    faults: list[tuple[int, str, str]] = []
    _, make = _maker(table, column, source, reading)
    slow = read_texts(array, make("CNY"), ARROW_TYPES[column.kind], name, faults)
    if quick is not None:
        assert not faults
        assert quick.to_pylist() == slow.to_pylist()


@pytest.mark.parametrize("name", MODELS)
def test_no_accepted_text_is_longer_than_its_field(name: str) -> None:
    model: type[Model] = apps.get_model(MODELS[name])
    fields = {field.column: field for field in model._meta.concrete_fields}
    for column in TABLES[name].columns:
        field = fields.get(column.name)
        if column.kind is Kind.TEXT and isinstance(field, CharField) and field.max_length:
            assert longest_of(f"{name}.{column.name}") <= field.max_length, column.name
