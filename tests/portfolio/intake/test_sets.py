"""Faults that only show across rows and tables, and files of our own layout."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doorstep.kernel.errors import InputError
from doorstep.portfolio.intake.mapping import mapping_named, mapping_read, shipped_mappings
from doorstep.portfolio.schema import TABLES
from tests.portfolio.intake.reading import GOOD, Read, loans_mapping, read_files, read_loans

CANONICAL = """shape = "canonical"
[values]
unit = "minor"
rate = "ppm"
"""
BORROWERS = "borrower_id,name\nC1,张三\nC2,李四\n"
LOANS = (
    "loan_id,borrower_id,product,currency,principal,balance,opened_on,annual_rate_ppm,stated_dpd,stated_overdue\n"
    "L1,C1,consumer,CNY,100000,50000,2025-01-02,120000,11,10500\n"
)
INSTALMENTS = (
    "loan_id,number,due_on,principal_due,interest_due,principal_paid\n"
    "L1,1,2025-12-20,10000,500,10000\nL1,2,2026-01-20,10000,500,0\n"
)


def _read(folder: Path, **tables: str) -> Read:
    files = {f"{name}.csv": text.encode() for name, text in tables.items()}
    return read_files(folder, files, CANONICAL)


def test_a_whole_canonical_day_is_read(tmp_path: Path) -> None:
    read = _read(tmp_path, borrowers=BORROWERS, loans=LOANS, instalments=INSTALMENTS)
    assert read.outcome.tables["instalments"] == 2
    assert {path.stem for path in read.folder.glob("*.parquet")} == {*TABLES, "problems"}
    for name, table in TABLES.items():
        assert pq.read_schema(read.folder / f"{name}.parquet").equals(table.arrow())


def test_chinese_headers_and_file_names_serve_as_well(tmp_path: Path) -> None:
    text = "客户号,姓名\nC1,张三\n"
    read = read_files(tmp_path, {"客户信息_20260131.csv": text.encode()}, CANONICAL)
    assert read.table("borrowers")[0]["name"] == "张三"


def test_a_file_of_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        _read(tmp_path, weather="day,rain\n2026-01-01,1\n")
    assert told.value.code == "TABLE_UNKNOWN"


def test_the_same_row_twice_is_kept_once(tmp_path: Path) -> None:
    read = _read(tmp_path, borrowers=BORROWERS + "C1,张三\n")
    assert read.codes == [(4, "DUPLICATE_ROW")]
    assert len(read.table("borrowers")) == 2


def test_one_account_with_two_balances_is_not_guessed(tmp_path: Path) -> None:
    other = LOANS.splitlines()[1].replace("50000", "40000")
    read = _read(tmp_path, borrowers=BORROWERS, loans=f"{LOANS}{other}\n", instalments=INSTALMENTS)
    assert read.codes == [
        (2, "SAME_KEY_DIFFERENT"), (3, "SAME_KEY_DIFFERENT"), (2, "PARENT_MISSING"),
        (3, "PARENT_MISSING"),
    ]  # fmt: skip
    assert read.outcome.accepted == 2


def test_a_loan_without_its_borrower_takes_its_instalments_along(tmp_path: Path) -> None:
    read = _read(
        tmp_path, borrowers="borrower_id,name\nC2,李四\n", loans=LOANS, instalments=INSTALMENTS
    )
    assert [code for _, code in read.codes] == ["PARENT_MISSING"] * 3
    assert (read.outcome.rows, read.outcome.accepted) == (4, 1)


def test_a_file_looked_at_alone_does_not_miss_its_parents(tmp_path: Path) -> None:
    read = read_files(tmp_path, {"loans.csv": LOANS.encode()}, CANONICAL, alone=True)
    assert read.outcome.accepted == 1


def test_paid_more_than_due_is_refused(tmp_path: Path) -> None:
    more = INSTALMENTS.replace("10000,500,0", "10000,500,10001")
    read = _read(tmp_path, borrowers=BORROWERS, loans=LOANS, instalments=more)
    assert read.codes == [(2, "DPD_DISAGREES"), (3, "PARTS_EXCEED_DUE")]


@pytest.mark.parametrize(
    ("dpd", "overdue", "wanted"),
    [
        (11, 10500, []),
        (12, 10500, ["DPD_DISAGREES"]),
        (11, 10499, ["OVERDUE_DISAGREES"]),
    ],
)
def test_what_the_lender_states_is_compared(
    tmp_path: Path, dpd: int, overdue: int, wanted: list[str]
) -> None:
    loans = LOANS.replace(",11,10500", f",{dpd},{overdue}")
    paid = INSTALMENTS.replace("2025-12-20,10000,500,10000", "2025-12-20,10000,0,10000")
    read = _read(tmp_path, borrowers=BORROWERS, loans=loans, instalments=paid)
    assert [code for _, code in read.codes] == wanted
    assert read.outcome.rejected == 0


def test_a_number_of_many_people_is_told(tmp_path: Path) -> None:
    people = "borrower_id,name\n" + "".join(f"C{n},张三\n" for n in range(5))
    points = "borrower_id,kind,value,owner\n" + "".join(
        f"C{n},mobile,15400000017,borrower\n" for n in range(5)
    )
    read = _read(tmp_path, borrowers=people, contact_points=points)
    assert [code for _, code in read.codes] == ["PHONE_SHARED"] * 5
    fewer = _read(tmp_path, borrowers=people, contact_points=points.rsplit("C4", 1)[0])
    assert fewer.codes == []


def test_a_references_number_given_as_the_borrowers_is_told(tmp_path: Path) -> None:
    points = (
        "borrower_id,kind,value,owner\nC1,mobile,15400000017,borrower\n"
        "C1,mobile,15400000017,reference\nC2,mobile,15400000018,borrower\n"
    )
    read = _read(tmp_path, borrowers=BORROWERS, contact_points=points)
    assert read.codes == [(2, "PHONE_OF_THIRD_PARTY")]
    assert read.outcome.rejected == 0


def test_amounts_in_another_currency_than_the_mapping_reads_are_refused(tmp_path: Path) -> None:
    mapping = CANONICAL.replace("minor", "major")
    files = {
        "borrowers.csv": BORROWERS, "loans.csv": LOANS.replace("CNY", "JPY"),
        "instalments.csv": INSTALMENTS,
    }  # fmt: skip
    read = read_files(tmp_path, {n: t.encode() for n, t in files.items()}, mapping)
    assert "CURRENCY_MIXED" in [code for _, code in read.codes]


def test_a_total_that_is_not_the_sum_of_its_parts_is_refused(tmp_path: Path) -> None:
    totals = 'totals = [{ total = "本金", parts = ["余额"] }]'
    read = read_loans(tmp_path, GOOD, "L2,C2,李四,5.00,5.00,2025-01-02", totals=totals)
    assert read.codes == [(2, "TOTAL_NOT_PARTS")]


def test_one_line_feeds_several_tables_and_phones_become_rows(tmp_path: Path) -> None:
    mapping = loans_mapping() + "".join(
        f"""
