"""One value each: what is read, what is refused, and with which code."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.kernel.money import to_major_text
from doorstep.portfolio.intake.amounts import amount_reader
from doorstep.portfolio.intake.datum import bd09_of, gcj02_of, to_wgs84
from doorstep.portfolio.intake.days import day_reader
from doorstep.portfolio.intake.faults import Doubt, Fault, shown_text
from doorstep.portfolio.intake.people import id_reader, name_reader, phone_reader, read_email
from doorstep.portfolio.intake.words import (
    code_reader,
    identifier_reader,
    rate_reader,
    text_reader,
)

MONEY = [
    ("1234.56", 123456),
    ("1,234.56", 123456),
    ("1,234,567.8", 123456780),
    ("1.234,56", 123456),
    ("１２３４．５６", 123456),
    ("٣٤٫٥".replace("٫", "."), 3450),
    ("(123.45)", -12345),
    ("（123.45）", -12345),
    ("123.45-", -12345),
    ("\u2212123.45", -12345),
    ("1\u00a0234.56", 123456),
    ("¥1,234.56", 123456),
    ("1234.56元", 123456),
    ("CNY 12", 1200),
    ("12.5万", 12500000),
    ("0", 0),
    ("-0.01", -1),
    ("1234.5600", 123456),
    ("1e400", "AMOUNT_NOT_NUMBER"),
    ("1E5", "AMOUNT_NOT_NUMBER"),
    ("1_000", "AMOUNT_NOT_NUMBER"),
    ("NaN", "AMOUNT_NOT_NUMBER"),
    ("Infinity", "AMOUNT_NOT_NUMBER"),
    ("-", "AMOUNT_NOT_NUMBER"),
    ("12a", "AMOUNT_NOT_NUMBER"),
    ("1,23,456.00", "AMOUNT_NOT_NUMBER"),
    ("1 2 3 .", "AMOUNT_NOT_NUMBER"),
    ("1,234", "AMOUNT_AMBIGUOUS"),
    ("1.234", "AMOUNT_AMBIGUOUS"),
    ("0.123", "AMOUNT_TOO_FINE"),
    ("12345.678", "AMOUNT_TOO_FINE"),
    ("USD 12", "AMOUNT_CURRENCY"),
    ("€12.00", "AMOUNT_CURRENCY"),
    ("999999999999999", "AMOUNT_TOO_LARGE"),
]


@pytest.mark.parametrize(("text", "wanted"), MONEY)
def test_an_amount_is_read_exactly_or_refused(text: str, wanted: int | str) -> None:
    value = amount_reader(currency="CNY", unit="yuan")(text)
    assert (value.code if isinstance(value, Fault) else value) == wanted


def test_the_mapping_settles_what_is_ambiguous() -> None:
    assert amount_reader(currency="CNY", unit="yuan", decimal=".")("1,234") == 123400
    assert amount_reader(currency="EUR", unit="major", decimal=",")("1.234") == 123400


def test_units_and_currencies_scale() -> None:
    assert amount_reader(currency="CNY", unit="wan")("1.23456") == 1234560
    assert amount_reader(currency="JPY", unit="major")("1234") == 1234
    assert amount_reader(currency="JPY", unit="major")("12.5") == Fault("AMOUNT_TOO_FINE")
    assert amount_reader(currency="CNY", unit="minor")("1234") == 1234
    assert amount_reader(currency="CNY", unit="minor")("12.34") == Fault("AMOUNT_TOO_FINE")


def test_a_negative_balance_is_refused() -> None:
    read = amount_reader(currency="CNY", unit="yuan", negative=False)
    assert read("-1.00") == Fault("AMOUNT_NEGATIVE")
    assert read("0.00") == 0


@settings(deadline=None)
@given(st.integers(-(10**14), 10**14), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_money_written_plainly_reads_back(minor: int, currency: str) -> None:
    text = to_major_text(minor, currency)
    assert amount_reader(currency=currency, unit="major", decimal=".")(text) == minor
    assert amount_reader(currency=currency, unit="minor")(str(minor)) == minor


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_makes_the_reader_of_amounts_fail(text: str) -> None:
    value = amount_reader(currency="CNY", unit="yuan")(text)
    assert isinstance(value, int | Fault)


@settings(deadline=None)
@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_grouped_amounts_are_the_plain_ones(value: Decimal) -> None:
    read = amount_reader(currency="CNY", unit="yuan", decimal=".")
    assert read(f"{value:,.2f}") == read(f"{value:.2f}")


DAYS = [
    ("2026-01-02", date(2026, 1, 2)),
    ("2026/1/2", date(2026, 1, 2)),
    ("2026.1.2", date(2026, 1, 2)),
    ("20260102", date(2026, 1, 2)),
    ("2026年1月2日", date(2026, 1, 2)),
    ("２０２６-０１-０２", date(2026, 1, 2)),
    ("2026-01-02 00:00:00", date(2026, 1, 2)),
    ("2024-02-29", date(2024, 2, 29)),
    ("1/2/26", "DATE_AMBIGUOUS"),
    ("01/02/2026", "DATE_AMBIGUOUS"),
    ("0000-00-00", "DATE_IMPOSSIBLE"),
    ("2023-02-29", "DATE_IMPOSSIBLE"),
    ("20230229", "DATE_IMPOSSIBLE"),
    ("45291", "DATE_SERIAL"),
    ("9999-12-31", "DATE_FAR"),
    ("1026-01-02", "DATE_FAR"),
    ("soon", "DATE_BAD"),
    ("2026-13", "DATE_BAD"),
]


@pytest.mark.parametrize(("text", "wanted"), DAYS)
def test_a_day_is_read_or_refused(text: str, wanted: date | str) -> None:
    value = day_reader(orders=(), latest=date(2076, 12, 31))(text)
    assert (value.code if isinstance(value, Fault) else value) == wanted


@pytest.mark.parametrize(
    ("order", "text", "wanted"),
    [
        ("dmy", "1/2/26", date(2026, 2, 1)),
        ("mdy", "1/2/26", date(2026, 1, 2)),
        ("ymd", "26/1/2", date(2026, 1, 2)),
        ("excel1900", "45291", date(2023, 12, 31)),
        ("excel1904", "43829", date(2023, 12, 31)),
        ("roc", "民國115年1月2日", date(2026, 1, 2)),
    ],
)
def test_the_mapping_says_the_order(order: str, text: str, wanted: date) -> None:
    assert day_reader(orders=(order,), latest=date(2076, 1, 1))(text) == wanted


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2070, 1, 1)))
def test_days_written_in_any_year_first_form_read_back(day: date) -> None:
    read = day_reader(orders=(), latest=date(2076, 1, 1))
    forms = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")
    assert {read(day.strftime(form)) for form in forms} == {day}


PHONES = [
    ("15400000017", "+8615400000017"),
    ("+86 154 0000 0017", "+8615400000017"),
    ("8615400000017", "+8615400000017"),
    ("154-0000-0017", "+8615400000017"),
    ("１５４００００００１７", "+8615400000017"),
    ("021-55512346", "+862155512346"),
    ("+1 202 555 0123", "+12025550123"),
    ("95588", "95588"),
    ("1.54E+10", "NUMBER_ROUNDED"),
    ("154****0017", "PHONE_MASKED"),
    ("13800138000", "PHONE_PLACEHOLDER"),
    ("11111111111", "PHONE_PLACEHOLDER"),
    ("00000000", "PHONE_PLACEHOLDER"),
    ("15400000017/15400000018", "PHONE_SEVERAL"),
    ("15400000017、15400000018", "PHONE_SEVERAL"),
    ("021-55512346转802", "PHONE_EXTENSION"),
    ("021-55512346 ext. 8", "PHONE_EXTENSION"),
    ("无", "PHONE_BAD"),
    ("123", "PHONE_BAD"),
]


@pytest.mark.parametrize(("text", "wanted"), PHONES)
def test_a_phone_number_is_read_or_refused(text: str, wanted: str) -> None:
    value = phone_reader(region="CN")(text)
    assert (value.code if isinstance(value, Fault) else value) == wanted


IDS = [
    ("99010119900101123X", Doubt("99010119900101123X", "ID_CHECKSUM")),
    ("９９０１０１１９９００１０１１２３Ｘ", Doubt("99010119900101123X", "ID_CHECKSUM")),
    ("990101199001011000", Doubt("990101199001011000", "ID_LIKELY_ROUNDED")),
    ("990101900101123", Doubt("990101199001011232", "ID_OLD_FORM")),
    ("9.90101E+17", Fault("NUMBER_ROUNDED")),
    ("990101199013011234", Fault("ID_BAD")),
    ("12345", Fault("ID_BAD")),
]


@pytest.mark.parametrize(("text", "wanted"), IDS)
def test_an_identity_number_is_read_told_or_refused(text: str, wanted: object) -> None:
    value = id_reader(kind="cn_ric", checksum="warn")(text)
    if isinstance(wanted, Doubt) and wanted.code == "ID_OLD_FORM":
        assert isinstance(value, Doubt)
        assert (value.code, value.value[:17]) == ("ID_OLD_FORM", "99010119900101123")
    else:
        assert value == wanted


def test_a_lender_may_have_wrong_check_characters_rejected_or_ignored() -> None:
    text = "99010119900101123X"
    assert id_reader(kind="cn_ric", checksum="reject")(text) == Fault("ID_CHECKSUM_WRONG")
    assert id_reader(kind="cn_ric", checksum="ignore")(text) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("张三", "张三"),
        ("𠮷田", "𠮷田"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("Jose\u0301", "José"),
        ("张\u200b三", Doubt("张三", "TEXT_HIDDEN")),
        ("张\u202e三", Fault("TEXT_CONTROL")),
        ("张三\n李四", Fault("TEXT_CONTROL")),
        ("张三😀", Fault("NAME_BAD")),
        ("12345", Fault("NAME_BAD")),
    ],
)
def test_names_keep_rare_characters_and_refuse_tricks(text: str, wanted: object) -> None:
    assert name_reader()(text) == wanted


def test_a_formula_that_was_escaped_on_its_way_back_is_the_text_again() -> None:
    assert text_reader("means")("'=1+1") == "=1+1"
    assert text_reader("means")("=1+1") == "=1+1"


def test_spreadsheet_errors_and_rounding_are_never_values() -> None:
    assert text_reader("means")("#N/A") == Fault("CELL_ERROR")
    assert identifier_reader("loan_id")("4.40301E+17") == Fault("NUMBER_ROUNDED")


def test_words_of_the_lender_become_our_codes() -> None:
    read = code_reader(("active", "closed"), {"正常": "active"})
    assert (read("正常"), read("CLOSED"), read("别的")) == (
        "active",
        "closed",
        Fault("CODE_UNKNOWN"),
    )


def test_rates_name_their_unit_or_take_the_mappings() -> None:
    assert rate_reader("percent")("4.35") == 43500
    assert rate_reader("fraction")("4.35%") == 43500
    assert rate_reader("fraction")("0.0435") == 43500
    assert rate_reader("ppm")("43500") == 43500
    assert rate_reader("percent")("-1") == Fault("RATE_BAD")


def test_mail_addresses() -> None:
    assert read_email("Li.Lei@Example.COM") == "Li.Lei@example.com"
    assert read_email("li.lei＠example.com") == "li.lei@example.com"
    assert read_email("li.lei at example") == Fault("EMAIL_BAD")


@settings(deadline=None)
@given(st.floats(4, 53), st.floats(74, 134))
def test_points_come_back_from_the_chinese_datums(latitude: float, longitude: float) -> None:
    gcj = gcj02_of(latitude, longitude)
    for datum, there in (("gcj02", gcj), ("bd09", bd09_of(*gcj))):
        back = to_wgs84(*there, datum=datum)
        assert back == pytest.approx((latitude, longitude), abs=2e-5)


def test_a_known_point_moves_by_the_published_offset() -> None:
    """Tiananmen: WGS-84 39.90734, 116.39089 is about GCJ-02 39.90874, 116.39713."""
    assert gcj02_of(39.90734, 116.39089) == pytest.approx((39.90874, 116.39713), abs=2e-4)


@pytest.mark.parametrize(
    ("text", "personal", "wanted"),
    [("12a345", False, "12a3…"), ("张三丰", True, "张…"), ("", False, ""), ("a\nb", False, "a·…")],
)
def test_problems_show_only_the_start_of_a_value(text: str, personal: bool, wanted: str) -> None:
    assert shown_text(text, personal=personal) == wanted
