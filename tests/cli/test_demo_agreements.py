"""The example bank's means and offers: some in every state, made by the same deeds as on a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from doorstep.agreements.models import Affordability, Offer
from doorstep.cli.demo_agreements import STATES, offers_make
from tests.agreements.offers import Desk
from tests.factories import AT, make_borrower, make_case, make_instalments, make_loan

pytestmark = pytest.mark.django_db


def test_a_few_cases_in_every_state_and_a_second_run_adds_nothing(
    home: Path, settings: Settings
) -> None:
    settings.EVIDENCE_KEYS = home / "keys.toml"
    desk = Desk()
    for _number in range(len(STATES) - 1):
        borrower = make_borrower(branch=desk.branch)
        make_case(borrower=borrower, team=desk.case.team, assignee=desk.agent)
        loan = make_loan(borrower=borrower, product="consumer", balance=1_200_000)
        make_instalments(loan=loan)
    for _again in range(2):
        offers_make(staff={"approver": desk.approver}, at=AT, progress=lambda share: None)
        found = set(Offer.objects.values_list("state", flat=True))
        assert found >= {"proposed", "submitted", "approved", "refused"}
        assert Affordability.objects.filter(state="draft").count() == 1
        assert Affordability.objects.count() == len(STATES)
        assert Offer.objects.filter(proposed_by="borrower").exists()