[[tables]]
table = "contact_points"
unless_empty = "value"
[tables.columns]
borrower_id = "客户号"
kind = {{ const = "mobile" }}
owner = {{ const = "{owner}" }}
value = "{header}"
"""
        for owner, header in (("borrower", "手机"), ("relative", "亲属手机"))
    )
    text = (
        "借据号,客户号,姓名,本金,余额,放款日,手机,亲属手机\n"
        "L1,C1,张三,1,1,2025-01-02,15400000017,\nL2,C1,张三,1,1,2025-01-02,15400000017,15400000018\n"
        "L3,C3,王五,1,1,2025-01-02,154****0017,\n"
    )
    read = read_files(tmp_path, {"a.csv": text.encode()}, mapping)
    assert read.codes == [(4, "PHONE_MASKED")]
    assert [row["borrower_id"] for row in read.table("borrowers")] == ["C1"]
    assert [(row["value"], row["owner"]) for row in read.table("contact_points")] == [
        ("+8615400000017", "borrower"), ("+8615400000018", "relative"),
    ]  # fmt: skip
    assert [row["loan_id"] for row in read.table("loans")] == ["L1", "L2"]


def test_typed_parquet_and_csv_give_the_same_book(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    first = _read(tmp_path / "csv", borrowers=BORROWERS, loans=LOANS, instalments=INSTALMENTS)
    files = {
        f"{name}.parquet": (first.folder / f"{name}.parquet").read_bytes()
        for name in ("borrowers", "loans", "instalments")
    }
    second = read_files(tmp_path, files, CANONICAL)
    for name in TABLES:
        assert second.table(name) == first.table(name)


def test_bad_values_in_typed_parquet_are_refused_like_text(tmp_path: Path) -> None:
    columns = {
        "loan_id": ["L1", "L2"], "borrower_id": ["C1", "C2"], "product": ["consumer"] * 2,
        "currency": ["CNY"] * 2, "principal": pa.array([100, 100], pa.int64()),
        "balance": pa.array([-1, 100], pa.int64()), "annual_rate_ppm": [120000, 120000],
        "opened_on": pa.array([date(2025, 1, 2), date(9999, 12, 31)]),
    }  # fmt: skip
    path = tmp_path / "loans.parquet"
    pq.write_table(pa.table(columns), path)
    read = read_files(tmp_path, {"loans.parquet": path.read_bytes()}, CANONICAL, alone=True)
    assert read.codes == [(1, "AMOUNT_NEGATIVE"), (2, "DATE_FAR")]
    assert (read.folder / "rejected" / "loans.parquet").is_file()


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ('shape = "round"', "shape"),
        ('[values]\nunit = "dozen"', "values.unit"),
        ('[values]\ncolour = "red"', "values.colour"),
        ('[file]\nencoding = "klingon"', "file.encoding"),
        ('[[tables]]\ntable = "loans"\ncolumns = {}', "tables[1].columns.loan_id"),
        ('[values]\ndates = ["dmy", "mdy"]', "values.dates"),
        ("", "tables"),
    ],
)
def test_a_bad_mapping_names_file_and_field(tmp_path: Path, written: str, field: str) -> None:
    path = tmp_path / "mine.toml"
    shape = 'shape = "canonical"\n' if written.startswith(("[values]", "[file]")) else ""
    path.write_text(shape + written, "utf-8")
    with pytest.raises(InputError) as told:
        mapping_read(path)
    assert (told.value.where.file, told.value.where.field) == (str(path), field)


def test_a_mapping_that_is_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        mapping_named(str(tmp_path / "none.toml"))


def test_the_shipped_mappings_are_good() -> None:
    assert shipped_mappings() == ["canonical", "card_months"]
    assert {mapping_named(name).shape for name in shipped_mappings()} == {
        "canonical",
        "card-months",
    }
