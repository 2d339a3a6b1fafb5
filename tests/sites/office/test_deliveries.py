"""Files that were sent but not yet brought as a book."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from doorstep.kernel.errors import NotFound
from doorstep.sites.office.deliveries import (
    LONGEST_NAME,
    Delivery,
    delivery_drop,
    delivery_keep,
    delivery_open,
    distinct,
    safe_name,
)
from tests.factories import AT

DAY = date(2026, 11, 20)


def keep(*names: str, staff_id: int = 7, at: object = AT, own_mapping: bool = False) -> Delivery:
    return delivery_keep(
        staff_id=staff_id,
        files=[SimpleUploadedFile(name, b"loan_id\nL1\n") for name in names],
        mapping="canonical",
        own_mapping=SimpleUploadedFile("my.toml", b"[x]") if own_mapping else None,
        business_date=DAY,
        at=at,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("loans.csv", "loans.csv"),
        ("../../etc/passwd", "passwd"),
        (r"C:\bank\贷款 11月.xlsx", "贷款 11月.xlsx"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\nc.csv", "abc.csv"),
        ("loans\u202excod.csv", "loansxcod.csv"),
        ('lo"a<n>s|?.csv', "lo_a_n_s_.csv"),
        ("𠮷.csv", "𠮷.csv"),
    ],
)
def test_names_lose_what_could_harm_and_keep_what_people_recognise(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_a_huge_name_is_cut_in_the_middle_and_keeps_its_suffix() -> None:
    assert safe_name("贷" * 5000 + ".parquet") == "贷" * ((LONGEST_NAME - 8) // 3) + ".parquet"
    assert safe_name("贷" * 5000) == "贷" * (LONGEST_NAME // 3)


@given(st.text())
def test_no_name_whatever_leaves_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe not in {"", ".", ".."}
    assert len(safe.encode()) <= LONGEST_NAME
    assert Path("/books").joinpath(safe).parent == Path("/books")


@given(st.lists(st.sampled_from(["a.csv", "A.CSV", "b", "a (2).csv"]), max_size=6))
def test_no_two_files_of_a_delivery_share_a_name(names: list[str]) -> None:
    assert len({name.casefold() for name in distinct(names)}) == len(names)


def test_a_delivery_is_opened_again_as_it_was_kept(home: Path) -> None:
    kept = keep("loans.csv", "Loans.csv")
    assert delivery_open(staff_id=7, token=kept.token) == kept
    assert [path.read_bytes() for path in kept.paths] == [b"loan_id\nL1\n"] * 2
    assert kept.own_mapping is None


def test_a_file_called_like_our_own_note_does_no_harm(home: Path) -> None:
    kept = keep("delivery.json", "mapping.toml", own_mapping=True)
    again = delivery_open(staff_id=7, token=kept.token)
    assert again.files == ("delivery.json", "mapping.toml")
    assert again.own_mapping is not None
    assert again.own_mapping.read_bytes() == b"[x]"


@pytest.mark.parametrize("token", ["", "../x", "a" * 22, "..%2f..%2fetc"])
def test_a_token_that_is_nobodys_opens_nothing(home: Path, token: str) -> None:
    with pytest.raises(NotFound):
        delivery_open(staff_id=7, token=token)


def test_nobody_opens_what_somebody_else_sent(home: Path) -> None:
    kept = keep("loans.csv", staff_id=7)
    with pytest.raises(NotFound):
        delivery_open(staff_id=8, token=kept.token)


def test_what_nobody_brought_for_a_day_is_thrown_away(home: Path) -> None:
    import os

    old = keep("loans.csv")
    os.utime(old.folder, (AT.timestamp(), AT.timestamp()))
    young = keep("loans.csv", at=AT + timedelta(hours=23))
    assert old.folder.exists()
    keep("loans.csv", at=AT + timedelta(hours=25))
    assert not old.folder.exists()
    assert young.folder.exists()


def test_a_dropped_delivery_is_gone(home: Path) -> None:
    kept = keep("loans.csv")
    delivery_drop(kept)
    with pytest.raises(NotFound):
        delivery_open(staff_id=7, token=kept.token)
