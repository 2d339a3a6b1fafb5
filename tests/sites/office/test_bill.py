"""The bill as a page and as a PDF: the same figures as the case, and how each came about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from doorstep.cases.models import Case
from doorstep.workforce.roles import Role
from tests.factories import (
    ON,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_payment,
    make_run,
    make_staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_staff(Role.COLLECTIONS_MANAGER))
    return client


def case_with_bill(**fields: object) -> Case:
    """1,000.00 principal and 100.00 interest, 12 days past due at 12 % a year."""
    borrower = make_borrower(**fields)
    loan = make_loan(borrower=borrower, loan_id="L-1", clause_penalty="8.2")
    make_instalments(loan=loan, count=2, paid=0, first_due_on=ON - timedelta(days=12))
    make_payment(loan=loan)
    return make_case(borrower=borrower)


def read(client: Client, case: Case, name: str = "office:bill") -> str:
    return client.get(reverse(name, args=[case.pk])).content.decode()


def test_the_bill_shows_each_figure_and_its_working(manager: Client) -> None:
    text = read(manager, case_with_bill())
    # 100,000 fen x 18 % / 360 x 12 days = 600 fen; 1,000 + 100 + 6 = 1,106.00
    assert "CN¥1,106.00" in text
    assert "overdue principal CN¥1,000.00 × 18% a year ÷ 360 × 12 days = CN¥6.00." in text
    assert "Penalty interest is agreed in clause 8.2 of the contract." in text
    assert "Falling due soon" in text
    assert "Payments of the last six months" in text


def test_the_bill_is_counted_with_the_parameters_of_its_night(manager: Client) -> None:
    case = case_with_bill()
    make_run(policy={"penalty_percent": 300, "penalty_rate_cap_ppm": 240_000})
    text = read(manager, case)
    assert "× 24% a year" in text
    assert "The contract names 36% a year; the ceiling lowers it to 24%." in text


def test_several_currencies_stand_apart(manager: Client) -> None:
    case = case_with_bill()
    loan = make_loan(borrower=case.borrower, currency="JPY")
    make_instalments(loan=loan, count=1, paid=0, first_due_on=date(2026, 11, 1))
    text = read(manager, case)
    assert "Account in CNY" in text
    assert "Account in JPY" in text


def test_a_borrower_without_loans_gets_a_bill_that_says_so(manager: Client) -> None:
    assert "No loans" in read(manager, make_case())


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_pdf_is_made_in_the_borrowers_language(manager: Client, language: str) -> None:
    case = case_with_bill(language=language)
    answer = manager.get(reverse("office:bill_pdf", args=[case.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")
    assert b"/Lang(" + {"zh-Hans": b"zh-CN", "zh-Hant": b"zh-TW", "en": b"en-GB"}[language] in (
        answer.content
    )
    assert case.borrower_id not in answer["Content-Disposition"]


def test_a_name_that_no_font_can_print_makes_no_bill_and_says_why(manager: Client) -> None:
    case = case_with_bill(name="\U000f0000某")
    answer = manager.get(reverse("office:bill_pdf", args=[case.pk]), follow=True)
    text = answer.content.decode()
    assert "The PDF was not made." in text
    assert "U+F0000" in text


def test_rare_name_characters_are_printed(manager: Client) -> None:
    for name in ("𠮷野", "㐂田", "䶮宇"):
        case = case_with_bill(name=name)
        answer = manager.get(reverse("office:bill_pdf", args=[case.pk]))
        assert answer["Content-Type"] == "application/pdf", name
        Case.objects.all().delete()
        case.borrower.delete()
