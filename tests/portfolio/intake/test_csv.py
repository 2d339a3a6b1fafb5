"""Text files as lenders send them: only wrong lines are left out, and each says why."""

import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doorstep.kernel.errors import InputError
from doorstep.portfolio.intake.csv_source import CsvSource
from doorstep.portfolio.intake.mapping import FileForm
from tests.portfolio.intake.reading import GOOD, HEADER, loans_mapping, read_files, read_loans

SECOND = "L2,C2,李四,1000.00,500.00,2025-01-02"
THIRD = "L3,C3,王五,1000.00,500.00,2025-01-02"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
@pytest.mark.parametrize("declared", [True, False])
def test_every_encoding_reads_the_same(tmp_path: Path, encoding: str, declared: bool) -> None:
    file = f'encoding = "{encoding}"' if declared else ""
    read = read_loans(tmp_path, GOOD, SECOND, encoding=encoding, file=file)
    assert [row["name"] for row in read.table("borrowers")] == ["张三", "李四"]
    assert read.codes == []


def test_big5_reads_under_its_name(tmp_path: Path) -> None:
    header = "loan,cust,name,amount,left,on"
    line = "L1,C1,陳大文,1000.00,500.00,2025-01-02"
    mapping = loans_mapping(file='encoding = "big5"')
    for zh, plain in zip(HEADER.split(","), header.split(","), strict=True):
        mapping = mapping.replace(f'"{zh}"', f'"{plain}"')
    text = f"{header}\n{line}\n".encode("big5")
    assert read_files(tmp_path, {"a.csv": text}, mapping).table("borrowers")[0]["name"] == "陳大文"


