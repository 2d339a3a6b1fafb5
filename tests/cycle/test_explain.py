"""Why a borrower is, or is not, in the list: an answer for anybody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from doorstep.cycle.explain import Explanation, explain_borrower
from doorstep.cycle.services import night_run
from doorstep.portfolio.models import Borrower, Instalment, Loan
from doorstep.protections.models import Hold
from tests.cycle.books import ON
from tests.cycle.test_night import AT, lender, load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def owes(name: str, *, days: int, amount: int = 100_000) -> None:
    """A borrower with one instalment so many days past due."""
    Borrower.objects.create(pk=name, name=name)
    Loan.objects.create(
        pk=f"L-{name}", borrower_id=name, product="consumer", currency="CNY", principal=amount,
        balance=amount, opened_on=date(2025, 1, 1), annual_rate_ppm=0,
    )  # fmt: skip
    due = ON - timedelta(days=days)
    Instalment.objects.create(loan_id=f"L-{name}", number=1, due_on=due, principal_due=amount)


def last(explanation: Explanation) -> tuple[str, bool]:
    return explanation.checks[-1].key, explanation.checks[-1].passed


def failed(explanation: Explanation) -> list[str]:
    return [check.key for check in explanation.checks if not check.passed]


def test_a_number_nobody_has() -> None:
    assert last(explain_borrower(borrower_id="nobody", on=ON)) == ("known", False)


def test_a_borrower_without_loans_in_the_book() -> None:
    Borrower.objects.create(pk="gone", name="某人")
    assert last(explain_borrower(borrower_id="gone", on=ON)) == ("in_book", False)


def test_on_the_due_day_nothing_is_overdue_and_the_day_after_it_is() -> None:
    owes("due", days=0)
    assert last(explain_borrower(borrower_id="due", on=ON)) == ("overdue", False)
    after = explain_borrower(borrower_id="due", on=ON + timedelta(days=1))
    assert "¥1,000.00 has been overdue for 1 day, since 2026-03-31." in after.checks[2].words


def test_too_little_to_act_on_tells_both_amounts() -> None:
    owes("little", days=5, amount=4_999)
    found = explain_borrower(borrower_id="little", on=ON)
    words = {check.key: check.words for check in found.checks}
    assert "materiality" in failed(found)
    assert words["materiality"] == "CN¥49.99 is below the CN¥50.00 from which we act."


def test_a_hold_tells_its_end() -> None:
    owes("held", days=5)
    end = ON + timedelta(days=3)
    Hold.objects.create(
        borrower_id="held", kind="dispute", starts_on=ON, ends_on=end, source="staff", placed_at=AT
    )
    found = explain_borrower(borrower_id="held", on=ON)
    hold = next(check for check in found.checks if check.key == "hold")
    assert (hold.passed, hold.words) == (False, "Left alone until 2026-04-03: dispute.")
    assert explain_borrower(borrower_id="held", on=end + timedelta(days=1)).facts.hold_kind is None  # type: ignore[union-attr]


def test_in_the_list_after_the_night_with_step_and_reason(home: Path) -> None:
    load(lender({"late": 5}), home)
    due = ON - timedelta(days=5)
    Instalment.objects.create(loan_id="L-late", number=1, due_on=due, principal_due=102_000)
    before = explain_borrower(borrower_id="late", on=ON)
    assert last(before) == ("listed", False)
    assert "the next night enters it" in before.checks[-1].words
    night_run(on=ON, by=None, at=AT)
    after = explain_borrower(borrower_id="late", on=ON)
    assert after.in_list
    assert after.case is not None
    assert "In the list since 2026-03-31: Friendly reminder." in after.checks[-1].words
