"""The example bank has plans that are kept, at risk and broken, and the money behind them, once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from doorstep.agreements.models import Agreement, LegalReferral, PaymentIn, PlanWatch
from doorstep.cli.demo_plans import plans_make
from doorstep.workforce.roles import Role
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.offers import Desk
from tests.factories import (
    AT,
    ON,
    make_borrower,
    make_case,
    make_instalments,
    make_loan,
    make_staff,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture(autouse=True)
def second_place(home: Path, settings: Settings) -> None:
    """Where copies of checkpoints go: a court pack takes proofs from the log."""
    settings.CHECKPOINT_PLACE = home / "elsewhere"
    settings.CHECKPOINT_PLACE.mkdir()


def cases(desk: Desk, count: int) -> None:
    for _number in range(count):
        borrower = make_borrower(branch=desk.branch, id_number="110101199003077571")
        make_case(
            borrower=borrower, team=desk.case.team, assignee=desk.agent, branch=desk.branch,
            business_date=ON,
        )  # fmt: skip
        loan = make_loan(borrower=borrower, product="consumer", balance=1_200_000)
        make_instalments(loan=loan)


def test_a_kept_a_short_and_a_broken_plan_and_one_on_its_way_to_court() -> None:
    desk = Desk()
    cases(desk, 3)
    staff = {"approver": desk.approver, "manager": make_staff(Role.COLLECTIONS_MANAGER)}
    seen: list[float] = []
    for _again in range(2):
        plans_make(staff=staff, at=AT + timedelta(hours=1), progress=seen.append)
    health = Counter(PlanWatch.objects.values_list("health", flat=True))
    assert health == {"on_track": 1, "at_risk": 1, "broken": 1}
    states = Counter(PaymentIn.objects.values_list("state", flat=True))
    assert states["unmatched"] == 2
    assert states["matched"] >= 3
    assert PaymentIn.objects.filter(doubt="double").count() == 1
    referral = LegalReferral.objects.get()
    assert (referral.state, referral.case_id) == (
        "submitted", Agreement.objects.get(state="broken").case_id,
    )  # fmt: skip
    assert seen[-1] == 1.0