@pytest.mark.parametrize(
    ("real", "declared"),
    [
        ("gb18030", "utf-8"), ("utf-8", "gb18030"), ("gb18030", "big5"), ("utf-16-le", "utf-8"),
        ("utf-8", "utf-16"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_told_not_garbled(tmp_path: Path, real: str, declared: str) -> None:
    with pytest.raises(InputError) as told:
        read_loans(tmp_path, GOOD, SECOND, encoding=real, file=f'encoding = "{declared}"')
    assert (told.value.code, told.value.where.field) == ("ENCODING_WRONG", "encoding")
    assert real in told.value.message


def _bytes(*lines: bytes) -> bytes:
    return b"\r\n".join([HEADER.encode(), *lines]) + b"\r\n"


GOOD_LINES = [line.encode() for line in (GOOD, SECOND, THIRD)]
LINES: list[tuple[str, bytes, list[tuple[int, str]]]] = [
    ("mixed encodings", "L4,C4,赵六,1,1,2025-01-02".encode("gb18030"), [(5, "ROW_BYTES_BAD")]),
    ("NUL", b"L4,C4,a\x00b,1,1,2025-01-02", [(5, "ROW_NUL")]),
    ("open quote", '"L4,C4,赵六,1,1,2025-01-02'.encode(), [(5, "ROW_QUOTE_OPEN")]),
    ("text after a quote", '"L4"x,C4,赵六,1,1,2025-01-02'.encode(), [(5, "ROW_QUOTE_OPEN")]),
    ("too few fields", "L4,C4,赵六,1,1".encode(), [(5, "ROW_RAGGED")]),
    ("too many fields", "L4,C4,赵六,1,234.00,1,2025-01-02".encode(), [(5, "ROW_RAGGED")]),
    ("endless field", b"L4,C4," + b"a" * 1_000_000 + b",1,1,2025-01-02", [(5, "FIELD_TOO_LONG")]),
    ("no amount", "L4,C4,赵六,abc,1,2025-01-02".encode(), [(5, "AMOUNT_NOT_NUMBER")]),
    ("nothing", "L4,C4,赵六,,1,2025-01-02".encode(), [(5, "VALUE_MISSING")]),
    ("no such day", "L4,C4,赵六,1,1,2023-02-29".encode(), [(5, "DATE_IMPOSSIBLE")]),
    ("spreadsheet error", b"L4,C4,#N/A,1,1,2025-01-02", [(5, "CELL_ERROR")]),
]


@pytest.mark.parametrize(("name", "line", "wanted"), LINES, ids=[case[0] for case in LINES])
def test_only_the_culprit_is_left_out(
    tmp_path: Path, name: str, line: bytes, wanted: list[tuple[int, str]]
) -> None:
    text = _bytes(
        *GOOD_LINES, line, *[b.replace(b"L", b"M").replace(b",C", b",D") for b in GOOD_LINES]
    )
    read = read_files(tmp_path, {"a.csv": text}, loans_mapping())
    assert read.codes == wanted
    assert (read.outcome.rows, read.outcome.rejected) == (7, 1)
    assert [row["loan_id"] for row in read.table("loans")] == ["L1", "L2", "L3", "M1", "M2", "M3"]


def test_an_open_quote_that_a_later_one_closes_swallows_nothing(tmp_path: Path) -> None:
    read = read_loans(tmp_path, '"' + GOOD, SECOND, THIRD, 'L4",C4,赵六,1,1,2025-01-02')
    assert read.codes == [(2, "ROW_QUOTE_OPEN")]
    assert [row["loan_id"] for row in read.table("loans")] == ["L2", "L3", 'L4"']


def test_line_breaks_inside_quotes_are_one_value_and_lines_stay_physical(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text('a,b,c\r\n1,"two\r\nlines",3\r\n4,5,6\r\n', "utf-8", newline="")
    batches = list(CsvSource(source, FileForm(), []).batches())
    assert batches[-1].lines == [2, 4]
    assert batches[-1].columns[1].to_pylist() == ["two\r\nlines", "5"]


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("loans.csv", content)
    return out.getvalue()


FILES: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "", "FILE_EMPTY"),
    ("only a mark", b"\xef\xbb\xbf", "", "FILE_EMPTY"),
    ("header only", HEADER.encode(), "", "FILE_NO_ROWS"),
    ("no header", _bytes(*GOOD_LINES).split(b"\r\n", 1)[1], "", "HEADER_MISSING"),
    ("header twice", f"{HEADER},余额\n{GOOD},1\n".encode(), "", "HEADER_DUPLICATE"),
    (
        "wrong delimiter", _bytes(*GOOD_LINES).replace(b",", b";"), 'delimiter = ","',
        "DELIMITER_WRONG",
    ),
    ("declared xlsx", _bytes(*GOOD_LINES), 'format = "xlsx"', "FILE_FORMAT"),
    ("gzip", gzip.compress(_bytes(*GOOD_LINES)), "", "FILE_PACKED"),
    ("gzip declared csv", gzip.compress(_bytes(*GOOD_LINES)), 'format = "csv"', "FILE_PACKED"),
    ("xz", lzma.compress(_bytes(*GOOD_LINES)), "", "FILE_PACKED"),
    ("zip", _zipped(_bytes(*GOOD_LINES)), "", "FILE_PACKED"),
    ("no trailer", _bytes(*GOOD_LINES), 'trailer = { starts_with = "END" }', "TRAILER_MISSING"),
    (
        "wrong count", _bytes(*GOOD_LINES, b"END,4"),
        'trailer = { starts_with = "END", count_field = 2 }', "TRAILER_COUNT",
    ),
    (
        "wrong total", _bytes(*GOOD_LINES, b"END,3,1500.01"),
        'trailer = { starts_with = "END", total_field = 3, total_of = "余额" }', "TRAILER_TOTAL",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "file", "code"), FILES, ids=[case[0] for case in FILES]
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: bytes, file: str, code: str
) -> None:
    with pytest.raises(InputError) as told:
        read_files(tmp_path, {"loans.csv": content}, loans_mapping(file=file))
    assert (told.value.code, told.value.where.file) == (code, "loans.csv")
    assert told.value.hint
    assert not (tmp_path / "book").exists()


def test_a_packed_file_is_called_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError) as told:
        read_files(tmp_path, {"loans.csv.gz": gzip.compress(GOOD.encode())}, loans_mapping())
    assert "packed as gzip (.gz)" in told.value.message
    assert told.value.hint.startswith("The file is packed. Unpack it")


def test_a_trailer_that_agrees_is_no_row(tmp_path: Path) -> None:
    trailer = (
        'trailer = { starts_with = "END", count_field = 2, total_field = 3, total_of = "余额" }'
    )
    text = _bytes(*GOOD_LINES, b"END,3,1500.00")
    read = read_files(tmp_path, {"a.csv": text}, loans_mapping(file=trailer))
    assert (read.outcome.rows, read.outcome.rejected) == (3, 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = _bytes(*GOOD_LINES).replace(b",", delimiter.encode())
    assert read_files(tmp_path, {"a.csv": text}, loans_mapping()).outcome.accepted == 3


CELLS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ROUGH = st.sampled_from(['"', "\n", "\r\n", ",", "L1,C1,张三,1,1,2025-01-02\n", "\x00", "\ufeff"])


@given(st.lists(st.one_of(CELLS, ROUGH), max_size=40).map("".join))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_stands_in_a_file_rows_and_sums_add_up(tmp_path: Path, text: str) -> None:
    content = f"{HEADER}\n{GOOD}\n{text}".encode()
    read = read_files(tmp_path, {"a.csv": content}, loans_mapping(file='encoding = "utf-8"'))
    assert read.outcome.rows >= 1


def test_rejected_rows_come_back_as_they_came_with_the_reason(tmp_path: Path) -> None:
    bad = "L4,C4,赵六,abc,1,2025-01-02"
    read = read_loans(tmp_path, GOOD, bad, encoding="gb18030", file='encoding = "gb18030"')
    back = (read.folder / "rejected" / "loans.csv").read_bytes().decode("gb18030").splitlines()
    assert back == [f"{HEADER},_reason", f"{bad},AMOUNT_NOT_NUMBER"]


def test_corrected_rows_are_accepted_when_they_come_again(tmp_path: Path) -> None:
    read = read_loans(tmp_path, GOOD, "L4,C4,赵六,abc,1,2025-01-02")
    back = (read.folder / "rejected" / "loans.csv").read_text("utf-8").replace("abc", "100.00")
    again = read_files(tmp_path, {"again.csv": back.encode()}, loans_mapping())
    assert (again.outcome.rows, again.outcome.rejected) == (1, 0)


def test_formulas_are_stored_raw_and_come_back_harmless(tmp_path: Path) -> None:
    formula = "=HYPERLINK(0)"
    read = read_loans(
        tmp_path, f"{formula},C1,张三,1,1,2025-01-02", f"{formula}2,C2,李四,x,-1,2025-01-02"
    )
    assert read.table("loans")[0]["loan_id"] == formula
    back = (read.folder / "rejected" / "loans.csv").read_text("utf-8")
    assert f"'{formula}2" in back
    assert ",-1," in back


SPECTRUM = [
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines",
    "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
]  # fmt: skip


@pytest.mark.outside
@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(outside: Path, name: str) -> None:
    """Commonly disputed forms of CSV, with the answer beside each."""
    vectors = outside / "data" / "vectors" / "csv-spectrum"
    source = CsvSource(
        vectors / "csvs" / f"{name}.csv", FileForm(encoding="utf-8", delimiter=","), []
    )
    rows = [
        dict(zip(source.headers, row, strict=True))
        for batch in source.batches()
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]
    wanted = json.loads((vectors / "json" / f"{name}.json").read_text("utf-8"))
    plain = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in rows]
    assert plain == [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in wanted]


@pytest.mark.outside
def test_every_naughty_string_is_kept_or_told(outside: Path, tmp_path: Path) -> None:
    vectors = outside / "data" / "vectors" / "naughty-strings" / "blns.json"
    strings = json.loads(vectors.read_text("utf-8"))
    cells = ['"' + text.replace('"', '""') + '"' for text in strings]
    lines = [f"L{n},C{n},{cell},1.00,1.00,2025-01-02" for n, cell in enumerate(cells)]
    text = "\n".join([HEADER, *lines]).encode("utf-8", "surrogatepass")
    read = read_files(tmp_path, {"a.csv": text}, loans_mapping(file='encoding = "utf-8"'))
    assert read.outcome.rows == len(strings)
    assert len({line for line, _ in read.codes}) >= read.outcome.rejected
    for problem in read.problems:
        assert len(problem["shown"]) <= 7
