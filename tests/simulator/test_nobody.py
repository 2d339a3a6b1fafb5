"""Nobody in the example bank exists: no valid identity number, no assigned phone, no real place."""

from __future__ import annotations

import numpy as np
import phonenumbers
import pyarrow.compute as pc
from stdnum.cn import ric, uscc

from doorstep.portfolio.intake.people import placeholder
from doorstep.simulator import city
from doorstep.simulator.bank import Bank, Book
from doorstep.simulator.identities import unassigned_mobiles


def test_no_identity_number_is_valid_but_each_looks_like_one(book: Book) -> None:
    numbers = book["borrowers"]["id_number"].to_pylist()
    assert all(len(number) == 18 and number[:17].isdigit() for number in numbers)
    assert not any(number[17] == ric.calc_check_digit(number) for number in numbers)
    assert not any(ric.is_valid(number) for number in numbers)


def test_identity_numbers_agree_with_birth_date_and_sex(book: Book) -> None:
    for row in book["borrowers"].to_pylist():
        assert row["id_number"][6:14] == row["birth_date"].strftime("%Y%m%d")
        assert (int(row["id_number"][16]) % 2 == 1) == (row["sex"] == "m")


def test_no_credit_code_of_an_employer_is_valid(book: Book) -> None:
    codes = book["employers"]["uscc"].to_pylist()
    assert all(len(code) == 18 for code in codes)
    assert not any(uscc.is_valid(code) for code in codes)


def test_no_phone_is_assigned_and_none_looks_like_a_placeholder(book: Book) -> None:
    points = book["contact_points"].filter(pc.field("kind") == "mobile")
    numbers = points["value"].to_pylist()
    assert len(numbers) == len(set(numbers))
    for number in numbers:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number))
        assert phonenumbers.is_possible_number(phonenumbers.parse(number))


def test_no_phone_of_the_largest_bank_is_a_placeholder() -> None:
    made = unassigned_mobiles(np.random.default_rng(1), 300_000, start=0).to_pylist()
    assert not [number for number in made if placeholder(number.removeprefix("+86"))]


def test_mail_addresses_are_of_domains_reserved_for_examples(book: Book) -> None:
    mails = book["contact_points"].filter(pc.field("kind") == "email")["value"].to_pylist()
    assert mails
    assert {mail.rpartition("@")[2] for mail in mails} <= {
        "example.com",
        "example.net",
        "example.org",
    }


def test_other_peoples_numbers_are_marked_as_theirs(book: Book) -> None:
    owners = book["contact_points"]["owner"].to_pylist()
    assert {"borrower", "relative", "reference", "unknown"} == set(owners)
    theirs = book["contact_points"].filter(pc.field("owner") != "borrower")
    assert theirs["owner_name"].null_count == 0


def test_the_city_lies_in_open_sea_and_its_divisions_do_not_exist(bank: Bank, book: Book) -> None:
    rows = book["addresses"]
    span = 3 * city.DISTRICT_METRES / city.METRES_A_DEGREE
    assert pc.min(rows["latitude"]).as_py() >= city.LATITUDE
    assert pc.max(rows["latitude"]).as_py() <= city.LATITUDE + span + 0.001
    assert pc.min(rows["longitude"]).as_py() >= city.LONGITUDE
    assert pc.max(rows["longitude"]).as_py() <= city.LONGITUDE + span * 1.06
    assert all(code.startswith("99") for code in rows["division_code"].to_pylist())
    assert set(rows["source_datum"].drop_null().to_pylist()) == {"wgs84"}
