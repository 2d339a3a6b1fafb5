"""Monthly card columns as instalments: who is late, by how much, and who was late before."""

import gzip
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.portfolio.intake.book import book_make
from doorstep.portfolio.intake.card_months import (
    CardLine,
    CardRows,
    CardTerms,
    card_rows,
    minimum_payment,
)
from doorstep.portfolio.intake.mapping import SHIPPED, mapping_named
from tests.portfolio.intake.reading import read_files

MONTHS = ("2005-09", "2005-08", "2005-07", "2005-06", "2005-05", "2005-04")
DUE = tuple(date(2005, int(month[-2:]), 25) for month in MONTHS)
TERMS = CardTerms(MONTHS, DUE, minimum_percent=5, minimum_least=500)
ON = date(2005, 10, 1)


def _card(statuses: list[int], bills: list[int] | None = None) -> CardRows:
    line = CardLine("7", 100_000, statuses, bills or [20_000] * 6, [0] * 6)
    return card_rows(line, TERMS, on=ON)


@pytest.mark.parametrize(
    ("bill", "wanted"), [(20_000, 1000), (20_010, 1001), (5_000, 500), (300, 300), (0, 0), (-5, 0)]
)
def test_the_minimum_is_a_share_with_a_floor_and_never_more_than_the_bill(
    bill: int, wanted: int
) -> None:
    assert minimum_payment(bill, TERMS) == wanted


@pytest.mark.parametrize(
    ("status", "unpaid", "dpd"), [(0, 0, 0), (1, 1, 6), (2, 2, 37), (8, 6, 159)]
)
def test_the_latest_status_counts_the_unpaid_minimums(status: int, unpaid: int, dpd: int) -> None:
    card = _card([status, 0, 0, 0, 0, 0])
    left = [row["number"] for row in card.instalments if row["settled_on"] is None]
    assert left == list(range(7 - unpaid, 7))
    assert card.stated_dpd == dpd


def test_earlier_statuses_say_when_a_late_minimum_was_paid() -> None:
    card = _card([0, 2, 1, 0, 0, 0])
    settled = {row["number"]: row["settled_on"] for row in card.instalments}
    assert settled[4] == date(2005, 9, 25)
    assert settled[5] == date(2005, 9, 25)
    assert settled[3] == date(2005, 6, 25)
    assert card.stated_dpd == 0


def test_a_month_without_a_bill_asks_for_nothing() -> None:
    card = _card([1, 0, 0, 0, 0, 0], [-30, 20_000, 0, 20_000, 20_000, 20_000])
    assert [row["number"] for row in card.instalments] == [1, 2, 3, 5]
    assert card.without_bill
    assert (card.balance, card.stated_dpd) == (0, 0)


@settings(deadline=None)
@given(
    st.lists(st.integers(-2, 9), min_size=6, max_size=6),
    st.lists(st.integers(-1000, 10**7), min_size=6, max_size=6),
)
def test_what_is_due_is_paid_or_open_and_covered_by_the_balance(
    statuses: list[int], bills: list[int]
) -> None:
    card = _card(statuses, bills)
    for row in card.instalments:
        open_ = row["settled_on"] is None
        assert row["principal_paid"] == (0 if open_ else row["principal_due"])
        assert open_ or row["settled_on"] >= row["due_on"]
    owed = sum(r["principal_due"] - r["principal_paid"] for r in card.instalments)
    assert card.balance >= owed


def test_bad_months_are_rejected_like_any_other_row(tmp_path: Path) -> None:
    mapping = (SHIPPED / "card_months.toml").read_text("utf-8")
    card = mapping_named("card_months").card
    header = [
        card["id"],
        card["limit"],
        card["sex"],
        *card["statuses"],
        *card["bills"],
        *card["payments"],
    ]
    good = ["1", "20000", "2", *["0"] * 6, *["1000"] * 6, *["100"] * 6]
    bad = ["2", "", "2", *["x"] * 6, *["1000"] * 6, *["100"] * 6]
    text = "\n".join(",".join(row) for row in (header, good, bad))
    read = read_files(tmp_path, {"cards.csv": text.encode()}, mapping, on=ON)
    assert (read.outcome.rows, read.outcome.rejected) == (2, 1)
    assert {code for _, code in read.codes} == {"VALUE_MISSING", "NUMBER_BAD"}
    assert read.table("borrowers")[0]["name"] == "客户 1"


@pytest.mark.outside
def test_the_public_card_table_is_read_whole(outside: Path, tmp_path: Path) -> None:
    packed = outside / "data" / "credit_card_default" / "train.csv.gz"
    (tmp_path / "train.csv").write_bytes(gzip.decompress(packed.read_bytes()))
    outcome = book_make(
        files=[tmp_path / "train.csv"], mapping=mapping_named("card_months"), on=ON,
        folder=tmp_path / "book",
    )  # fmt: skip
    assert (outcome.rows, outcome.accepted) == (21_000, 21_000)
    assert (outcome.tables["borrowers"], outcome.tables["loans"]) == (21_000, 21_000)
    assert not [group for group in outcome.groups if group["code"] == "DPD_DISAGREES"]
